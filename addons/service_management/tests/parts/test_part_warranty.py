from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.service_management.tests.asset.warranty_common import WarrantyCommon


@tagged("post_install", "-at_install")
class TestPartWarranty(WarrantyCommon):
    """A spare part says which component it is, and whether it is a consumable."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        categories = cls.env["product.category"]
        cls.compressors = categories.create({"name": "Compressors"})
        below = categories.create({"name": "Rotary", "parent_id": cls.compressors.id})
        cls.component.category_ids = cls.compressors
        cls.compressor = cls._make_product(name="Rotary 9", categ_id=below.id)
        cls.ac = cls._make_asset(cls._make_ac())

    def test_an_expected_compressor_is_covered_for_years(self):
        order = self._make_order(asset_id=self.ac.id, date_fault="2030-05-01")
        self.assertEqual(order._get_covered_kinds()[order]["parts"], "unknown")
        order.part_need_ids = [Command.create({"product_id": self.compressor.id})]
        self.assertEqual(order._get_covered_kinds()[order]["parts"], "covered")
        self.assertEqual(
            order._get_part_coverage(self.compressor + self.part),
            {self.compressor: "covered", self.part: "not_covered"},
        )

    def test_a_part_that_is_used_on_the_visit_decides(self):
        self.compressor.is_storable = True
        self._stock(self.compressor, 5)
        visit = self._make_visit(
            self._make_accepted_order(asset_id=self.ac.id, date_fault="2030-05-01")
        )
        order = visit.order_id
        self.assertEqual(order._get_covered_kinds()[order]["parts"], "unknown")
        visit.action_add_part(self.compressor.id, 1)
        visit.action_done({"outcome": "fixed"})
        self.assertEqual(order._get_covered_kinds()[order]["parts"], "covered")
