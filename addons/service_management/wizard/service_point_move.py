from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from odoo.addons.service_management.models.network.service_point import POINT_STATES
from odoo.addons.service_management.models.network.service_point_change import (
    ORDER_WAYS,
)
from odoo.addons.service_management.models.network.service_point_life import (
    LEAVING_STATES,
)


class ServicePointMove(models.TransientModel):
    """Change the state of service points, now or on a day, with a reason."""

    _name = "service.point.move"
    _description = "Change the State of Service Points"

    point_ids = fields.Many2many("service.point", required=True, readonly=True)
    state = fields.Selection(
        POINT_STATES, string="New State", required=True, readonly=True
    )
    below_ids = fields.Many2many(
        "service.point",
        relation="service_point_move_below_rel",
        string="Points Below",
        compute="_compute_below_ids",
        store=True,
        readonly=False,
        help="They change together with the point above them. Take out those that are "
        "to stay as they are.",
    )
    below_count = fields.Integer(compute="_compute_below_count")
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

    @api.depends("point_ids", "state")
    def _compute_below_ids(self):
        for move in self:
            move.below_ids = [
                Command.set(
                    [
                        point.id
                        for point in move._get_points()._find_followers(move.state)
                    ]
                )
            ]

    @api.depends("point_ids", "state")
    def _compute_below_count(self):
        for move in self:
            move.below_count = len(move._get_points()._find_followers(move.state))

    @api.depends("point_ids", "below_ids")
    def _compute_counts(self):
        for move in self:
            points = move.point_ids | move.below_ids
            counts = points._origin._get_open_order_counts()
            move.open_count = counts["open"]
            move.begun_count = counts["begun"]

    def _get_points(self):
        return self.point_ids._origin

    def action_confirm(self):
        """Change the points, and those below them that were not taken out."""
        self.ensure_one()
        points = self.point_ids
        (points | self.below_ids).check_access("write")
        leaves = self.state in LEAVING_STATES
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
        followers = points._find_followers(self.state)
        self._change(points, self.state, reason, orders)
        # By the point above, and by the state that each comes to
        together: dict = {}
        for point in self.below_ids:
            if point in followers:
                key = (points._get_root_of(point), followers[point])
                together.setdefault(key, self.env["service.point"])
                together[key] |= point
        for (root, state), below in together.items():
            self._change(below, state, reason, orders, root)
        return {"type": "ir.actions.act_window_close"}

    def _change(self, points, state, reason, orders, root=None):
        if self.date > fields.Date.context_today(self):
            points._plan_move(state, self.date, reason, orders, root)
        else:
            points._move(state, reason, orders, root)
