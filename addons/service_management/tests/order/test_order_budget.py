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
