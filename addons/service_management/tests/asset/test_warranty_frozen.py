from datetime import date

from psycopg2.errors import UniqueViolation

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.service_management.tests.common import ServiceCommon


@tagged("post_install", "-at_install")
class TestWarrantyFrozen(ServiceCommon):
    def _make_asset(self, **vals):
        return self.env["service.asset"].create(
            {"partner_id": self.customer.id, "product_id": self.product.id, **vals}
        )

    def _get_terms(self, asset):
        return {
            term.kind: (term.date_start, term.date_end) for term in asset.warranty_ids
        }

    def test_registering_freezes_the_product_terms(self):
        asset = self._make_asset(install_date="2026-01-10")
        self.assertEqual(
            self._get_terms(asset),
            {
                "labour": (date(2026, 1, 10), date(2027, 1, 9)),
                "parts": (date(2026, 1, 10), date(2028, 1, 9)),
                "travel": (date(2026, 1, 10), date(2027, 1, 9)),
            },
        )
        self.assertEqual(asset.warranty_end, date(2028, 1, 9))
        self.assertIn("12", asset.warranty_ids[0].reason)

    def test_l11_editing_the_product_never_moves_installed_assets(self):
        asset = self._make_asset(install_date="2025-01-01")
        before = self._get_terms(asset)
        self.product.service_warranty_labour = 36
        asset.install_date = "2025-06-01"
        self.assertEqual(self._get_terms(asset), before)

    def test_l11_missing_start_is_answered_not_a_crash(self):
        asset = self._make_asset()
        self.assertFalse(asset.warranty_ids)
        decisions = asset._decide_warranty(date(2026, 1, 1))
        self.assertEqual({d.code for d in decisions.values()}, {"no_start"})
        asset.purchase_date = "2026-01-01"
        self.assertEqual(len(asset.warranty_ids), 3)

    def test_term_is_called_by_what_is_promised_and_its_asset(self):
        asset = self._make_asset(install_date="2026-01-10", serial="SN-EYES-1")
        labour = asset.warranty_ids.filtered(lambda term: term.kind == "labour")
        self.assertEqual(labour.display_name, f"Labour · {asset.display_name}")

    def test_terms_cannot_be_changed_even_by_a_manager(self):
        term = self.asset.warranty_ids[0].with_user(self.manager)
        with self.assertRaises(UserError):
            term.date_end = "2099-01-01"

    def test_only_a_manager_adds_terms(self):
        vals = {
            "asset_id": self.asset.id,
            "kind": "labour",
            "date_start": "2030-01-01",
            "date_end": "2030-12-31",
        }
        with self.assertRaises(AccessError):
            self.env["service.warranty"].with_user(self.agent).create(vals)
        self.env["service.warranty"].with_user(self.manager).create(vals)

    def test_an_agent_registers_an_asset_with_its_terms(self):
        asset = (
            self.env["service.asset"]
            .with_user(self.agent)
            .create(
                {
                    "partner_id": self.customer.id,
                    "product_id": self.product.id,
                    "purchase_date": "2026-01-01",
                }
            )
        )
        self.assertEqual(len(asset.warranty_ids), 3)

    def test_serial_is_registered_once_per_product(self):
        self._make_asset(serial="SAME")
        with mute_logger("odoo.sql_db"), self.assertRaises(UniqueViolation):
            self._make_asset(serial="SAME")

    def test_lot_gives_the_serial(self):
        lot = self.env["stock.lot"].create(
            {"name": "LOT-7", "product_id": self.product.id}
        )
        self.assertEqual(self._make_asset(lot_id=lot.id).serial, "LOT-7")

    def test_site_follows_the_customer_unless_given(self):
        site = self.env["res.partner"].create({"name": "Warehouse"})
        self.assertEqual(self.asset.site_id, self.customer)
        self.assertEqual(self._make_asset(site_id=site.id).site_id, site)
