from odoo import fields, models


class ServiceType(models.Model):
    _inherit = "service.type"

    is_portal = fields.Boolean(
        string="Offered in the Portal",
        default=True,
        help="Customers may file requests of this type themselves.",
    )
