from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.service_management.models.network.service_point import POINT_STATES
from odoo.addons.service_management.models.network.service_point_change import (
    ORDER_WAYS,
)


class ServicePointMove(models.TransientModel):
    """Change the state of service points, now or on a day, with a reason."""

    _name = "service.point.move"
    _description = "Change the State of Service Points"

    point_ids = fields.Many2many("service.point", required=True, readonly=True)
    state = fields.Selection(
        POINT_STATES, string="New State", required=True, readonly=True
    )
    reason = fields.Char()
    date = fields.Date(
        string="Effective On",
        required=True,
        default=fields.Date.context_today,
        help="Later than today: the change is planned for that day.",
    )
    orders = fields.Selection(
        ORDER_WAYS,
        string="Open Orders",
        compute="_compute_orders",
        store=True,
        readonly=False,
    )
    open_count = fields.Integer(string="Open Orders Now", compute="_compute_counts")
    begun_count = fields.Integer(
        string="Visits under Way",
        compute="_compute_counts",
        help="Stay with the point: a dispatcher is asked to look after each.",
    )
    probation_end = fields.Date(
        default=lambda self: self.env["service.point"]._get_probation_end()
    )
    probation_orders = fields.Integer(string="Orders a Day on Probation", default=5)

    @api.depends("state")
    def _compute_orders(self):
        for move in self:
            move.orders = {"terminated": "redispatch", "suspended": "finish"}.get(
                move.state, False
            )

    @api.depends("point_ids")
    def _compute_counts(self):
        for move in self:
            counts = move.point_ids._get_open_order_counts()
            move.open_count = counts["open"]
            move.begun_count = counts["begun"]

    def action_confirm(self):
        self.ensure_one()
        points = self.point_ids
        points.check_access("write")
        leaves = self.state in ("suspended", "terminated")
        reason = (self.reason or "").strip()
        if leaves and not reason:
            raise UserError(self.env._("Reason is missing: say why."))
        if self.state == "probation":
            points.write(
                {
                    "probation_end": self.probation_end,
                    "probation_orders": self.probation_orders,
                }
            )
        orders = self.orders if leaves else None
        if self.date > fields.Date.context_today(self):
            points._plan_move(self.state, self.date, reason, orders)
        else:
            points._move(self.state, reason, orders)
        return {"type": "ir.actions.act_window_close"}
