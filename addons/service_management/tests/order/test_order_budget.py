from datetime import timedelta

from odoo import fields
from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.service_management.tests.common import ServiceCommon


@tagged("post_install", "-at_install", "service_management_budget")
class TestBudget(ServiceCommon):
    """What runs for every order costs as many queries for 60 orders as for 6."""

    def _count(self, work):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        work()
        self.env.flush_all()
        return self.env.cr.sql_log_count - before

    def _requests(self, count, start=0):
        return [
            {
                "channel": "api",
                "source_key": f"budget-{start + number}",
                "partner_id": self.customer.id,
                "asset_id": self.asset.id,
                "type_id": self.type_repair.id,
                "description": "It does not spin.",
            }
            for number in range(count)
        ]

    def test_the_way_to_an_accepted_order_is_flat_in_the_number(self):
        Order = self.env["service.order"].with_context(
            tracking_disable=True, mail_create_nolog=True
        )
        for start in (1000, 2000):  # fills the caches
            warm = Order._create_from_channel(self._requests(2, start))
            warm._dispatch()
            warm.offer_ids.action_accept()
            self.env.flush_all()
        costs = [self._walk(Order, 6, 0), self._walk(Order, 60, 100)]
        self.assertEqual(costs[0], costs[1], "create, dispatch, accept")
        self.assertLessEqual(sum(costs[0]), 120, costs[0])

    def test_a_promised_order_is_flat_from_request_to_close(self):
        """With clocks, an entitlement of a contract and a workflow, all of its way."""
        policy = self.env["service.sla.policy"].create(
            {
                "name": "Budget",
                "target_ids": [
                    Command.create({"metric": metric, "hours": 8})
                    for metric in ("first_response", "resolution")
                ],
            }
        )
        self.type_consulting.entitlement_kind = "hotline"
        today = fields.Date.today()
        self.env["service.contract"].create(
            {
                "name": "Budget",
                "partner_id": self.customer.id,
                "date_start": today,
                "date_end": today + timedelta(days=300),
                "sla_policy_id": policy.id,
                "entitlement_ids": [
                    Command.create({"kind": "hotline", "quantity": 1000})
                ],
            }
        ).action_activate()
        costs = [
            self._promise(number, start)
            for number, start in ((2, 1000), (6, 2000), (60, 3000))
        ][1:]
        self.assertEqual(costs[0], costs[1], "file, start, finish, close")
        self.assertLessEqual(sum(costs[0]), 110, costs[0])

    def _promise(self, number, start):
        """Queries for filing, starting, finishing and closing ``number`` orders."""
        created = []
        requests = [
            request | {"type_id": self.type_consulting.id}
            for request in self._requests(number, start)
        ]
        file = self.env["service.order"]._create_from_channel
        costs = [self._count(lambda: created.append(file(requests)))]
        (orders,) = created
        self.assertEqual(set(orders.mapped("entitlement_use")), {"reserved"})
        self.assertEqual(len(orders.sla_clock_ids), 2 * number)
        costs.append(self._count(orders.action_start_work))
        orders.write({"outcome": "fixed"})
        costs += [self._count(orders.action_done), self._count(orders.action_close)]
        self.assertEqual(set(orders.sla_clock_ids.mapped("state")), {"met"})
        return costs

    def test_tasks_and_timers_of_a_workflow_are_flat_in_the_number(self):
        self.patch(type(self.env["ir.cron"]), "_commit_progress", lambda *a, **k: 1.0)
        costs = [self._work(number) for number in (2, 6, 60)][1:]
        self.assertEqual(costs[0], costs[1], "start, complete, fire a timer")
        self.assertLessEqual(sum(costs[0]), 90, costs[0])

    def _work(self, number):
        """Queries for starting, completing a task and firing a timer."""
        Order = self.env["service.order"].with_context(
            tracking_disable=True, mail_create_nolog=True
        )
        follow_up = self.env.ref("service_management.type_follow_up")
        vals = {"partner_id": self.customer.id, "description": "How was it?"}
        orders = Order.create([{**vals, "type_id": follow_up.id}] * number)
        costs = [self._count(orders.action_register)]
        items = orders.workitem_ids.filtered(lambda item: item.state == "open")
        later = items.node_id.version_id.flow_ids.filtered(
            lambda flow: flow.name == "Not Reached"
        )
        costs.append(self._count(lambda: items.action_complete(later.id)))
        timers = orders.workitem_ids.filtered(lambda item: item.kind == "timer")
        self.assertEqual(len(timers), number)
        timers.deadline = "2020-01-01 00:00:00"
        costs.append(self._count(self.env["service.workitem"]._fire_due))
        self.assertEqual(set(timers.mapped("state")), {"done"})
        return costs

    def _walk(self, Order, number, start):
        """Queries for creating, dispatching and accepting ``number`` orders."""
        requests = self._requests(number, start)
        created = []
        steps = [
            self._count(lambda: created.append(Order._create_from_channel(requests)))
        ]
        (orders,) = created
        steps.append(self._count(orders._dispatch))
        steps.append(self._count(lambda: orders.offer_ids.action_accept()))
        return steps
