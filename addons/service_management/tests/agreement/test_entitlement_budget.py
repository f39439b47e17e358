from odoo.tests import tagged

from odoo.addons.service_management.tests.agreement.contract_common import (
    ContractCommon,
)


@tagged("post_install", "-at_install", "service_management_budget")
class TestEntitlementBudget(ContractCommon):
    """Promising, using and giving back cost as many queries for 60 orders as for 6."""

    def _count(self, work):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        work()
        self.env.flush_all()
        return self.env.cr.sql_log_count - before

    def _measure(self, number):
        Order = self.env["service.order"].with_context(
            tracking_disable=True, mail_create_nolog=True
        )
        orders = Order.create(
            [
                {
                    "partner_id": self.customer.id,
                    "asset_id": self.asset.id,
                    "type_id": self.type_repair.id,
                    "description": "It does not spin.",
                }
                for __ in range(number)
            ]
        )
        half = orders[: number // 2]
        costs = (
            self._count(orders.action_register),
            self._count(half._mark_done),
            self._count((orders - half).action_cancel),
        )
        self.assertEqual(set(orders.mapped("coverage_state")), {"covered"})
        return costs

    def test_flat_in_the_number_of_orders(self):
        self._make_contract({"kind": "on_site", "quantity": 500})
        self._measure(2)  # fills the caches
        few, many = self._measure(6), self._measure(60)
        self.assertEqual(few, many)
        self.assertLessEqual(sum(few), 110, few)

    def test_a_customer_without_contract_costs_next_to_nothing(self):
        stranger = self.env["res.partner"].create({"name": "Stranger"})
        orders = self.env["service.order"].create(
            [
                {
                    "partner_id": stranger.id,
                    "type_id": self.type_repair.id,
                    "description": "It does not spin.",
                }
                for __ in range(20)
            ]
        )
        orders.mapped("commercial_partner_id")
        self.env.flush_all()
        before = self.env.cr.sql_log_count
        orders._decide_coverage()
        self.assertLessEqual(self.env.cr.sql_log_count - before, 2)
