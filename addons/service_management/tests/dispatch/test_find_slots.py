import time
from datetime import timedelta

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from odoo.addons.service_management.tests.common import MONDAY

from .planning_common import PlanningCommon


@tagged("post_install", "-at_install")
@freeze_time(MONDAY)
class TestFindSlots(PlanningCommon):
    def test_three_times_with_reasons(self):
        order = self._make_waiting(north=4)
        slots = order._find_slots()
        self.assertEqual(len(slots), 3)
        costs = [slot["cost"] for slot in slots]
        self.assertEqual(costs, sorted(costs))
        for slot in slots:
            self.assertGreaterEqual(slot["start"], MONDAY)
            self.assertEqual(slot["end"] - slot["start"], timedelta(hours=1))
            self.assertEqual(slot["point_id"], self.point.id)
            self.assertIn("travel", [reason["code"] for reason in slot["reasons"]])
            self.assertTrue(all(reason["text"] for reason in slot["reasons"]))

    def test_what_is_proposed_can_be_booked(self):
        for n in range(8):
            self._make_visit_of_day(n)
        for n in range(6):
            order = self._make_waiting(north=n, east=-n)
            slot = order._find_slots(count=1)[0]
            technician = self.env["service.technician"].browse(slot["technician_id"])
            visit = order.with_user(self.dispatcher)._plan_visit(
                technician, slot["start"], slot["end"]
            )
            self.assertEqual(visit.state, "planned")

    def _make_visit_of_day(self, n):
        order = self._make_waiting(north=2.0 * n)
        return self._book(order, self.crew[n % 3], self._at(9 + 2 * (n // 3)))

    def test_who_is_near_comes_first(self):
        here = self._make_waiting(north=30)
        self._book(here, self.crew[2], self._at(9))
        order = self._make_waiting(north=31)
        slot = order._find_slots(count=1, date_from=self._at(8))[0]
        self.assertEqual(slot["technician_id"], self.crew[2].id)

    def test_a_promised_window_is_kept_to(self):
        self.env["service.slot"].create(
            {
                "point_id": self.point.id,
                "dayofweek": "1",
                "hour_from": 14,
                "hour_to": 16,
            }
        )
        order = self._make_waiting(north=2)
        window = order._get_free_windows()[0]
        order._book_slot(window["start"], window["end"])
        slots = order._find_slots()
        self.assertTrue(slots)
        for slot in slots:
            self.assertTrue(window["start"] <= slot["start"] < window["end"])

    def test_a_deadline_counts_more_than_the_way(self):
        order = self._make_waiting(north=2)
        order.date_due = self._at(9)
        self.assertLessEqual(order._find_slots(count=1)[0]["start"], self._at(9))

    def test_without_a_point_the_candidates_are_asked(self):
        order = self._make_order(partner_id=self._make_site(1).id, asset_id=False)
        self.assertEqual(order._find_slots()[0]["point_id"], self.point.id)

    def test_without_a_place_the_way_counts_for_nothing(self):
        order = self._make_waiting()
        order.site_id.write({"partner_latitude": 0, "partner_longitude": 0})
        slot = order._find_slots(count=1)[0]
        self.assertEqual((slot["travel_minutes"], slot["cost"]), (0, 0))
        self.assertIn("where the site is", slot["reasons"][0]["text"])

    def test_who_may_not_read_the_order_is_told_nothing(self):
        order = self._make_waiting()
        for user in (self.portal_customer, self.technician_user):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                order.with_user(user)._find_slots()

    def test_the_dialog_proposes_and_takes_times(self):
        order = self._make_waiting(north=3)
        action = order.with_user(self.point_manager).action_open_plan()
        plan = self.env["service.visit.plan"].browse(action["res_id"])
        plan = plan.with_user(self.point_manager)
        self.assertEqual(plan.slot_ids._name, "service.visit.plan.slot")
        self.assertEqual(len(plan.slot_ids), 3)
        self.assertEqual(plan.start, plan.slot_ids[0].start)
        chosen = plan.slot_ids[1]
        chosen.action_choose()
        self.assertEqual(plan.start, chosen.start)
        self.assertEqual(plan.technician_ids, chosen.technician_id)
        plan.action_confirm()
        self.assertEqual(order.visit_ids.planned_start, chosen.start)

    def test_a_crew_is_found_together_and_can_be_booked(self):
        self.type_repair.crew_size = 2
        order = self._make_waiting(north=3)
        self._book(self._make_waiting(), self.crew[:2], self._at(8), hours=4)
        self._book(self._make_waiting(), self.crew[1:], self._at(13), hours=2)
        slot = order._find_slots(count=1, date_from=self._at(6), days=1)[0]
        self.assertEqual(len(slot["technician_ids"]), 2)
        self.assertGreaterEqual(slot["start"], self._at(15))
        for name in self.env["service.technician"].browse(slot["technician_ids"]):
            self.assertIn(name.name, slot["technician"])
        action = order.with_user(self.point_manager).action_open_plan()
        plan = self.env["service.visit.plan"].browse(action["res_id"])
        plan = plan.with_user(self.point_manager)
        self.assertEqual(len(plan.technician_ids), 2)
        plan.slot_ids[1].action_choose()
        plan.action_confirm()
        self.assertEqual(len(order.visit_ids.crew_ids), 2)

    def test_nobody_is_proposed_beyond_the_hours_of_a_day(self):
        self.crew.max_hours_day = 2.0
        for technician in self.crew[:2]:
            self._book(self._make_waiting(), technician, self._at(9), hours=1.5)
        order = self._make_waiting()
        slots = order._find_slots(date_from=self._at(6), days=1)
        self.assertEqual({slot["technician_id"] for slot in slots}, {self.crew[2].id})

    def test_hours_a_day_are_those_of_visits_in_times_plans_and_bookings(self):
        self.technician.max_hours_day = 2.0
        (self.crew - self.technician).action_archive()
        far = [self._make_waiting(north=60 + n) for n in range(3)]
        for order in far[:2]:
            slot = order._find_slots(count=1, date_from=self._at(6), days=1)[0]
            visit = self._book(order, self.technician, slot["start"])
        # The way alone takes more than two hours
        self.assertGreater(visit.planned_start, self._at(10))
        slots, why = far[2]._search_slots(date_from=self._at(6), days=1)
        self.assertEqual((slots, why), ([], self._obstacle("full")))
        with self.assertRaisesRegex(UserError, "more than 2 hours"):
            self._book(far[2], self.technician, self._at(15))
        for hours, expected in ((2.0, "left_out"), (3.0, "new")):
            self.technician.max_hours_day = hours
            run = self._plan()
            with self.subTest(hours=hours):
                self.assertEqual(self._get_line(run, far[2]).kind, expected)
                for order in far[:2]:
                    self.assertNotEqual(self._get_line(run, order).kind, "left_out")

    def test_whoever_finds_no_time_is_told_why(self):
        order = self._make_waiting(north=2)
        skill = self.env.ref("service_management.skill_laundry")
        requirement = self.env["service.skill.requirement"].create(
            {
                "type_id": self.type_repair.id,
                "skill_id": skill.id,
                "level_id": self.env.ref("service_management.skill_level_1").id,
            }
        )
        action = order.with_user(self.dispatcher).action_open_plan()
        plan = self.env["service.visit.plan"].browse(action["res_id"])
        self.assertFalse(plan.slot_ids)
        self.assertIn("has the skills", plan.obstacle)
        self.assertIn(skill.name, plan.obstacle)
        requirement.unlink()
        self.assertEqual(order._search_slots()[1], "")
        found = self._make_waiting(north=250)._search_slots(days=3)
        self.assertEqual(found, ([], self._obstacle("shift")))
        self.crew.max_hours_day = 1.0
        for technician in self.crew:
            self._book(self._make_waiting(), technician, self._at(9))
        found = order._search_slots(date_from=self._at(6), days=1)
        self.assertEqual(found, ([], self._obstacle("full")))

    def _obstacle(self, code):
        return self.env["service.order"]._describe_obstacle(code)

    def test_what_is_overdue_is_late_whenever_it_comes(self):
        order = self._make_waiting(north=2)
        order.date_due = MONDAY - timedelta(days=1)
        slot = order._find_slots(count=1, date_from=self._at(8))[0]
        run = self._plan()
        self.assertEqual(run.late_after, 1)
        for reasons in (slot["reasons"], self._get_line(run, order).reasons):
            codes = {reason["code"] for reason in reasons}
            self.assertIn("late", codes)
            self.assertNotIn("in_time", codes)

    def test_who_speaks_the_language_comes_before_who_is_a_little_nearer(self):
        order = self._make_waiting(north=4)
        order.partner_id.lang = "en_US"
        self.crew[1].lang_ids = self.env.ref("base.lang_en")
        slot = order._find_slots(count=1, date_from=self._at(6))[0]
        self.assertEqual(slot["technician_id"], self.crew[1].id)
        self.assertIn("language", [reason["code"] for reason in slot["reasons"]])

    def test_the_dialog_moves_a_visit_to_somebody_else(self):
        visit = self._book(self._make_waiting(), self.crew[0], self._at(9))
        action = visit.with_user(self.dispatcher).action_open_reschedule()
        plan = self.env["service.visit.plan"].browse(action["res_id"])
        plan = plan.with_user(self.dispatcher)
        self.assertEqual(plan.start, self._at(9))
        plan.technician_ids = self.crew[1]
        plan.action_confirm()
        self.assertEqual(visit.crew_ids.technician_id, self.crew[1])

    def test_an_order_of_others_is_told_nothing_of(self):
        """Neither saved nor while the dialog is filled in."""
        order = self._make_order(date_preferred="in the evening")
        order.action_cancel()
        plans = self.env["service.visit.plan"].with_user(self.point_manager)
        with self.assertRaises(AccessError):
            plans.create({"order_id": order.id})
        with self.assertRaises(AccessError):
            plans.onchange(
                {"order_id": order.id},
                ["order_id"],
                {"order_id": {}, "date_preferred": {}, "date_due": {}, "start": {}},
            )


@tagged("post_install", "-at_install", "service_management_budget")
@freeze_time(MONDAY)
class TestFindSlotsBudget(PlanningCommon):
    def _count(self, order):
        self.env.flush_all()
        self.env.invalidate_all()
        before, begun = self.env.cr.sql_log_count, time.process_time()
        slots = order._find_slots()
        self.assertEqual(len(slots), 3)
        return self.env.cr.sql_log_count - before, time.process_time() - begun

    def test_more_technicians_are_no_more_queries_and_under_a_second(self):
        order = self._make_waiting(north=2)
        for n, technician in enumerate(self.crew):
            self._book(self._make_waiting(north=n), technician, self._at(16))
        few, __ = self._count(order)
        for n in range(60):
            self._make_technician(f"More {n}", resource_calendar_id=self.calendar.id)
        for n in range(20):
            hour = (8, 9, 10, 11, 13, 14, 15)[n // 3]
            busy = self._make_waiting(north=n)
            self._book(busy, self.crew[n % 3], self._at(hour))
        many, seconds = self._count(order)
        self.assertLessEqual(many, few)
        self.assertLess(seconds, 1.0)
