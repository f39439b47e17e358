from datetime import timedelta

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from odoo.addons.service_management.tests.common import MONDAY

from .planning_common import TUESDAY, PlanningCommon

# Technicians live so far from the service point: about an hour and a half on the road
FAR = 60.0


class StandbyCommon(PlanningCommon):
    """Requests near the service point that cannot wait, technicians who live far away;
    it is Tuesday at eight."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.write({"service_repair_propose": False, "service_standby_weeks": 1})
        cls._live(cls.crew)

    @classmethod
    def _live(cls, technicians, north=FAR):
        technicians.base_partner_id = cls._make_site(north)

    @classmethod
    def _remember(cls, count=4, hour=10, minutes=45, **vals):
        """Requests of the last five working days."""
        orders = cls.env["service.order"]
        for number in range(count):
            came = cls._at(hour) - timedelta(days=(1, 4, 5, 6, 7)[number % 5])
            order = cls._make_order(
                partner_id=cls._make_site(1.0 + number % 3).id,
                asset_id=False,
                priority="2",
                **vals,
            )
            order.point_id = cls.point
            order.date_request = came
            order.date_due = came + timedelta(minutes=minutes)
            orders += order
        return orders

    def _propose(self, **vals):
        return self._plan(mode="standby", day=TUESDAY, **vals)


@tagged("post_install", "-at_install")
@freeze_time(MONDAY + timedelta(hours=24))
class TestStandbyPlan(StandbyCommon):
    """Who should wait at the service point is proposed, accepted, and counts."""

    def test_one_is_proposed_to_wait_where_requests_come_that_nobody_reaches(self):
        orders = self._remember(16)
        run = self._propose()
        self.assertEqual(run.state, "proposed", run.note)
        self.assertEqual(run.history_count, len(orders))
        self.assertEqual(run.expected_requests, len(orders) / run.history_days)
        line = run.line_ids
        self.assertEqual(len(line), 1)
        self.assertEqual((line.kind, line.point_id), ("standby", self.point))
        self.assertIn(line.technician_id, self.crew)
        # There before the first one comes, an hour and a half after leaving at ten past
        self.assertTrue(self._at(9, 15) < line.start < self._at(10), line.start)
        self.assertGreater(line.end, self._at(10))
        self.assertIn("100 / 100", line.why)
        self.assertIn("minutes of work", line.why)
        self.assertEqual(run.unanswered_before, run.expected_requests)
        self.assertEqual(run.unanswered_after, 0)
        self.assertFalse(self.technician.standby_ids)

    def test_accepted_it_is_a_standby_at_the_point(self):
        self._remember(16)
        run = self._propose()
        line = run.line_ids
        run.with_user(self.dispatcher).action_apply()
        self.assertEqual((line.state, run.state), ("applied", "applied"), line.error)
        self.assertRecordValues(
            line.standby_id,
            [
                {
                    "technician_id": line.technician_id.id,
                    "place_id": self.point.id,
                    "start": line.start,
                    "end": line.end,
                    "create_uid": self.dispatcher.id,
                }
            ],
        )
        # Looked at anew, what is covered is covered
        again = self._propose()
        self.assertFalse(again.line_ids)
        self.assertEqual(again.unanswered_before, 0)
        line.with_user(self.dispatcher).action_call_off()
        self.assertFalse(line.standby_id.exists())
        self.assertEqual(line.state, "dismissed")
        with self.assertRaises(UserError):
            line.with_user(self.dispatcher).action_call_off()

    def test_what_has_begun_ends_now_when_it_is_called_off(self):
        self._remember(16)
        run = self._propose()
        run.with_user(self.dispatcher).action_apply()
        standby = run.line_ids.standby_id
        with freeze_time(standby.start + timedelta(minutes=5)):
            run.line_ids.with_user(self.dispatcher).action_call_off()
            self.assertEqual(standby.end, standby.start + timedelta(minutes=5))

    def test_dismissed_nothing_comes_of_it(self):
        self._remember(16)
        run = self._propose()
        run.line_ids.with_user(self.dispatcher).action_dismiss()
        self.assertEqual((run.state, run.line_ids.state), ("applied", "dismissed"))
        self.assertFalse(self.crew.standby_ids)

    def test_nobody_where_somebody_could_answer_as_he_is(self):
        self._remember(16)
        self._live(self.crew[2], 0.0)
        run = self._propose()
        self.assertFalse(run.line_ids)
        self.assertEqual((run.unanswered_before, run.state), (0, "applied"))

    def test_nobody_where_it_is_not_worth_the_work(self):
        self._remember(2)
        self.company.service_standby_worth = 30
        run = self._propose()
        self.assertFalse(run.line_ids)
        self.assertGreater(run.unanswered_before, 0)

    def test_nobody_who_lacks_what_is_asked_for(self):
        self._remember(16)
        tool = self.env["service.tool"].create({"name": "Crane", "code": "crane"})
        self.type_repair.tool_ids = tool
        run = self._propose()
        self.assertFalse(run.line_ids)
        self.point.tool_ids = tool  # fetched where one waits
        self.assertTrue(self._propose().line_ids)

    def test_without_a_history_it_says_so(self):
        for vals in ({}, {"minutes": 48 * 60}):
            if vals:  # nobody has to be there on the same day
                self._remember(16, **vals)
            run = self._propose()
            self.assertFalse(run.line_ids)
            self.assertIn(f"{self.point.name}: no requests", run.note)
            self.assertIn("5 days", run.note)
        self._remember(16, hour=7)
        self.assertIn("nothing came in after this hour", self._propose().note)

    def test_urgent_orders_count_whenever_they_are_due(self):
        orders = self._remember(16, minutes=48 * 60)
        orders[:3].priority = "3"
        orders[3:5].priority = "3"
        orders[3:5].date_due = False
        self.assertEqual(self._propose().history_count, 5)

    def test_only_days_of_the_same_kind_are_looked_at(self):
        orders = self._remember(16)
        for order in orders:
            # On Saturdays nobody works
            days = 5 - order.date_request.weekday()
            order.date_request += timedelta(days=days)
            order.date_due += timedelta(days=days)
        self.assertIn("Without a history", self._propose().note)

    def test_who_has_visits_leaves_in_time_for_them(self):
        self._remember(16)
        (self.crew - self.crew[0]).active = False
        visit = self._book(self._make_waiting(2), self.crew[0], self._at(13))
        line = self._propose().line_ids
        self.assertEqual(line.technician_id, self.crew[0])
        visit._replan(self.crew[0], self._at(13), self._at(16, 30))
        self._book(self._make_waiting(2), self.crew[0], self._at(9, 50), hours=2)
        self.assertFalse(self._propose().line_ids)

    def test_nobody_on_leave_and_nobody_after_the_shift(self):
        self._remember(16)
        self.crew._add_leave(self._at(8), self._at(17), "ill")
        run = self._propose()
        self.assertFalse(run.line_ids)
        self.assertIn("nobody works", run.note)

    def test_what_has_changed_meanwhile_is_told(self):
        self._remember(16)
        lines = [self._propose().line_ids for __ in range(3)]
        technician = lines[0].technician_id
        for line in lines:
            self.assertEqual(line.technician_id, technician)
            self.assertFalse(line.stale_reason)
        lines[0].with_user(self.dispatcher).action_apply()
        self.env.invalidate_all()
        self.assertIn("on standby", lines[1].stale_reason)
        lines[1].with_user(self.dispatcher).action_apply()
        self.assertEqual(lines[1].state, "failed")
        lines[0].with_user(self.dispatcher).action_call_off()
        technician._add_leave(self._at(9), self._at(12), "ill")
        self.env.invalidate_all()
        self.assertIn("away", lines[2].stale_reason)
        with freeze_time(self._at(16, 30)):
            self.env.invalidate_all()
            self.assertIn("over", lines[2].stale_reason)

    def test_only_for_the_running_day_and_only_by_dispatchers(self):
        with self.assertRaises(UserError):
            self._plan(mode="standby", day=TUESDAY + timedelta(days=1))
        self._remember(16)
        run = self._propose()
        for user in (self.agent, self.technician_user, self.point_manager):
            with self.subTest(user.login), self.assertRaises(AccessError):
                run.line_ids.with_user(user).action_apply()
        self.assertFalse(self.crew.standby_ids)

    def test_the_same_seed_proposes_the_same(self):
        self._remember(16)
        first, second = self._propose(seed=5), self._propose(seed=5)
        values = [
            (run.line_ids.technician_id, run.line_ids.start, run.line_ids.reasons)
            for run in (first, second)
        ]
        self.assertEqual(*values)
        self.assertTrue(first.iterations and first.seed == 5)


@tagged("post_install", "-at_install")
@freeze_time(MONDAY + timedelta(hours=24))
class TestStandbyCounts(StandbyCommon):
    """Whoever waits somewhere is planned from there."""

    @classmethod
    def _wait(cls, technician, start, hours=3):
        return cls.env["service.standby"].create(
            {
                "technician_id": technician.id,
                "place_id": cls.point.id,
                "start": start,
                "end": start + timedelta(hours=hours),
            }
        )

    def _repair(self, order):
        run = self._plan(mode="repair", order_ids=order.ids)
        return self._get_line(run, order)

    def test_best_times_start_where_one_waits(self):
        order = self._make_waiting(2)
        best = order._find_slots(count=1, days=1)[0]
        self.assertGreaterEqual(best["start"], self._at(9))
        self._wait(self.crew[1], self._at(8))
        best = order._find_slots(count=1, days=1)[0]
        self.assertEqual(best["technician_id"], self.crew[1].id)
        self.assertLess(best["start"], self._at(8, 30))
        self.assertIn("ready", [reason["code"] for reason in best["reasons"]])

    def test_one_who_is_to_wait_is_there_in_time_but_for_urgent_orders(self):
        (self.crew - self.crew[1]).active = False
        self._live(self.crew[1], 0.0)
        self._wait(self.crew[1], self._at(9))
        usual, urgent = self._make_waiting(5), self._make_waiting(5, priority="3")
        first = usual._find_slots(count=1, days=1)[0]
        self.assertGreaterEqual(first["start"], self._at(9))
        first = urgent._find_slots(count=1, days=1)[0]
        self.assertLess(first["start"], self._at(9))

    def test_a_repair_sends_who_waits(self):
        urgent = self._make_waiting(2, priority="3", date_due=self._at(8, 30))
        self.assertGreaterEqual(self._repair(urgent).start, self._at(9))
        self._wait(self.crew[1], self._at(8))
        line = self._repair(urgent)
        self.assertEqual(line.technician_ids, self.crew[1])
        self.assertLessEqual(line.start, self._at(8, 30))

    def test_a_repair_sends_who_waits_after_a_visit(self):
        self.type_repair.duration = 0.5
        done = self._book(self._make_waiting(FAR - 1), self.crew[1], self._at(8))
        with freeze_time(self._at(8)):
            done.action_on_site()
        with freeze_time(self._at(9)):
            done.action_done({"outcome": "fixed"})
        urgent = self._make_waiting(2, priority="3", date_due=self._at(11))
        with freeze_time(self._at(10, 45)):
            far = self._repair(urgent)
            self.assertGreaterEqual(far.travel_minutes, 60)
            self._wait(self.crew[1], self._at(10, 45))
            line = self._repair(urgent)
            self.assertEqual(line.technician_ids, self.crew[1])
            self.assertLess(line.travel_minutes, 20)
            self.assertLess(line.start, self._at(11, 30))

    def test_who_waits_is_left_alone_where_others_can(self):
        self._live(self.crew[:2], 0.0)
        (self.crew[2]).active = False
        self._wait(self.crew[0], self._at(8), hours=9)
        order = self._make_waiting(2)
        self.assertEqual(self._repair(order).technician_ids, self.crew[1])

    def test_a_standby_at_a_point_is_no_call_outside_hours(self):
        self._wait(self.crew[1], self._at(17), hours=6)
        urgent = self._make_waiting(2, priority="3")
        evening = self._plan(day=TUESDAY, mode="day")
        line = self._get_line(evening, urgent)
        self.assertLess(line.start, self._at(17))
        self.assertNotIn("standby", line.why)


@tagged("post_install", "-at_install")
@freeze_time(MONDAY + timedelta(hours=24))
class TestStandbySeen(StandbyCommon):
    """Who stands by is on the board, on paper and in calendars."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.standbys = cls.env["service.standby"].create(
            [
                {
                    "technician_id": cls.technician.id,
                    "place_id": cls.point.id,
                    "start": cls._at(13),
                    "end": cls._at(15),
                },
                {
                    "technician_id": cls.technician.id,
                    "start": cls._at(18),
                    "end": cls._at(22),
                },
            ]
        )

    def _read_board(self, user, filters=None):
        board = self.env["service.dispatch.board"].with_user(user)
        return board.get_board(TUESDAY.isoformat(), 1, filters)["standbys"]

    def test_the_board_shows_it_to_those_who_may_see_it(self):
        other = self._make_technician("Other", point=self._make_point("Other"))
        self.standbys.copy({"technician_id": other.id, "place_id": False})
        rows = self._read_board(self.dispatcher)
        self.assertEqual(len(rows), 4)
        mine = [row for row in rows if row[0] == self.technician.id]
        self.assertEqual([row[3] for row in mine], [self.point.name, ""])
        self.assertEqual(mine[0][2] - mine[0][1], 2 * 3600)
        own = self._read_board(self.point_manager)
        self.assertEqual({row[0] for row in own}, {self.technician.id})

    def test_the_printed_day_says_where_to_wait(self):
        texts = self.technician.with_context(
            service_day=TUESDAY, tz="UTC"
        )._get_day_sheet()["standbys"]
        self.assertEqual(
            texts,
            [
                f"13:00 – 15:00 Stands by at {self.point.name}",
                "18:00 – 22:00 On call",
            ],
        )

    def test_a_calendar_has_it_and_leaves_the_time_free(self):
        action = self.technician.with_user(self.dispatcher).action_renew_calendar()
        token = action["context"]["default_url"].rpartition("/")[2][:-4]
        text = self.env["service.technician"]._get_calendar_file(token).decode()
        self.assertIn(f"SUMMARY:Stands by at {self.point.name}", text)
        self.assertIn("SUMMARY:On call", text)
        self.assertEqual(text.count("TRANSP:TRANSPARENT"), 2)


@tagged("post_install", "-at_install", "service_management_budget")
@freeze_time(MONDAY + timedelta(hours=24))
class TestStandbyBudget(StandbyCommon):
    def test_queries_grow_neither_with_history_nor_with_people(self):
        self._remember(16)
        counts = []
        for more in (0, 0, 24):
            if more:
                self._remember(more)
                for number in range(9):
                    technician = self._make_technician(
                        f"More {number}", resource_calendar_id=self.calendar.id
                    )
                    self._live(technician)
            run = self.runs.create(
                {"mode": "standby", "day": TUESDAY, "point_ids": self.point.ids}
            )
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            run._compute_point(self.point)
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
            self.assertTrue(run.line_ids)
        self.assertLessEqual(counts[2], counts[1])
        self.assertLessEqual(counts[1], 60)
