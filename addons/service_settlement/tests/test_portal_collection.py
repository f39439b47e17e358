from odoo import http
from odoo.tests import HttpCase, new_test_user, tagged

from .test_charge import ChargeCommon

URL = "/my/payments-on-site"


@tagged("post_install", "-at_install")
class TestPortalCollection(ChargeCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for login in ("pay_point", "pay_stranger"):
            user = new_test_user(
                cls.env, login=login, password=login, groups="base.group_portal"
            )
            if login == "pay_point":
                cls.point.user_ids |= user
        cls.other_point = cls._make_settled_point("Test Other Point")
        cls.other_point.user_ids |= user

    def _visit(self):
        order = self._make_uncovered()
        self._quote(order).with_user(self.agent).action_save()
        visit = self._make_visit(order)
        visit.action_en_route()
        return visit

    def _post(self, visit, **data):
        token = http.Request.csrf_token(self)
        self.env.flush_all()
        response = self.url_open(
            f"{URL}/{visit.id}", data={"csrf_token": token, **data}
        )
        self.env.invalidate_all()
        return response

    def test_a_point_notes_a_payment(self):
        visit = self._visit()
        self.authenticate("pay_point", "pay_point")
        self.assertIn(URL, self.url_open("/my").text)
        self.assertIn(visit.order_id.name, self.url_open(URL).text)
        page = self._post(visit, amount="100,50", method="cash")
        receipt = visit.order_id.collection_ids
        self.assertEqual((receipt.amount, receipt.method), (100.5, "cash"))
        self.assertEqual(receipt.user_id.login, "pay_point")
        self.assertIn(receipt.name, page.text)
        self.assertIn("Cash to hand over", page.text)

    def test_refusals_are_sentences(self):
        visit = self._visit()
        self.authenticate("pay_point", "pay_point")
        for data, words in (
            ({"amount": "999", "method": "cash"}, "not more"),
            ({"amount": "a lot", "method": "cash"}, "above zero"),
            ({"amount": "nan", "method": "cash"}, "above zero"),
            ({"amount": "5", "method": "gold"}, "how the customer paid"),
        ):
            with self.subTest(data):
                self.assertTrue(words in self._post(visit, **data).text, "not told")
        self.assertFalse(visit.order_id.collection_ids)

    def test_others_see_and_do_nothing(self):
        visit = self._visit()
        visit.sudo().action_collect(10)
        receipt = visit.order_id.collection_ids
        self.authenticate("pay_stranger", "pay_stranger")
        text = self.url_open(URL).text
        self.assertNotIn(visit.order_id.name, text)
        self.assertNotIn(receipt.name, text)
        self._post(visit, amount="5", method="cash")
        self.assertEqual(visit.order_id.collection_ids, receipt)

    def test_get_changes_nothing(self):
        visit = self._visit()
        self.authenticate("pay_point", "pay_point")
        answer = self.url_open(
            f"{URL}/{visit.id}?amount=5&method=cash", allow_redirects=False
        )
        self.assertEqual(answer.status_code, 303)
        self.assertFalse(visit.order_id.collection_ids)
