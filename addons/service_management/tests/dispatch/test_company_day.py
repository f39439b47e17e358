from datetime import date, datetime

from freezegun import freeze_time

from odoo.fields import Command, Domain
from odoo.tests import tagged

from odoo.addons.service_management.tests.common import ServiceCommon
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


@freeze_time(MOMENT)
@tagged("post_install", "-at_install")
class TestCompanyNight(ServiceCommon):
    """What the night's jobs look after has the day of its own company: June has begun
    in Shanghai, and not in New York."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env.company
        cls.company.resource_calendar_id.tz = "Asia/Shanghai"
        cls.far = cls.env["res.company"].create({"name": "Far"})
        cls.far.resource_calendar_id.tz = "America/New_York"
        cls.far_point = cls.env["service.point"].create(
            {
                "name": "Far Point",
                "code": "FAR-1",
                "company_id": cls.far.id,
                "partner_id": cls.env["res.partner"].create({"name": "Far"}).id,
            }
        )

    def _make_contracts(self, end):
        """Of each company, and of none."""
        return self.env["service.contract"].create(
            [
                {
                    "name": "Care",
                    "company_id": company.id,
                    "partner_id": self.customer.id,
                    "date_start": date(2026, 1, 1),
                    "date_end": end,
                    "state": "active",
                    "reminder_days": 30,
                    "entitlement_ids": [
                        Command.create({"kind": "on_site", "quantity": 3})
                    ],
                }
                for company in (self.company, self.far, self.env["res.company"])
            ]
        )

    def test_contracts_end_with_their_companys_day(self):
        contracts = self._make_contracts(date(2026, 5, 31))
        self.assertEqual(
            contracts.entitlement_ids.mapped("period_end"),
            [False, date(2026, 5, 31), False],
        )
        self.env["service.contract"]._close_ended()
        self.assertEqual(contracts.mapped("state"), ["closed", "active", "closed"])
        self.env["service.contract"]._settle_periods()
        self.assertEqual(
            contracts.entitlement_ids.period_ids.mapped("available"), [0, 3, 0]
        )

    def test_ends_are_announced_on_the_companys_day(self):
        contracts = self._make_contracts(date(2026, 7, 1))
        due = self.env["service.contract"]._get_due_reminders()
        self.assertEqual(due & contracts, contracts[0] + contracts[2])

    def test_orders_count_in_the_companys_period(self):
        order = self._make_order().with_user(self.dispatcher)
        self.assertEqual(order._get_coverage_day(), FIRST)

    def test_points_change_on_their_companys_day(self):
        points = self.point + self.far_point
        points.write(
            {"state": "active", "planned_on": FIRST, "planned_state": "suspended"}
        )
        self.env["service.point"]._live()
        self.assertEqual(points.mapped("state"), ["suspended", "active"])

    def test_documents_end_with_their_companys_day(self):
        kind = self.env["service.document.type"].create(
            {"name": "Licence", "code": "far_test", "remind_days": 0}
        )
        documents = self.env["service.point.document"].create(
            [
                {
                    "point_id": point.id,
                    "type_id": kind.id,
                    "valid_to": end,
                    "verification": "verified",
                }
                for point in (self.point, self.far_point)
                for end in (date(2026, 5, 31), FIRST)
            ]
        )
        documents.point_id.state = "active"
        self.assertEqual(
            documents.mapped("state"), ["expired", "expiring", "expiring", "valid"]
        )
        self.env["service.point.document"]._remind_due()
        self.assertEqual(
            documents.mapped("reminded_on"), [FIRST, FIRST, date(2026, 5, 31), False]
        )

    def test_one_zone_asks_for_no_company(self):
        """The searches of a night stay what the indexes are made for."""
        companies = self.env["res.company"].search(Domain.TRUE)
        companies.resource_calendar_id.tz = "Asia/Shanghai"
        domain = self.env["res.company"]._get_today_domain(
            lambda today: [("date_end", "<", today)]
        )
        names = [condition.field_expr for condition in domain.iter_conditions()]
        self.assertEqual(names, ["date_end"])
