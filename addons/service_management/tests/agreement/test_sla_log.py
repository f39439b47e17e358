import random
from datetime import timedelta

from odoo.fields import Command
from odoo.tests import tagged

from .common import MONDAY, SlaCommon

FIGURES = [
    "state",
    "target_minutes",
    "elapsed_minutes",
    "late_minutes",
    "started_at",
    "running_since",
    "paused_at",
    "stopped_at",
    "warn_at",
    "due_at",
    "breach_at",
    "episode",
    "misses",
    "pause_keys",
]


@tagged("post_install", "-at_install")
class TestSlaLog(SlaCommon):
    """Figures that are read from the log again are the stored ones: 1,000 clocks."""

    def test_recomputed_clocks_equal_the_stored_ones(self):
        chance = random.Random(20260302)
        self.policy.target_ids = [
            Command.create({"metric": "update", "hours": 5}),
            Command.create({"metric": "resolution", "hours": 3, "priority": "3"}),
        ]
        desk = self.type_consulting
        orders = self.env["service.order"].create(
            [
                {
                    "partner_id": self.customer.id,
                    "type_id": desk.id,
                    "description": "How does it work?",
                    "date_request": MONDAY + timedelta(minutes=chance.randrange(9999)),
                }
                for __ in range(200)
            ]
        )
        orders.action_register()
        acts = [
            lambda order: order._pause_clocks(chance.choice("ab")),
            lambda order: order._resume_clocks(chance.choice(["a", "b", ""])),
            lambda order: order._pause_clocks("parts", ["resolution", "update"]),
            lambda order: order._log_event(
                "message", data={"by": "staff"}, is_public=True
            ),
            lambda order: order.write({"priority": chance.choice("123")}),
            lambda order: order.action_reopen("again"),
            lambda order: order.write({"outcome": "fixed"}) and order.action_done(),
            lambda order: order.action_cancel("no"),
        ]
        for order in orders:
            moment = order.date_request
            for __ in range(chance.randrange(6)):
                moment += timedelta(minutes=chance.randrange(1200))
                self._at(order, moment)
                act = chance.choice(acts)
                finished = order.state in ("done", "cancelled")
                if finished == (act is acts[5]):
                    act(order)
        self.env.invalidate_all()
        clocks = orders.sla_clock_ids
        self.assertEqual(len(clocks), 1000)
        stored = {clock.id: [clock[name] for name in FIGURES] for clock in clocks}
        self.assertGreater(len({clock.state for clock in clocks}), 3)
        before = self.env.cr.sql_log_count
        orders._measure_clocks()
        self.assertLess(self.env.cr.sql_log_count - before, 30)
        self.env.invalidate_all()
        for clock in clocks:
            self.assertEqual([clock[name] for name in FIGURES], stored[clock.id])
        # Written from nothing but the log
        self.env.cr.execute(
            "UPDATE service_sla_clock SET state = 'running', elapsed_minutes = 0, "
            "due_at = NULL, episode = 1, pause_keys = NULL, stopped_at = NULL "
            "WHERE order_id = ANY(%s)",
            [orders.ids],
        )
        orders._measure_clocks()
        self.env.invalidate_all()
        for clock in clocks:
            self.assertEqual([clock[name] for name in FIGURES], stored[clock.id])


@tagged("post_install", "-at_install", "service_management_budget")
class TestSlaBudget(SlaCommon):
    """Clocks cost the same number of statements for 6 orders as for 60."""

    def _count(self, work):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        result = work()
        self.env.flush_all()
        return result, self.env.cr.sql_log_count - before

    def _walk(self, number):
        orders = self.env["service.order"].create(
            [
                {
                    "partner_id": self.customer.id,
                    "type_id": self.type_consulting.id,
                    "description": "How does it work?",
                    "date_request": MONDAY,
                }
                for __ in range(number)
            ]
        )
        steps = [
            orders.action_register,
            lambda: orders._pause_clocks("customer"),
            lambda: orders._resume_clocks("customer"),
            lambda: orders.write({"priority": "3"}),
            lambda: orders.action_cancel("no"),
        ]
        return [self._count(step)[1] for step in steps]

    def test_flat_in_the_number_of_orders(self):
        self.policy.target_ids = [
            Command.create({"metric": "resolution", "hours": 1, "priority": "3"})
        ]
        self._walk(2)
        few, many = self._walk(6), self._walk(60)
        for one, other in zip(few, many, strict=True):
            # Arming the job takes two statements, once a minute
            self.assertLessEqual(other, one + 2, (few, many))
