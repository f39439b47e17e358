from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    service_offer_urgent_hours = fields.Float(
        related="company_id.service_offer_urgent_hours", readonly=False
    )
    service_offer_mail = fields.Boolean(
        related="company_id.service_offer_mail", readonly=False
    )
    service_dispatch_online = fields.Boolean(
        related="company_id.service_dispatch_online", readonly=False
    )
    service_dispatch_online_orders = fields.Integer(
        related="company_id.service_dispatch_online_orders", readonly=False
    )
    service_dispatch_online_minutes = fields.Integer(
        related="company_id.service_dispatch_online_minutes", readonly=False
    )
    service_rating_mail = fields.Boolean(
        related="company_id.service_rating_mail", readonly=False
    )
