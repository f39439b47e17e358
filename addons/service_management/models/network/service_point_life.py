from datetime import timedelta

import psycopg2

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import plaintext2html

from .service_point import POINT_STATES
from .service_point_change import ORDER_WAYS

# From which states a point comes to another; a terminated one may be taken back.
MOVES = {
    "applied": (),
    "probation": ("applied", "active", "suspended", "terminated"),
    "active": ("applied", "probation", "suspended", "terminated"),
    "suspended": ("probation", "active"),
    "terminated": ("applied", "probation", "active", "suspended"),
}
LEAVING_STATES = ("suspended", "terminated")
PROBATION_DAYS = 90


class ServicePoint(models.Model):
    """The life of a point: applied, on probation, active, suspended, terminated.

    Changes can be planned for a day; the job makes them then. Whatever changes the
    state, the history gets a row.
    """

    _inherit = "service.point"

    change_ids = fields.One2many("service.point.change", "point_id")
    planned_state = fields.Selection(
        POINT_STATES, readonly=True, copy=False, tracking=True
    )
    planned_on = fields.Date(
        readonly=True, copy=False, tracking=True, index="btree_not_null"
    )
    planned_reason = fields.Char(readonly=True, copy=False)
    planned_orders = fields.Selection(ORDER_WAYS, readonly=True, copy=False)
    planned_root_id = fields.Many2one(
        "service.point",
        string="Planned Together With",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
    )
    probation_reviewed = fields.Boolean(readonly=True, copy=False)

    def write(self, vals):
        before = {point: point.state for point in self} if "state" in vals else {}
        if "probation_end" in vals:
            vals = {**vals, "probation_reviewed": False}
        result = super().write(vals)
        moved = [point for point, state in before.items() if state != point.state]
        if moved:
            self._record_changes(moved, before)
        return result

    def _record_changes(self, points, before):
        """One row of the history a point; its orders follow as the context says."""
        context = self.env.context
        ways = context.get("service_point_orders")
        # sudo: service.point.change: nobody writes the history by hand
        changes_sudo = self.env["service.point.change"].sudo()
        for point in points:
            orders = point._get_orders_to_release(ways) if ways else ()
            change = changes_sudo.create(
                {
                    "point_id": point.id,
                    "state_from": before[point],
                    "state_to": point.state,
                    "reason": context.get("service_point_reason"),
                    "root_id": context.get("service_point_root"),
                    "orders": ways,
                    "order_count": len(orders),
                }
            )
            if orders:
                point._release_orders(orders, change)

    # Moves

    def action_activate(self):
        return self._move("active")

    def action_suspend(self):
        return self._move("suspended")

    def action_terminate(self):
        return self._move("terminated")

    def action_open_move(self):
        """Ask for reason, day and what becomes of the open orders."""
        return {
            "type": "ir.actions.act_window",
            "res_model": "service.point.move",
            "name": self.env._("Change the State"),
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_point_ids": self.ids,
                "default_state": self.env.context.get("to_state"),
            },
        }

    def action_cancel_plan(self):
        """Nothing is to change any longer, nor what was to change together with it."""
        together = self.search([("planned_root_id", "in", self.ids)])
        (self | together).write(self._get_no_plan())
        return True

    def _suspend(self, reason, orders="finish"):
        return self._move("suspended", reason, orders)

    def _terminate(self, reason, orders="redispatch"):
        return self._move("terminated", reason, orders)

    def _find_followers(self, state) -> dict:
        """The points below that go along when these come to ``state``.

        Who leaves takes those along that could leave as well. Who comes back brings
        those back that left together with it, each to the state that it had.

        :return: ``{point: its new state}``
        """
        below = self.search(
            [("id", "child_of", self.ids), ("id", "not in", self.ids)],
            order="parent_path",
        )
        if state in LEAVING_STATES:
            return {point: state for point in below if point.state in MOVES[state]}
        if state not in self._get_open_states():
            return {}
        trails = (
            self.env["service.point.change"]
            .search_fetch(
                [("point_id", "in", below.ids)],
                ["point_id", "root_id", "state_from", "state_to"],
                order="id desc",
            )
            .grouped("point_id")
        )
        former = {
            point: self._find_former_state(point, trails.get(point, ()))
            for point in below
        }
        return {point: state for point, state in former.items() if state}

    def _find_former_state(self, point, changes):
        """The open state from which the point left together with one of these, in one
        step or in two (suspended, then terminated); ``False`` if it did not.

        :param changes: of the point, the latest first
        """
        state = point.state
        for change in changes:
            if change.root_id not in self or change.state_to != state:
                break
            state = change.state_from
            if state in self._get_open_states():
                return state
        return False

    def _get_root_of(self, point):
        """Which of these points the given one lies below."""
        above = {int(key) for key in point.parent_path.split("/") if key}
        return self.filtered(lambda root: root.id in above)[:1]

    def _move(self, state, reason="", orders=None, root=None):
        """Change the state of the points, with what follows for their open orders.

        :param orders: ``finish``: the point keeps what it has accepted;
            ``redispatch``: what has not begun goes to others. Offers that wait are
            withdrawn either way. None: nothing is done about orders.
        :param root: the point together with which these change
        """
        self.check_access("write")
        for point in self:
            if point.state not in MOVES[state]:
                labels = dict(self._fields["state"]._description_selection(self.env))
                raise UserError(
                    self.env._(
                        "%(point)s is %(state)s and cannot become %(to)s.",
                        point=point.display_name,
                        state=labels[point.state],
                        to=labels[state],
                    )
                )
        if state in self._get_open_states():
            orders = None
        self.with_context(
            service_point_reason=reason,
            service_point_orders=orders,
            service_point_root=root.id if root else False,
        ).write({"state": state, **self._get_no_plan()})
        return True

    def _plan_move(self, state, day, reason, orders=None, root=None):
        self.check_access("write")
        self.write(
            {
                "planned_state": state,
                "planned_on": day,
                "planned_reason": reason,
                "planned_orders": orders,
                "planned_root_id": root.id if root else False,
            }
        )

    def _get_no_plan(self) -> dict:
        return dict.fromkeys(
            (
                "planned_state",
                "planned_on",
                "planned_reason",
                "planned_orders",
                "planned_root_id",
            ),
            False,
        )

    # For other areas

    def _get_orders_to_release(self, ways):
        """Hook: the open orders and offers that a point which leaves lets go of."""
        return ()

    def _release_orders(self, orders, change):
        """Hook: see to the orders, in the background."""

    def _get_open_order_counts(self) -> dict:
        """Hook: ``{"open": n, "begun": n}`` orders of the points."""
        return {"open": 0, "begun": 0}

    def _get_review_figures(self) -> list[str]:
        """Hook: sentences on what a point has done so far."""
        return []

    # The job

    @api.model
    def _cron_life(self):
        self.env["service.job"]._run("point_life", self._live)

    @api.model
    def _live(self):
        """Make the changes whose day has come; ask for a review where probation ends.
        One bad point does not stop the others."""
        by_day = self.env["res.company"]._get_today_domain
        for point in self.search(by_day(lambda today: [("planned_on", "<=", today)])):
            try:
                with self.env.cr.savepoint():
                    point._move(
                        point.planned_state,
                        point.planned_reason or "",
                        point.planned_orders or None,
                        point.planned_root_id,
                    )
            except (UserError, psycopg2.IntegrityError) as error:
                self.env.invalidate_all(flush=False)
                point._ask_manager(
                    self.env._("The planned change could not be made"), str(error)
                )
                point.write(point._get_no_plan())
        ending = self.search(
            Domain("state", "=", "probation")
            & Domain("probation_reviewed", "=", False)
            & by_day(lambda today: [("probation_end", "<=", today)])
        )
        for point in ending:
            point._ask_manager(
                self.env._("Probation ends: how does it go on?"),
                "\n".join(point._get_review_figures()),
            )
            point.probation_reviewed = True

    def _ask_manager(self, summary, note):
        self.ensure_one()
        self.activity_schedule(
            "mail.mail_activity_data_todo",
            summary=summary,
            note=plaintext2html(note),
            user_id=self.env["service.job"]._get_manager().id,
        )

    @api.model
    def _get_probation_end(self):
        return fields.Date.context_today(self) + timedelta(days=PROBATION_DAYS)
