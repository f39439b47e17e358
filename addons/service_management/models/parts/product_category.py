from odoo import fields, models


class ProductCategory(models.Model):
    _inherit = "product.category"

    service_recoverable = fields.Boolean(
        string="Old Part Comes Back",
        help="Whoever uses such a part owes the old one, for products of the category "
        "that do not say otherwise.",
    )
    service_return_days = fields.Integer(
        string="Days to Send It Back", help="Zero: as the company says."
    )

    _service_return_days_not_negative = models.Constraint(
        "CHECK (service_return_days >= 0)", "The days cannot be negative."
    )
