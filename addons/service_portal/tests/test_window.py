import uuid
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


@tagged("post_install", "-at_install")
class TestRequestWindow(PortalCommon):
    """A customer chooses the time while filing the request."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.day = fields.Date.today() + timedelta(days=3)
        cls.slot = cls.env["service.slot"].create(
            {
                "point_id": cls.point.id,
                "dayofweek": str(cls.day.weekday()),
                "hour_from": 9,
                "hour_to": 11,
                "capacity": 1,
            }
        )
        cls.window = cls.slot._get_times(cls.day)
        cls.value = "/".join(f"{moment:%Y-%m-%dT%H:%M}" for moment in cls.window)

    def _send(self, token=None, **values):
        return self._post(
            "/my/service/orders/new",
            {
                "token": token or uuid.uuid4().hex,
                "type_id": self.type_repair.id,
                "asset_id": self.asset.id,
                "description": "It leaks.",
                **values,
            },
        )

    def _get_part(self, **values):
        return self.url_open(
            "/my/service/orders/new/windows", params=values, allow_redirects=False
        ).text

    def _get_order(self):
        return self.env["service.order"].search([("channel", "=", "portal")])

    def test_the_form_shows_free_times_for_what_was_chosen(self):
        self._login(self.portal_customer)
        form = self.url_open("/my/service/orders/new").text
        self.assertIn("Free times are shown once you have chosen", form)
        asked = {"type_id": self.type_repair.id, "asset_id": self.asset.id}
        self.assertIn(self.value, self._get_part(**asked))
        self.slot.type_ids = self.type_consulting
        self.assertIn("No time can be booked online", self._get_part(**asked))
        self.assertFalse(self._get_order(), "looking files nothing")

    def test_the_time_is_promised_with_the_request(self):
        self._login(self.portal_customer)
        token = uuid.uuid4().hex
        response = self._send(token, window=self.value)
        order = self._get_order()
        self.assertIn(f"Your request {order.name} was received.", response.text)
        self.assertIn("We come", response.text)
        self.assertEqual((order.slot_start, order.slot_end), self.window)
        self.assertFalse(order.activity_ids)
        self._send(token, window=self.value)
        self.assertEqual(len(order.slot_booking_ids), 1)

    def test_a_time_that_was_just_taken_loses_no_request(self):
        self._plant_order()._book_slot(*self.window)
        self._login(self.portal_customer)
        response = self._send(window=self.value)
        order = self._get_order()
        self.assertEqual(order.state, "new")
        self.assertFalse(order.slot_start)
        self.assertIn(f"Your request {order.name} was received.", response.text)
        self.assertIn("has just been taken", response.text)
        self.assertIn(f"{self.day}", order.date_preferred)
        self.assertEqual(
            order.activity_ids.activity_type_id,
            self.env.ref("mail.mail_activity_data_call"),
        )

    def test_without_a_time_days_and_a_call_are_asked_for(self):
        self._login(self.portal_customer)
        later = self.day + timedelta(days=2)
        self._send(
            day=str(later), other_day=str(self.day), period="morning", wants_call="1"
        )
        order = self._get_order()
        self.assertEqual(order.date_preferred, f"{self.day}, {later}, In the morning")
        self.assertIn("Call the customer", order.activity_ids.summary)
        self.assertIn("In the morning", order.activity_ids.note)

    def test_what_is_no_time_files_nothing(self):
        self._login(self.portal_customer)
        for wrong in ("tomorrow", "2026-01-01T09:00", "x/y"):
            response = self._send(window=wrong)
            self.assertIn("Please choose one of the times.", response.text)
            self.assertIn(self.value, response.text, "the form offers times again")
        self.assertFalse(self._get_order())

    def test_times_for_what_others_own_are_not_told(self):
        self._login(self.foreigner)
        self.assertNotIn(
            self.value,
            self._get_part(type_id=self.type_repair.id, asset_id=self.asset.id),
        )

    def test_where_nobody_comes_no_time_is_offered(self):
        self.type_repair.visit_required = False
        self._login(self.portal_customer)
        self.assertNotIn(
            self.value,
            self._get_part(type_id=self.type_repair.id, asset_id=self.asset.id),
        )

    def test_times_cost_the_same_few_queries_with_many_windows(self):
        vals = {"type_id": self.type_repair.id, "asset_id": self.asset.id}
        user_orders = self.env["service.order"].with_user(self.portal_customer)

        def count():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            found = user_orders._get_request_windows(
                user_orders.sudo()._prepare_request_subject(vals)
            )
            return len(found), self.env.cr.sql_log_count - before

        count()
        few, queries = count()
        for day in range(7):
            for hour in (8, 10, 12, 14):
                self.slot.copy(
                    {"dayofweek": str(day), "hour_from": hour, "hour_to": hour + 2}
                )
        count()
        many, more = count()
        self.assertGreater(many, few)
        # Each day looked at asks once whether points are closed: 14 at the most
        self.assertLessEqual(more, queries + 14)
