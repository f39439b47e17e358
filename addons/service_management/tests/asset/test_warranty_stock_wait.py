from datetime import date

from freezegun import freeze_time

from odoo.fields import Command
from odoo.tests import tagged

from .warranty_common import WarrantyCommon


@tagged("post_install", "-at_install")
class TestWarrantyStockWait(WarrantyCommon):
    """What nobody sells has a warranty after its months in stock, without a write."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        template = cls.env["service.warranty.template"].create(
            {
                "name": "Six Months in Stock",
                "line_ids": [
                    Command.create({"kind": "labour", "months": 12, "cap_months": 6}),
                    Command.create({"kind": "parts", "months": 12}),
                ],
            }
        )
        with freeze_time("2026-01-10"):
            cls.assets = cls.env["service.asset"].create(
                [
                    {
                        "partner_id": cls.customer.id,
                        "product_id": cls._make_product(
                            service_warranty_template_id=template.id
                        ).id,
                        "serial": f"WAIT-{day}",
                        "manufacture_date": day,
                    }
                    for day in ("2026-01-01", "2026-03-01")
                ]
            )

    def _run(self, day):
        self.env.flush_all()
        with (
            freeze_time(day),
            self.enter_registry_test_mode(),
            self.registry.cursor() as cr,
        ):
            self.env(cr=cr)["service.asset"]._begin_warranties()
        self.env.invalidate_all()

    def test_the_term_begins_on_the_day_and_lists_say_so(self):
        first, second = self.assets
        self._run("2026-06-30")
        self.assertFalse(self.assets.warranty_ids)
        self._run("2026-07-01")
        self.assertRecordValues(
            first.warranty_ids,
            [
                {
                    "kind": "labour",
                    "date_start": date(2026, 7, 1),
                    "date_end": date(2027, 6, 30),
                }
            ],
        )
        self.assertEqual(first.warranty_end, date(2027, 6, 30))
        # Parts wait for the day on which somebody uses it
        self.assertTrue(first.warranty_pending)
        self.assertFalse(second.warranty_ids)

    def test_a_run_again_changes_nothing(self):
        self._run("2026-12-01")
        terms = self.assets.warranty_ids
        self.assertEqual(len(terms), 2)
        self._run("2027-12-01")
        self.assertEqual(self.assets.warranty_ids, terms)
        with freeze_time("2027-12-01"):
            domain = self.env["service.asset"]._get_stock_wait_domain()
        # Nothing is looked at every night for ever
        self.assertFalse(self.env["service.asset"].search(domain) & self.assets)
