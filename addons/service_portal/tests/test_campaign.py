from odoo.tests import tagged

from .common import PortalCommon


@tagged("post_install", "-at_install")
class TestCampaignLetter(PortalCommon):
    """The link in the letter of a campaign, without signing in."""

    def setUp(self):
        super().setUp()
        self.patch(type(self.env["ir.cron"]), "_commit_progress", lambda *a, **k: 1.0)
        self.campaign = self.env["service.campaign"].create(
            {
                "name": "Door Lock",
                "code": "R-1",
                "product_ids": self.asset.product_id.ids,
                "serial_from": self.asset.serial,
                "serial_to": self.asset.serial,
                "type_id": self.type_repair.id,
                "description": "Exchange the lock; it burns.",
                "customer_note": "The lock may open.",
            }
        )
        self.campaign.action_start()
        self.env["service.campaign.asset"]._queue_run()
        self.line = self.campaign.line_ids
        self.url = self.line._get_answer_url()

    def _post(self, path, **data):
        page = self.url_open(self.url)
        token = page.text.split('name="csrf_token" value="')[1].split('"')[0]
        return self.url_open(f"{self.url}{path}", {"csrf_token": token, **data})

    def test_looking_shows_the_letter_and_changes_nothing(self):
        page = self.url_open(self.url).text
        self.assertIn("The lock may open.", page)
        self.assertIn(self.line.order_id.name, page)
        self.assertNotIn("it burns", page)
        self.assertEqual(self.line.state, "to_contact")

    def test_a_wish_is_passed_on(self):
        self._post("/wish", preferred="Friday after five")
        kinds = self.line.order_id.event_ids.mapped("kind")
        self.assertIn("reschedule_asked", kinds)

    def test_refusing_cancels_the_order_with_the_reason(self):
        page = self._post("/refuse", note="Sold it.").text
        self.assertIn("You do not want us to come", page)
        self.assertEqual(self.line.state, "refused")
        self.assertEqual(self.line.order_id.state, "cancelled")
        self.assertIn("nothing left to answer", self.url_open(self.url).text)

    def test_a_forged_link_shows_nothing(self):
        page = self.url_open(self.url[:-6] + "AAAAAA").text
        self.assertIn("nothing left to answer", page)
        self.assertNotIn("The lock may open.", page)

    def test_a_window_that_is_none_is_refused_with_a_sentence(self):
        page = self._post("/window", window="nonsense").text
        self.assertIn("Please choose one of the times.", page)
