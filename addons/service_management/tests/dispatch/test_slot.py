from datetime import timedelta

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from odoo.addons.service_management.tests.access_matrix import check_matrix
from odoo.addons.service_management.tests.common import MONDAY

from .planning_common import TUESDAY, PlanningCommon


@tagged("post_install", "-at_install")
@freeze_time(MONDAY)
class TestSlot(PlanningCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.slot = cls._make_slot()
        cls.window = cls.slot._get_times(TUESDAY)

    @classmethod
    def _make_slot(cls, point=None, **vals):
        return cls.env["service.slot"].create(
            {
                "point_id": (point or cls.point).id,
                "dayofweek": "1",
                "hour_from": 9,
                "hour_to": 11,
                "capacity": 2,
                **vals,
            }
        )

    def test_a_window_of_an_archived_type_is_for_no_other(self):
        order = self._make_waiting()
        self.assertTrue(order._get_free_windows())
        other = self.type_consulting.copy({"code": "other_type"})
        self.slot.type_ids = other
        other.active = False
        self.slot.invalidate_recordset()
        self.assertFalse(order._get_free_windows())

    def test_a_window_is_offered_until_it_is_full(self):
        orders = [self._make_waiting(north=n) for n in range(3)]
        free = orders[0]._get_free_windows()
        self.assertEqual(
            free[0],
            {
                "start": self.window[0],
                "end": self.window[1],
                "free": 2,
                "zone": "UTC",
            },
        )
        for order in orders[:2]:
            order._book_slot(*self.window)
        self.assertNotIn(
            self.window[0], [w["start"] for w in orders[2]._get_free_windows()]
        )
        with self.assertRaisesRegex(UserError, "taken by somebody else. Still free"):
            orders[2]._book_slot(*self.window)

    def test_before_there_is_a_point_candidates_offer_theirs(self):
        order = self._make_order()
        self.assertFalse(order.point_id)
        self.assertEqual(order._get_free_windows()[0]["free"], 2)
        self.assertEqual(order._book_slot(*self.window).point_id, self.point)

    def test_windows_are_for_their_service_types(self):
        self.slot.type_ids = self.type_consulting
        order = self._make_waiting()
        self.assertFalse(order._get_free_windows())
        with self.assertRaises(UserError):
            order._book_slot(*self.window)

    def test_a_window_that_does_not_exist_is_not_promised(self):
        with self.assertRaises(UserError):
            self._make_waiting()._book_slot(
                self.window[0] + timedelta(hours=1), self.window[1]
            )

    def test_a_day_on_which_the_point_is_closed_has_no_windows(self):
        order = self._make_waiting()
        self.env["service.point.closure"].create(
            {
                "point_id": self.point.id,
                "date_from": TUESDAY,
                "date_to": TUESDAY,
                "name": "Stocktaking",
            }
        )
        self.assertNotIn(
            self.window[0], [one["start"] for one in order._get_free_windows()]
        )
        with self.assertRaises(UserError):
            order._book_slot(*self.window)

    def test_choosing_another_window_gives_the_first_back(self):
        self._make_slot(hour_from=14, hour_to=16)
        order = self._make_waiting()
        order._book_slot(*self.window)
        later = order._get_free_windows()[1]
        order._book_slot(later["start"], later["end"])
        self.assertEqual(
            sorted(order.slot_booking_ids.mapped("state")), ["held", "released"]
        )
        self.assertEqual(order.slot_start, later["start"])
        self.assertEqual(order._get_free_windows()[0]["free"], 2)

    def test_a_refused_change_keeps_the_promise(self):
        order = self._make_waiting()
        order._book_slot(*self.window)
        with self.assertRaises(UserError), self.env.cr.savepoint():
            order._book_slot(self.window[0], self.window[1] + timedelta(hours=1))
        self.env.invalidate_all()
        self.assertEqual(order.slot_start, self.window[0])

    def test_cancelling_gives_back_and_finishing_keeps(self):
        cancelled, done = self._make_waiting(), self._make_waiting(north=1)
        for order in (cancelled, done):
            order._book_slot(*self.window)
        cancelled.action_cancel()
        self.assertEqual(cancelled.slot_booking_ids.state, "released")
        visit = self._book(done, self.technician, self._at(9))
        visit.action_done({"outcome": "fixed"})
        self.assertEqual(done.slot_booking_ids.state, "kept")

    def test_what_nobody_came_to_expires(self):
        order = self._make_waiting()
        booking = order._book_slot(*self.window)
        with freeze_time(MONDAY + timedelta(days=4)):
            booking._gc_expired()
        self.assertEqual(booking.state, "expired")

    def test_planning_keeps_the_promise(self):
        order = self._make_waiting(north=3)
        order._book_slot(*self.window)
        line = self._get_line(self._plan(), order)
        self.assertTrue(self.window[0] <= line.start < self.window[1])
        line.action_apply()
        self.assertRecordValues(
            line.visit_id,
            [{"slot_start": self.window[0], "slot_end": self.window[1]}],
        )

    def test_a_promise_is_broken_with_a_reason_only(self):
        order = self._make_waiting().with_user(self.dispatcher)
        order._book_slot(*self.window)
        with self.assertRaisesRegex(UserError, "was promised"):
            self._book(order, self.technician, self._at(14))
        order._plan_visit(
            self.technician, self._at(14), self._at(15), "The customer called"
        )
        self.assertIn("overridden", order.event_ids.mapped("kind"))

    def test_another_window_takes_the_visit_out_of_the_plan(self):
        order = self._make_waiting()
        visit = self._book(order, self.technician, self._at(14))
        order._book_slot(*self.window)
        self.assertEqual(visit.state, "cancelled")
        self.assertEqual(order.state, "accepted")

    def test_a_new_point_takes_the_promise_over(self):
        other = self._make_point("Other")
        self._make_technician("Other", point=other)
        theirs = self._make_slot(other)
        order = self._make_waiting()
        order._book_slot(*self.window)
        order.with_user(self.dispatcher).action_redispatch("busy")
        order.with_user(self.dispatcher).action_assign(other.id)
        self.assertEqual(order.point_id, other)
        self.assertEqual(order.slot_booking_id.slot_id, theirs)

    def test_who_keeps_windows(self):
        booking = self._make_waiting()._book_slot(*self.window)
        strange = self._make_slot(self._make_point("Strange"))
        check_matrix(
            self,
            {"own": self.slot, "strange": strange, "booking": booking},
            {
                self.agent: {"own": "r", "strange": "r", "booking": "r"},
                self.dispatcher: {"own": "r", "strange": "r", "booking": "r"},
                self.manager: {"own": "rwcd", "strange": "rwcd", "booking": "r"},
                self.point_manager: {"own": "rwcd", "booking": "r"},
                self.technician_user: {},
                self.quality: {},
                self.portal_customer: {},
                self.portal_point: {},
            },
        )
        with self.assertRaises(AccessError):
            self.slot.with_user(self.point_manager).point_id = strange.point_id

    def test_times_are_the_points_own(self):
        self.point.resource_calendar_id = self.env["resource.calendar"].create(
            {"name": "Shanghai", "tz": "Asia/Shanghai"}
        )
        self.assertEqual(self.slot._get_times(TUESDAY), (self._at(1), self._at(3)))
        order = self._make_order()
        choice = order._get_window_choices()[0]
        self.assertEqual(
            (choice["day"], choice["hours"]), ("Tue, 2026-03-03", "09:00 - 11:00")
        )
        order._book_slot(self._at(1), self._at(3))
        self.assertIn("09:00 - 11:00", order._get_window_text(self._at(1), self._at(3)))
