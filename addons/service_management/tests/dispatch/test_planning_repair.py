from datetime import timedelta

from freezegun import freeze_time

from odoo.tests import tagged

from odoo.addons.service_management.tests.common import MONDAY

from .planning_common import PlanningCommon


@tagged("post_install", "-at_install")
@freeze_time(MONDAY + timedelta(hours=23))
class TestPlanningRepair(PlanningCommon):
    """What happens on the running day proposes a repair of its plan."""

    def _get_repairs(self):
        return self.runs.search(
            [("mode", "=", "repair"), ("point_ids", "=", self.point.id)]
        )

    def _compute(self):
        self.env.flush_all()
        with self.enter_registry_test_mode(), self.registry.cursor() as cr:
            self.env(cr=cr)["service.planning.run"]._cron_compute()
        self.env.invalidate_all()
        run = self._get_repairs()
        self.assertFalse(run.error)
        return run

    def test_an_urgent_order_is_inserted_for_a_person_to_accept(self):
        self._book(self._make_waiting(2), self.crew[0], self._at(9))
        urgent = self._make_waiting(4, priority="3")
        run = self._get_repairs()
        self.assertEqual((run.state, run.order_ids), ("queued", urgent))
        self.assertIn(urgent.name, run.reason)
        run = self._compute()
        line = self._get_line(run, urgent)
        self.assertEqual(line.kind, "new")
        self.assertFalse(urgent.visit_ids)
        self.assertTrue(run.activity_ids)
        run.with_user(self.dispatcher).action_apply()
        self.assertEqual(urgent.state, "scheduled")

    def test_an_order_that_is_not_urgent_asks_for_nothing(self):
        self._make_waiting(4)
        self.assertFalse(self._get_repairs())

    def test_visits_of_who_is_away_are_given_to_others(self):
        orders = self._make_waiting(2), self._make_waiting(3)
        for hour, order in zip((10, 14), orders, strict=True):
            self._book(order, self.crew[0], self._at(hour))
        self.crew[0]._add_leave(self._at(8), self._at(17), "ill")
        run = self._compute()
        self.assertIn(self.crew[0].name, run.reason)
        for order in orders:
            line = self._get_line(run, order)
            self.assertEqual(line.kind, "move", line.why)
            self.assertNotIn(self.crew[0], line.technician_ids)

    def test_a_cancelled_visit_of_today_asks_once_and_one_of_tomorrow_does_not(self):
        first, second = self._make_waiting(2), self._make_waiting(3)
        visits = self._book(first, self.crew[0], self._at(10))
        visits += self._book(second, self.crew[0], self._at(14))
        later = self._book(
            self._make_waiting(4), self.crew[0], self._at(10) + timedelta(days=1)
        )
        later.action_cancel()
        self.assertFalse(self._get_repairs())
        for visit in visits:
            visit.action_cancel()
        self.assertEqual(len(self._get_repairs()), 1)
        for order in (first, second):
            self.assertIn(order.name, self._get_repairs().reason)

    def test_a_visit_that_takes_too_long_asks_once(self):
        slow, next_one = self._make_waiting(2), self._make_waiting(3)
        visit = self._book(slow, self.crew[0], self._at(8))
        self._book(next_one, self.crew[0], self._at(9, 30))
        with freeze_time(self._at(8)):
            visit.action_on_site()
        with freeze_time(self._at(9, 15)):  # a quarter is not yet too long
            self._compute()
            self.assertFalse(self._get_repairs())
        with freeze_time(self._at(9, 25)):
            run = self._compute()
            self.assertIn(slow.name, run.reason)
            self.assertTrue(visit.is_overrun)
            self.assertEqual(visit.planned_start, self._at(8))
        with freeze_time(self._at(9, 40)):
            before = run.write_date
            self._compute()
            self.assertEqual(len(self._get_repairs()), 1)
            self.assertEqual(self._get_repairs().write_date, before)

    def test_a_company_may_want_none_or_have_them_applied(self):
        self.company.service_repair_propose = False
        self._make_waiting(4, priority="3")
        self.assertFalse(self._get_repairs())
        self.company.write(
            {"service_repair_propose": True, "service_repair_apply": True}
        )
        urgent = self._make_waiting(5, priority="3")
        self._compute()
        self.assertEqual(urgent.state, "scheduled")
