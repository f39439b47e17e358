from odoo import api, fields, models
from odoo.fields import Domain

FAULT_KINDS = [
    ("condition", "Fault Condition"),
    ("symptom", "Symptom"),
    ("section", "Section"),
    ("defect", "Defect"),
    ("repair", "Repair"),
]


class ServiceFaultCode(models.Model):
    """One term of the fault library, in the IRIS way of describing a repair.

    When does it happen (condition), what does the customer notice (symptom), where
    is it (section), what is wrong there (defect), what was done (repair).
    """

    _name = "service.fault.code"
    _description = "Fault Code"
    _order = "kind, code"
    _rec_names_search = ["code", "name"]

    kind = fields.Selection(FAULT_KINDS, required=True, default="symptom")
    code = fields.Char(required=True)
    name = fields.Char(required=True, translate=True)
    category_ids = fields.Many2many(
        "product.category",
        string="Product Categories",
        help="Offered for products of these categories and of those below them. "
        "Empty: for every product.",
    )
    description = fields.Text(translate=True)
    active = fields.Boolean(default=True)

    _code_uniq = models.Constraint(
        "UNIQUE (kind, code)", "A fault code must be unique within its kind."
    )

    @api.depends("code", "name")
    def _compute_display_name(self):
        for fault in self:
            fault.display_name = f"{fault.code} {fault.name}" if fault.code else ""

    @api.model
    def _get_category_domain(self, category, kind=None) -> Domain:
        """Codes offered for a product of ``category``; without one, the general."""
        domain = Domain("category_ids", "=", False)
        if category:
            domain |= Domain("category_ids", "parent_of", category.ids)
        if kind:
            domain &= Domain("kind", "=", kind)
        return domain
