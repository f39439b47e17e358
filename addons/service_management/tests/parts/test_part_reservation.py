from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import PartCommon


@tagged("post_install", "-at_install")
class TestPartReservation(PartCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.part.service_recoverable = False
        cls._stock(cls.part, 2)

    def _need(self, order=None, quantity=2):
        return self.env["service.part.need"].create(
            {
                "order_id": (order or self._make_accepted_order()).id,
                "product_id": self.part.id,
                "quantity": quantity,
            }
        )

    def _free(self, location=None):
        location = location or self.point.location_id
        free = self.env["service.visit"]._get_free_quantities([(self.part, location)])
        return free[self.part.id, location.id]

    def test_a_part_is_kept_for_its_job(self):
        need = self._need()
        need.with_user(self.point_manager).action_reserve()
        self.assertEqual((need.reserved_quantity, self._free()), (2, 0))
        other = self._make_visit()
        other.action_add_part(self.part.id, 1)
        with self.assertRaisesRegex(UserError, "holds 0"):
            other.action_done({"outcome": "fixed"})
        visit = self._make_visit(need.order_id)
        visit.with_user(self.technician_user).action_add_part(self.part.id, 2)
        visit.with_user(self.technician_user).action_done({"outcome": "fixed"})
        self.assertEqual(self._held(self.point.location_id), 0)
        self.assertEqual(len(need.order_id.move_ids), 1)

    def test_the_rest_of_a_reservation_is_free_again(self):
        need = self._need()
        need.action_reserve()
        visit = self._make_visit(need.order_id)
        visit.action_add_part(self.part.id, 1)
        self.assertEqual(self._free(), 1)
        visit.action_done({"outcome": "fixed"})
        self.assertEqual(self._held(self.point.location_id), 1)

    def test_reserving_again_replaces_and_releasing_frees(self):
        need = self._need(quantity=1)
        need.action_reserve()
        need.action_reserve()
        self.assertEqual(self._free(), 1)
        need.with_user(self.agent).action_release()
        self.assertEqual(self._free(), 2)
        need.action_reserve()
        need.unlink()
        self.assertEqual(self._free(), 2)

    def test_an_order_that_ends_keeps_nothing(self):
        cancelled, done = self._need(quantity=1), self._need(quantity=1)
        (cancelled + done).action_reserve()
        cancelled.order_id.action_cancel("no need")
        visit = self._make_visit(done.order_id)
        visit.action_done({"outcome": "fixed"})
        self.assertEqual(self._free(), 2)

    def test_what_is_not_there_is_not_reserved(self):
        with self.assertRaisesRegex(UserError, "holds only 2"):
            self._need(quantity=3).action_reserve()
        elsewhere = self._make_point("Else", coverage=False)
        self._stock(self.part, 5, elsewhere)
        with self.assertRaisesRegex(UserError, "where the job takes them from"):
            self._need().action_reserve(elsewhere.location_id.id)

    def test_who_reserves(self):
        need = self._need()
        for user in (self.quality,):
            with self.assertRaises(AccessError):
                need.with_user(user).action_reserve()
        need.with_user(self.agent).action_reserve()

    def test_where_a_part_is_with_the_way(self):
        near, far = (self._make_point(name, coverage=False) for name in ("Near", "Far"))
        need = self._need()
        substitute = self.env["product.product"].create(
            {"name": "Substitute", "type": "consu", "is_storable": True}
        )
        self.part.service_substitute_ids = substitute
        self._stock(self.part, 4, near)
        self._stock(self.part, 4, far)
        self._stock(substitute, 1, far)
        self._put(self.part, self.van, 1)
        need.order_id.site_id.write(
            {"partner_latitude": 30.0, "partner_longitude": 120.0}
        )
        for point, latitude in ((near, 30.1), (far, 33.0), (self.point, 30.3)):
            point.partner_id.write(
                {"partner_latitude": latitude, "partner_longitude": 120.0}
            )
        action = need.with_user(self.dispatcher).action_find()
        find = self.env["service.part.find"].browse(action["res_id"])
        of_part = find.line_ids.filtered(lambda line: line.product_id == self.part)
        self.assertEqual(of_part[:1].location_id, self.point.location_id)
        ways = {line.location_id: line for line in of_part}
        self.assertAlmostEqual(ways[near.location_id].kilometres, 11.1, places=1)
        self.assertLess(ways[near.location_id].minutes, ways[far.location_id].minutes)
        self.assertEqual(ways[self.van].kind, "vehicle")
        self.assertIn(substitute, find.line_ids.product_id)
        of_part[:1].with_user(self.dispatcher).action_reserve()
        self.assertEqual(need.reserved_quantity, 2)
        find.with_user(self.dispatcher).action_request()
        self.assertEqual(need.request_state, "requested")

    def test_finding_costs_the_same_for_few_and_for_many_places(self):
        need = self._need()
        used = []
        for _round in range(2):
            for number in range(10):
                point = self._make_point(f"P{_round}-{number}", coverage=False)
                self._stock(self.part, 1, point)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.env["service.part.stock"]._find_parts(
                self.part, self.company, (30.0, 120.0)
            )
            used.append(self.env.cr.sql_log_count - before)
        self.assertTrue(need)
        self.assertLessEqual(used[1], used[0])
