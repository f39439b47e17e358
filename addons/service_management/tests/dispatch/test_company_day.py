from datetime import date, datetime

from freezegun import freeze_time

from odoo.tests import tagged

from odoo.addons.service_management.tests.order.test_workflow_engine import gateway
from odoo.addons.service_management.tests.order.workflow_common import (
    END,
    START,
    WorkflowCase,
    flow,
    process,
    user_task,
)

# Half past midnight on the first of June in Shanghai; the day before in UTC, and at
# noon of the day before in New York
MOMENT = datetime(2026, 5, 31, 16, 30)
FIRST = date(2026, 6, 1)


@freeze_time(MOMENT)
@tagged("post_install", "-at_install")
class TestCompanyDay(WorkflowCase):
    """It is one day for the company: that of its working hours, whoever asks."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env.company
        cls.company.resource_calendar_id.tz = "Asia/Shanghai"
        cls.company.partner_id.tz = "America/New_York"
        cls.dispatcher.tz = "UTC"
        cls.manager.tz = "America/New_York"

    def test_everybody_has_the_companys_day(self):
        for user in (self.dispatcher, self.manager, self.portal_point):
            company = self.company.with_user(user)
            self.assertEqual(company._get_service_day(), FIRST)
            self.assertEqual(
                company._get_day_bounds(FIRST),
                (datetime(2026, 5, 31, 16), datetime(2026, 6, 1, 16)),
            )
            self.assertEqual(
                company._get_day_end(FIRST), datetime(2026, 6, 1, 15, 59, 59)
            )

    def test_without_working_hours_it_is_the_day_of_the_address(self):
        self.company.resource_calendar_id = False
        self.assertEqual(self.company._get_service_day(), date(2026, 5, 31))
        self.company.partner_id.tz = False
        self.assertEqual(self.company._get_service_zone(), "UTC")

    def test_an_order_takes_a_place_of_the_companys_day(self):
        self.point.daily_capacity = 1
        orders = self._make_order() + self._make_order()
        for order in orders:
            order.with_user(self.dispatcher)._dispatch()
        self.assertEqual(orders.offer_ids.mapped("day"), [FIRST])
        self.assertEqual(orders.mapped("state"), ["offered", "new"])

    def test_the_plan_of_tomorrow_is_that_of_the_companys_tomorrow(self):
        for user in (self.dispatcher, self.manager):
            run = self.env["service.planning.run"].with_user(user).new({})
            self.assertEqual(run.day, date(2026, 6, 2))

    def test_a_repair_is_for_the_companys_day(self):
        order = self._make_accepted_order()
        visit = order.with_user(self.dispatcher)._plan_visit(
            self.technician, datetime(2026, 6, 1, 15), datetime(2026, 6, 1, 15, 30)
        )
        self.assertEqual(visit.sudo()._filter_today(), visit)
        late = visit.sudo()
        late.write(
            {
                "planned_start": datetime(2026, 6, 1, 16, 30),
                "planned_end": datetime(2026, 6, 1, 17),
            }
        )
        self.assertFalse(late._filter_today())

    def test_a_decision_of_a_workflow_reads_the_companys_day(self):
        xml = process(
            START, gateway("g", default="f_g_b"), user_task("a"), user_task("b"), END,
            flow("start", "g"),
            flow("g", "a", condition="today > order.date_fault"), flow("g", "b"),
            flow("a", "end"), flow("b", "end"),
        )  # fmt: skip
        self.assertEqual(
            self._places(self._order_on(xml, date_fault=date(2026, 5, 31))), ["a"]
        )

    def test_a_certificate_holds_on_the_companys_days(self):
        """It ends with May: nobody can be planned for the first of June with it."""
        skill = self.env.ref("service_management.certificate_height")
        level = self.env.ref("service_management.skill_level_certified")
        self.env["service.skill.requirement"].create(
            {
                "type_id": self.type_repair.id,
                "skill_id": skill.id,
                "level_id": level.id,
            }
        )
        self.env["service.technician.skill"].create(
            {
                "technician_id": self.technician.id,
                "skill_type_id": skill.skill_type_id.id,
                "skill_id": skill.id,
                "skill_level_id": level.id,
                "valid_from": date(2026, 1, 1),
                "valid_to": date(2026, 5, 31),
            }
        )
        order = self._make_order().with_user(self.dispatcher)
        order.sudo().point_id = self.point
        broken = order._find_broken_rules(
            self.technician, MOMENT, datetime(2026, 5, 31, 17)
        )
        self.assertEqual(len(broken), 1)
        self.assertIn(skill.name, broken[0])
