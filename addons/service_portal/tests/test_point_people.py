import base64
from datetime import datetime, time, timedelta

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import PortalCommon, active_pdf, picture, plain_pdf

URL = "/my/service/technicians"


@tagged("post_install", "-at_install")
class TestPointPeople(PortalCommon):
    """A service point keeps its own technicians in the portal, and nobody else's."""

    def _values(self, **values):
        return {"name": "Li Na", "point_id": self.point.id, "phone": "1", **values}

    def test_add_and_edit_a_technician(self):
        self._login(self.portal_point)
        self.assertEqual(self.url_open(f"{URL}/new").status_code, 200)
        tool = self.env["service.tool"].create({"name": "Portal Tool"})
        response = self._post(
            f"{URL}/new", self._values(tool_ids=[tool.id], vehicle="B 12")
        )
        technician = self.point.technician_ids - self.technician
        self.assertRecordValues(
            technician, [{"name": "Li Na", "tool_ids": tool.ids, "vehicle": "B 12"}]
        )
        self.assertIn(f"{URL}/{technician.id}", response.url)
        self._post(f"{URL}/{technician.id}", self._values(name="Li Na 2"))
        self.assertEqual(technician.name, "Li Na 2")
        self.assertIn("Li Na 2", self.url_open(URL).text)

    def test_l32_nothing_but_what_the_form_offers(self):
        self._login(self.portal_point)
        self._post(
            f"{URL}/{self.technician.id}",
            self._values(
                user_id=self.portal_point.id,
                company_id=99,
                max_hours_day=24,
                employee_id=1,
                active="",
            ),
        )
        self.assertEqual(self.technician.name, "Li Na")
        self.assertEqual(self.technician.user_id, self.technician_user)
        self.assertTrue(self.technician.active)
        self._post(
            f"{URL}/{self.technician.id}",
            self._values(name="Moved", point_id=self.other_point.id),
        )
        self.assertEqual(self.technician.point_id, self.point)
        self.assertEqual(self.technician.name, "Li Na")

    def test_no_other_points_technician_by_number(self):
        self._login(self.other_point_user)
        url = f"{URL}/{self.technician.id}"
        self._assert_turned_away(self.url_open(url))
        today = str(fields.Date.today())
        for path, data in (
            ("", self._values(point_id=self.other_point.id)),
            ("/skills", {"level": "1-1"}),
            ("/leave", {"first": today, "last": today}),
            ("/archive", {}),
            ("/invite", {"email": "x@example.com"}),
        ):
            with self.subTest(path):
                self._assert_turned_away(self._post(url + path, data))
        self.assertEqual(self.technician.name, "Test Technician")
        self.assertTrue(self.technician.active)
        self.assertFalse(self.technician.leave_count)
        self._login(self.portal_customer)
        self._assert_turned_away(self.url_open(URL))
        self._assert_turned_away(self._post(f"{URL}/new", self._values()))

    def _certify(self, file=None):
        height = self.env.ref("service_management.certificate_height")
        level = self.env.ref("service_management.skill_level_certified")
        if not self.type_repair.requirement_ids:
            self.env["service.skill.requirement"].create(
                {
                    "type_id": self.type_repair.id,
                    "skill_id": height.id,
                    "level_id": level.id,
                }
            )
        self._login(self.portal_point)
        return self._post(
            f"{URL}/{self.technician.id}/skills",
            {"level": f"{height.id}-{level.id}", "number": "H-1"},
            files={"certificate": file} if file else None,
        )

    def test_a_certificate_waits_for_quality(self):
        response = self._certify(("paper.png", picture("PNG")))
        certificate = self.technician.skill_ids
        self.assertRecordValues(
            certificate, [{"verification": "claimed", "number": "H-1"}]
        )
        self.assertTrue(
            base64.b64decode(certificate.certificate_file)[:2] == b"\xff\xd8"
        )
        self.assertIn("To Be Verified", response.text)
        requirement = self.type_repair.requirement_ids
        missing = self.technician._get_missing_requirements(
            requirement, fields.Date.today()
        )
        self.assertEqual(missing[self.technician], requirement)
        certificate.with_user(self.quality).action_verify()
        self.assertIn("Verified", self.url_open(f"{URL}/{self.technician.id}").text)

    def test_a_certificate_needs_its_paper(self):
        self.assertIn("photo or PDF", self._certify().text)
        self.assertFalse(self.technician.skill_ids)
        self._certify(("evil.html", b"<script>alert(1)</script>"))
        self.assertFalse(self.technician.skill_ids)
        for content in (b"%PDF-1.4 paper", active_pdf()):
            self._certify(("paper.pdf", content))
            self.assertFalse(self.technician.skill_ids)
        self._certify(("paper.png", plain_pdf()))
        self.assertEqual(self.technician.skill_ids.certificate_name, "paper.pdf")

    def test_time_off_names_the_visits_it_hits(self):
        job = self._plant_job()
        visit = self._plan(job, days=2)
        self._login(self.portal_point)
        day = str(visit.planned_start.date())
        response = self._post(
            f"{URL}/{self.technician.id}/leave", {"first": day, "last": day}
        )
        self.assertIn(job.name, response.text)
        self.assertTrue(visit.needs_replanning)
        self.assertEqual(self.technician.leave_count, 1)

    def test_standby_is_entered_in_the_time_of_the_point(self):
        self._login(self.portal_point)
        url = f"{URL}/{self.technician.id}"
        self.point.resource_calendar_id.tz = "Asia/Shanghai"
        day = fields.Date.today() + timedelta(days=2)
        night = {"start": f"{day}T20:00", "end": f"{day + timedelta(days=1)}T06:00"}
        start = datetime.combine(day, time(12))
        self.assertIn("Noted: urgent jobs", self._post(f"{url}/standby", night).text)
        standby = self.technician.standby_ids
        self.assertRecordValues(
            standby, [{"start": start, "end": start + timedelta(hours=10)}]
        )
        for values, sentence in (
            (night, "is on standby at this time already"),
            ({**night, "end": night["start"]}, "A standby ends after it starts"),
            ({"start": "tonight", "end": ""}, "Please give start and end"),
        ):
            response = self._post(f"{url}/standby", values)
            self.assertIn(sentence, response.text)
        self.assertEqual(self.technician.standby_ids, standby)
        # Another point's user enters and removes nothing
        removal = {"standby_id": standby.id}
        self._login(self.other_point_user)
        self._post(f"{url}/standby/remove", removal)
        self._post(f"{url}/standby", night)
        self.assertEqual(self.technician.standby_ids, standby)
        self._login(self.portal_point)
        self._post(f"{url}/standby/remove", removal)
        self.assertFalse(standby.exists())

    def test_archive(self):
        self._login(self.portal_point)
        self._post(f"{URL}/{self.technician.id}/archive")
        self.assertFalse(self.technician.active)

    def test_nobody_is_invited_to_be_an_employee(self):
        self._login(self.portal_point)
        employee = self.env["hr.employee"].create({"name": "Employed"})
        technician = self._make_technician("Employed", employee_id=employee.id)
        self._post(f"{URL}/{technician.id}/invite", {"email": "new@example.com"})
        self.assertFalse(employee.user_id)

    def test_an_employee_is_not_the_points_to_change(self):
        self._login(self.portal_point)
        calendar = self.env.company.resource_calendar_id
        employee = self.env["hr.employee"].create(
            {"name": "Employed", "resource_calendar_id": calendar.id}
        )
        technician = self._make_technician("Employed", employee_id=employee.id)
        page = self.url_open(f"{URL}/{technician.id}").text
        self.assertIn("An employee of the company", page)
        for path in ("archive", "invite"):
            self.assertNotIn(f"{technician.id}/{path}", page)
        self._post(
            f"{URL}/{technician.id}",
            self._values(name="Renamed", phone="4711", calendar_id=""),
        )
        self._post(f"{URL}/{technician.id}/archive", {})
        self.assertRecordValues(
            technician,
            [
                {
                    "name": "Employed",
                    "phone": "4711",
                    "resource_calendar_id": calendar.id,
                    "active": True,
                }
            ],
        )

    def test_invite(self):
        technician = self._make_technician("Without User")
        self._login(self.portal_point)
        self._post(f"{URL}/{technician.id}/invite", {"email": "new@example.com"})
        self.assertEqual(technician.user_id.login, "new@example.com")
        self.assertTrue(technician.user_id.share)
        self.assertFalse(technician.user_id.service_point_ids)
        # the company of the point is not the technician's: its orders and bills
        partner = technician.user_id.partner_id
        self.assertFalse(partner.parent_id)
        self.assertEqual(partner.commercial_partner_id, partner)
        # somebody who is known is not taken over
        other = self._make_technician("Second")
        self._post(f"{URL}/{other.id}/invite", {"email": "new@example.com"})
        self.assertFalse(other.user_id)

    def test_nothing_of_it_over_rpc(self):
        technician = self.technician.with_user(self.portal_point)
        self.assertEqual(technician.name, "Test Technician")
        for name in ("base_partner_id", "designated_partner_ids", "note", "user_id"):
            with self.subTest(name), self.assertRaises(AccessError):
                technician.read([name])
        with self.assertRaises(AccessError):
            technician.name = "Other"

    def test_scorecards_are_the_own_points(self):
        card = self._make_card()
        old = self._make_card(self.other_point)
        self._login(self.portal_point)
        self.assertIn("2026-01", self.url_open("/my/service/scorecards").text)
        url = f"/my/service/scorecards/{card.id}"
        page = self.url_open(url).text
        self.assertIn("Promises Kept", page)
        self._assert_turned_away(self.url_open(f"/my/service/scorecards/{old.id}"))
        self._post(f"{url}/appeal", {"text": "The parts came late."})
        self.assertRecordValues(
            card, [{"appeal": "The parts came late.", "appeal_state": "open"}]
        )
        # once
        self._assert_turned_away(self._post(f"{url}/appeal", {"text": "More."}))
        self._login(self.other_point_user)
        self._assert_turned_away(self.url_open(url))
        self._assert_turned_away(self._post(f"{url}/appeal", {"text": "x"}))
        with self.assertRaises(AccessError):
            card.with_user(self.portal_point).read(["proposal_ids"])
        with self.assertRaises(AccessError):
            card.with_user(self.other_point_user).read(["score"])

    def test_skill_that_is_over_is_not_shown_as_one(self):
        skill = self.env.ref("service_management.skill_laundry")
        today = fields.Date.today()
        self.env["service.technician.skill"].create(
            {
                "technician_id": self.technician.id,
                "skill_type_id": skill.skill_type_id.id,
                "skill_id": skill.id,
                "skill_level_id": self.env.ref("service_management.skill_level_1").id,
                "valid_from": today - timedelta(days=9),
                "valid_to": today - timedelta(days=1),
            }
        )
        self.assertFalse(self.technician._get_portal_rows()[0]["skills"])
