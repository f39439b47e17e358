from datetime import date, datetime, timedelta

from freezegun import freeze_time

from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.service_management.tests.common import ServiceCommon

# Late on the 1st by UTC is the 2nd in China
EVENING = datetime(2026, 3, 1, 20, 0)


@tagged("post_install", "-at_install")
class TestAssetEffect(ServiceCommon):
    """Finished work says since when an asset is installed, by whom, or that it is
    gone."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.type_install = cls._make_type("installed")
        cls.customer.tz = "Asia/Shanghai"
        cls.template = cls.env["service.warranty.template"].create(
            {
                "name": "From installation",
                "line_ids": [
                    Command.create(
                        {"kind": "labour", "months": 12, "basis": "installation"}
                    )
                ],
            }
        )
        cls.product.service_warranty_template_id = cls.template

    @classmethod
    def _make_type(cls, effect):
        return cls.env["service.type"].create(
            {"name": effect, "code": f"test_{effect}", "asset_effect": effect}
        )

    def _make_asset(self, serial, **vals):
        return self.env["service.asset"].create(
            {
                "partner_id": self.customer.id,
                "product_id": self.product.id,
                "serial": serial,
                **vals,
            }
        )

    def _finish(self, asset, type_, outcome="fixed", days=0):
        start = EVENING + timedelta(days=days)
        with freeze_time(start):
            order = self._make_accepted_order(asset_id=asset.id, type_id=type_.id)
            visit = order._plan_visit(
                self.technician, start, start + timedelta(hours=1)
            )
            visit.with_user(self.technician_user).action_done({"outcome": outcome})
        return order

    def test_a_finished_installation_begins_the_warranty(self):
        asset = self._make_asset("E-1")
        self.assertFalse(asset.warranty_ids)
        self._finish(asset, self.type_install)
        self.assertRecordValues(
            asset,
            [
                {
                    "install_date": date(2026, 3, 2),
                    "installed_by_point_id": self.point.id,
                    "installed_by_technician_id": self.technician.id,
                    "warranty_pending": False,
                }
            ],
        )
        self.assertRecordValues(
            asset.warranty_ids,
            [{"date_start": date(2026, 3, 2), "date_end": date(2027, 3, 1)}],
        )

    def test_what_is_known_already_stays(self):
        other = self._make_point("Other Point", coverage=False)
        asset = self._make_asset(
            "E-2", install_date=date(2025, 1, 1), installed_by_point_id=other.id
        )
        self._finish(asset, self.type_install)
        self.assertRecordValues(
            asset,
            [
                {
                    "install_date": date(2025, 1, 1),
                    "installed_by_point_id": other.id,
                    "installed_by_technician_id": False,
                }
            ],
        )

    def test_what_was_not_brought_about_changes_nothing(self):
        asset = self._make_asset("E-3")
        order = self._finish(asset, self.type_install, "not_fixed")
        self.assertEqual(order.state, "done")
        self.assertFalse(asset.install_date or asset.installed_by_point_id)

    def test_delivery_and_removal(self):
        asset = self._make_asset("E-4")
        self._finish(asset, self._make_type("delivered"))
        self.assertEqual(asset.delivery_date, date(2026, 3, 2))
        self.assertFalse(asset.installed_by_point_id)
        self._finish(asset, self._make_type("returned"), days=1)
        self.assertEqual(asset.state, "returned")
        # Brought back and set up, it is in use again
        self._finish(asset, self.type_install, days=2)
        self.assertEqual(asset.state, "active")
        self.assertEqual(asset.install_date, date(2026, 3, 4))
        self._finish(asset, self._make_type("retired"), days=3)
        self.assertEqual(asset.state, "retired")

    def test_a_repair_changes_nothing(self):
        asset = self._make_asset("E-5")
        self._finish(asset, self.type_repair)
        self.assertFalse(asset.install_date or asset.delivery_date)
        self.assertEqual(asset.state, "active")

    def test_many_at_once_cost_as_much_as_two(self):
        counts = []
        for number in (2, 20):
            orders = self.env["service.order"]
            for index in range(number):
                orders += self._make_order(
                    asset_id=self._make_asset(f"M-{number}-{index}").id,
                    type_id=self.type_install.id,
                )
            orders.date_done = EVENING
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.env.cr.sql_log_count
            orders._mark_assets()
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - start)
            self.assertEqual(
                set(orders.asset_id.mapped("install_date")), {date(2026, 3, 2)}
            )
        self.assertLessEqual(counts[1], counts[0] + 2, counts)
