from datetime import datetime

from odoo.fields import Command
from odoo.tests import tagged

from .common import SlaCommon

A_NOTE = "Note"
AN_ANSWER = "We will call."


@tagged("post_install", "-at_install")
class TestSlaClock(SlaCommon):
    def test_registering_starts_the_clocks_at_the_time_of_the_request(self):
        order = self._request()
        self.assertRecordValues(
            order.sla_clock_ids.sorted("target_minutes"),
            [
                {"metric": "first_response", "target_minutes": 60, "state": "running"},
                {"metric": "acceptance", "target_minutes": 120, "state": "running"},
                {"metric": "arrival", "target_minutes": 360, "state": "running"},
                {"metric": "resolution", "target_minutes": 480, "state": "running"},
            ],
        )
        clock = self._clock(order)
        # 9 to 18 o'clock with an hour's break are eight hours
        self.assertEqual(clock.due_at, self._after(9))
        self.assertEqual(clock.breach_at, self._after(24))
        self.assertEqual(clock.warn_at, self._after(7.4))
        self.assertEqual(order.date_due, clock.due_at)
        self.assertEqual(order.sla_state, "on_track")
        self.assertEqual(order.sla_due_at, self._after(1))

    def test_l1_closing_from_a_pause_ends_every_clock(self):
        order = self._request(type_id=self.type_consulting.id)
        self._at(order, self._after(1))
        order.action_start_work()
        order._pause_clocks("customer")
        self.assertEqual(self._clock(order).state, "paused")
        self.assertFalse(order.date_due)
        self._at(order, self._after(30))
        order.outcome = "fixed"
        order.action_done()
        order.action_close()
        states = set(order.sla_clock_ids.mapped("state"))
        self.assertEqual(states, {"met"})
        self.assertEqual(self._clock(order).elapsed_minutes, 60)
        self.assertEqual(order.sla_state, "met")

    def test_l1_cancelling_ends_every_clock_with_its_minutes_late(self):
        order = self._request()
        self._at(order, self._after(24 + 3))
        order.action_cancel("no longer wanted")
        self.assertEqual(set(order.sla_clock_ids.mapped("state")), {"missed"})
        self.assertEqual(self._clock(order).late_minutes, 180)
        self.assertEqual(order.sla_state, "missed")
        events = order.event_ids.filtered(lambda event: event.kind == "sla_breached")
        self.assertEqual(len(events), 4)
        self.assertEqual(self._clock(order).is_breached, True)

    def test_l2_another_priority_keeps_elapsed_time_and_pauses(self):
        self.policy.target_ids = [
            Command.create({"metric": "resolution", "hours": 4, "priority": "3"})
        ]
        order = self._request()
        self._at(order, self._after(1))
        order._pause_clocks("parts")
        self._at(order, self._after(2))
        order._resume_clocks("parts")
        self._at(order, self._after(2.5))
        order.priority = "3"
        clock = self._clock(order)
        self.assertEqual(clock.target_minutes, 240)
        self.assertEqual(clock.elapsed_minutes, 90)
        # 1.5 h are used; 11:30 + 0.5 h before the break, 2 h after it
        self.assertEqual(clock.due_at, self._after(6))
        self.assertEqual(order.date_due, clock.due_at)
        self.assertEqual(clock.episode, 2)
        event = order.event_ids.filtered(lambda event: event.kind == "clock_retargeted")
        self.assertEqual(event.data["terms"]["resolution"]["from"]["minutes"], 480)
        # The others were promised the same as before
        self.assertEqual(self._clock(order, "arrival").episode, 1)

    def test_l3_without_hours_of_its_own_the_company_counts_then_all_hours(self):
        self.policy.calendar_id = False
        company = self.env.company
        company.resource_calendar_id = self._make_calendar("Company", tz="UTC")
        order = self._request(at=datetime(2026, 3, 2, 9, 0))
        clock = self._clock(order)
        self.assertEqual(clock.calendar_id, company.resource_calendar_id)
        self.assertIn("hours of the company: Company", clock.reason_text)
        company.resource_calendar_id.attendance_ids.unlink()
        order = self._request(at=datetime(2026, 3, 7, 3, 0))
        clock = self._clock(order)
        self.assertFalse(clock.calendar_id)
        self.assertEqual(clock.due_at, datetime(2026, 3, 7, 11, 0))
        self.assertIn("Nobody has working hours", clock.reason_text)
        self.assertIn("Company", clock.reason_text)

    def test_a_message_of_a_person_is_the_first_response(self):
        order = self._request()
        self._at(order, self._after(0.5))
        order.with_user(self.agent).message_post(
            body=A_NOTE, subtype_xmlid="mail.mt_note", message_type="comment"
        )
        order.with_user(self.agent).message_post(
            body=AN_ANSWER,
            subtype_xmlid="mail.mt_comment",
            message_type="auto_comment",
        )
        order._write_by_customer("Hello?")
        self.assertEqual(self._clock(order, "first_response").state, "running")
        order.with_user(self.agent).message_post(
            body=AN_ANSWER,
            subtype_xmlid="mail.mt_comment",
            message_type="comment",
        )
        clock = self._clock(order, "first_response")
        self.assertEqual((clock.state, clock.elapsed_minutes), ("met", 30))

    def test_an_automatic_message_is_never_a_first_response(self):
        order = self._request()
        self._at(order, self._after(0.1))
        order.sudo().with_user(1).message_post(
            body=AN_ANSWER,
            subtype_xmlid="mail.mt_comment",
            message_type="comment",
        )
        self.assertEqual(self._clock(order, "first_response").state, "running")

    def test_a_colleagues_answer_by_mail_counts_unless_it_is_internal(self):
        order = self._request()
        self._at(order, self._after(0.5))
        order._receive_staff_mail(self.agent, is_public=False)
        self.assertEqual(self._clock(order, "first_response").state, "running")
        order._receive_staff_mail(self.agent)
        self.assertEqual(self._clock(order, "first_response").state, "met")

    def test_a_logged_call_counts_unless_the_policy_says_otherwise(self):
        order = self._request()
        self._at(order, self._after(0.5))
        order.with_user(self.agent)._log_event("call", data={"by": "staff"})
        self.assertEqual(self._clock(order, "first_response").state, "met")
        self.policy.is_response_call = False
        order = self._request()
        self._at(order, self._after(0.5))
        order.with_user(self.agent)._log_event("call", data={"by": "staff"})
        self.assertEqual(self._clock(order, "first_response").state, "running")

    def test_working_deadline_is_in_the_hours_of_the_order(self):
        order = self._request()
        self._at(order, self._after(8))
        # One hour today, two tomorrow
        self.assertEqual(order._get_working_deadline(3), {order.id: self._after(26)})
