from datetime import datetime, timedelta

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from odoo.addons.service_management.tests.common import ServiceCommon


@tagged("post_install", "-at_install")
class TestOfferWays(ServiceCommon):
    """Opening hours, the pool, own centres, mails, and orders handed back."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.second = cls._make_point("Second Point", satisfaction=0.1)
        cls.third = cls._make_point("Third Point", satisfaction=0.05)
        cls.reason = cls.env["service.reject.reason"].search([], limit=1)
        cls.calendar = cls.env["resource.calendar"].create(
            {"name": "Weekdays 8-12, 13-17", "tz": "Asia/Shanghai"}
        )
        cls.point.resource_calendar_id = cls.calendar

    def _run_mails(self):
        cron = self.env.ref("service_management.cron_mail_offers")
        with self.enter_registry_test_mode():
            cron.method_direct_trigger()

    # Opening hours

    def test_an_offer_ends_in_the_opening_hours_of_the_point(self):
        # Friday 16:00 in Shanghai; four hours are: one today, three on Monday
        with freeze_time("2026-03-06 08:00:00"):
            order = self._make_order()
            order._dispatch()
            self.assertEqual(order.offer_ids.expires_at, datetime(2026, 3, 9, 3, 0))

    def test_an_urgent_offer_ends_sooner(self):
        with freeze_time("2026-03-06 08:30:00"):
            order = self._make_order(priority="3")
            order._dispatch()
            # half an hour is left today
            self.assertEqual(order.offer_ids.expires_at, datetime(2026, 3, 9, 0, 30))

    def test_a_point_that_never_opens_is_taken_as_always_there(self):
        self.calendar.attendance_ids.unlink()
        with freeze_time("2026-03-06 08:00:00"):
            order = self._make_order()
            order._dispatch()
            self.assertEqual(order.offer_ids.expires_at, datetime(2026, 3, 6, 12, 0))

    # The pool

    def _make_pooled_order(self):
        self.type_repair.write({"dispatch_mode": "pool", "pool_size": 2})
        order = self._make_order(type_id=self.type_repair.id)
        order._dispatch()
        return order

    def test_a_pool_asks_the_best_at_once_and_the_first_wins(self):
        order = self._make_pooled_order()
        self.assertEqual(order.offer_ids.point_id, self.point | self.second)
        self.assertTrue(all(order.offer_ids.mapped("is_pool")))
        late = order.offer_ids.filtered(lambda offer: offer.point_id == self.point)
        (order.offer_ids - late).action_accept()
        self.assertEqual(order.point_id, self.second)
        self.assertEqual(late.state, "withdrawn")
        with self.assertRaisesRegex(UserError, "can no longer be answered"):
            late.with_user(self.point_manager).action_accept()

    def test_a_refusal_in_a_pool_asks_nobody_while_others_still_think(self):
        order = self._make_pooled_order()
        first, second = order.offer_ids.sorted("rank")
        first.action_reject(self.reason.id)
        self.assertEqual(order.state, "offered")
        self.assertEqual(len(order.offer_ids), 2)
        second.action_reject(self.reason.id)
        # both have refused: the pool goes on to who is left
        self.assertEqual(
            order.offer_ids.filtered(lambda offer: offer.state == "offered").point_id,
            self.third,
        )

    def test_who_grabs_must_still_be_allowed_to(self):
        order = self._make_pooled_order()
        offer = order.offer_ids.filtered(lambda offer: offer.point_id == self.point)
        self.point.state = "suspended"
        with self.assertRaisesRegex(UserError, "suspended"):
            offer.action_accept()
        self.assertEqual(offer.state, "offered")

    def test_a_dispatcher_offers_to_everybody_who_is_left(self):
        order = self._make_order()
        order._dispatch()
        with self.assertRaisesRegex(UserError, "Only a dispatcher"):
            order.with_user(self.agent).action_offer_pool()
        order.with_user(self.dispatcher).action_offer_pool()
        waiting = order.offer_ids.filtered(lambda offer: offer.state == "offered")
        self.assertEqual(waiting.point_id, self.point | self.second | self.third)
        with self.assertRaisesRegex(UserError, "nobody left"):
            order.with_user(self.dispatcher).action_offer_pool()

    # Own centres

    def test_an_own_centre_accepts_by_itself(self):
        self.point.ownership = "own"
        self.assertTrue(self.point.auto_accept)
        order = self._make_order()
        order._dispatch()
        self.assertRecordValues(
            order.offer_ids, [{"state": "accepted", "answered_via": "auto"}]
        )
        self.assertEqual((order.state, order.point_id), ("accepted", self.point))

    def test_an_own_centre_may_be_asked_all_the_same(self):
        self.point.write({"ownership": "own", "auto_accept": False})
        order = self._make_order()
        order._dispatch()
        self.assertEqual(order.offer_ids.state, "offered")

    # Mails

    def test_an_offer_is_mailed_once_to_who_answers_for_the_point(self):
        self.point_manager.partner_id.email = "manager@point.example.com"
        order = self._make_order()
        order._dispatch()
        offer = order.offer_ids
        self.assertTrue(offer.mail_due)
        self._run_mails()
        mails = self.env["mail.mail"].search(
            [("model", "=", "service.offer"), ("res_id", "=", offer.id)]
        )
        self.assertEqual(mails.recipient_ids, offer._get_mail_partners())
        self.assertIn(order.name, mails.subject)
        self.assertIn(offer._get_answer_url().rsplit("/", 1)[0], mails.body_html)
        for secret in (order.partner_id.name, order.phone):
            if secret:
                self.assertNotIn(secret, mails.body_html)
        self.assertTrue(offer.mailed_at)
        self._run_mails()
        self.assertEqual(
            self.env["mail.mail"].search_count([("res_id", "=", offer.id)]), 1
        )

    def test_no_mail_for_an_offer_that_ended_or_a_company_without_mails(self):
        self.point.partner_id.email = "point@example.com"
        order = self._make_order()
        order._dispatch()
        offer = order.offer_ids
        offer.action_withdraw()
        self._run_mails()
        self.assertFalse(offer.mailed_at)
        self.env.company.service_offer_mail = False
        order._dispatch()
        self.assertFalse((order.offer_ids - offer).mail_due)

    def test_the_link_of_a_mail_answers_one_waiting_offer_only(self):
        order = self._make_order()
        order._dispatch()
        offer = order.offer_ids
        token = offer._sign_answer()
        model = self.env["service.offer"].with_user(self.env.ref("base.public_user"))
        self.assertEqual(model._find_by_answer(token).id, offer.id)
        for wrong in ("", "x", token[:-3] + "abc", token + "A"):
            self.assertFalse(model._find_by_answer(wrong), wrong)
        with freeze_time(offer.expires_at + timedelta(seconds=1)):
            self.assertFalse(model._find_by_answer(token))
        offer.action_withdraw()
        self.assertFalse(model._find_by_answer(token))

    # Handing back

    def test_a_point_hands_an_order_back_with_a_reason(self):
        order = self._make_accepted_order()
        visit = self._make_visit(order)
        as_point = order.with_user(self.point_manager)
        with self.assertRaisesRegex(UserError, "Reason is missing"):
            as_point.action_hand_back()
        action = as_point.action_open_hand_back()
        self.assertEqual(action["res_model"], "service.order.hand.back")
        self.env["service.order.hand.back"].with_user(self.point_manager).create(
            {"order_id": order.id, "reason_id": self.reason.id, "note": "no van"}
        ).action_confirm()
        self.assertEqual(visit.state, "cancelled")
        returned = order.offer_ids.filtered(lambda offer: offer.state == "returned")
        self.assertEqual(returned.reject_reason_id, self.reason)
        self.assertTrue(
            order.event_ids.filtered(lambda event: event.kind == "returned")
        )

    def test_only_its_own_point_hands_an_order_back_and_not_once_begun(self):
        order = self._make_accepted_order()
        order.point_id = self.second
        with self.assertRaises(AccessError):
            order.with_user(self.point_manager).action_hand_back(self.reason.id)
        order.point_id = self.point
        self._make_visit(order).action_en_route()
        with self.assertRaisesRegex(UserError, "has begun"):
            order.with_user(self.point_manager).action_hand_back(self.reason.id)
