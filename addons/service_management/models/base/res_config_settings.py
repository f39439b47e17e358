from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    service_offer_hours = fields.Float(
        related="company_id.service_offer_hours", readonly=False
    )
    service_workitem_hours = fields.Float(
        related="company_id.service_workitem_hours", readonly=False
    )
    service_duplicate_days = fields.Integer(
        related="company_id.service_duplicate_days", readonly=False
    )
