from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    service_part_warehouse_id = fields.Many2one(
        related="company_id.service_part_warehouse_id", readonly=False
    )
    service_return_days = fields.Integer(
        related="company_id.service_return_days", readonly=False
    )
