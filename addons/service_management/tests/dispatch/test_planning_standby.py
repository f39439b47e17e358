from datetime import timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo.tests import tagged

from odoo.addons.service_management.models.dispatch import service_planning_run_line
from odoo.addons.service_management.tests.common import MONDAY

from .planning_common import TUESDAY, PlanningCommon


@tagged("post_install", "-at_install")
@freeze_time(MONDAY)
class TestPlanningStandby(PlanningCommon):
    """Who is planned beside the usual hours, and when nobody is."""

    def _stand_by(self, technician, start, hours):
        return self.env["service.standby"].create(
            {
                "technician_id": technician.id,
                "start": start,
                "end": start + timedelta(hours=hours),
            }
        )

    def _make_evening(self, priority, **vals):
        """An order of somebody who is at home from six."""
        order = self._make_waiting(2, priority=priority, **vals)
        home = self.calendar.copy({"name": "At Home"})
        home.attendance_ids.unlink()
        home.attendance_ids = [
            (
                0,
                0,
                {
                    "name": "Evening",
                    "dayofweek": "1",
                    "hour_from": 18,
                    "hour_to": 21,
                    "day_period": "afternoon",
                },
            )
        ]
        order.site_id.service_calendar_id = home
        return order

    def test_who_is_on_standby_serves_urgent_orders_outside_working_hours(self):
        self._stand_by(self.crew[1], self._at(17), 8)
        urgent = self._make_evening("3")
        usual = self._make_evening("1")
        run = self._plan()
        line = self._get_line(run, urgent)
        self.assertEqual((line.kind, line.technician_ids), ("new", self.crew[1]))
        self.assertGreaterEqual(line.start, self._at(18))
        self.assertIn("standby", line.why)
        self.assertEqual(self._get_line(run, usual).kind, "left_out")
        run.with_user(self.dispatcher).action_apply()
        self.assertEqual(urgent.state, "scheduled", line.error)
        # Planned anew, the visit of the evening stays where it is
        again = self._plan()
        self.assertFalse(self._get_line(again, urgent))

    def test_a_closed_point_is_asked_for_urgent_orders_when_somebody_is_on_call(self):
        other = self._make_point("Other", resource_calendar_id=False, satisfaction=0.1)
        self.env["service.point.closure"].create(
            [
                {"point_id": point.id, "name": "Away", "date_from": MONDAY.date()}
                for point in (self.point, other)
            ]
        )
        orders = {
            name: self._make_order(asset_id=False, description=name, priority=priority)
            for name, priority in (("usual", "1"), ("urgent", "3"))
        }
        standby = self._stand_by(self.technician, MONDAY, 12)
        decision = orders["urgent"]._rank_candidates()[orders["urgent"].id]
        self.assertEqual(decision.day, MONDAY.date())
        self.assertEqual(decision.best.candidate.key, self.point.id)
        codes = [reason.code for reason in decision.best.reasons]
        self.assertEqual(codes[0], "standby")
        self.assertEqual(decision.find(other.id).reasons[0].code, "closed")
        usual = orders["usual"]._rank_candidates()[orders["usual"].id]
        self.assertEqual(usual.day, TUESDAY)
        # Whoever is on call answers at once, the point need not open first
        self.point.resource_calendar_id.attendance_ids.filtered(
            lambda hours: hours.dayofweek == "0"
        ).unlink()
        orders["urgent"]._dispatch()
        hours = self.company.service_offer_urgent_hours
        self.assertEqual(
            orders["urgent"].offer_ids.expires_at, MONDAY + timedelta(hours=hours)
        )
        standby.unlink()
        late = self._make_order(asset_id=False, description="late", priority="3")
        self.assertEqual(late._rank_candidates()[late.id].day, TUESDAY)
        late._dispatch()
        self.assertGreater(late.offer_ids.expires_at, self._at(0))

    def test_within_working_hours_nobody_is_called_out(self):
        self._stand_by(self.crew[1], self._at(17), 8)
        urgent = self._make_waiting(2, priority="3")
        line = self._get_line(self._plan(), urgent)
        self.assertLess(line.start, self._at(17))
        self.assertNotIn("standby", line.why)

    def test_nobody_on_leave_is_called_out(self):
        self._stand_by(self.crew[1], self._at(17), 8)
        self.crew[1]._add_leave(self._at(16), self._at(23), "ill")
        urgent = self._make_evening("3")
        self.assertEqual(self._get_line(self._plan(), urgent).kind, "left_out")

    def test_a_time_on_standby_is_found_for_an_urgent_order_now(self):
        self._stand_by(self.crew[1], self._at(17), 8)
        for priority, expected in (("3", True), ("1", False)):
            slots = self._make_evening(priority)._find_slots(days=2)
            self.assertEqual(bool(slots), expected)
        slot = self._make_evening("3")._find_slots(days=2)[0]
        self.assertEqual(slot["technician_id"], self.crew[1].id)
        self.assertIn("standby", [reason["code"] for reason in slot["reasons"]])

    def test_a_closed_day_leaves_the_orders_out_and_says_so(self):
        order = self._make_waiting(2)
        planned = self._make_waiting(3)
        self._book(planned, self.crew[0], self._at(9))
        parent = self._make_point("Branch", kind="branch", coverage=False)
        self.point.parent_id = parent
        closure = self.env["service.point.closure"].create(
            {"name": "Stocktaking", "point_id": parent.id, "date_from": TUESDAY}
        )
        run = self._plan()
        for waiting in (order, planned):
            line = self._get_line(run, waiting)
            self.assertEqual(line.kind, "left_out")
            self.assertIn("closed", line.why)
        self.assertNotIn(
            TUESDAY, {slot["start"].date() for slot in order._find_slots()}
        )
        closure.unlink()
        self.assertEqual(self._get_line(self._plan(), order).kind, "new")

    def test_on_a_closed_day_urgent_orders_are_for_who_is_on_call(self):
        self.env["service.point.closure"].create(
            {"name": "Moving", "point_id": self.point.id, "date_from": TUESDAY}
        )
        self._stand_by(self.crew[2], self._at(6), 12)
        urgent, usual = self._make_waiting(2, priority="3"), self._make_waiting(3)
        run = self._plan()
        self.assertEqual(self._get_line(run, urgent).technician_ids, self.crew[2])
        self.assertIn("closed", self._get_line(run, usual).why)


@tagged("post_install", "-at_install")
@freeze_time(MONDAY)
class TestPlanningApply(PlanningCommon):
    """A plan of hundreds of changes is applied by the job."""

    def test_many_changes_are_made_in_the_background(self):
        orders = self.env["service.order"]
        for n in range(6):
            orders += self._make_waiting(north=2.0 * n)
        run = self._plan()
        with patch.object(service_planning_run_line, "APPLY_AT_ONCE", 4):
            answer = run.with_user(self.dispatcher).action_apply()
            self.assertEqual(answer["tag"], "display_notification")
            self.assertEqual(run.state, "applying")
            self.assertEqual(set(run.line_ids.mapped("state")), {"accepted"})
            self.assertFalse(orders.visit_ids)
            self.env.flush_all()
            with self.enter_registry_test_mode(), self.registry.cursor() as cr:
                self.env(cr=cr)["service.planning.run"]._cron_compute()
        self.env.invalidate_all()
        self.assertEqual((run.state, run.applied_count), ("applied", 6))
        self.assertEqual(set(orders.mapped("state")), {"scheduled"})
        events = orders.event_ids.filtered(lambda event: event.kind == "scheduled")
        self.assertEqual(events.user_id, self.dispatcher)

    def test_the_job_has_the_rights_of_who_accepted_and_no_more(self):
        orders = self._make_waiting(2) + self._make_waiting(3)
        run = self._plan()
        with patch.object(service_planning_run_line, "APPLY_AT_ONCE", 1):
            run.with_user(self.dispatcher).action_apply()
            self.dispatcher.group_ids = self.env.ref("base.group_user")
            self.env.flush_all()
            with self.enter_registry_test_mode(), self.registry.cursor() as cr:
                self.env(cr=cr)["service.planning.run"]._cron_compute()
        self.env.invalidate_all()
        self.assertFalse(orders.visit_ids)
        self.assertEqual(set(run.line_ids.mapped("state")), {"failed"})
