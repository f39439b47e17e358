from odoo import fields
from odoo.tests import tagged

from .common import MARKER, PortalCommon


@tagged("post_install", "-at_install")
class TestOfferMail(PortalCommon):
    """Answering an offer from its mail, and giving a job back in the portal."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.reason = cls.env["service.reject.reason"].search([], limit=1)

    def setUp(self):
        super().setUp()
        self.authenticate(None, None)

    def _get_mail_url(self, offer):
        url = offer._get_answer_url()
        self.assertTrue(url.startswith(offer.get_base_url()))
        return url.removeprefix(offer.get_base_url())

    def test_looking_shows_the_job_without_the_customer_and_changes_nothing(self):
        offer = self._offer(self._plant_order())
        page = self.url_open(self._get_mail_url(offer)).text
        self.assertIn(f"{MARKER} description", page)
        for hidden in (f"{MARKER} customer", f"{MARKER} street", f"138 {MARKER}"):
            self.assertNotIn(hidden, page)
        self.assertEqual(offer.state, "offered")
        url = self._get_mail_url(offer)
        opened = self.url_open(f"{url}/accept", allow_redirects=False)
        self.assertURLEqual(opened.headers["Location"], url)
        self.assertEqual(offer.state, "offered")

    def test_the_page_is_in_one_language(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        offer = self._offer(self._plant_order())
        offer.order_id.type_id.with_context(lang="zh_CN").name = "上门维修"
        url = self._get_mail_url(offer)
        for point, visited in (("zh_CN", "en_US"), ("en_US", "zh_CN")):
            with self.subTest(point=point, visited=visited):
                self.point.partner_id.lang = point
                self.opener.cookies.set("frontend_lang", visited)
                page = self.url_open(url).text
                self.assertEqual("上门维修" in page, visited == "zh_CN")

    def test_what_does_not_hold_is_said_so(self):
        offer = self._offer(self._plant_order())
        offer.reason_data = [{"code": "continuity", "value": None, "cost": 1.0}]
        (reason,) = offer._get_portal_page()["reasons"]
        self.assertEqual(reason["value"], "no")

    def test_accepting_from_the_mail_is_the_same_acceptance(self):
        offer = self._offer(self._plant_order())
        url = self._get_mail_url(offer)
        page = self._post(url + "/accept").text
        self.assertIn("The order is yours", page)
        self.assertNotIn(f"{MARKER} street", page)
        self.assertRecordValues(
            offer,
            [{"state": "accepted", "answered_via": "mail", "answered_by_id": False}],
        )
        self.assertEqual(offer.order_id.point_id, self.point)
        self.assertIn("This offer has ended", self.url_open(url).text)

    def test_refusing_from_the_mail_needs_a_reason(self):
        offer = self._offer(self._plant_order())
        url = self._get_mail_url(offer)
        self.assertIn("Reason is missing", self._post(url + "/refuse").text)
        self.assertEqual(offer.state, "offered")
        self._post(url + "/refuse", {"reason_id": self.reason.id, "note": "no van"})
        self.assertRecordValues(
            offer,
            [
                {
                    "state": "rejected",
                    "answered_via": "mail",
                    "reject_reason_id": self.reason.id,
                    "note": "no van",
                }
            ],
        )

    def test_a_link_of_an_ended_offer_answers_like_a_wrong_one(self):
        offer = self._offer(self._plant_order())
        url = self._get_mail_url(offer)
        offer.expires_at = fields.Datetime.subtract(fields.Datetime.now(), minutes=1)
        for wrong in (url, "/service/offer/nonsense", url[:-4] + "0000"):
            for page in (self.url_open(wrong), self._post(wrong + "/accept")):
                self.assertIn("This offer has ended", page.text)
        self.assertEqual(offer.state, "offered")

    def test_a_point_hands_a_job_back_in_the_portal(self):
        order = self._plant_job()
        self._login(self.portal_point)
        url = f"/my/service/jobs/{order.id}"
        self.assertIn("Hand the job back", self.url_open(url).text)
        response = self._post(url + "/hand_back")
        self.assertIn("Reason is missing", response.text)
        response = self._post(url + "/hand_back", {"reason_id": self.reason.id})
        self.assertIn("You handed the job back.", response.text)
        self.assertFalse(order.point_id)
        self.assertIn("returned", order.offer_ids.mapped("state"))
