from datetime import date, datetime, timedelta

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged

from odoo.addons.service_management.models.order.service_plan_date import (
    ServicePlanDate,
)
from odoo.addons.service_management.tests.access_matrix import check_matrix
from odoo.addons.service_management.tests.agreement.contract_common import (
    ContractCommon,
)

# A Monday
TODAY = date(2026, 3, 2)


@tagged("post_install", "-at_install")
class TestPlan(ContractCommon):
    """Preventive work: days ahead in a calendar, requests in time, each once."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        clock = freeze_time(datetime(2026, 3, 2, 4, 0))
        clock.start()
        cls.addClassCleanup(clock.stop)
        cls.today = TODAY
        cls.type_maintenance = cls.env.ref("service_management.type_maintenance")
        cls.type_maintenance.entitlement_kind = "inspection"
        cls.env.company.resource_calendar_id.tz = "Asia/Shanghai"
        cls.contract = cls._make_contract(
            {"kind": "inspection", "quantity": 1, "period": "quarter"},
            days=(0, 364),
            asset_ids=[Command.set(cls.asset.ids)],
        )
        cls.inspections = cls.contract.entitlement_ids

    def _make_plan(self, **vals):
        return self.env["service.plan"].create(
            {
                "name": "Quarterly check",
                "contract_id": self.contract.id,
                "type_id": self.type_maintenance.id,
                "date_start": date(2026, 3, 10),
                "user_id": self.agent.id,
                **vals,
            }
        )

    def _run(self, at=None):
        with (
            freeze_time(at or datetime.now()),
            self.enter_registry_test_mode(),
            self.registry.cursor() as cr,
        ):
            self.env(cr=cr)["service.plan.date"]._queue_run()
        self.env.invalidate_all()

    def test_the_days_ahead_are_laid_out_until_the_contract_ends(self):
        plan = self._make_plan()
        self.assertEqual(plan.partner_id, self.customer)
        self.assertEqual(
            plan.date_ids.mapped("date"),
            [
                date(2026, 3, 10),
                date(2026, 6, 10),
                date(2026, 9, 10),
                date(2026, 12, 10),
            ],
        )
        self.assertEqual(plan.date_ids.asset_ids, self.asset)
        self.assertEqual(plan.next_date, date(2026, 3, 10))
        before = plan.date_ids
        plan._lay_out()
        self.assertEqual(plan.date_ids, before, "nothing is made twice")

    def test_nothing_is_visited_when_all_that_was_named_is_gone(self):
        plan = self._make_plan()
        other = self._make_plan(asset_ids=[Command.set(self.asset.ids)])
        self.asset.active = False
        (plan | other)._lay_out()
        self.assertFalse((plan | other).date_ids)
        self.asset.active = True
        (plan | other)._lay_out()
        self.assertEqual((plan | other).date_ids.asset_ids, self.asset)

    def test_free_days_seasons_and_other_rules(self):
        calendar = self.env.company.resource_calendar_id
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Holiday",
                "calendar_id": calendar.id,
                "date_from": datetime(2026, 6, 9, 16),
                "date_to": datetime(2026, 6, 10, 16),
            }
        )
        plan = self._make_plan()
        moved = plan.date_ids.filtered(lambda day: day.due_date == date(2026, 6, 10))
        self.assertEqual(moved.date, date(2026, 6, 11))
        plan.holidays = "skip"
        self.assertEqual(moved.state, "skipped")
        plan.write(
            {
                "frequency": "MONTHLY",
                "interval": 1,
                "season_from": "5",
                "season_to": "9",
            }
        )
        self.assertEqual(
            [day.month for day in plan.date_ids.mapped("due_date")], [5, 6, 7, 8, 9]
        )
        plan.rrule = "FREQ=MONTHLY;BYDAY=2TU"
        self.assertEqual(plan.date_ids[0].due_date, date(2026, 5, 12))
        with self.assertRaisesRegex(ValidationError, "not a rule of days"):
            plan.rrule = "every full moon"
        with self.assertRaisesRegex(ValidationError, "needs both"):
            plan.season_to = False

    def test_a_worked_weekend_is_no_free_day(self):
        self.env["service.workday"].create(
            {"name": "Instead of Monday", "date": date(2026, 3, 14), "dayofweek": "0"}
        )
        plan = self._make_plan(date_start=date(2026, 3, 14))
        self.assertEqual(plan.date_ids[0].date, date(2026, 3, 14))
        plan = self._make_plan(date_start=date(2026, 3, 21))
        self.assertEqual(plan.date_ids[0].date, date(2026, 3, 23))

    def test_each_site_is_visited_once_for_all_that_stands_there(self):
        branch = self.env["res.partner"].create(
            {"name": "Branch", "parent_id": self.customer.id, "type": "other"}
        )
        here = self.asset + self.asset.copy({"serial": "TW-0005"})
        there = self.asset.copy({"serial": "TW-0006", "site_id": branch.id})
        self.contract.asset_ids = here + there
        plan = self._make_plan(date_end=date(2026, 3, 31), lead_days=14)
        self.assertEqual(len(plan.date_ids), 2)
        self._run()
        orders = plan.date_ids.order_id
        self.assertEqual(len(orders), 2)
        by_site = {order.site_id: order for order in orders}
        self.assertEqual(by_site[self.asset.site_id].plan_asset_ids, here)
        self.assertEqual(by_site[branch].plan_asset_ids, there)

    def test_a_request_is_made_in_time_once_and_uses_the_inspection_of_its_day(self):
        self.env.company.partner_id.tz = "America/New_York"
        plan = self._make_plan(lead_days=14)
        first, second = plan.date_ids[:2]
        self._run()
        self.assertEqual(first.state, "requested")
        self.assertEqual(second.state, "planned")
        order = first.order_id
        self.assertRecordValues(
            order,
            [
                {
                    "channel": "plan",
                    "state": "new",
                    "partner_id": self.customer.id,
                    "asset_id": self.asset.id,
                    "contract_id": self.contract.id,
                    "entitlement_id": self.inspections.id,
                    "coverage_state": "covered",
                    "user_id": self.agent.id,
                    # the end of the day in the company's working hours
                    "date_due": datetime(2026, 3, 10, 15, 59, 59),
                }
            ],
        )
        self._run()
        self.assertEqual(len(self._get_orders()), 1)
        # The key itself keeps it single, whatever becomes of the row
        first.sudo().write({"order_id": False, "state": "planned"})
        first._request()
        self.assertEqual(first.order_id, order)
        # Two weeks before the second quarter's visit its own quota is taken
        self._run(datetime(2026, 5, 28))
        period = second.order_id.entitlement_period_id
        self.assertEqual(period.date_start, date(2026, 6, 2))
        self.assertEqual(len(self._get_orders()), 2)

    def _get_orders(self):
        return self.env["service.order"].search(
            [("channel", "=", "plan"), ("partner_id", "=", self.customer.id)]
        )

    def test_a_run_after_days_of_standstill_makes_what_is_missing(self):
        plan = self._make_plan(lead_days=0)
        self._run(datetime(2026, 6, 20))
        self.assertEqual(
            plan.date_ids.mapped("state"),
            ["requested", "requested", "planned", "planned"],
        )

    def test_a_broken_day_holds_up_none_and_is_shown(self):
        """LESSONS L26: a poison record among others."""
        plans = self._make_plan() + self._make_plan(name="Broken") + self._make_plan()
        plans[1].date_ids[0].sudo().site_id = self.env.company.partner_id
        original = ServicePlanDate._prepare_request_vals

        def broken(day):
            if day.plan_id.name == "Broken":
                raise ZeroDivisionError("poison")
            return original(day)

        self.patch(ServicePlanDate, "_prepare_request_vals", broken)
        with self.assertLogs("odoo.addons.service_management", "WARNING"):
            for hours in (0, 1, 3, 7, 12):
                self._run(datetime(2026, 3, 2, 4) + timedelta(hours=hours))
        days = [plan.date_ids[0] for plan in plans]
        self.assertEqual(
            [day.state for day in days], ["requested", "planned", "requested"]
        )
        self.assertEqual(days[1].queue_state, "poisoned")
        self.assertIn("poison", days[1].last_error)

    def test_a_suspended_contract_waits_and_an_ended_one_is_left_out(self):
        plan = self._make_plan()
        first = plan.date_ids[0]
        self.contract.action_suspend("not paid")
        self._run()
        self.assertEqual((first.state, first.queue_state), ("planned", "pending"))
        self.assertIn("Suspended", first.note)
        self.contract.action_resume()
        self._run(datetime(2026, 3, 3, 5))
        self.assertEqual(first.state, "requested")

    def test_people_move_and_leave_out_days(self):
        plan = self._make_plan()
        first, second, third = plan.date_ids[:3]
        second.with_user(self.dispatcher).date = date(2026, 6, 24)
        third.with_user(self.dispatcher).action_skip()
        plan.asset_ids = self.asset
        plan._lay_out()
        self.assertEqual(second.date, date(2026, 6, 24))
        self.assertEqual(third.state, "skipped")
        first.with_user(self.dispatcher).action_request()
        with self.assertRaisesRegex(UserError, "request has been made"):
            first.with_user(self.dispatcher).date = date(2026, 3, 20)
        with self.assertRaises(AccessError):
            (second | third).with_user(self.agent).action_restore()
        second.is_changed = False
        with self.assertRaises(AccessError):
            second.with_user(self.agent).action_restore()
        self.assertFalse(second.is_changed)
        second.is_changed = True
        third.with_user(self.dispatcher).action_restore()
        self.assertEqual((third.state, third.queue_state), ("planned", "pending"))
        plan.active = False
        self.assertEqual(plan.date_ids, first + second + third)

    def test_one_plan_that_cannot_be_laid_out_holds_up_none(self):
        plans = self._make_plan() + self._make_plan()
        self.env.cr.execute(
            "UPDATE service_plan SET rrule = 'nonsense' WHERE id = %s", [plans[0].id]
        )
        plans.invalidate_recordset()
        plans.date_ids.sudo().unlink()
        self.env["service.plan"]._lay_out_all()
        self.assertTrue(plans[0].activity_ids)
        self.assertEqual(len(plans[1].date_ids), 4)

    def test_who_may_do_what(self):
        plan = self._make_plan()
        records = {"plan": plan, "day": plan.date_ids[0]}
        read = dict.fromkeys(records, "r")
        check_matrix(
            self,
            records,
            {
                self.agent: read,
                self.quality: read,
                self.dispatcher: read | {"day": "rwc"},
                self.manager: dict.fromkeys(records, "rwcd"),
                self.technician_user: {},
                self.point_manager: {},
                self.portal_customer: {},
            },
        )
        with Form(self.env["service.plan"].with_user(self.manager)) as form:
            form.name = "New"
            form.contract_id = self.contract
            self.assertEqual(form.partner_id, self.customer)
        Form(plan.date_ids[0].with_user(self.dispatcher))

    def test_a_plan_is_not_given_to_a_company_of_others(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        plan = self._make_plan()
        plan.write({"contract_id": False, "asset_ids": False})
        with self.assertRaises(AccessError):
            plan.with_user(self.manager).company_id = company
