from datetime import date

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.service_management.tests.asset.warranty_common import WarrantyCommon


@tagged("post_install", "-at_install")
class TestWarrantySale(WarrantyCommon):
    """A sold extension adds its months to the assets of the line."""

    def _quote(self, assets):
        return self.env["sale.order"].create(
            {
                "partner_id": self.customer.id,
                "order_line": [
                    Command.create(
                        {
                            "product_id": self.extension.id,
                            "service_asset_ids": [Command.set(assets.ids)],
                        }
                    )
                ],
            }
        )

    def test_confirming_extends_each_asset_once(self):
        assets = self._make_asset(self.product) + self._make_asset(self.product)
        sale = self._quote(assets)
        self.assertFalse(assets.warranty_extension_ids)
        sale.action_confirm()
        sale.order_line._extend_warranties()
        self.assertEqual(len(assets.warranty_extension_ids), 2)
        for asset in assets:
            self.assertTrue(asset._decide_warranty(date(2028, 6, 1))["labour"].covered)

    def test_it_must_be_said_for_which_asset(self):
        with self.assertRaisesRegex(UserError, "choose for which"):
            self._quote(self.env["service.asset"]).action_confirm()

    def test_a_cancelled_sale_covers_nothing_and_may_be_confirmed_again(self):
        asset = self._make_asset(self.product)
        sale = self._quote(asset)
        sale.action_confirm()
        sale._action_cancel()
        self.assertFalse(asset._decide_warranty(date(2028, 6, 1))["labour"].covered)
        sale.action_draft()
        sale.action_confirm()
        self.assertTrue(asset._decide_warranty(date(2028, 6, 1))["labour"].covered)
        self.assertEqual(
            sorted(asset.warranty_extension_ids.mapped("state")), ["cancelled", "sold"]
        )
