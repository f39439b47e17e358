from odoo import fields
from odoo.tests import tagged

from .common import PartCommon


@tagged("post_install", "-at_install")
class TestPartComponent(PartCommon):
    """A part that is an asset itself becomes a component of what it is built into."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.serial_part.write({"service_is_asset": True, "service_warranty_parts": 6})
        cls.asset.place = "Room 12"
        cls.old = cls.env["service.asset"].create(
            {
                "partner_id": cls.customer.id,
                "product_id": cls.serial_part.id,
                "serial": "OLD-1",
                "parent_id": cls.asset.id,
            }
        )
        cls.lot = cls._lot("NEW-1")
        cls._put(cls.serial_part, cls.point.location_id, lot=cls.lot)

    def _build_in(self, **kwargs):
        self._use(self.serial_part, lot_id=self.lot.id, **kwargs)
        return self.env["service.asset"].search([("lot_id", "=", self.lot.id)])

    def test_what_is_built_in_is_a_component_with_its_own_warranty(self):
        component = self._build_in(old_serial="OLD-1")
        today = fields.Date.context_today(component)
        self.assertRecordValues(
            component,
            [
                {
                    "parent_id": self.asset.id,
                    "partner_id": self.customer.id,
                    "serial": "NEW-1",
                    "place": "Room 12",
                    "install_date": today,
                    "installed_by_point_id": self.point.id,
                    "installed_by_technician_id": self.technician.id,
                    "source": "delivery",
                }
            ],
        )
        self.assertEqual(component.warranty_ids.date_start, today)
        # What was taken out is told as gone, and stays to be read
        self.assertEqual(self.old.state, "returned")
        self.assertEqual(self.old.parent_id, self.asset)
        facts = self.asset._get_site_facts()
        self.assertEqual(facts["components"], [component.name])

    def test_another_number_taken_out_ends_no_component(self):
        self._build_in(old_serial="ELSEWHERE-1")
        self.assertEqual(self.old.state, "active")

    def test_one_that_came_back_may_be_built_in_again(self):
        other = self.asset.copy({"serial": "TW-0002"})
        again = self.env["service.asset"].create(
            {
                "partner_id": self.customer.id,
                "product_id": self.serial_part.id,
                "serial": "NEW-1",
                "lot_id": self.lot.id,
                "parent_id": other.id,
                "state": "returned",
            }
        )
        self.assertEqual(self._build_in(), again)
        self.assertRecordValues(
            again, [{"state": "active", "parent_id": self.asset.id}]
        )

    def test_a_loaner_and_an_ordinary_part_are_no_components(self):
        visit = self._make_visit()
        visit.action_lend_part(self.serial_part.id, lot_id=self.lot.id)
        self._put(self.part, self.point.location_id, 2)
        visit.action_add_part(self.part.id, 1)
        visit.action_done({"outcome": "fixed"})
        self.assertEqual(self.asset.child_ids, self.old)
        self.assertFalse(
            self.env["service.asset"].search([("lot_id", "=", self.lot.id)])
        )
