from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    service_callback_minutes = fields.Integer(
        related="company_id.service_callback_minutes", readonly=False
    )
