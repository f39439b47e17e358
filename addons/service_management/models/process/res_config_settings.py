from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    service_escalation_hours = fields.Float(
        related="company_id.service_escalation_hours", readonly=False
    )
