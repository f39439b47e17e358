from datetime import datetime, timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from odoo.addons.service_management.models.order.service_order_sla import is_answer
from odoo.addons.service_management.tests.access_matrix import check_matrix
from odoo.addons.service_management.tests.common import MONDAY, ServiceCommon

NUMBER = "+86 138 0013 8000"


class CallCommon(ServiceCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.company.country_id = cls.env.ref("base.cn")
        cls.interface = new_test_user(
            cls.env,
            login="test_interface",
            groups="service_management.group_service_interface",
        )
        cls.agent.service_extension = "201"
        cls.desk = cls.env.ref("service_management.team_service_desk")

    def _event(self, event, call_id="c1", **details):
        return (
            self.env["service.call"]
            .with_user(self.interface)
            ._receive(
                {
                    "call_id": call_id,
                    "event": event,
                    "from": "13800138000",
                    "extension": "201",
                    **details,
                }
            )
        )

    def _call(self, call_id="c1"):
        return self.env["service.call"].search([("call_key", "=", call_id)])


@tagged("post_install", "-at_install")
class TestCall(CallCommon):
    def test_a_call_is_recognised_answered_and_ended(self):
        with freeze_time(MONDAY):
            self.assertEqual(self._event("ringing")["customer_known"], True)
        with freeze_time(MONDAY + timedelta(seconds=5)):
            self._event("answered")
        with freeze_time(MONDAY + timedelta(minutes=3)):
            self._event("hung_up")
        self.assertRecordValues(
            self._call(),
            [
                {
                    "state": "ended",
                    "partner_id": self.customer.id,
                    "user_id": self.agent.id,
                    "date_start": MONDAY,
                    "date_answered": MONDAY + timedelta(seconds=5),
                    "callback_state": False,
                }
            ],
        )
        self.assertAlmostEqual(self._call().talk_minutes, 175 / 60)

    def test_l28_a_repeated_event_changes_nothing(self):
        self._event("ringing")
        first = self._event("missed")
        call = self._call()
        call.callback_tries = 2
        again = self._event("missed")
        self.assertEqual((first["result"], again["result"]), ("stored", "repeated"))
        self.assertEqual(len(self._call()), 1)
        self.assertEqual(call.callback_tries, 2)
        self.assertEqual(len(call.event_ids), 2)

    def test_events_that_overtake_each_other_end_the_same(self):
        for kind in ("hung_up", "answered", "ringing"):
            self._event(kind)
        call = self._call()
        self.assertEqual((call.state, call.callback_state), ("ended", "done"))
        self.assertEqual(call.callback_outcome, "called_again")

    def test_a_hunt_group_rings_at_several_and_one_answers(self):
        self.dispatcher.service_extension = "202"
        self._event("ringing")
        self._event("ringing", extension="202")
        self._event("answered", extension="202")
        call = self._call()
        self.assertEqual(call.user_id, self.dispatcher)
        self.assertEqual(
            call.event_ids.filtered(lambda event: event.kind == "ringing").user_id,
            self.agent + self.dispatcher,
        )

    def test_the_agent_is_told_on_the_bus_with_the_wanted_mode(self):
        self.agent.service_call_pop = "ringing"
        sent = []
        with patch.object(
            type(self.env["bus.bus"]),
            "_sendone",
            lambda self, target, kind, message: sent.append((target, kind, message)),
        ):
            self._event("ringing")
        self.assertIn(
            (
                self.agent.partner_id,
                "service.call",
                {
                    "id": self._call().id,
                    "event": "ringing",
                    "number": "13800138000",
                    "customer": "Test Customer",
                    "mode": "ringing",
                },
            ),
            sent,
        )

    def test_two_customers_of_one_number_are_not_guessed(self):
        self.env["res.partner"].create({"name": "Twin", "phone": NUMBER})
        self._event("ringing")
        call = self._call()
        self.assertFalse(call.partner_id)
        found = (
            self.env["service.order"].with_user(self.agent).intake_from_call(call.id)
        )
        self.assertEqual(
            {hit["name"] for hit in found["candidates"]}, {"Test Customer", "Twin"}
        )

    def test_l32_wrong_events_are_refused_by_field(self):
        for details, word in (
            ({"order_id": 1}, "order_id"),
            ({"event": "sneezed"}, "event"),
            ({"call_id": ""}, "call_id"),
        ):
            with self.assertRaisesRegex(UserError, word):
                self._event(**{"event": "ringing", **details})

    # Missed calls

    def test_a_missed_call_is_somebodys_by_a_time(self):
        self.env.company.service_callback_minutes = 20
        with freeze_time(MONDAY):
            self._event("ringing")
            self._event("hung_up")
            call = self._call()
            self.assertRecordValues(
                call,
                [
                    {
                        "state": "missed",
                        "callback_state": "open",
                        "callback_user_id": self.agent.id,
                        "callback_deadline": MONDAY + timedelta(minutes=20),
                        "is_late": False,
                    }
                ],
            )
        with freeze_time(MONDAY + timedelta(minutes=21)):
            call.invalidate_recordset(["is_late"])
            self.assertTrue(call.is_late)
            self.assertIn(call, call.search([("is_late", "=", True)]))

    def test_a_missed_call_of_no_telephone_is_of_who_has_the_order_or_the_desk(self):
        self._event("missed", extension="999", **{"from": "400123"})
        call = self._call()
        self.assertFalse(call.callback_user_id)
        self.assertEqual(call.callback_team_id, self.desk)
        order = self._make_order(user_id=self.dispatcher.id)
        self._event("missed", "c2", extension="999")
        call = self._call("c2")
        self.assertEqual(call.callback_user_id, order.user_id)

    def test_calling_back_or_calling_again_settles_it(self):
        self._event("missed")
        self._event("ringing", "c2")
        self._event("answered", "c2")
        self.assertEqual(self._call().callback_outcome, "called_again")
        self._event("missed", "c3")
        out = {"direction": "out", "to": "0138-0013-8000", "from": "201"}
        self._event("ringing", "c4", **out)
        self.assertEqual(self._call("c3").callback_state, "open")
        self._event("answered", "c4", **out)
        self.assertEqual(self._call("c3").callback_outcome, "reached")
        self.assertEqual(self._call("c3").callback_done_by_id, self.agent)
        self._event("missed", "c5", direction="out")
        self.assertFalse(self._call("c5").callback_state)

    def test_not_reached_is_tried_again_three_times(self):
        self._event("missed")
        call = self._call().with_user(self.agent)
        wizard = self.env["service.call.callback"].with_user(self.agent)
        for number, state in ((1, "open"), (2, "open"), (3, "done")):
            with freeze_time(MONDAY + timedelta(hours=number)):
                wizard.create(
                    {
                        "call_ids": call.ids,
                        "outcome": "not_reached",
                        "note": f"try {number}",
                    }
                ).action_apply()
            self.assertEqual(
                (call.callback_tries, call.callback_state), (number, state)
            )
        self.assertEqual(call.callback_note, "try 3")
        with self.assertRaises(UserError):
            wizard.create({"call_ids": call.ids}).action_apply()

    # Orders

    def test_a_call_opens_the_form_is_saved_registered_and_logged(self):
        with freeze_time(datetime(2026, 3, 2, 8, 0)):
            self._event("ringing")
            self._event("answered")
        Order = self.env["service.order"].with_user(self.agent)
        call = self._call()
        found = Order.intake_from_call(call.id)
        self.assertEqual(found["partner_id"], self.customer.id)
        saved = Order.intake_save(
            False,
            {"partner_id": found["partner_id"], "call_id": call.id, "source_key": "k"},
        )
        self.assertEqual(call.order_id.id, saved["id"])
        self.assertEqual(call.order_id.state, "draft")
        self.assertEqual(Order.intake_from_call(call.id)["order_id"], saved["id"])
        self.assertNotIn("call", call.order_id.event_ids.mapped("kind"))
        Order.intake_save(
            saved["id"], {"type_id": self.type_repair.id, "description": "It leaks."}
        )
        Order.intake_register(saved["id"])
        (event,) = call.order_id.event_ids.filtered(lambda rec: rec.kind == "call")
        self.assertEqual(event.user_id, self.agent)
        self.assertEqual(event.date, call.date_answered)
        self.assertEqual(
            event.data, {"direction": "in", "answered": True, "call": call.id}
        )
        self._event("hung_up")
        self.assertEqual(call.order_id.event_ids.mapped("kind").count("call"), 1)
        self.assertEqual(call.order_id.call_count, 1)

    def test_an_outgoing_call_about_the_only_open_order_is_its_event(self):
        order = self._make_order()
        out = {"direction": "out", "to": NUMBER, "from": "201"}
        self._event("ringing", "c9", **out)
        self._event("answered", "c9", **out)
        self.assertEqual(self._call("c9").order_id, order)
        (event,) = order.event_ids.filtered(lambda rec: rec.kind == "call")
        self.assertEqual(event.data["direction"], "out")
        # It is an answer to the customer: the clock of the first response stops
        self.assertTrue(is_answer(event.kind, event.data, event.is_public))
        self._make_order(description="another")
        self._event("answered", "c10", **out)
        self.assertFalse(self._call("c10").order_id)

    def test_a_call_about_an_order_that_exists_is_noted_there(self):
        order = self._make_order()
        self._event("answered")
        self._call().with_user(self.agent).link_order(order.id)
        self.assertEqual(order.event_ids.mapped("kind").count("call"), 1)

    def test_whoever_is_next_is_told(self):
        # The next step of a registered repair is the dispatchers'
        dispatch = self.env.ref("service_management.team_dispatch")
        dispatch.leader_id = self.dispatcher
        order = self._make_order(register=False, user_id=False, team_id=self.desk.id)
        Order = self.env["service.order"].with_user(self.agent)
        Order.intake_register(order.id)
        told = order.message_ids.filtered(
            lambda message: message.message_type == "user_notification"
        ) or self.env["mail.message"].search(
            [("model", "=", "service.order"), ("res_id", "=", order.id)]
        ).filtered(lambda message: message.message_type == "user_notification")
        self.assertEqual(told.notified_partner_ids, self.dispatcher.partner_id)
        own = self._make_order(register=False, type_id=self.type_consulting.id)
        Order.intake_register(own.id)
        self.assertFalse(
            self.env["mail.message"].search_count(
                [
                    ("model", "=", "service.order"),
                    ("res_id", "=", own.id),
                    ("message_type", "=", "user_notification"),
                ]
            )
        )

    # Who may

    def test_each_agent_sets_the_own_telephone(self):
        self.agent.with_user(self.agent).write(
            {"service_extension": "777", "service_call_pop": "notify"}
        )
        self.assertEqual(self.agent.service_extension, "777")
        with self.assertRaises(AccessError):
            self.dispatcher.with_user(self.agent).write({"service_extension": "1"})

    def test_calls_are_read_by_the_desk_and_written_by_nobody(self):
        self._event("missed")
        call = self._call()
        check_matrix(
            self,
            {"call": call, "event": call.event_ids},
            {
                self.agent: {"call": "r", "event": "r"},
                self.dispatcher: {"call": "r", "event": "r"},
                self.quality: {"call": "r", "event": "r"},
                self.manager: {"call": "r", "event": "r"},
                self.technician_user: {},
                self.point_manager: {},
                self.interface: {},
                self.portal_customer: {},
            },
        )
        for user in (self.quality, self.technician_user, self.interface):
            with self.assertRaises(AccessError):
                call.with_user(user).action_take_callback()
            with self.assertRaises(AccessError):
                call.with_user(user)._record_callback("reached")
        for user in (self.technician_user, self.quality, self.portal_customer):
            with self.assertRaises(AccessError):
                self.env["service.call"].with_user(user)._receive(
                    {"call_id": "x", "event": "ringing"}
                )

    def test_calls_of_another_company_are_not_seen(self):
        self._event("missed")
        company = self.env["res.company"].create({"name": "Elsewhere"})
        self._call().company_id = company
        self.assertFalse(self._call().with_user(self.agent).search([]))
        self.assertFalse(
            self.env["service.call.event"].with_user(self.agent).search([])
        )

    def test_events_reach_calls_and_agents_of_the_callers_companies_only(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        stranger = new_test_user(
            self.env,
            "test_elsewhere",
            groups="service_management.group_service_agent",
            company_id=company.id,
            company_ids=company.ids,
            service_extension="777",
        )
        theirs = new_test_user(
            self.env,
            "test_interface_elsewhere",
            groups="service_management.group_service_interface",
            company_id=company.id,
            company_ids=company.ids,
        )
        self._event("ringing", extension="777")
        call = self._call()
        self.assertFalse(call.user_id)
        receive = self.env["service.call"].with_user(theirs)._receive
        data = {"call_id": "c1", "extension": "777"}
        receive(data | {"event": "missed"})
        self.assertEqual(call.state, "ringing", "the other company's call is another")
        other = self._call() - call
        self.assertRecordValues(
            other, [{"company_id": company.id, "user_id": stranger.id}]
        )
