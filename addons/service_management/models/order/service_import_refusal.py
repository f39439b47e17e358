from odoo import fields, models


class ServiceImportRefusal(models.Model):
    """A line of a log that was not taken over, or something to know of one that was."""

    _name = "service.import.refusal"
    _description = "Refused Line"
    _order = "line, id"
    _rec_name = "reason"

    import_id = fields.Many2one(
        "service.import", required=True, index=True, ondelete="cascade"
    )
    level = fields.Selection(
        [("refused", "Refused"), ("note", "Note")], default="refused", required=True
    )
    line = fields.Integer(required=True, aggregator=None)
    reason = fields.Char(required=True)
    code = fields.Char(
        readonly=True, help="The same for lines that are refused for the same cause."
    )
    raw = fields.Text(string="Text of the Line")
