from datetime import datetime, timedelta

from freezegun import freeze_time
from psycopg2.errors import ExclusionViolation

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.service_management.tests.common import MONDAY, ServiceCommon


@tagged("post_install", "-at_install")
@freeze_time(MONDAY - timedelta(days=3))
class TestVisit(ServiceCommon):
    def test_a_card_says_where_to_go_and_what_for(self):
        visit = self._make_visit()
        visit.order_id.site_id.write({"street": "Lane 7", "city": "Shanghai"})
        own = visit.with_user(self.technician_user)
        self.assertIn("Lane 7", own.site_address)
        self.assertNotIn("\n", own.site_address)
        self.assertEqual(own.type_id, self.type_repair)
        arch = own.get_view(view_type="kanban")["arch"]
        for name in ("site_address", "type_id", "asset_id"):
            self.assertIn(f'name="{name}"', arch)

    def _plan(self, order, start, hours=1, technician=None, reason=None, user=None):
        order = order.with_user(user) if user else order
        return order._plan_visit(
            technician or self.technician,
            start,
            start + timedelta(hours=hours),
            reason,
        )

    def test_planning_schedules_the_order(self):
        order = self._make_accepted_order()
        visit = self._plan(order, MONDAY)
        self.assertRecordValues(
            order,
            [
                {
                    "state": "scheduled",
                    "technician_id": self.technician.id,
                    "planned_start": MONDAY,
                }
            ],
        )
        self.assertEqual(visit.point_id, self.point)

    def test_l8_a_technician_is_never_booked_twice(self):
        self._plan(self._make_accepted_order(), MONDAY, hours=2)
        order = self._make_accepted_order(description="second")
        for shift in (-0.5, 0, 0.5, 1.5):
            with (
                mute_logger("odoo.sql_db"),
                self.assertRaisesRegex(UserError, "already has a visit"),
            ):
                self._plan(order, MONDAY + timedelta(hours=shift))
        self._plan(order, MONDAY + timedelta(hours=2))

    def test_not_even_a_dispatcher_with_a_reason_books_twice(self):
        self._plan(self._make_accepted_order(), MONDAY)
        order = self._make_accepted_order(description="second")
        with mute_logger("odoo.sql_db"), self.assertRaises(UserError):
            self._plan(order, MONDAY, reason="urgent", user=self.dispatcher)

    def test_the_database_refuses_the_overlap_itself(self):
        visit = self._plan(self._make_accepted_order(), MONDAY)
        other = self._plan(
            self._make_accepted_order(description="second"),
            MONDAY + timedelta(hours=5),
        )
        with mute_logger("odoo.sql_db"), self.assertRaises(ExclusionViolation):
            other.sudo().write(
                {"planned_start": visit.planned_start, "planned_end": visit.planned_end}
            )
            self.env.flush_all()

    def test_a_cancelled_visit_frees_the_time(self):
        order = self._make_accepted_order()
        self._plan(order, MONDAY).action_cancel("Customer is away")
        self.assertEqual(order.state, "accepted")
        self._plan(order, MONDAY)

    def test_l8_outside_working_hours_and_on_leave_is_refused(self):
        calendar = self.env["resource.calendar"].create(
            {"name": "Office hours", "tz": "UTC"}
        )
        self.technician.resource_calendar_id = calendar
        self.technician.tz = "UTC"
        order = self._make_accepted_order()
        saturday, night = MONDAY + timedelta(days=5), datetime(2026, 3, 2, 22, 0)
        for start in (saturday, night):
            with self.assertRaisesRegex(UserError, "does not work"):
                self._plan(order, start)
        leave = self.env["resource.calendar.leaves"].create(
            {
                "name": "Public holiday",
                "calendar_id": calendar.id,
                "date_from": MONDAY,
                "date_to": MONDAY + timedelta(hours=9),
            }
        )
        with self.assertRaisesRegex(UserError, "does not work"):
            self._plan(order, MONDAY)
        leave.resource_id = self._make_technician("Somebody Else").resource_id
        self._plan(order, MONDAY)

    def test_a_rule_is_broken_only_with_right_and_reason(self):
        stranger = self._make_technician("Stranger", point=self._make_point("Far"))
        order = self._make_accepted_order()
        with self.assertRaisesRegex(UserError, "does not belong"):
            self._plan(order, MONDAY, technician=stranger, user=self.dispatcher)
        with self.assertRaisesRegex(UserError, "Only a dispatcher"):
            self._plan(
                order,
                MONDAY,
                technician=stranger,
                reason="he is near",
                user=self.point_manager,
            )
        self._plan(
            order,
            MONDAY,
            technician=stranger,
            reason="he is near",
            user=self.dispatcher,
        )
        overridden = order.event_ids.filtered(lambda event: event.kind == "overridden")
        self.assertIn("he is near", overridden.name)

    def test_who_may_plan(self):
        order = self._make_accepted_order()
        with self.assertRaises(AccessError):
            self._plan(order, MONDAY, user=self.agent)
        self._plan(order, MONDAY, user=self.point_manager)

    def test_two_technicians_are_both_booked(self):
        second = self._make_technician("Second")
        order = self._make_accepted_order()
        order._plan_visit(self.technician + second, MONDAY, MONDAY + timedelta(hours=1))
        other = self._make_accepted_order(description="other")
        with mute_logger("odoo.sql_db"), self.assertRaises(UserError):
            self._plan(other, MONDAY, technician=second)

    def test_the_technician_reports_the_own_visit(self):
        order = self._make_accepted_order()
        visit = self._plan(order, MONDAY).with_user(self.technician_user)
        with freeze_time(MONDAY):
            visit.action_en_route()
            visit.action_on_site()
        with freeze_time(MONDAY + timedelta(minutes=40)):
            visit.write({"outcome": "fixed", "report": "New pump"})
            visit.action_done()
        self.assertRecordValues(
            visit.sudo(),
            [
                {
                    "state": "done",
                    "actual_start": MONDAY,
                    "actual_end": MONDAY + timedelta(minutes=40),
                    "planned_end": MONDAY + timedelta(minutes=40),
                }
            ],
        )
        self.assertEqual((order.state, order.outcome), ("done", "fixed"))

    def test_a_report_needs_an_outcome(self):
        visit = self._plan(self._make_accepted_order(), MONDAY)
        with self.assertRaisesRegex(UserError, "Outcome is missing"):
            visit.action_done()
        self.assertEqual(visit.state, "planned")

    def test_a_finished_report_is_a_fact(self):
        visit = self._plan(self._make_accepted_order(), MONDAY)
        visit.action_done({"outcome": "fixed"})
        with self.assertRaisesRegex(UserError, "finished"):
            visit.with_user(self.technician_user).outcome = "not_fixed"
        with self.assertRaises(UserError):
            visit.action_done({"outcome": "not_fixed"})

    def test_times_and_crew_change_only_by_planning(self):
        visit = self._plan(self._make_accepted_order(), MONDAY)
        visit = visit.with_user(self.technician_user)
        with self.assertRaises(UserError):
            visit.planned_start = MONDAY + timedelta(hours=3)
        with self.assertRaises(UserError):
            visit.action_done({"state": "done", "outcome": "fixed"})

    def test_further_work_keeps_the_order_with_the_point(self):
        order = self._make_accepted_order()
        self._plan(order, MONDAY).action_done(
            {"outcome": "repairable", "needs_next_visit": True}
        )
        self.assertEqual((order.state, order.point_id), ("accepted", self.point))
        self._plan(order, MONDAY + timedelta(days=1)).action_done({"outcome": "fixed"})
        self.assertEqual((order.state, order.outcome), ("done", "fixed"))

    def test_moving_a_visit_obeys_the_same_rules(self):
        order = self._make_accepted_order()
        visit = self._plan(order, MONDAY)
        self._plan(
            self._make_accepted_order(description="other"),
            MONDAY + timedelta(hours=3),
        )
        with mute_logger("odoo.sql_db"), self.assertRaises(UserError):
            visit.action_reschedule(
                MONDAY + timedelta(hours=3), MONDAY + timedelta(hours=4)
            )
        visit.action_reschedule(
            MONDAY + timedelta(hours=1), MONDAY + timedelta(hours=2)
        )
        self.assertEqual(order.planned_start, MONDAY + timedelta(hours=1))
        self.assertIn("rescheduled", order.event_ids.mapped("kind"))
        item = order.workitem_ids.filtered(lambda item: item.state == "open")
        self.assertEqual(item.deadline, visit.planned_end)

    def test_free_slots_leave_out_what_is_booked(self):
        order = self._make_accepted_order()
        order.type_id.duration = 1
        self._plan(self._make_accepted_order(description="x"), MONDAY, hours=2)
        slots = order._find_slots(count=9, date_from=MONDAY, days=1)
        self.assertTrue(slots)
        for slot in slots:
            self.assertGreaterEqual(slot["start"], MONDAY + timedelta(hours=2))
            self.assertEqual(slot["technician_id"], self.technician.id)

    def test_the_plan_form_proposes_the_first_free_time(self):
        order = self._make_accepted_order()
        form = self.env["service.visit.plan"].create({"order_id": order.id})
        self.assertEqual(form.technician_ids, self.technician)
        self.assertTrue(form.start)
        form.action_confirm()
        self.assertEqual(order.state, "scheduled")
