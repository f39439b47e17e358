from datetime import datetime, timedelta

from odoo import fields
from odoo.fields import Command
from odoo.tests import tagged

from .common import SlaCommon

LATER = datetime(2026, 3, 9)


@tagged("post_install", "-at_install")
class TestSlaDue(SlaCommon):
    """L4, L14: what comes due is marked by itself and once, also after a day down."""

    def _marked(self, order, kind):
        order.invalidate_recordset()
        return order.event_ids.filtered(lambda event: event.kind == kind)

    def test_l4_warning_and_breach_come_by_themselves_once(self):
        order = self._request()
        self.Clock._mark_passed(self._after(0.7))
        self.assertEqual(order.sla_state, "on_track")
        self.Clock._mark_passed(self._after(0.8))
        self.assertEqual(order.sla_state, "at_risk")
        warned = self._marked(order, "sla_warned")
        self.assertEqual(warned.data["metric"], "first_response")
        self.assertEqual(warned.date, self._after(0.8))
        self.Clock._mark_passed(self._after(1))
        self.assertFalse(self._clock(order, "first_response").is_breached)
        for __ in range(3):
            self.Clock._mark_passed(self._after(1.1))
        self.assertEqual(order.sla_state, "breached")
        self.assertEqual(len(self._marked(order, "sla_breached")), 1)
        self.assertEqual(len(self._marked(order, "sla_warned")), 1)

    def test_l14_a_day_down_is_made_up_with_the_times_it_should_have_had(self):
        order = self._request()
        self.Clock._mark_passed(LATER)
        events = self._marked(order, "sla_breached")
        self.assertEqual(len(events), 4)
        self.assertEqual(min(events.mapped("date")), self._after(1))
        # The warnings are not sent after the fact
        self.assertFalse(self._marked(order, "sla_warned"))
        self.assertFalse(self.Clock._mark_passed(LATER))

    def test_l14_once_for_each_episode(self):
        order = self._request()
        self.Clock._mark_passed(self._after(30))
        count = len(self._marked(order, "sla_breached"))
        self.policy.target_ids.write({"hours": 20})
        self._at(order, self._after(30))
        order._renew_clocks("policy")
        clock = self._clock(order)
        self.assertEqual((clock.episode, clock.is_breached), (2, False))
        self.assertEqual(order.sla_state, "on_track")
        self.Clock._mark_passed(LATER)
        self.assertEqual(len(self._marked(order, "sla_breached")), count + 4)

    def test_l14_the_clock_stands_at_night(self):
        """Nothing is due at midnight that is promised in office hours."""
        order = self._request(at=datetime(2026, 3, 2, 9, 30))  # 17:30
        clock = self._clock(order, "first_response")
        self.assertEqual(clock.due_at, datetime(2026, 3, 3, 1, 30))

    def test_what_stands_or_has_ended_does_not_come_due(self):
        order = self._request()
        self._at(order, self._after(0.5))
        order._pause_clocks("customer")
        self.assertFalse(self.Clock._mark_passed(LATER))
        order._resume_clocks()
        order.action_cancel("not wanted")
        self.assertFalse(self.Clock._mark_passed(LATER))
        self.assertEqual(order.sla_state, "met")

    def test_a_statement_each_however_many_are_due(self):
        orders = self.env["service.order"].union(*(self._request() for __ in range(5)))
        self.env.flush_all()
        self.Clock._mark_passed(self._after(0.1))  # fills the caches
        before = self.env.cr.sql_log_count
        self.Clock._mark_passed(self._after(0.1))
        self.assertLessEqual(self.env.cr.sql_log_count - before, 2)
        before = self.env.cr.sql_log_count
        self.assertEqual(self.Clock._mark_passed(LATER), 20)
        self.env.flush_all()
        self.assertLessEqual(self.env.cr.sql_log_count - before, 5)
        self.assertEqual(set(orders.mapped("sla_state")), {"breached"})

    def test_the_job_runs_when_the_next_clock_is_due(self):
        cron = self.env.ref("service_management.ir_cron_sla")
        triggers = self.env["ir.cron.trigger"]
        triggers.search([("cron_id", "=", cron.id)]).unlink()
        now = fields.Datetime.now().replace(microsecond=0)
        self.policy.calendar_id = False
        self.policy.target_ids = [
            Command.clear(),
            Command.create({"metric": "resolution", "hours": 10, "is_always": True}),
        ]
        triggers.search([("cron_id", "=", cron.id)]).unlink()
        self._request(at=now)
        armed = triggers.search([("cron_id", "=", cron.id)])
        self.assertEqual(len(armed), 1)
        wait = armed.call_at - (now + timedelta(hours=8))
        self.assertTrue(timedelta() <= wait <= timedelta(minutes=1))
        self._request(at=now + timedelta(hours=1))
        self.assertEqual(len(triggers.search([("cron_id", "=", cron.id)])), 1)
        # Dropped triggers come back from the data
        armed.unlink()
        self._run_job()
        again = triggers.search([("cron_id", "=", cron.id)])
        self.assertEqual(again.call_at, wait + now + timedelta(hours=8))


@tagged("post_install", "-at_install")
class TestSlaRenewed(SlaCommon):
    """A change of hours, policy, contract, grade or type promises anew."""

    def test_other_hours_measure_open_clocks_anew(self):
        order = self._request()
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Holiday",
                "calendar_id": self.calendar.id,
                "date_from": datetime(2026, 3, 1, 16, 0),
                "date_to": datetime(2026, 3, 2, 15, 59, 59),
            }
        )
        self.assertTrue(self._clock(order).is_stale)
        self._run_job()
        clock = self._clock(order)
        self.assertEqual(clock.due_at, self._after(24 + 9))
        self.assertFalse(clock.is_stale)
        self.assertEqual(order.date_due, clock.due_at)

    def test_another_calendar_counts_from_now_on(self):
        order = self._request()
        self._at(order, self._after(2))
        always = self._make_calendar(
            "Always", windows=[(day, 0, 24) for day in range(7)]
        )
        self.policy.calendar_id = always
        self._run_job()
        clock = self._clock(order)
        self.assertEqual(clock.elapsed_minutes, 120)
        self.assertEqual(clock.due_at, self._after(8))
        event = order.event_ids.filtered(lambda event: event.kind == "clock_retargeted")
        self.assertEqual(len(event), 1)

    def test_the_policy_of_the_contract_goes_before_that_of_the_type(self):
        gold = self.policy.copy({"name": "Gold"})
        gold.target_ids.filtered(lambda x: x.metric == "resolution").hours = 4
        contract = self.env["service.contract"].create(
            {
                "name": "Care",
                "partner_id": self.customer.id,
                "date_start": "2026-01-01",
                "date_end": "2026-12-31",
                "sla_policy_id": gold.id,
                "state": "active",
            }
        )
        order = self._request()
        clock = self._clock(order)
        self.assertEqual(order.contract_id, contract)
        self.assertEqual((clock.policy_id, clock.target_minutes), (gold, 240))
        self.assertIn("Gold, from the contract", clock.reason_text)
        contract.sla_policy_id = False
        self.assertEqual(self._clock(order).target_minutes, 480)

    def test_a_vip_is_promised_more_and_the_reason_says_so(self):
        self.policy.target_ids = [
            Command.create({"metric": "resolution", "hours": 2, "grade": "vip"})
        ]
        order = self._request()
        self.assertEqual(self._clock(order).target_minutes, 480)
        self.assertIn("every order", self._clock(order).reason_text)
        self.customer.service_grade = "vip"
        self.assertEqual(self._clock(order).target_minutes, 120)
        self.assertIn("the customer's grade", self._clock(order).reason_text)
        contact = self.env["res.partner"].create(
            {"name": "Contact", "parent_id": self.customer.id}
        )
        self.assertEqual(contact.service_grade, "vip")

    def test_another_type_may_promise_less(self):
        self.policy.target_ids.filtered(
            lambda x: x.metric == "arrival"
        ).type_ids = self.type_repair
        order = self._request()
        self.assertTrue(self._clock(order, "arrival"))
        order.type_id = self.type_consulting
        self.assertFalse(self._clock(order, "arrival"))
        self.assertEqual(self._clock(order).state, "running")

    def test_a_promise_for_an_archived_type_is_for_no_other(self):
        other = self.type_consulting.copy({"code": "other_type"})
        self.policy.target_ids.filtered(
            lambda target: target.metric == "arrival"
        ).type_ids = other
        other.active = False
        self.policy.target_ids.invalidate_recordset()
        self.assertFalse(self._clock(self._request(), "arrival"))

    def test_without_a_policy_the_type_says_how_many_hours(self):
        self.type_repair.sla_policy_id = False
        order = self._request()
        self.assertFalse(order.sla_clock_ids)
        self.assertEqual(order.sla_state, "none")
        hours = timedelta(hours=self.type_repair.promise_hours)
        self.assertEqual(order.date_due - order.date_request, hours)
