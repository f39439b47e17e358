from datetime import date, timedelta

from odoo import fields
from odoo.tests import tagged

from odoo.addons.service_management.tests.common import ServiceCommon


@tagged("post_install", "-at_install")
class TestContract(ServiceCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        today = fields.Date.today()
        cls.contract = cls.env["service.contract"].create(
            {
                "name": "Care",
                "partner_id": cls.customer.id,
                "date_start": today - timedelta(days=10),
                "date_end": today + timedelta(days=10),
            }
        )

    def test_number_is_given(self):
        self.assertTrue(self.contract.code.startswith("SC"))

    def test_only_an_active_contract_covers(self):
        today = fields.Date.today()
        self.assertFalse(self.contract._is_covering(self.asset, today))
        self.contract.action_activate()
        self.assertTrue(self.contract._is_covering(self.asset, today))
        self.contract.action_suspend()
        self.assertFalse(self.contract._is_covering(self.asset, today))
        self.contract.action_close()
        self.assertFalse(self.contract._is_covering(self.asset, today))

    def test_first_and_last_day_count(self):
        self.contract.action_activate()
        for day, expected in (
            (self.contract.date_start, True),
            (self.contract.date_end, True),
            (self.contract.date_start - timedelta(days=1), False),
            (date(2099, 1, 1), False),
        ):
            self.assertEqual(self.contract._is_covering(self.asset, day), expected)

    def test_named_assets_only(self):
        other = self.env["service.asset"].create(
            {"partner_id": self.customer.id, "product_id": self.product.id}
        )
        self.contract.action_activate()
        self.contract.asset_ids = other
        self.assertFalse(self.contract._is_covering(self.asset, fields.Date.today()))

    def test_asset_in_the_archive_stays_the_only_one_covered(self):
        other = self.env["service.asset"].create(
            {"partner_id": self.customer.id, "product_id": self.product.id}
        )
        self.contract.action_activate()
        self.contract.asset_ids = other
        other.active = False
        self.contract.invalidate_recordset()
        self.assertFalse(self.contract._is_covering(self.asset, fields.Date.today()))

    def test_registered_order_is_linked_to_the_contract(self):
        self.contract.action_activate()
        self.assertEqual(self._make_order().contract_id, self.contract)
