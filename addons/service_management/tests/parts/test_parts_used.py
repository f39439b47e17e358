from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from odoo.addons.service_management.tests.common import ServiceCommon


@tagged("post_install", "-at_install")
class TestPartsUsed(ServiceCommon):
    def _get_held(self, point=None):
        location = (point or self.point).location_id
        return self.part.with_context(location=location.id).qty_available

    def test_a_part_leaves_the_point_when_the_visit_is_finished(self):
        self._stock(self.part, 3)
        visit = self._make_visit()
        visit.with_user(self.technician_user).action_add_part(self.part.id, 2)
        self.assertEqual(self._get_held(), 3)
        line = visit.with_user(self.technician_user).part_lines[0]
        self.assertEqual((line["quantity"], line["on_hand"]), (2, 3))
        visit.with_user(self.technician_user).action_done({"outcome": "fixed"})
        self.assertEqual(self._get_held(), 1)
        move = visit.move_ids
        self.assertRecordValues(
            move,
            [
                {
                    "state": "done",
                    "location_id": self.point.location_id.id,
                    "location_dest_id": self.customer.property_stock_customer.id,
                    "service_order_id": visit.order_id.id,
                    "quantity": 2,
                }
            ],
        )
        used = visit.order_id.event_ids.filtered(lambda e: e.kind == "part_used")
        self.assertIn("Test Pump", used.name)

    def test_parts_are_named_in_the_language_of_the_paper(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self.part.with_context(lang="zh_CN").name = "水泵"
        self._stock(self.part, 1)
        visit = self._make_visit()
        visit.action_add_part(self.part.id, 1)
        self.assertIn("Test Pump", visit.part_lines[0]["name"])
        self.assertIn("水泵", visit.with_context(lang="zh_CN").part_lines[0]["name"])

    def test_what_is_not_there_cannot_be_used(self):
        self._stock(self.part, 1)
        visit = self._make_visit()
        visit.action_add_part(self.part.id, 2)
        with self.assertRaisesRegex(UserError, "Test Pump: 2 used.*holds 1"):
            visit.action_done({"outcome": "fixed"})
        self.assertEqual(self._get_held(), 1)

    def test_two_lines_of_a_part_are_counted_together(self):
        self._stock(self.part, 1)
        visit = self._make_visit()
        visit.action_add_part(self.part.id, 1)
        visit.action_add_part(self.part.id, 1)
        with self.assertRaises(UserError):
            visit.action_done({"outcome": "fixed"})

    def test_the_stock_of_another_point_does_not_count(self):
        self._stock(self.part, 5, self._make_point("Second Point"))
        visit = self._make_visit()
        visit.action_add_part(self.part.id, 1)
        with self.assertRaises(UserError):
            visit.action_done({"outcome": "fixed"})

    def test_bad_input_is_named(self):
        visit = self._make_visit()
        with self.assertRaisesRegex(UserError, "above zero"):
            visit.action_add_part(self.part.id, 0)
        with self.assertRaisesRegex(UserError, "Part is missing"):
            visit.action_add_part(0, 1)

    def test_a_part_noted_by_mistake_is_taken_back(self):
        self._stock(self.part, 1)
        visit = self._make_visit()
        move_id = visit.action_add_part(self.part.id, 1)
        visit.action_remove_part(move_id)
        self.assertFalse(visit.part_lines)
        visit.action_done({"outcome": "fixed"})
        self.assertEqual(self._get_held(), 1)

    def test_parts_of_a_cancelled_visit_stay(self):
        self._stock(self.part, 1)
        visit = self._make_visit()
        visit.action_add_part(self.part.id, 1)
        visit.order_id.action_cancel("moved away")
        self.assertEqual(visit.move_ids.state, "cancel")
        self.assertEqual(self._get_held(), 1)

    def test_strangers_use_no_parts(self):
        visit = self._make_visit()
        stranger = self._make_technician("Stranger", user_id=self.quality.id)
        for user in (self.agent, stranger.user_id):
            with self.assertRaises(AccessError):
                visit.with_user(user).action_add_part(self.part.id, 1)

    def test_availability_of_the_point_is_shown(self):
        self._stock(self.part, 4)
        order = self._make_accepted_order()
        self.assertEqual(
            order._get_part_availability(),
            [
                {
                    "product_id": self.part.id,
                    "name": self.part.display_name,
                    "free": 4,
                    "tracking": "none",
                }
            ],
        )

    def test_the_part_form_shows_what_is_on_hand(self):
        self._stock(self.part, 4)
        visit = self._make_visit()
        form = (
            self.env["service.visit.part"]
            .with_user(self.technician_user)
            .create({"visit_id": visit.id, "product_id": self.part.id})
        )
        self.assertEqual(form.available, 4)
        form.action_confirm()
        self.assertEqual(len(visit.part_lines), 1)

    def test_serial_parts_follow_their_serial(self):
        self.part.tracking = "serial"
        lot = self.env["stock.lot"].create(
            {"name": "PUMP-1", "product_id": self.part.id}
        )
        self.env["stock.quant"]._update_available_quantity(
            self.part, self.point.location_id, 1, lot_id=lot
        )
        visit = self._make_visit()
        visit.action_add_part(self.part.id, 1)
        visit.action_done({"outcome": "fixed"})
        self.assertEqual(visit.move_ids.lot_ids, lot)
