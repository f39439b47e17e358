from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tests import tagged

from odoo.addons.service_management.tests.common import ServiceCommon


@tagged("post_install", "-at_install")
class TestRating(ServiceCommon):
    def _make_done(self, **vals):
        order = self._make_order(type_id=self.type_consulting.id, **vals)
        order.action_start_work()
        order.outcome = "fixed"
        order.action_done()
        return order

    def _ask(self):
        orders = self.env["service.order"]
        orders.search(orders._get_rating_ask_domain())._ask_for_rating()

    def test_one_answer_for_each_order(self):
        order = self._make_done()
        order._rate(4, "Quick and kind.")
        self.assertEqual(order.rating_last_value, 4)
        self.assertEqual(order.rating_last_feedback, "Quick and kind.")
        self.assertIn("rated", order.event_ids.mapped("kind"))
        with self.assertRaisesRegex(UserError, "already"):
            order._rate(5)
        self.assertEqual(order.rating_last_value, 4)

    def test_cores_page_goes_the_same_way(self):
        order = self._make_done()
        token = order._rating_get_access_token()
        rating = order.rating_ids
        order.rating_apply(3, rating=rating, feedback="Fine")
        self.assertEqual(order.rating_last_value, 3)
        with self.assertRaises(UserError):
            order.rating_apply(5, token=token)

    def test_only_one_to_five_of_finished_work_of_late(self):
        order = self._make_order()
        with self.assertRaisesRegex(UserError, "cannot be rated"):
            order._rate(5)
        order = self._make_done(description="Other")
        for value in (0, 6, 2.5, "5", None):
            with self.subTest(value), self.assertRaises(UserError):
                order._rate(value)
        with (
            freeze_time(fields.Datetime.now() + timedelta(days=31)),
            self.assertRaisesRegex(UserError, "cannot be rated"),
        ):
            order._rate(5)

    def test_the_signed_link_is_for_one_order_and_once(self):
        order, other = self._make_done(), self._make_done(description="Other")
        token = order._sign_rating()
        orders = self.env["service.order"]
        self.assertEqual(orders._find_by_rating(token), order)
        self.assertFalse(orders._find_by_rating(token + "x"))
        self.assertFalse(orders._find_by_rating(""))
        self.assertNotEqual(token, other._sign_rating())
        order._rate(5)
        self.assertFalse(orders._find_by_rating(token))

    def test_the_customer_is_asked_once(self):
        order = self._make_done()
        imported = self._make_done(description="Import", channel="import")
        silent = self._make_done(description="Silent", email=False)
        self.customer.email = False
        silent.email = False
        mails = Domain("model", "=", "service.order") & Domain("res_id", "=", order.id)
        before = self.env["mail.mail"].sudo().search(mails)
        self._ask()
        asked = self.env["mail.mail"].sudo().search(mails) - before
        self.assertEqual(len(asked), 1)
        self.assertIn("/rat", asked.body_html)
        self.assertTrue(order.rating_asked_at)
        self.assertTrue(silent.rating_asked_at)
        self.assertFalse(imported.rating_asked_at)
        self._ask()
        self.assertEqual(self.env["mail.mail"].sudo().search(mails) - before, asked)

    def test_nobody_is_asked_where_the_company_does_not_want_it(self):
        order = self._make_done()
        order.company_id.service_rating_mail = False
        self._ask()
        self.assertFalse(order.rating_asked_at)

    def test_who_reads_ratings(self):
        """L6: core lets every employee read and write all of them."""
        order = self._make_done()
        rating = order._rate(2, "Late")
        for user in (self.agent, self.dispatcher, self.quality, self.manager):
            self.assertEqual(rating.with_user(user).feedback, "Late")
            with self.subTest(user.login), self.assertRaises(AccessError):
                rating.with_user(user).rating = 5
        for user in (self.technician_user, self.point_manager, self.portal_customer):
            with self.subTest(user.login), self.assertRaises(AccessError):
                rating.with_user(user).read(["rating"])
            with self.subTest(user.login), self.assertRaises(AccessError):
                rating.with_user(user).rating = 5

    def test_satisfaction_is_drawn_from_what_was_typed_to_the_ratings(self):
        point = self._make_point("Rated", satisfaction=0.6)
        self.assertAlmostEqual(point.satisfaction_typed, 0.6)
        orders = [self._make_done(description=f"Fault {n}") for n in range(10)]
        for order in orders:
            order.sudo().point_id = point
            order._rate(5)
        self.env.flush_all()
        self.env["service.point"]._measure_satisfaction()
        self.assertEqual(point.rating_number, 10)
        # Ten ratings weigh as much as what was typed
        self.assertAlmostEqual(point.satisfaction, 0.8)
        with freeze_time(fields.Datetime.now() + timedelta(days=190)):
            self.env["service.point"]._measure_satisfaction()
        self.assertEqual(point.rating_number, 0)
        self.assertAlmostEqual(point.satisfaction, 0.6)
