from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    service_sla_policy_id = fields.Many2one(
        related="company_id.service_sla_policy_id", readonly=False
    )
