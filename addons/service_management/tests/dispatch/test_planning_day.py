from datetime import timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.service_management.engine import routing_check
from odoo.addons.service_management.models.dispatch import service_planning_compute
from odoo.addons.service_management.models.dispatch.planning_facts import PlanningFacts
from odoo.addons.service_management.tests.access_matrix import check_matrix
from odoo.addons.service_management.tests.common import MONDAY

from .planning_common import TUESDAY, PlanningCommon


@tagged("post_install", "-at_install")
@freeze_time(MONDAY)
class TestPlanningDay(PlanningCommon):
    def test_waiting_orders_are_planned_and_applied(self):
        orders = self.env["service.order"]
        for n in range(6):
            orders += self._make_waiting(north=2.0 * n)
        run = self._plan()
        self.assertEqual(run.state, "proposed", run.error)
        self.assertEqual(run.line_ids.order_id, orders)
        self.assertEqual(set(run.line_ids.mapped("kind")), {"new"})
        self.assertEqual((run.unserved_before, run.unserved_after), (6, 0))
        self.assertGreater(run.cpu_used, 0)
        self.assertTrue(all(run.line_ids.mapped("why")))
        self.assertFalse(orders.visit_ids)
        run.with_user(self.dispatcher).action_apply()
        self.assertEqual(run.state, "applied")
        self.assertEqual(set(orders.mapped("state")), {"scheduled"})
        for line in run.line_ids:
            visit = line.visit_id
            self.assertEqual(line.state, "applied", line.error)
            self.assertEqual(visit.planned_start, line.start)
            self.assertEqual(visit.crew_ids.technician_id, line.technician_ids)
            self.assertEqual(visit.travel_minutes, line.travel_minutes)

    def test_applied_plans_pass_the_independent_check(self):
        """What the database holds after a plan is a right plan of the day's facts."""
        for n in range(8):
            self._make_waiting(north=3.0 * n, east=-2.0 * n)
        self._plan().action_apply()
        facts = PlanningFacts(self.point, TUESDAY)
        problem, __ = facts.make_problem(self.runs.new()._get_weights())
        plan = facts.make_start(problem)
        self.assertEqual(len(plan.left_out), 0)
        jobs = {job.key: job for job in problem.jobs}
        for key, stops in plan.routes.items():
            resource = next(r for r in problem.resources if r.key == key)
            place, clock = resource.start_place, resource.shift[0]
            for stop in stops:
                way = problem.minutes[place][jobs[stop.job].place]
                self.assertGreaterEqual(stop.start, clock + way)
                place, clock = jobs[stop.job].place, stop.end
            home = clock + problem.minutes[place][resource.end_place]
            self.assertLessEqual(home, resource.shift[1])

    def test_a_broken_plan_is_never_proposed(self):
        self._make_waiting()
        with (
            patch.object(routing_check, "check", lambda *args: [("shift", 1, 2, 3)]),
            self.assertLogs(service_planning_compute.__name__, "ERROR"),
        ):
            run = self._plan(error=True)
        self.assertEqual(run.state, "failed")
        self.assertIn("shift", run.error)
        self.assertFalse(run.line_ids)

    def test_L8_leaves_and_holidays_are_kept_free(self):
        leaves = self.env["resource.calendar.leaves"]
        leaves.create(
            {
                "name": "Sick",
                "resource_id": self.technician.resource_id.id,
                "date_from": self._at(0),
                "date_to": self._at(23, 59),
            }
        )
        # An unrelated employee's leave blocks nobody
        stranger = self.env["resource.resource"].create({"name": "Stranger"})
        leaves.create(
            {
                "name": "Elsewhere",
                "resource_id": stranger.id,
                "date_from": self._at(0),
                "date_to": self._at(23, 59),
            }
        )
        for n in range(4):
            self._make_waiting(north=n)
        run = self._plan()
        self.assertEqual(len(run.line_ids), 4)
        self.assertNotIn(self.technician, run.line_ids.technician_ids)
        self.assertTrue(run.line_ids.technician_ids)
        leaves.create(
            {
                "name": "Holiday",
                "calendar_id": self.calendar.id,
                "date_from": self._at(0),
                "date_to": self._at(23, 59),
            }
        )
        run = self._plan()
        self.assertEqual(set(run.line_ids.mapped("kind")), {"left_out"})

    def test_L8_breaks_and_bookings_are_not_planned_over(self):
        busy = self._make_waiting()
        visit = self._book(busy, self.technician, self._at(9), hours=2)
        visit.with_user(self.dispatcher).action_lock()
        for n in range(12):
            self._make_waiting(north=n)
        run = self._plan()
        for line in run.line_ids.filtered(lambda line: line.kind == "new"):
            self.assertFalse(line.start < self._at(13) and line.end > self._at(12))
            self.assertGreaterEqual(line.start, self._at(8))
            self.assertLessEqual(line.end, self._at(17))
            if self.technician in line.technician_ids:
                self.assertFalse(line.start < self._at(11) and line.end > self._at(9))
        self.assertFalse(self._get_line(run, busy))

    def test_L9_level_and_validity_decide_on_the_day(self):
        skill_type = self.env.ref("service_management.skill_type_service")
        skill_type = self.env["hr.skill.type"].create(
            {
                "name": "Gas",
                "skill_ids": [Command.create({"name": "Boilers"})],
                "skill_level_ids": [
                    Command.create({"name": "Low", "level_progress": 20}),
                    Command.create({"name": "High", "level_progress": 80}),
                ],
            }
        )
        low, high = skill_type.skill_level_ids.sorted("level_progress")
        self.env["service.skill.requirement"].create(
            {
                "type_id": self.type_repair.id,
                "skill_id": skill_type.skill_ids.id,
                "level_id": high.id,
            }
        )
        first, second, third = self.crew
        for technician, level, until in (
            (first, low, False),
            (second, high, TUESDAY - timedelta(days=1)),
            (third, high, TUESDAY),
        ):
            self.env["service.technician.skill"].create(
                {
                    "technician_id": technician.id,
                    "skill_type_id": skill_type.id,
                    "skill_id": skill_type.skill_ids.id,
                    "skill_level_id": level.id,
                    "valid_from": TUESDAY - timedelta(days=30),
                    "valid_to": until,
                }
            )
        orders = self._make_waiting() + self._make_waiting(north=3)
        run = self._plan()
        self.assertEqual(run.line_ids.technician_ids, third)
        self.assertEqual(run.line_ids.order_id, orders)
        run = self._plan(day=TUESDAY + timedelta(days=1))
        self.assertEqual(
            [line.reasons[0]["code"] for line in run.line_ids], ["skill", "skill"]
        )
        # What a point says of its own people and nobody has verified is no skill
        third.skill_ids.verification = "claimed"
        run = self._plan()
        self.assertEqual(
            [line.reasons[0]["code"] for line in run.line_ids], ["skill", "skill"]
        )
        self.assertFalse(
            orders[0]._find_slots(date_from=self._at(6), days=1),
        )

    def test_tools_and_crew_and_order_of_jobs(self):
        tool = self.env["service.tool"].create({"name": "Lift", "code": "LIFT"})
        first, second, __ = self.crew
        (first + second).tool_ids = tool
        self.type_repair.write({"tool_ids": [Command.set(tool.ids)], "crew_size": 2})
        deliver, install = self._make_waiting(north=1), self._make_waiting(north=1)
        install.after_order_ids = deliver
        run = self._plan()
        lines = [self._get_line(run, order) for order in (deliver, install)]
        self.assertLessEqual(lines[0].end, lines[1].start)
        for line in lines:
            self.assertEqual(len(line.technician_ids), 2)

    def test_parts_in_the_van_or_at_the_point(self):
        first, second, third = self.crew
        first.vehicle = "A"
        self.env["stock.quant"]._update_available_quantity(
            self.part, first.vehicle_location_id, 1
        )
        order = self._make_waiting(north=5)
        need = self.env["service.part.need"].create(
            {"order_id": order.id, "product_id": self.part.id}
        )
        run = self._plan()
        self.assertEqual(self._get_line(run, order).technician_ids, first)
        need.quantity = 2
        line = self._get_line(self._plan(), order)
        self.assertEqual(line.kind, "left_out")
        self.assertEqual(line.reasons[0]["code"], "part")
        self._stock(self.part, 3)
        line = self._get_line(self._plan(), order)
        self.assertEqual(line.kind, "new")
        self.assertIn("depot", [reason["code"] for reason in line.reasons])

    def test_tools_at_the_point_are_fetched(self):
        tool = self.env["service.tool"].create({"name": "Lift", "code": "LIFT"})
        self.type_repair.tool_ids = tool
        order = self._make_waiting(north=5)
        self.assertEqual(order.state, "new", "nobody has the tool")
        self.point.tool_ids = tool
        order._dispatch()
        order.offer_ids.action_accept()
        line = self._get_line(self._plan(), order)
        self.assertIn("depot", [reason["code"] for reason in line.reasons])
        # There and back through the point
        self.assertGreater(line.start, self._at(8, 10))
        slot = order._find_slots(count=1, date_from=self._at(6))[0]
        self.assertIn("depot", [reason["code"] for reason in slot["reasons"]])
        self.crew[1].tool_ids = tool
        line = self._get_line(self._plan(), order)
        self.assertEqual(line.technician_ids, self.crew[1])
        visit = self._book(order, self.crew[0], self._at(10))
        self.assertEqual(visit.state, "planned")

    def test_a_designated_technician_is_sent_first(self):
        for technician in self.crew:
            order = self._make_waiting(north=4)
            technician.designated_partner_ids = order.partner_id
            run = self._plan()
            line = self._get_line(run, order)
            self.assertEqual(line.technician_ids, technician)
            self.assertIn("designated", [reason["code"] for reason in line.reasons])
            order.action_cancel()

    def test_who_speaks_the_language_is_sent_where_it_costs_little(self):
        speaker = self.crew[2]
        speaker.lang_ids = self.env.ref("base.lang_en")
        order = self._make_waiting(north=5)
        order.partner_id.lang = "en_US"
        line = self._get_line(self._plan(), order)
        self.assertEqual(line.technician_ids, speaker)
        self.assertIn("language", [reason["code"] for reason in line.reasons])

    def test_opening_hours_of_the_site(self):
        order = self._make_waiting(north=1)
        order.site_id.service_calendar_id = self.env["resource.calendar"].create(
            {
                "name": "Shop",
                "tz": "UTC",
                "attendance_ids": [
                    Command.clear(),
                    Command.create(
                        {
                            "name": "Late",
                            "dayofweek": "1",
                            "hour_from": 15,
                            "hour_to": 16.5,
                            "day_period": "afternoon",
                        }
                    ),
                ],
            }
        )
        line = self._get_line(self._plan(), order)
        self.assertGreaterEqual(line.start, self._at(15))
        self.assertLessEqual(line.end, self._at(16, 30))

    def test_what_cannot_be_is_left_out_with_words(self):
        nowhere = self._make_waiting()
        nowhere.site_id.write({"partner_latitude": 0, "partner_longitude": 0})
        far = self._make_waiting(north=900)
        run = self._plan()
        self.assertEqual(
            [self._get_line(run, order).reasons[0]["code"] for order in (nowhere, far)],
            ["position", "shift"],
        )
        self.assertIn("where the site is", self._get_line(run, nowhere).why)
        self.assertEqual(run.unserved_after, 2)

    def test_the_area_stands_for_a_site_without_a_place(self):
        order = self._make_waiting()
        order.site_id.write({"partner_latitude": 0, "partner_longitude": 0})
        self.area.write({"latitude": 31.3, "longitude": 121.5})
        self.assertEqual(self._get_line(self._plan(), order).kind, "new")

    def test_rows_are_accepted_one_by_one(self):
        orders = self._make_waiting(north=1) + self._make_waiting(north=2)
        run = self._plan()
        first, second = run.line_ids
        first.with_user(self.dispatcher).action_apply()
        self.assertEqual((first.state, second.state), ("applied", "proposed"))
        self.assertEqual(run.state, "proposed")
        second.with_user(self.dispatcher).action_dismiss()
        self.assertEqual(run.state, "applied")
        self.assertEqual(sorted(orders.mapped("state")), ["accepted", "scheduled"])

    def test_a_row_that_became_impossible_fails_alone(self):
        first, second = self._make_waiting(north=1), self._make_waiting(north=2)
        run = self._plan()
        line, other = self._get_line(run, first), self._get_line(run, second)
        stranger = self._make_waiting(north=3)
        self._book(stranger, line.technician_ids, line.start)
        self.env.invalidate_all()
        self.assertIn("another visit", line.stale_reason)
        self.assertEqual(run.stale_count, 1)
        run.with_user(self.dispatcher).action_apply()
        self.assertEqual((line.state, other.state), ("failed", "applied"))
        self.assertEqual(run.failed_count, 1)
        self.assertIn("another visit", line.error)
        self.assertEqual(first.state, "accepted")

    def test_the_database_refuses_what_the_preview_did_not_see(self):
        order = self._make_waiting(north=1)
        run = self._plan()
        line = run.line_ids
        self._book(self._make_waiting(north=3), line.technician_ids, line.start)
        with patch.object(type(line), "_get_stale_reason", lambda *args: False):
            self.env.invalidate_all()
            line.action_apply()
        self.assertEqual(line.state, "failed")
        self.assertIn("already has a visit", line.error)
        self.assertEqual(order.state, "accepted")

    def test_visits_may_swap_places(self):
        first, second = self._make_waiting(north=1), self._make_waiting(north=2)
        tech_1, tech_2, __ = self.crew
        one = self._book(first, tech_1, self._at(9))
        two = self._book(second, tech_2, self._at(9))
        run = self.runs.create({"day": TUESDAY, "state": "proposed"})
        self.env["service.planning.run.line"].create(
            [
                {
                    "run_id": run.id,
                    "order_id": visit.order_id.id,
                    "visit_id": visit.id,
                    "point_id": self.point.id,
                    "kind": "move",
                    "now_technician_ids": [Command.set(now.ids)],
                    "now_start": visit.planned_start,
                    "technician_ids": [Command.set(then.ids)],
                    "technician_id": then.id,
                    "start": visit.planned_start,
                    "end": visit.planned_end,
                }
                for visit, now, then in ((one, tech_1, tech_2), (two, tech_2, tech_1))
            ]
        )
        run.with_user(self.dispatcher).action_apply()
        self.assertEqual(set(run.line_ids.mapped("state")), {"applied"})
        self.assertEqual(one.crew_ids.technician_id, tech_2)
        self.assertEqual(two.crew_ids.technician_id, tech_1)

    def test_many_visits_are_planned_by_territory(self):
        for n in range(10):
            self._make_waiting(north=4.0 * (n % 2), east=1.0 * n)
        with patch.object(service_planning_compute, "TERRITORY_SIZE", 5):
            run = self._plan()
        self.assertEqual(run.state, "proposed", run.error)
        self.assertEqual(len(run.line_ids), 10)
        self.assertEqual(set(run.line_ids.mapped("kind")), {"new"})
        run.action_apply()
        self.assertEqual(set(run.line_ids.mapped("state")), {"applied"})

    def test_the_same_seed_begins_the_same_search(self):
        for n in range(3):
            self._make_waiting(north=n)
        plans = [self._plan(seed=7) for __ in range(2)]
        self.assertEqual(plans[0].travel_after, plans[1].travel_after)
        self.assertEqual(plans[0].seed, 7)

    def test_facts_take_the_same_queries_for_more_orders(self):
        def count():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            facts = PlanningFacts(self.point, TUESDAY)
            facts.make_problem(self.runs.new()._get_weights())
            return self.env.cr.sql_log_count - before

        for n in range(4):
            self._make_waiting(north=n)
        few = count()
        for n in range(12):
            self._make_waiting(north=n)
        for n in range(6):
            self._make_technician(f"More {n}", resource_calendar_id=self.calendar.id)
        self.assertLessEqual(count(), few)

    def test_who_may_plan(self):
        self._make_waiting()
        run = self._plan()
        check_matrix(
            self,
            {"run": run, "line": run.line_ids},
            {
                self.dispatcher: {"run": "rwcd", "line": "r"},
                self.manager: {"run": "rwcd", "line": "r"},
                self.agent: {},
                self.quality: {},
                self.technician_user: {},
                self.point_manager: {},
                self.portal_point: {},
                self.portal_customer: {},
            },
        )
        for user in (self.agent, self.technician_user, self.point_manager):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                run.with_user(user).action_apply()
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                run.line_ids.with_user(user).action_apply()

    def test_what_a_plan_is_for_stays(self):
        self._make_waiting()
        run = self._plan()
        with self.assertRaises(UserError):
            run.with_user(self.dispatcher).day = TUESDAY + timedelta(days=1)
        with self.assertRaises(UserError):
            self.runs.create({"mode": "repair", "day": TUESDAY}).action_compute()

    def test_a_locked_visit_is_not_moved(self):
        visit = self._book(self._make_waiting(), self.technician, self._at(9))
        visit.action_lock()
        with self.assertRaises(UserError):
            visit._replan(self.technician, self._at(10), self._at(11))
        self.assertEqual(visit.planned_start, self._at(9))

    def test_deadlines_count(self):
        order = self._make_waiting(north=1)
        order.date_due = fields.Datetime.to_string(self._at(10))
        line = self._get_line(self._plan(), order)
        self.assertLessEqual(line.start, self._at(10))
        self.assertIn("in_time", [reason["code"] for reason in line.reasons])
