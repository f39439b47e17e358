from datetime import timedelta

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from odoo.addons.service_management.tests.common import MONDAY, ServiceCommon


@tagged("post_install", "-at_install")
@freeze_time(MONDAY - timedelta(days=3))
class TestTechnicianRules(ServiceCommon):
    """L8 and L9 where visits are planned by hand."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls._make_technician("Other")
        cls.order = cls._make_accepted_order()

    def _plan(self, start=MONDAY, hours=1, order=None, crew=None, reason=None):
        return (order or self.order)._plan_visit(
            crew or self.technician, start, start + timedelta(hours=hours), reason
        )

    def _use_calendar(self, technician):
        technician.resource_calendar_id = self.env["resource.calendar"].create(
            {"name": "Office", "tz": "UTC"}
        )
        technician.tz = "UTC"

    def _leave(self, resource, calendar=None, days=1):
        return self.env["resource.calendar.leaves"].create(
            {
                "name": "Away",
                "resource_id": resource.id if resource else False,
                "calendar_id": calendar.id if calendar else False,
                "date_from": MONDAY.replace(hour=0),
                "date_to": MONDAY.replace(hour=0) + timedelta(days=days),
            }
        )

    def test_l8_of_five_overlapping_orders_one_is_planned(self):
        orders = [self.order] + [
            self._make_accepted_order(description=f"Other fault {n}") for n in range(4)
        ]
        planned = 0
        for number, order in enumerate(orders):
            try:
                with mute_logger("odoo.sql_db"):
                    self._plan(MONDAY + timedelta(minutes=10 * number), order=order)
                planned += 1
            except UserError:
                continue
        self.assertEqual(planned, 1)
        crew = self.env["service.visit.crew"].search(
            [("technician_id", "=", self.technician.id)]
        )
        self.assertEqual(len(crew), 1)

    def test_l8_nobody_is_planned_on_a_public_holiday(self):
        self._use_calendar(self.technician)
        self._leave(None, self.technician.resource_calendar_id)
        with self.assertRaisesRegex(UserError, "does not work at this time"):
            self._plan(MONDAY + timedelta(hours=1))
        self._plan(MONDAY + timedelta(days=1, hours=1))

    def test_l8_the_leave_of_somebody_else_blocks_nobody(self):
        self._use_calendar(self.technician)
        employee = self.env["hr.employee"].create({"name": "Unrelated"})
        self._leave(employee.resource_id, employee.resource_calendar_id)
        self._leave(self.other.resource_id)
        self._plan(MONDAY + timedelta(hours=1))

    def test_l8_own_leave_blocks_with_and_without_working_hours(self):
        self._leave(self.technician.resource_id)
        with self.assertRaisesRegex(UserError, "does not work at this time"):
            self._plan(MONDAY + timedelta(hours=1))
        self.assertEqual(
            self.technician._get_work_intervals(
                MONDAY - timedelta(days=1), MONDAY + timedelta(days=2)
            ),
            [
                (MONDAY - timedelta(days=1), MONDAY.replace(hour=0)),
                (
                    MONDAY.replace(hour=0) + timedelta(days=1),
                    MONDAY + timedelta(days=2),
                ),
            ],
        )

    def test_l9_two_technicians_asked_together_are_both_right(self):
        skill = self.env.ref("service_management.skill_laundry")
        levels = [
            self.env.ref(f"service_management.skill_level_{number}")
            for number in (1, 3)
        ]
        requirement = self.env["service.skill.requirement"].create(
            {
                "type_id": self.type_repair.id,
                "skill_id": skill.id,
                "level_id": levels[1].id,
            }
        )
        for technician, level in zip(
            (self.technician, self.other), levels, strict=True
        ):
            self.env["service.technician.skill"].create(
                {
                    "technician_id": technician.id,
                    "skill_type_id": skill.skill_type_id.id,
                    "skill_id": skill.id,
                    "skill_level_id": level.id,
                    "valid_from": "2026-01-01",
                }
            )
        both = self.technician + self.other
        missing = both._get_missing_requirements(requirement, MONDAY.date())
        self.assertEqual(missing[self.technician], requirement)
        self.assertFalse(missing[self.other])
        with self.assertRaisesRegex(UserError, "lacks"):
            self._plan()
        self._plan(crew=self.other)

    def test_l9_a_certificate_that_ended_the_day_before_is_none(self):
        skill = self.env.ref("service_management.certificate_height")
        level = self.env.ref("service_management.skill_level_certified")
        self.env["service.skill.requirement"].create(
            {
                "type_id": self.type_repair.id,
                "skill_id": skill.id,
                "level_id": level.id,
            }
        )
        certificate = self.env["service.technician.skill"].create(
            {
                "technician_id": self.technician.id,
                "skill_type_id": skill.skill_type_id.id,
                "skill_id": skill.id,
                "skill_level_id": level.id,
                "valid_from": "2026-01-01",
                "valid_to": MONDAY.date() - timedelta(days=1),
            }
        )
        with self.assertRaisesRegex(UserError, "lacks"):
            self._plan()
        certificate.valid_to = MONDAY.date()
        # Tuesday morning in Shanghai, still Monday in Greenwich
        calendar = self.env["resource.calendar"].create(
            {"name": "Shanghai", "tz": "Asia/Shanghai"}
        )
        self.env.company.resource_calendar_id = calendar
        with self.assertRaisesRegex(UserError, "lacks"):
            self._plan(MONDAY.replace(hour=23))
        self._plan()

    def test_tools_are_carried_by_one_of_the_crew(self):
        tool = self.env["service.tool"].create({"name": "Gauge", "code": "t-gauge"})
        self.type_repair.tool_ids = tool
        with self.assertRaisesRegex(UserError, "nobody of the crew carries Gauge"):
            self._plan()
        self.other.tool_ids = tool
        self._plan(crew=self.technician + self.other)

    def test_crew_of_two(self):
        self.type_repair.crew_size = 2
        with self.assertRaisesRegex(UserError, "needs a crew of 2"):
            self._plan()
        self._plan(crew=self.technician + self.other)

    def test_hours_a_day_are_those_of_the_technicians_own_day(self):
        self.technician.write({"max_hours_day": 4, "tz": "Asia/Shanghai"})
        self._plan(hours=3)
        second = self._make_accepted_order(description="Second")
        with self.assertRaisesRegex(UserError, "more than 4 hours"):
            self._plan(MONDAY + timedelta(hours=4), hours=2, order=second)
        # 16:00 UTC is midnight in Shanghai: another day
        self._plan(MONDAY.replace(hour=16), hours=2, order=second)

    def test_moving_a_visit_does_not_count_it_twice(self):
        self.technician.max_hours_day = 4
        visit = self._plan(hours=3)
        start = MONDAY + timedelta(hours=1)
        visit.action_reschedule(start, start + timedelta(hours=4))
        with self.assertRaisesRegex(UserError, "more than 4 hours"):
            visit.action_reschedule(start, start + timedelta(hours=5))

    def test_standby_counts_as_working_for_emergencies(self):
        self._use_calendar(self.technician)
        night = MONDAY.replace(hour=22)
        self.env["service.standby"].create(
            {
                "technician_id": self.technician.id,
                "start": night,
                "end": night + timedelta(hours=2),
            }
        )
        with self.assertRaisesRegex(UserError, "does not work at this time"):
            self._plan(night)
        self.order.priority = "3"
        with self.assertRaisesRegex(UserError, "does not work at this time"):
            self._plan(night - timedelta(minutes=1))
        self._plan(night, hours=3)

    def test_designated_and_language_speak_for_a_technician(self):
        both = self.technician + self.other
        self.customer.lang = "en_US"
        self.other.lang_ids = self.env["res.lang"]._lang_get("en_US")
        self.other.designated_partner_ids = self.customer
        self.assertEqual(
            self.order._get_technician_preferences(both),
            {self.technician.id: [], self.other.id: ["designated", "language"]},
        )
        plan = Form(
            self.env["service.visit.plan"].with_context(default_order_id=self.order.id)
        )
        self.assertEqual(plan.technician_ids[:], self.other)

    def test_time_off_marks_the_visits_it_hits(self):
        hit = self._plan()
        spared = self._plan(
            MONDAY + timedelta(days=2),
            order=self._make_accepted_order(description="Later"),
        )
        leave = self.env["service.technician.leave"].with_user(self.point_manager)
        leave = leave.create(
            {
                "technician_id": self.technician.id,
                "date_from": MONDAY,
                "date_to": MONDAY + timedelta(days=1),
            }
        )
        self.assertEqual(leave.visit_ids, hit)
        action = leave.action_confirm()
        self.assertEqual(action["domain"], [("id", "in", hit.ids)])
        self.assertTrue(hit.needs_replanning)
        self.assertFalse(spared.needs_replanning)
        activity = self.order.activity_ids
        self.assertEqual(len(activity), 1)
        self.assertEqual(activity.user_id, self.order.user_id)
        self.assertEqual(self.technician.leave_count, 1)
        with self.assertRaisesRegex(UserError, "does not work at this time"):
            hit.action_reschedule(
                MONDAY + timedelta(hours=2), MONDAY + timedelta(hours=3)
            )
        start = MONDAY + timedelta(days=3)
        hit.action_reschedule(start, start + timedelta(hours=1))
        self.assertFalse(hit.needs_replanning)

    def test_time_off_of_another_points_technician_is_refused(self):
        foreign = self._make_technician("Foreign", point=self._make_point("Foreign"))
        for user in (self.point_manager, self.technician_user, self.agent):
            with self.subTest(user.login), self.assertRaises(AccessError):
                foreign.with_user(user)._add_leave(MONDAY, MONDAY + timedelta(days=1))

    def test_week_and_time_off_are_a_click_away(self):
        self.assertEqual(self.technician.action_open_leave()["target"], "new")
        self.assertIn(
            ("crew_ids.technician_id", "=", self.technician.id),
            self.technician.action_view_week()["domain"],
        )
        self.assertEqual(
            self.technician.action_view_leaves()["domain"],
            [("resource_id", "=", self.technician.resource_id.id)],
        )
