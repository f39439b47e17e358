from odoo import fields, models

OPERATIONS = [
    ("cancel", "Cancel"),
    ("reopen", "Reopen"),
    ("redispatch", "Take Back From the Point"),
    ("log_call", "Log a Call"),
]


class ServiceOrderReason(models.TransientModel):
    """Ask why, then do it: the reason becomes part of the order's events."""

    _name = "service.order.reason"
    _description = "Reason for a Change of an Order"

    operation = fields.Selection(OPERATIONS, required=True, readonly=True)
    order_ids = fields.Many2many(
        "service.order",
        string="Orders",
        required=True,
        readonly=True,
        default=lambda self: self.env.context.get("active_ids"),
    )
    reason = fields.Char(required=True)

    def action_confirm(self):
        self.ensure_one()
        getattr(self.order_ids, f"action_{self.operation}")(self.reason)
        return {"type": "ir.actions.act_window_close"}
