from odoo import fields, models

LINE_STATES = [
    ("pending", "Not Read Yet"),
    ("valid", "Can Be Imported"),
    ("created", "New Order"),
    ("existing", "Already There"),
    ("refused", "Refused"),
]


class ServiceRequestImportLine(models.Model):
    """One row of a spreadsheet of requests, and what came of it."""

    _name = "service.request.import.line"
    _description = "Row of Requests"
    _order = "line, id"
    _rec_name = "summary"

    import_id = fields.Many2one(
        "service.request.import", required=True, index=True, ondelete="cascade"
    )
    line = fields.Integer(required=True, aggregator=None, readonly=True)
    values = fields.Json(
        readonly=True, help="A text for each column; none if the line is broken."
    )
    summary = fields.Char(string="Row", readonly=True)
    state = fields.Selection(
        LINE_STATES, required=True, default="pending", readonly=True
    )
    reason = fields.Char(string="Why", readonly=True)
    order_id = fields.Many2one("service.order", readonly=True, index="btree_not_null")

    _pending_idx = models.Index("(import_id, line) WHERE state IN ('pending', 'valid')")


class ServiceRequestImportColumn(models.Model):
    """What a column of the spreadsheet means."""

    _name = "service.request.import.column"
    _description = "Column of Requests"
    _inherit = ["service.sheet.column.mixin"]

    import_id = fields.Many2one(
        "service.request.import", required=True, index=True, ondelete="cascade"
    )

    _target_uniq = models.UniqueIndex(
        "(import_id, target) WHERE target IS NOT NULL",
        "Two columns cannot mean the same.",
    )

    def _get_targets(self):
        return [
            ("key", self.env._("Request Key")),
            ("type", self.env._("Service Type")),
            ("description", self.env._("Description")),
            ("customer_name", self.env._("Customer Name")),
            ("customer_ref", self.env._("Customer Reference")),
            ("customer_id", self.env._("Customer ID")),
            ("phone", self.env._("Phone")),
            ("email", self.env._("Email")),
            ("street", self.env._("Street")),
            ("city", self.env._("City")),
            ("zip", self.env._("Postcode")),
            ("serial", self.env._("Serial Number")),
            ("product", self.env._("Product")),
            ("symptom", self.env._("Symptom")),
            ("condition", self.env._("Fault Condition")),
            ("priority", self.env._("Priority")),
            ("requested_on", self.env._("Requested On")),
            ("fault_date", self.env._("Fault Date")),
            ("preferred_time", self.env._("Preferred Time")),
        ]
