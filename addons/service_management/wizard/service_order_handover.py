from odoo import fields, models


class ServiceOrderHandover(models.TransientModel):
    """Pass control of orders to a colleague."""

    _name = "service.order.handover"
    _description = "Hand Over Control"

    order_ids = fields.Many2many(
        "service.order",
        string="Orders",
        required=True,
        readonly=True,
        default=lambda self: self.env.context.get("active_ids"),
    )
    user_id = fields.Many2one(
        "res.users",
        string="To",
        required=True,
        domain="[('share', '=', False)]",
    )
    team_id = fields.Many2one("service.team")
    keep_reading = fields.Boolean(
        default=True,
        help="The owner so far, and who made the order, go on seeing it.",
    )
    reason = fields.Char()

    def action_confirm(self):
        self.ensure_one()
        self.order_ids._hand_over_control(
            self.user_id, self.team_id, self.reason, self.keep_reading
        )
        return {"type": "ir.actions.act_window_close"}
