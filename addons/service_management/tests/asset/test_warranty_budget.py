from datetime import date

from odoo.tests import tagged, users

from odoo.addons.service_management.engine.warranty import Fault

from .warranty_common import WarrantyCommon


@tagged("post_install", "-at_install", "service_management_budget")
class TestWarrantyBudget(WarrantyCommon):
    """Freezing and deciding cost as many queries for a hundred assets as for ten."""

    def _make_waiting(self, count):
        assets = self.env["service.asset"].create(
            [
                {
                    "partner_id": self.customer.id,
                    "product_id": product.id,
                    "serial": f"B-{count}-{index}",
                }
                for index, product in enumerate([self.product, self.ac] * (count // 2))
            ]
        )
        self.env.flush_all()
        self.env.invalidate_all()
        return assets

    def _count(self, work):
        before = self.env.cr.sql_log_count
        work()
        self.env.flush_all()
        return self.env.cr.sql_log_count - before

    @users("admin")
    def test_queries_do_not_grow(self):
        self.ac = self._make_ac()
        self.fault = Fault(date(2026, 5, 1))
        # Fills the caches
        first = self._make_waiting(2)
        first.write({"install_date": "2026-01-01"})
        first._decide_warranties([(asset, self.fault) for asset in first])
        freezing, deciding = [], []
        for count in (10, 100):
            assets = self._make_waiting(count)
            freezing.append(
                self._count(lambda a=assets: a.write({"install_date": "2026-01-01"}))
            )
            self.assertEqual(len(assets.warranty_ids), count * 3)
            self.env.invalidate_all()
            cases = [(asset, self.fault) for asset in assets]
            deciding.append(
                self._count(lambda a=assets, c=cases: a._decide_warranties(c))
            )
        self.assertEqual(freezing[0], freezing[1])
        self.assertEqual(deciding[0], deciding[1])
        self.assertLessEqual(freezing[1], 30)
        self.assertLessEqual(deciding[1], 8)
