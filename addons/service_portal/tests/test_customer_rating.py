from odoo.tests import tagged

from .common import PortalCommon


@tagged("post_install", "-at_install")
class TestCustomerRating(PortalCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls._plant_job()
        cls._plan(cls.order).action_done({"outcome": "fixed"})

    def test_rate_in_the_portal_once(self):
        self._login(self.portal_customer)
        url = self.order.access_url
        self.assertIn(f"{url}/rate", self.url_open(url).text)
        self._post(f"{url}/rate", {"rating": "4", "feedback": "Kind"})
        self.assertEqual(self.order.rating_last_value, 4)
        self.assertIn("Your rating", self.url_open(url).text)
        response = self._post(f"{url}/rate", {"rating": "1"})
        self.assertIn("already", response.text)
        self.assertEqual(self.order.rating_last_value, 4)

    def test_nonsense_is_refused(self):
        self._login(self.portal_customer)
        for value in ("", "0", "6", "x", "-1"):
            self._post(f"{self.order.access_url}/rate", {"rating": value})
        self.assertFalse(self.order._get_given_ratings())

    def test_only_the_customer_rates(self):
        for user in (self.foreigner, self.portal_point):
            self._login(user)
            self._post(f"{self.order.access_url}/rate", {"rating": "5"})
        self.assertFalse(self.order._get_given_ratings())

    def test_rate_from_the_mail_and_never_by_looking(self):
        """L7: looking changes nothing."""
        url = self.order._get_rating_url().replace(self.order.get_base_url(), "")
        self.authenticate(None, None)
        page = self.url_open(url + "?rating=5")
        self.assertIn(self.order.name, page.text)
        self.assertFalse(self.order._get_given_ratings())
        self.assertIn("Thank you", self._post(url, {"rating": "5"}).text)
        self.assertEqual(self.order.rating_last_value, 5)
        # used up, and the same answer as for a link that never was
        used = self.url_open(url).text
        self.assertIn("nothing to rate", used)
        self.assertIn("nothing to rate", self.url_open("/service/rating/guess").text)
        self.assertNotIn(self.order.name, used)
        self._post(url, {"rating": "1"})
        self.assertEqual(self.order.rating_last_value, 5)

    def test_a_form_without_its_token_is_refused(self):
        url = self.order._get_rating_url().replace(self.order.get_base_url(), "")
        self.authenticate(None, None)
        self.assertEqual(self.url_open(url, data={"rating": "5"}).status_code, 400)
        self.assertFalse(self.order._get_given_ratings())
