from odoo.tests import tagged

from .common import SettlementCommon


@tagged("post_install", "-at_install", "service_settlement_budget")
class TestBudget(SettlementCommon):
    """What one query more an order would cost, ten thousand times a month."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.orders = cls.env["service.order"].create(
            [
                {
                    "partner_id": cls.customer.id,
                    "asset_id": cls.asset.id,
                    "type_id": cls.type_repair.id,
                    "description": "It does not spin.",
                    "user_id": cls.agent.id,
                }
                for __ in range(112)
            ]
        )
        stage = cls.env["service.stage"]._get_by_state("done")
        cls.orders.sudo().write(
            {
                "point_id": cls.point.id,
                "stage_id": stage.id,
                "date_done": "2026-02-10 09:30:00",
            }
        )
        cls.env.flush_all()

    def _count(self, orders):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        claims = orders._create_claims()
        self.env.flush_all()
        self.assertEqual(len(claims), len(orders))
        return self.cr.sql_log_count - before

    def test_claims_of_100_orders_take_the_queries_of_10(self):
        # what is cached for good is not counted
        self._count(self.orders[:2])
        with self.assertQueryCount(28):
            few = self._count(self.orders[2:12])
        with self.assertQueryCount(28):
            many = self._count(self.orders[12:])
        self.assertEqual(few, many)
