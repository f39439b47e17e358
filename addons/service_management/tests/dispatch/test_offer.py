from datetime import timedelta

from freezegun import freeze_time
from psycopg2.errors import UniqueViolation

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.service_management.tests.common import ServiceCommon


@tagged("post_install", "-at_install")
class TestOffer(ServiceCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.second = cls._make_point("Second Point", satisfaction=0.1)
        cls.reason = cls.env["service.reject.reason"].search([], limit=1)

    def _make_offered_order(self, **vals):
        order = self._make_order(**vals)
        order._dispatch()
        return order

    def _run_expiry(self):
        cron = self.env.ref("service_management.cron_expire_offers")
        with self.enter_registry_test_mode():
            cron.method_direct_trigger()

    def test_the_best_point_is_asked_with_reasons(self):
        order = self._make_offered_order()
        offer = order.offer_ids
        self.assertRecordValues(
            offer, [{"point_id": self.point.id, "state": "offered", "rank": 1}]
        )
        self.assertEqual(
            {reason["code"] for reason in offer.reasons},
            {"priority", "load", "satisfaction", "continuity"},
        )
        self.assertEqual(
            [line["point_id"] for line in offer.candidates],
            [self.point.id, self.second.id],
        )
        self.assertEqual(order.state, "offered")
        self.assertFalse(order.point_id)

    def test_accepting_gives_the_order_to_the_point(self):
        order = self._make_offered_order()
        order.offer_ids.with_user(self.point_manager).action_accept()
        self.assertEqual((order.state, order.point_id), ("accepted", self.point))
        self.assertEqual(order.offer_ids.answered_by_id, self.point_manager)

    def test_refusing_needs_a_reason_and_asks_the_next(self):
        order = self._make_offered_order()
        offer = order.offer_ids
        with self.assertRaisesRegex(UserError, "Reason is missing"):
            offer.action_reject()
        offer.action_reject(self.reason.id, "no van today")
        self.assertRecordValues(
            order.offer_ids.sorted("id"),
            [
                {"point_id": self.point.id, "state": "rejected"},
                {"point_id": self.second.id, "state": "offered"},
            ],
        )
        refused = order.offer_ids.sorted("id")[1].candidates[1]
        self.assertEqual(refused["reasons"][0]["code"], "declined")

    def test_when_everybody_refuses_the_desk_has_it_back_with_reasons(self):
        order = self._make_offered_order()
        for __ in range(2):
            order.offer_ids.filtered(
                lambda offer: offer.state == "offered"
            ).action_reject(self.reason.id)
        self.assertEqual(order.state, "new")
        unserved = order.event_ids.filtered(lambda event: event.kind == "unserved")
        self.assertEqual(
            {line["reasons"][0]["code"] for line in unserved.data}, {"declined"}
        )

    def test_an_unanswered_offer_expires_once_and_passes_on(self):
        order = self._make_offered_order()
        first = order.offer_ids
        later = first.expires_at + timedelta(days=1)  # the scheduler was down
        with freeze_time(later):
            self._run_expiry()
            self._run_expiry()
            self.assertEqual(first.state, "expired")
            waiting = order.offer_ids - first
            self.assertEqual(waiting.point_id, self.second)
            self.assertGreater(waiting.expires_at, later)
        expired = order.event_ids.filtered(lambda event: event.kind == "expired")
        self.assertEqual(len(expired), 1)

    def test_l26_one_bad_order_does_not_stop_the_others(self):
        bad = self._make_offered_order(description="bad")
        good = self._make_offered_order(description="good")
        Order = type(self.env["service.order"])
        dispatch = Order._dispatch

        poison = "poison"

        def poisoned(orders):
            if bad in orders:
                raise UserError(poison)
            return dispatch(orders)

        self.patch(Order, "_dispatch", poisoned)
        with freeze_time(bad.offer_ids.expires_at + timedelta(minutes=1)):
            self._run_expiry()
        self.assertEqual(good.offer_ids.sorted("id")[0].state, "expired")
        self.assertEqual(bad.offer_ids.state, "offered")
        self.assertIn("poison", bad.activity_ids.note)

    def test_creating_an_offer_wakes_the_job_at_its_end(self):
        order = self._make_offered_order()
        cron = self.env.ref("service_management.cron_expire_offers")
        self.assertTrue(
            self.env["ir.cron.trigger"].search(
                [
                    ("cron_id", "=", cron.id),
                    ("call_at", "=", order.offer_ids.expires_at),
                ]
            )
        )

    def test_an_ended_or_withdrawn_offer_cannot_be_accepted_late(self):
        order = self._make_offered_order()
        offer = order.offer_ids
        with (
            freeze_time(offer.expires_at + timedelta(seconds=1)),
            self.assertRaisesRegex(UserError, "ended at"),
        ):
            offer.action_accept()
        offer.with_user(self.dispatcher).action_withdraw()
        with self.assertRaisesRegex(UserError, "Withdrawn"):
            offer.action_accept()
        self.assertEqual(order.state, "new")

    def test_a_suspended_point_cannot_accept_what_waits(self):
        order = self._make_offered_order()
        offer = order.offer_ids
        self.point.action_suspend()
        with self.assertRaisesRegex(UserError, "'Suspended' and gets no orders"):
            offer.with_user(self.point_manager).action_accept()
        with self.assertRaisesRegex(UserError, "'Suspended' and gets no orders"):
            offer._accept("mail")
        self.assertEqual(offer.state, "offered")
        # A dispatcher may, as with any rule
        order.with_user(self.dispatcher).action_assign(self.point.id, "Promised")
        self.assertEqual(order.point_id, self.point)

    def test_only_the_point_or_a_dispatcher_answers(self):
        order = self._make_offered_order()
        offer = order.offer_ids
        with self.assertRaises(AccessError):
            offer.with_user(self.agent).action_accept()
        with self.assertRaises(AccessError):
            offer.with_user(self.technician_user).action_accept()
        self.second.user_ids = self.quality
        with self.assertRaises(AccessError):
            offer.with_user(self.quality).action_accept()
        offer.with_user(self.dispatcher).action_accept()

    def test_the_database_lets_one_offer_win(self):
        order = self._make_offered_order()
        other = order._offer_to(self.second)
        order.offer_ids.filtered(
            lambda offer: offer.point_id == self.point
        ).action_accept()
        self.assertEqual(other.state, "withdrawn")
        with mute_logger("odoo.sql_db"), self.assertRaises(UniqueViolation):
            other.sudo().state = "accepted"
            other.flush_recordset()

    def test_a_refused_point_is_assigned_only_with_right_and_reason(self):
        order = self._make_order()
        self.second.state = "suspended"
        with self.assertRaisesRegex(UserError, "suspended"):
            order.with_user(self.dispatcher).action_assign(self.second.id)
        with self.assertRaises(UserError):
            order.with_user(self.agent).action_assign(self.second.id, "because")
        order.with_user(self.dispatcher).action_assign(self.second.id, "VIP asked")
        self.assertEqual(order.point_id, self.second)
        overridden = order.event_ids.filtered(lambda event: event.kind == "overridden")
        self.assertIn("VIP asked", overridden.name)

    def test_the_dispatch_form_shows_everyone_and_why(self):
        self.second.state = "suspended"
        order = self._make_order()
        form = (
            self.env["service.order.dispatch"]
            .with_user(self.dispatcher)
            .create({"order_id": order.id})
        )
        chosen, refused = form.line_ids.sorted("is_eligible", reverse=True)
        self.assertEqual((chosen.point_id, chosen.rank), (self.point, 1))
        self.assertEqual(refused.reasons[0]["code"], "suspended")
        with self.assertRaisesRegex(UserError, "Write the reason"):
            refused.action_offer()
        chosen.action_offer()
        self.assertEqual(order.offer_ids.point_id, self.point)

    def test_taking_back_an_accepted_order_frees_it(self):
        order = self._make_accepted_order()
        visit = self._make_visit(order)
        order.with_user(self.dispatcher).action_redispatch("point is closed today")
        self.assertEqual((order.state, order.point_id.id), ("new", False))
        self.assertEqual(visit.state, "cancelled")
        order._dispatch()
        self.assertEqual(order.state, "offered")

    def test_a_reopened_order_can_be_accepted_again(self):
        order = self._make_accepted_order()
        self._make_visit(order).action_done({"outcome": "fixed"})
        order.action_reopen("Same fault again")
        order._dispatch()
        order.offer_ids.filtered(lambda offer: offer.state == "offered").action_accept()
        self.assertEqual(order.state, "accepted")
        self.assertLess(order.date_request, fields.Datetime.now() + timedelta(1))

    def test_reasons_are_told_in_the_language_of_the_reader(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        order = self._make_offered_order()
        offer = order.offer_ids
        self.patch(
            type(order),
            "_get_reason_labels",
            lambda orders: {"priority": orders.env.lang},
        )
        for lang in ("zh_CN", "en_US"):
            reasons = offer.with_context(lang=lang).reasons
            texts = {reason["code"]: reason["text"] for reason in reasons}
            self.assertEqual(texts["priority"], lang)
