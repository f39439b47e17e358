from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from .common import PortalCommon


@tagged("post_install", "-at_install")
class TestWindow(PortalCommon):
    """A customer chooses when somebody comes, among the times that are free."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        day = fields.Date.today() + timedelta(days=3)
        cls.slot = cls.env["service.slot"].create(
            {
                "point_id": cls.point.id,
                "dayofweek": str(day.weekday()),
                "hour_from": 9,
                "hour_to": 11,
                "capacity": 1,
            }
        )
        cls.window = cls.slot._get_times(day)
        cls.value = "/".join(f"{moment:%Y-%m-%dT%H:%M}" for moment in cls.window)

    def test_a_free_time_is_chosen_and_promised(self):
        order = self._plant_order()
        self._login(self.portal_customer)
        page = self.url_open(order.access_url).text
        self.assertIn(self.value, page)
        response = self._post(f"{order.access_url}/window", {"window": self.value})
        self.assertIn("We will come at the time you chose.", response.text)
        self.assertEqual((order.slot_start, order.slot_end), self.window)
        self.assertIn("We come", response.text)

    def test_a_time_that_somebody_else_has_is_refused_with_a_sentence(self):
        self._plant_order()._book_slot(*self.window)
        order = self._plant_order()
        self._login(self.portal_customer)
        self.assertNotIn(self.value, self.url_open(order.access_url).text)
        response = self._post(f"{order.access_url}/window", {"window": self.value})
        self.assertIn("has just been taken", response.text)
        self.assertFalse(order.slot_start)

    def test_what_is_no_time_and_a_request_of_others_change_nothing(self):
        order = self._plant_order()
        self._login(self.portal_customer)
        for wrong in ("", "tomorrow", "2026-01-01T09:00", "x/y"):
            response = self._post(f"{order.access_url}/window", {"window": wrong})
            self.assertIn("Please choose one of the times.", response.text)
        self.assertFalse(order.slot_start)
        self._login(self.foreigner)
        self._assert_turned_away(
            self._post(f"{order.access_url}/window", {"window": self.value})
        )
        self.assertFalse(order.slot_start)
