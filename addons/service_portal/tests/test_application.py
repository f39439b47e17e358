import io
import re
from datetime import timedelta
from unittest.mock import patch

from odoo import fields, http
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from odoo.addons.service_management.models.network import (
    service_point_application as module,
)

from .common import PortalCommon, active_pdf, picture

VALUES = {
    "name": "Fresh Repairs",
    "contact_name": "Wang Fang",
    "phone": "+86 10 5550 1234",
    "email": "fresh@example.com",
    "vat": "VAT-1",
}


@tagged("post_install", "-at_install")
class TestApplication(PortalCommon):
    def setUp(self):
        super().setUp()
        self.applications = self.env["service.point.application"]
        self.authenticate(None, None)

    def _post(self, url, data, files=None):
        token = http.Request.csrf_token(self)
        return self.url_open(url, data={**data, "csrf_token": token}, files=files)

    def _apply(self, **values):
        self.url_open("/service/apply")
        return self._post("/service/apply", {**VALUES, **values})

    def _find(self):
        return self.applications.search([("email", "=", VALUES["email"])])

    def test_l32_application_takes_only_what_the_form_asks(self):
        response = self._apply(state="approved", point_id=str(self.point.id))
        self.assertIn("look into your mailbox", response.text)
        application = self._find()
        self.assertRecordValues(
            application, [{"state": "new", "point_id": False, "name": "Fresh Repairs"}]
        )
        self.assertTrue(application.activity_ids)
        mail = self.env["mail.mail"].search([("email_to", "=", VALUES["email"])])
        self.assertIn("/service/apply/", mail.body_html)

    def test_mail_goes_to_the_bare_address(self):
        self._apply(email="You have won <Fresh@example.com>")
        self.assertEqual(self._find().email, VALUES["email"])

    def test_programs_and_floods_get_the_same_answer(self):
        answer = re.sub(r"\s+", " ", self._apply(homepage="x").text)
        self.assertFalse(self._find())
        self.assertIn("look into your mailbox", answer)
        for _time in range(7):
            self.assertIn("look into your mailbox", self._apply().text)
        self.assertEqual(len(self._find()), 5)

    def test_a_company_that_looks_for_nobody_says_so(self):
        self._apply()
        application = self._find()
        self.env.company.service_takes_applications = False
        page = self.url_open("/service/apply").text
        self.assertIn("We take no applications at present", page)
        self.assertNotIn('name="contact_name"', page)
        response = self._apply(email="late@example.com")
        self.assertIn("We take no applications at present", response.text)
        self.assertFalse(self.applications.search([("email", "=", "late@example.com")]))
        with self.assertRaises(UserError):
            self.applications.sudo()._apply(VALUES, "x")
        # Who has applied goes on
        link = application._get_progress_url().partition("/service/")[2]
        self.assertIn("Fresh Repairs", self.url_open(f"/service/{link}").text)

    def test_incomplete_application_is_told(self):
        self.assertIn("valid email", self._apply(email="nonsense").text)

    def test_documents_then_approval_then_first_login(self):
        self._apply()
        application = self._find()
        url = "/" + application._get_progress_url().split("/", 3)[3]
        page = self.url_open(url).text
        self.assertIn("Fresh Repairs", page)
        self.assertIn("hand in what is marked as needed", page)
        for name in ("licence", "insurance"):
            kept = self.env.ref(f"service_management.document_type_{name}")
            self._post(
                f"{url}/document",
                {"type_id": kept.id, "valid_to": "2099-01-01"},
                {"file": ("paper.png", io.BytesIO(picture("PNG")), "image/png")},
            )
        self.assertEqual(
            application.document_ids.mapped("verification"), ["claimed", "claimed"]
        )
        manager_view = application.with_user(self.manager)
        manager_view.action_review()
        with self.assertRaisesRegex(UserError, "Missing"):
            manager_view.action_approve()
        application.document_ids.with_user(self.quality).action_verify()
        manager_view.action_approve()
        point = application.point_id
        self.assertEqual(point.state, "probation")
        self.assertFalse(point._get_missing_documents())
        user = point.user_ids
        self.assertTrue(user._is_portal())
        with self.assertRaisesRegex(UserError, "decided already"):
            manager_view.action_approve()
        page = self.url_open(url).text
        self.assertIn("Welcome to our network", page)
        self.assertNotIn("marked as needed", page)
        user.password = "fresh-fresh-fresh"
        self.authenticate(user.login, "fresh-fresh-fresh")
        page = self.url_open("/my/service/welcome").text
        self.assertIn("Fresh Repairs", page)
        self.assertNotIn("Test Point", page)
        # Each step leads to where it is done
        for path in ("/my/account", "/my/service/technicians", "/my/service/point"):
            self.assertIn(f'<a href="{path}"', page)
        self._post("/my/service/welcome/done", {})
        self.assertFalse(point.welcome_due)

    def test_l30_harmful_uploads_are_refused(self):
        self._apply()
        application = self._find()
        url = "/" + application._get_progress_url().split("/", 3)[3]
        kept = self.env.ref("service_management.document_type_licence")
        for name, content in (
            ("a.svg", b"<svg onload='alert(1)'/>"),
            ("a.pdf", active_pdf()),
            ("a.html", b"<html/>"),
        ):
            self._post(
                f"{url}/document",
                {"type_id": kept.id, "valid_to": "2099-01-01"},
                {"file": (name, io.BytesIO(content), "application/pdf")},
            )
        self.assertFalse(application.document_ids)

    def _send_papers(self, count):
        self._apply()
        application = self._find()
        url = "/" + application._get_progress_url().split("/", 3)[3]
        kept = self.env.ref("service_management.document_type_licence")
        for _time in range(count):
            page = self._post(
                f"{url}/document",
                {"type_id": kept.id, "valid_to": "2099-01-01"},
                {"file": ("paper.png", io.BytesIO(picture("PNG")), "image/png")},
            )
        return application, page.text

    def test_an_application_has_room_for_ten_papers(self):
        application, page = self._send_papers(11)
        self.assertEqual(len(application.document_ids), 10)
        self.assertIn("that is enough", page)

    def test_a_paper_locks_its_application_first(self):
        """Without the write two at the same moment count the same."""
        application, __ = self._send_papers(1)
        before = application.write_date - timedelta(days=1)
        self.env.cr.execute(
            "UPDATE service_point_application SET write_date = %s", [before]
        )
        application.invalidate_recordset()
        with self.assertRaisesRegex(UserError, "needs the day"):
            application.document_ids._hand_in(
                application,
                {"type_id": application.document_ids.type_id.id},
            )
        application.invalidate_recordset()
        self.assertGreater(application.write_date, before)

    def test_everybody_together_has_a_limit(self):
        company = self.env.company
        with patch.object(module, "HOURLY_LIMIT_OF_ALL", 2):
            for number in range(4):
                page = self._apply(email=f"a{number}@example.com", phone=str(number))
        self.assertIn("very many applications", page.text)
        company.invalidate_recordset()
        self.assertEqual(
            self.applications.search_count([("email", "=like", "a_@example.com")]), 2
        )
        company.service_application_hour -= timedelta(hours=1)
        self.env.flush_all()
        self.assertIn("mailbox", self._apply().text)
        self.assertTrue(self._find())

    def test_waiting_applications_have_a_limit(self):
        with patch.object(module, "OPEN_LIMIT", self.applications.search_count([])):
            self.assertIn("very many applications", self._apply().text)
        self.assertFalse(self._find())

    def test_our_mails_carry_no_addresses_of_strangers(self):
        for name, value in (
            ("contact_name", "Win now at evil.example"),
            ("contact_name", "Visit HTTPS://evil.example/x"),
            ("name", "www.evil.example"),
            ("street", "http://evil.example"),
            ("contact_name", "<a href=x>you won</a>"),
        ):
            with self.subTest(value):
                self.assertIn(
                    "leave out web addresses", self._apply(**{name: value}).text
                )
        self.assertFalse(self._find())
        self._apply(contact_name="Dr. J. R. Smith\nJr.", street="St. John's Rd. 5")
        self.assertEqual(self._find().contact_name, "Dr. J. R. Smith Jr.")

    def test_papers_of_those_who_were_turned_down_are_not_kept_for_ever(self):
        application, __ = self._send_papers(1)
        application.state = "rejected"
        documents = self.env["service.point.document"]
        files = self._find_files(application.document_ids)
        self.assertTrue(files)
        documents._gc_useless()
        self.assertTrue(application.document_ids)
        old = fields.Datetime.now() - timedelta(days=91)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE service_point_application SET write_date = %s", [old]
        )
        self.env.invalidate_all()
        documents._gc_useless()
        self.assertFalse(application.document_ids)
        self.assertFalse(files.exists())

    def _find_files(self, documents):
        return self.env["ir.attachment"].search(
            [
                ("res_model", "=", documents._name),
                ("res_field", "=", "file"),
                ("res_id", "in", documents.ids),
            ]
        )

    def test_l33_wrong_link_shows_nothing(self):
        self.assertIn("has ended", self.url_open("/service/apply/guessed").text)

    def test_same_tax_id_or_phone_is_recognised(self):
        self._apply()
        self.point.partner_id.vat = VALUES["vat"]
        self.assertIn("Test Point", self._find().duplicates)

    def test_only_managers_decide(self):
        self._apply()
        with self.assertRaises(AccessError):
            self._find().with_user(self.quality).action_approve()
        for user in (self.agent, self.portal_point):
            self.assertFalse(self._find().with_user(user).has_access("read"))

    def test_point_keeps_its_own_data_and_no_other(self):
        self.authenticate("test_portal_point", "test_portal_point")
        page = self.url_open("/my/service/point").text
        self.assertIn("Test Point", page)
        self.assertNotIn("Other Point", page)
        licence = self.env.ref("service_management.document_type_licence")
        for point in (self.point, self.other_point):
            self._post(
                "/my/service/point/document",
                {
                    "point_id": point.id,
                    "type_id": licence.id,
                    "valid_to": "2099-01-01",
                },
                {"file": ("paper.png", io.BytesIO(picture("PNG")), "image/png")},
            )
            self._post(
                "/my/service/point/capacity",
                {"point_id": point.id, "daily_capacity": 7},
            )
            self._post(
                "/my/service/point/closure",
                {"point_id": point.id, "name": "Away", "date_from": self._tomorrow()},
            )
        self.assertEqual(self.point.document_ids.verification, "claimed")
        self.assertEqual(self.point.daily_capacity, 7)
        self.assertEqual(self.point.closure_ids.name, "Away")
        self.assertIn("7", str(self.point.message_ids[1].body))
        self.assertFalse(self.other_point.document_ids)
        self.assertFalse(self.other_point.daily_capacity)
        self.assertFalse(self.other_point.closure_ids)

    def test_point_sees_what_it_serves_and_why_it_gets_no_orders(self):
        self.authenticate("test_portal_point", "test_portal_point")
        self.point.coverage_ids.unlink()
        self.assertIn("Nothing yet", self.url_open("/my/service/point").text)
        installation = self.env.ref("service_management.type_installation")
        self.env["service.coverage"].create(
            [
                {"point_id": self.point.id, "kind": "zip", "zips": "77001"},
                {
                    "point_id": self.point.id,
                    "kind": "zip",
                    "zips": "77002",
                    "type_ids": installation.ids,
                    "is_exclusion": True,
                },
                {
                    "point_id": self.point.id,
                    "kind": "zip",
                    "zips": "77003",
                    "valid_to": "2020-01-01",
                },
                {"point_id": self.other_point.id, "kind": "zip", "zips": "77004"},
            ]
        )
        page = self.url_open("/my/service/point").text
        for words in ("77001", "77002", installation.name, "Excluded"):
            self.assertIn(words, page)
        for words in ("77003", "77004", "no new orders"):
            self.assertNotIn(words, page)
        self.point._suspend("Insurance is missing")
        page = self.url_open("/my/service/point").text
        self.assertIn("You get no new orders since", page)
        self.assertIn("Insurance is missing", page)

    def test_point_keeps_the_tools_that_lie_there(self):
        """They count for planning; others' points and what is not listed stay."""
        self.authenticate("test_portal_point", "test_portal_point")
        lift, gauge, gone = self.env["service.tool"].create(
            [{"name": "Portal Lift"}, {"name": "Portal Gauge"}, {"name": "Gone"}]
        )
        self.point.tool_ids = gauge + gone
        gone.active = False
        page = self.url_open("/my/service/point").text
        self.assertIn("Portal Lift", page)
        self.assertNotIn("Gone", page)
        for point in (self.point, self.other_point):
            self._post(
                "/my/service/point/tools",
                {"point_id": point.id, "tool_ids": [lift.id, 0, 10**9]},
            )
        kept = self.point.with_context(active_test=False).tool_ids
        self.assertEqual(kept, lift + gone)
        self.assertFalse(self.other_point.tool_ids)
        self.assertIn("Portal Lift", str(self.point.message_ids[0].body))
        count = len(self.point.message_ids)
        self._post(
            "/my/service/point/tools", {"point_id": self.point.id, "tool_ids": lift.id}
        )
        self.assertEqual(len(self.point.message_ids), count, "nothing has changed")
        self._post("/my/service/point/tools", {"point_id": self.point.id})
        self.assertFalse(self.point.tool_ids)

    def _make_campaign(self, **vals):
        return self.env["service.point.campaign"].create(
            {"name": "Points in Ningbo", **vals}
        )

    def test_campaign_link_names_the_campaign(self):
        campaign = self._make_campaign()
        url = "/" + campaign.url.split("/", 3)[3]
        page = self.url_open(url).text
        self.assertIn("Points in Ningbo", page)
        self.assertIn(campaign.token, page)
        self._apply(campaign=campaign.token)
        self.assertEqual(self._find().campaign_id, campaign)
        self.assertEqual(campaign.application_count, 1)
        for user, access in (
            (self.quality, True),
            (self.agent, False),
            (self.portal_point, False),
        ):
            self.assertEqual(campaign.with_user(user).has_access("read"), access)

    def test_closed_and_past_campaigns_take_nothing(self):
        yesterday = fields.Date.today() - timedelta(days=2)
        closed = self._make_campaign(active=False)
        past = self._make_campaign(date_end=yesterday)
        renewed = self._make_campaign()
        old = renewed.token
        renewed.with_user(self.manager).action_new_link()
        for token in (closed.token, past.token, old, "guessed"):
            self.assertIn(
                "has ended", self.url_open(f"/service/apply?campaign={token}").text
            )
            self.assertIn("has ended", self._apply(campaign=token).text)
        self.assertFalse(self._find())
        self._apply(campaign=renewed.token)
        self.assertTrue(self._find())

    def test_point_keeps_its_capacity_by_service(self):
        self.authenticate("test_portal_point", "test_portal_point")
        values = {"point_id": self.point.id, "type_id": self.type_repair.id}
        url = "/my/service/point/capacity/type"
        self._post(url, {**values, "orders": 6, "hours": "7.5"})
        self._post(url, {**values, "type_id": 0, "orders": 12})
        self.assertEqual(
            {
                (row.type_id.id, row.orders_a_day, row.hours_a_day)
                for row in self.point.capacity_ids
            },
            {(self.type_repair.id, 6, 7.5), (False, 12, 0.0)},
        )
        self._post(url, {**values, "orders": 5})
        row = self.point.capacity_ids.filtered("type_id")
        self.assertEqual((row.orders_a_day, row.hours_a_day), (5, 0.0))
        for wrong in (
            {"hours": "nan"},
            {"hours": "x"},
            {"hours": "-1"},
            {"orders": 20000},
            {"type_id": 999999, "orders": 3},
            {"point_id": self.other_point.id, "orders": 3},
        ):
            self._post(url, {**values, **wrong})
        self.assertEqual(row.orders_a_day, 5)
        self.assertFalse(self.other_point.capacity_ids)
        self._post(url, {**values, "orders": 0})
        self.assertFalse(self.point.capacity_ids.filtered("type_id"))

    def test_point_opens_again_on_closed_days(self):
        today = fields.Date.today()
        coming, begun, foreign = self.env["service.point.closure"].create(
            [
                {
                    "name": name,
                    "point_id": point.id,
                    "date_from": today + timedelta(days=start),
                    "date_to": today + timedelta(days=5),
                }
                for name, point, start in (
                    ("Coming", self.point, 2),
                    ("Begun", self.point, -2),
                    ("Foreign", self.other_point, 2),
                )
            ]
        )
        self.authenticate("test_portal_point", "test_portal_point")
        self.assertIn("Open again", self.url_open("/my/service/point").text)
        for closure in (coming, begun, foreign):
            self._post(
                "/my/service/point/closure/remove",
                {"point_id": self.point.id, "closure_id": closure.id},
            )
        self.assertFalse(coming.exists())
        self.assertEqual(begun.date_to, today - timedelta(days=1))
        self.assertTrue(foreign.exists())

    def _tomorrow(self):
        return fields.Date.today() + timedelta(days=1)
