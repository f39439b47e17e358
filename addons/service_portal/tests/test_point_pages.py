from datetime import timedelta
from zoneinfo import ZoneInfo

from odoo import fields
from odoo.tests import tagged

from .common import MARKER, PortalCommon, picture, signature


@tagged("post_install", "-at_install")
class TestPointPages(PortalCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.reason = cls.env["service.reject.reason"].search([], limit=1)
        cls.zone = ZoneInfo(cls.point.resource_calendar_id.tz or "UTC")

    def _local(self, moment):
        """What a person of the point types for a time in UTC."""
        utc = moment.replace(tzinfo=ZoneInfo("UTC"))
        return utc.astimezone(self.zone).strftime("%Y-%m-%dT%H:%M")

    def _tomorrow(self):
        return fields.Datetime.now().replace(second=0, microsecond=0) + timedelta(
            days=1
        )

    def test_home_counts_open_offers_and_jobs_of_own_points(self):
        self._offer(self._plant_order())
        self._offer(self._plant_order(), self.other_point)
        self._plant_job()
        self._login(self.portal_point)
        values = self.make_jsonrpc_request(
            "/my/counters", {"counters": ["service_offer_count", "service_job_count"]}
        )
        self.assertEqual(values, {"service_offer_count": 1, "service_job_count": 1})

    def test_offer_shows_the_job_but_not_yet_the_customer(self):
        offer = self._offer(self._plant_order())
        self._login(self.portal_point)
        page = self.url_open("/my/service/offers").text
        self.assertIn(offer.order_id.name, page)
        page = self.url_open(f"/my/service/offers/{offer.id}").text
        self.assertIn(f"{MARKER} description", page)
        self.assertIn("Distance (km)", page)
        for hidden in (
            f"{MARKER} customer",
            f"{MARKER} street",
            f"138 {MARKER}",
            f"{MARKER} internal",
            f"{MARKER} staff only",
            f"{MARKER} candidate",
        ):
            self.assertNotIn(hidden, page)

    def test_offer_tells_the_point_what_speaks_for_it_in_figures(self):
        offer = self._offer(self._plant_order())
        offer.reason_data = [
            {"code": "satisfaction", "cost": 0.24, "value": 0.875},
            {"code": "distance", "cost": 0.5, "value": 12.34},
            {"code": "continuity", "cost": 0.2, "value": "served"},
            {"code": "tariff", "cost": 0.1, "value": 8765.0},
        ]
        self._login(self.portal_point)
        page = self.url_open(f"/my/service/offers/{offer.id}").text
        for fact in ("88%", "12.3", "you served it last", "Cost by tariff"):
            self.assertIn(fact, page)
        self.assertNotIn("8765", page.replace(",", ""))

    def test_expired_offer_is_not_shown(self):
        offer = self._offer(self._plant_order())
        offer.expires_at = fields.Datetime.now() - timedelta(minutes=1)
        self._login(self.portal_point)
        page = self.url_open("/my/service/offers").text
        self.assertNotIn(offer.order_id.name, page)
        response = self._post(f"/my/service/offers/{offer.id}/accept")
        self.assertIn("There is no such offer (any more).", response.text)
        self.assertEqual(offer.state, "offered")

    def test_accept_gives_the_job_with_address_and_phone(self):
        offer = self._offer(self._plant_order())
        self._login(self.portal_point)
        response = self._post(f"/my/service/offers/{offer.id}/accept")
        self.assertIn("The order is yours.", response.text)
        self.assertIn(f"{MARKER} customer", response.text)
        self.assertIn(f"{MARKER} street", response.text)
        self.assertIn(f"138 {MARKER}", response.text)
        self.assertRecordValues(
            offer, [{"state": "accepted", "answered_by_id": self.portal_point.id}]
        )
        self.assertEqual(offer.order_id.point_id, self.point)

    def test_refuse_needs_a_reason_and_hides_the_order_everywhere(self):
        offer = self._offer(self._plant_order())
        order = offer.order_id
        self._login(self.portal_point)
        response = self._post(f"/my/service/offers/{offer.id}/refuse")
        self.assertIn("Reason is missing", response.text)
        self.assertEqual(offer.state, "offered")
        self._post(
            f"/my/service/offers/{offer.id}/refuse",
            {"reason_id": self.reason.id, "note": "No one free"},
        )
        self.assertRecordValues(
            offer,
            [
                {
                    "state": "rejected",
                    "reject_reason_id": self.reason.id,
                    "note": "No one free",
                }
            ],
        )
        for url in ("/my/service/offers", f"/my/service/offers/{offer.id}", "/my"):
            self.assertNotIn(MARKER, self.url_open(url).text)
        self._assert_turned_away(self.url_open(f"/my/service/jobs/{order.id}"))
        orders = self.env["service.order"].with_user(self.portal_point)
        self.assertFalse(orders.search([("id", "=", order.id)]))

    def test_withdrawn_job_disappears(self):
        order = self._plant_job()
        self._login(self.portal_point)
        self.assertIn(MARKER, self.url_open(f"/my/service/jobs/{order.id}").text)
        order.action_redispatch("Too slow")
        self._assert_turned_away(self.url_open(f"/my/service/jobs/{order.id}"))
        self.assertNotIn(MARKER, self.url_open("/my/service/jobs?filterby=all").text)

    def test_point_of_another_cannot_answer(self):
        offer = self._offer(self._plant_order())
        self._login(self.other_point_user)
        for action in ("accept", "refuse"):
            response = self._post(
                f"/my/service/offers/{offer.id}/{action}", {"reason_id": self.reason.id}
            )
            self.assertNotIn(MARKER, response.text)
        self.assertEqual(offer.state, "offered")

    def test_customer_has_no_pages_of_points(self):
        self._login(self.portal_customer)
        for path in ("offers", "offers/1", "jobs", "jobs/1"):
            self._assert_turned_away(self.url_open(f"/my/service/{path}"))

    def test_job_hides_staff_notes_and_messages(self):
        order = self._plant_job()
        order.message_post(
            body="Dear customer, PRICE 99", subtype_xmlid="mail.mt_comment"
        )
        order.with_user(self.portal_customer).sudo()._post_from_portal("Ring twice")
        self._login(self.portal_point)
        page = self.url_open(f"/my/service/jobs/{order.id}").text
        self.assertIn("Ring twice", page)
        for hidden in (f"{MARKER} internal", f"{MARKER} staff only", "PRICE 99"):
            self.assertNotIn(hidden, page)

    def test_plan_a_visit_in_the_time_of_the_point(self):
        order = self._plant_job()
        start = self._tomorrow()
        self._login(self.portal_point)
        self.assertIn(
            self.technician.name, self.url_open(f"/my/service/jobs/{order.id}").text
        )
        response = self._post(
            f"/my/service/jobs/{order.id}/plan",
            {"technician_id": self.technician.id, "start": self._local(start)},
        )
        self.assertIn("The visit is planned.", response.text)
        self.assertRecordValues(
            order.visit_ids,
            [{"planned_start": start, "technician_id": self.technician.id}],
        )

    def test_a_crew_of_two_is_planned_together(self):
        second = self._make_technician("Second of the Crew")
        order = self._plant_job()
        order.type_id.crew_size = 2
        start = self._tomorrow()
        url = f"/my/service/jobs/{order.id}"
        self._login(self.portal_point)
        page = self.url_open(url).text
        self.assertEqual(page.count('name="technician_id"'), 2)
        self.assertIn(f"{self.technician.name}, {second.name}", page)
        response = self._post(
            f"{url}/plan",
            {"technician_id": self.technician.id, "start": self._local(start)},
        )
        self.assertIn("needs a crew of 2", response.text)
        self._post(
            f"{url}/plan",
            {
                "technician_id": [second.id, self.technician.id],
                "start": self._local(start),
            },
        )
        self.assertEqual(
            order.visit_ids.crew_ids.technician_id, self.technician + second
        )

    def test_double_booking_is_answered_with_a_sentence(self):
        start = self._tomorrow()
        self._plant_job()._plan_visit(
            self.technician, start, start + timedelta(hours=2)
        )
        order = self._plant_job()
        self._login(self.portal_point)
        response = self._post(
            f"/my/service/jobs/{order.id}/plan",
            {"technician_id": self.technician.id, "start": self._local(start)},
        )
        self.assertIn("already has a visit at this time", response.text)
        self.assertFalse(order.visit_ids)

    def test_plan_refuses_what_cannot_be(self):
        order = self._plant_job()
        stranger = self._make_technician("Stranger", point=self.other_point)
        past = fields.Datetime.now() - timedelta(days=1)
        url = f"/my/service/jobs/{order.id}/plan"
        self._login(self.portal_point)
        for technician, start, sentence in (
            (stranger, self._local(self._tomorrow()), "Technician is missing"),
            (self.technician, "tomorrow", "Please choose a day and a time"),
            (self.technician, self._local(past), "Please choose a time to come."),
        ):
            response = self._post(url, {"technician_id": technician.id, "start": start})
            self.assertIn(sentence, response.text)
        self.assertFalse(order.visit_ids)

    def test_visit_goes_from_the_way_to_the_report(self):
        self._stock(self.part, 5)
        order = self._plant_job()
        visit = self._plan(order)
        url = f"/my/service/jobs/{order.id}/visits/{visit.id}"
        self._login(self.portal_point)
        self._post(f"{url}/en_route")
        self.assertEqual(visit.state, "en_route")
        self._post(f"{url}/on_site")
        self.assertEqual((visit.state, order.state), ("on_site", "in_progress"))
        page = self.url_open(f"{url}/report").text
        self.assertIn("Test Pump", page)
        self.assertIn("5", page)
        response = self._post(
            f"{url}/report",
            {
                "outcome": "fixed",
                "report": "Pump replaced",
                "part_id": self.part.id,
                "quantity": "2",
                "signed_by": "Mr Test",
                "signature": signature(),
            },
            files=[("photos", ("after.jpg", picture(), "image/jpeg"))],
        )
        self.assertIn("The visit is reported.", response.text)
        self.assertRecordValues(
            visit, [{"state": "done", "outcome": "fixed", "signed_by": "Mr Test"}]
        )
        self.assertTrue(visit.signature)
        self.assertEqual(order.state, "done")
        self.assertRecordValues(
            visit.move_ids,
            [{"product_id": self.part.id, "quantity": 2.0, "state": "done"}],
        )
        message = order._get_public_messages()[0]
        self.assertEqual(message.author_id, self.portal_point.partner_id)
        self.assertNotIn(self.portal_point.partner_id, order.message_partner_ids)

    def test_report_is_all_or_nothing(self):
        self._stock(self.part, 1)
        order = self._plant_job()
        visit = self._plan(order)
        url = f"/my/service/jobs/{order.id}/visits/{visit.id}/report"
        good = {"outcome": "fixed", "report": "Keep me"}
        self._login(self.portal_point)
        for change, sentence in (
            ({"outcome": ""}, "Please choose what came of the visit."),
            ({"part_id": self.part.id, "quantity": "3"}, "3 used"),
            ({"part_id": self.part.id, "quantity": "x"}, "as a number"),
            ({"part_id": self.product.id}, "that your service point holds"),
            (
                {
                    "section_id": self.env["service.fault.code"]
                    .search([("kind", "=", "repair")], limit=1)
                    .id
                },
                "one of the values offered",
            ),
            ({"signature": signature()}, "who signed"),
            (
                {"signature": "data:image/png;base64,AAAA", "signed_by": "Li"},
                "could not be read",
            ),
        ):
            response = self._post(url, {**good, **change})
            self.assertIn(sentence, response.text)
            self.assertIn("Keep me", response.text)
        self.assertEqual(visit.state, "planned")
        self.assertFalse(visit.move_ids)

    def test_the_serial_numbers_of_a_part_are_reported(self):
        panel = self.env["product.product"].create(
            {"name": "Panel", "is_storable": True, "tracking": "serial"}
        )
        point = self._plant_job().point_id
        lots = self.env["stock.lot"].create(
            [{"name": name, "product_id": panel.id} for name in ("P-1", "P-2", "P-3")]
        )
        for lot in lots[:2]:
            self.env["stock.quant"]._update_available_quantity(
                panel, point.location_id, 1, lot_id=lot
            )
        visit = self._plan(self._plant_job())
        url = f"/my/service/jobs/{visit.order_id.id}/visits/{visit.id}/report"
        self._login(self.portal_point)
        self.assertIn('data-serial="True"', self.url_open(url).text)
        data = {"outcome": "fixed", "part_id": panel.id, "quantity": "1"}
        for serial, sentence in (
            ("", "Serial number of Panel: it is missing."),
            ("P-9", "Serial number of Panel: P-9 is unknown."),
            ("P-3", "P-3 is not in"),
        ):
            response = self._post(
                url, {**data, "serial": serial, "old_serial": "OLD-7"}
            )
            self.assertIn(sentence, response.text)
            self.assertIn('value="OLD-7"', response.text)
        self.assertFalse(visit.move_ids)
        self._post(url, {**data, "serial": "P-2", "old_serial": "OLD-7"})
        self.assertEqual(visit.state, "done")
        self.assertEqual(visit.move_ids.lot_ids, lots[1])
        self.assertEqual(visit.move_ids.service_old_serial, "OLD-7")

    def test_reported_twice_counts_once(self):
        self._stock(self.part, 5)
        order = self._plant_job()
        visit = self._plan(order)
        url = f"/my/service/jobs/{order.id}/visits/{visit.id}/report"
        data = {"outcome": "fixed", "part_id": self.part.id, "quantity": "1"}
        self._login(self.portal_point)
        self._post(url, data)
        self._post(url, data)
        self.assertEqual(len(visit.move_ids), 1)
        self.assertEqual(order.event_ids.mapped("kind").count("visit_done"), 1)

    def test_further_visit_keeps_the_job_open(self):
        order = self._plant_job()
        visit = self._plan(order)
        self._login(self.portal_point)
        self._post(
            f"/my/service/jobs/{order.id}/visits/{visit.id}/report",
            {"outcome": "repairable", "needs_next_visit": "1"},
        )
        self.assertEqual(order.state, "accepted")
        self.assertIn(
            "Plan the visit", self.url_open(f"/my/service/jobs/{order.id}").text
        )

    def test_visit_of_another_job_is_not_found(self):
        order, other = self._plant_job(), self._plant_job(self.other_point)
        technician = self._make_technician("Theirs", point=self.other_point)
        start = self._tomorrow()
        visit = other._plan_visit(technician, start, start + timedelta(hours=1))
        self._login(self.portal_point)
        for order_id in (order.id, other.id):
            for action in ("en_route", "on_site", "report"):
                response = self._post(
                    f"/my/service/jobs/{order_id}/visits/{visit.id}/{action}",
                    {"outcome": "fixed"},
                )
                self._assert_turned_away(response)
        self.assertEqual(visit.state, "planned")
