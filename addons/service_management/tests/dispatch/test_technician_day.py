from datetime import timedelta

import vobject
from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, HttpCase, tagged

from odoo.addons.service_management.tests.common import MONDAY, ServiceCommon


@tagged("post_install", "-at_install")
class TestTechnicianCalendar(HttpCase, ServiceCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.token = cls._make_link()

    @classmethod
    def _make_link(cls):
        """The secret of a new link, as the dispatcher sees it once."""
        action = cls.technician.with_user(cls.dispatcher).action_renew_calendar()
        shown = Form(
            cls.env["service.technician.calendar"]
            .with_user(cls.dispatcher)
            .with_context(**action["context"])
        )
        return shown.url.rpartition("/")[2].removesuffix(".ics")

    def _read(self):
        return vobject.readOne(self._open(self.token).text)

    def _open(self, token):
        return self.url_open(f"/service/calendar/{token}.ics")

    def _get_events(self):
        return self._read().contents.get("vevent", [])

    def test_the_link_shows_the_coming_visits_without_prices_or_notes(self):
        order = self._make_accepted_order(internal_note="haggles about the price")
        start = fields.Datetime.now().replace(microsecond=0) + timedelta(days=2)
        visit = self._make_visit(order, start=start)
        answer = self._open(self.token)
        self.assertTrue(answer.headers["Content-Type"].startswith("text/calendar"))
        self.assertNotIn("haggles", answer.text)
        (event,) = self._get_events()
        self.assertEqual(event.dtstart.value.replace(tzinfo=None), visit.planned_start)
        self.assertIn("Test Customer", event.summary.value)
        self.assertIn(order.name, event.description.value)

    def test_what_is_far_over_or_cancelled_is_not_shown(self):
        far = self._make_visit(start=fields.Datetime.now() + timedelta(weeks=9))
        order = self._make_accepted_order(description="second")
        past = self._make_visit(order, start=fields.Datetime.now() - timedelta(days=3))
        order = self._make_accepted_order(description="third")
        off = self._make_visit(order, start=fields.Datetime.now() + timedelta(days=3))
        off.action_cancel()
        self.assertTrue(far and past)
        self.assertFalse(self._get_events())

    def test_a_revoked_renewed_or_guessed_link_shows_nothing(self):
        old, new = self.token, self._make_link()
        self.assertNotEqual(old, new)
        self.assertEqual(self._open(new).status_code, 200)
        self.technician.with_user(self.dispatcher).action_revoke_calendar()
        for token in (old, new, "x" * 43, "False", "%"):
            self.assertEqual(self._open(token).status_code, 404, token)

    def test_a_copy_of_the_database_opens_no_calendar(self):
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT row_to_json(t)::text FROM service_technician t WHERE id = %s",
            [self.technician.id],
        )
        [row] = self.env.cr.fetchone()
        self.assertNotIn(self.token, row)
        digest = self.technician.calendar_digest
        self.assertIn(digest, row)
        self.assertEqual(self._open(digest).status_code, 404)

    def test_a_link_ends_when_the_technician_leaves_or_belongs_elsewhere(self):
        other = self._make_point("Other Point")
        for change in (
            {"user_id": self.agent.id},
            {"point_id": other.id},
            {"active": False},
        ):
            with self.subTest(change):
                token = self._make_link()
                name = next(iter(change))
                before = self.technician[name]
                self.technician.write(change)
                self.env.flush_all()
                self.assertEqual(self._open(token).status_code, 404)
                # what was taken away does not come back by itself
                self.technician[name] = before
                self.env.flush_all()
                self.assertEqual(self._open(token).status_code, 404)
        with self.assertRaises(UserError):
            self.technician.active = False
            self.technician.with_user(self.dispatcher).action_renew_calendar()

    def test_a_link_lives_through_other_changes(self):
        self.technician.write(
            {"name": "New Name", "point_id": self.technician.point_id.id}
        )
        self.env.flush_all()
        self.assertEqual(self._open(self.token).status_code, 200)

    def test_only_dispatchers_make_links_and_nobody_reads_the_digest(self):
        for user in (self.technician_user, self.agent, self.point_manager):
            technician = self.technician.with_user(user)
            with self.assertRaises(UserError):
                technician.action_renew_calendar()
            with self.assertRaises(UserError):
                technician.action_revoke_calendar()
        technician = self.technician.with_user(self.dispatcher)
        self.assertTrue(technician.has_calendar)
        for name in ("calendar_digest", "calendar_holder"):
            with self.assertRaises(AccessError):
                technician.read([name])
            with self.assertRaises(AccessError):
                technician.write({name: "x"})


@tagged("post_install", "-at_install")
@freeze_time(MONDAY - timedelta(days=3))
class TestTechnicianSheet(ServiceCommon):
    def _render(self, technicians, user):
        report = self.env["ir.actions.report"].with_user(user)
        content, __ = report.with_context(
            service_day=MONDAY.date().isoformat()
        )._render_qweb_html(
            "service_management.report_service_technician_day", technicians.ids
        )
        return content.decode()

    def test_the_sheet_lists_the_day_with_address_phone_and_parts(self):
        order = self._make_accepted_order()
        self.customer.street = "12 Long Road"
        self.env["service.part.need"].create(
            {"order_id": order.id, "product_id": self.part.id, "quantity": 2}
        )
        self.env["stock.quant"]._update_available_quantity(
            self.part, self.point.location_id, 2
        )
        visit = self._make_visit(order, start=MONDAY)
        visit.travel_minutes = 17
        later = self._make_accepted_order(description="On another day")
        self._make_visit(later, start=MONDAY + timedelta(days=1))
        text = self._render(self.technician, self.dispatcher)
        for part in (
            "Test Technician",
            "08:00 – 09:00",
            "12 Long Road",
            "138 0013 8000",
            "17",
            "2 × Test Pump",
            order.name,
        ):
            self.assertIn(part, text)
        self.assertNotIn("On another day", text)

    def test_a_point_manager_prints_the_own_technicians_only(self):
        other = self._make_technician("Elsewhere", point=self._make_point("Other"))
        self.assertIn(
            "Test Technician", self._render(self.technician, self.point_manager)
        )
        with self.assertRaises(AccessError):
            self._render(other, self.point_manager)
