from odoo import fields, models


class ServiceWorkitem(models.Model):
    _inherit = "service.workitem"

    order_id = fields.Many2one(
        "service.order", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        related="order_id.company_id", store=True, precompute=True, index=True
    )

    _open_step_uniq = models.UniqueIndex(
        "(order_id, step) WHERE state = 'open' AND step NOT IN ('task', 'resolve')",
        "The order already has this work item open.",
    )
