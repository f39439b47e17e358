from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    service_charge_auto_post = fields.Boolean(
        string="Post Invoices of Services",
        default=True,
        help="Invoices for service orders are posted at once. Otherwise they wait as "
        "drafts for an accountant.",
    )


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    service_charge_auto_post = fields.Boolean(
        related="company_id.service_charge_auto_post", readonly=False
    )
