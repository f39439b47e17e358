import base64
import io
from datetime import timedelta
from unittest.mock import patch

from freezegun import freeze_time
from PIL import Image
from reportlab.pdfgen import canvas

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged
from odoo.tools.pdf import OdooPdfFileReader

from odoo.addons.service_management.tests.access_matrix import check_matrix
from odoo.addons.service_management.tests.common import MONDAY, ServiceCommon


def picture(image_format="JPEG") -> str:
    stream = io.BytesIO()
    Image.new("RGB", (40, 20), "teal").save(stream, image_format)
    return base64.b64encode(stream.getvalue()).decode()


@tagged("post_install", "-at_install")
@freeze_time(MONDAY - timedelta(days=3))
class TestVisitChecklist(ServiceCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.checklist = cls.env["service.checklist"].create(
            {
                "name": "Repair",
                "type_id": cls.type_repair.id,
                "item_ids": [
                    Command.create({"name": "Safe", "sequence": 1}),
                    Command.create(
                        {
                            "name": "Resistance",
                            "sequence": 2,
                            "kind": "number",
                            "unit": "MΩ",
                            "has_minimum": True,
                            "minimum": 1.0,
                            "beyond": "remark",
                        }
                    ),
                    Command.create(
                        {
                            "name": "Pressure",
                            "sequence": 3,
                            "kind": "number",
                            "is_required": False,
                            "has_maximum": True,
                            "maximum": 8,
                            "beyond": "block",
                        }
                    ),
                    Command.create(
                        {"name": "Label", "sequence": 4, "kind": "photo"},
                    ),
                    Command.create(
                        {
                            "name": "Signed",
                            "sequence": 5,
                            "kind": "signature",
                            "is_required": False,
                        }
                    ),
                ],
            }
        )
        cls.safe, cls.ohm, cls.bar, cls.label, cls.sign = (
            item._get_key() for item in cls.checklist.item_ids
        )
        cls.visit = cls._make_visit(start=MONDAY)
        cls.own = cls.visit.with_user(cls.technician_user)

    def _begin(self):
        self.own.action_on_site()

    def _fill(self):
        self.own.answer_checklist(self.safe, "yes")
        self.own.answer_checklist(self.ohm, 5)
        self.own.answer_checklist_picture(self.label, picture())

    def test_finishing_names_each_missing_item(self):
        self._begin()
        with self.assertRaises(UserError) as caught:
            self.own.action_done({"outcome": "fixed"})
        self.assertIn("- Safe\n- Resistance\n- Label", caught.exception.args[0])
        self.assertEqual(self.visit.state, "on_site")
        self._fill()
        self.own.action_done({"outcome": "fixed"})
        self.assertEqual(self.visit.state, "done")

    def test_work_that_does_not_end_here_asks_for_nothing(self):
        self._begin()
        self.own.action_done({"outcome": "not_fixed"})
        self.assertEqual(self.visit.state, "done")

    def test_a_further_visit_asks_for_nothing_yet(self):
        self._begin()
        self.own.action_done(
            {
                "outcome": "repairable",
                "needs_next_visit": True,
                "next_visit_date": "2026-03-09",
                "next_visit_note": "Pump",
            }
        )
        self.assertRecordValues(
            self.visit, [{"state": "done", "next_visit_note": "Pump"}]
        )
        self.assertEqual(self.visit.order_id.state, "accepted")

    def test_a_number_out_of_limits_is_marked_and_wants_a_remark(self):
        self._fill()
        self.own.answer_checklist(self.ohm, "0,4")
        answer = self.visit.answer_ids.filtered("is_beyond")
        self.assertRecordValues(
            answer, [{"value_number": 0.4, "value": "0.4 MΩ", "label": "Resistance"}]
        )
        self._begin()
        with self.assertRaisesRegex(UserError, r"Resistance \(out of limits: needs"):
            self.own.action_done({"outcome": "fixed"})
        self.own.answer_checklist(self.ohm, 0.4, "Wet, dries out")
        self.own.action_done({"outcome": "fixed"})

    def test_a_blocking_limit_blocks_whatever_the_remark(self):
        self._fill()
        self.own.answer_checklist(self.bar, 9, "It is like this")
        self._begin()
        with self.assertRaisesRegex(UserError, r"Pressure \(out of limits: must"):
            self.own.action_done({"outcome": "fixed"})
        self.own.answer_checklist(self.bar, None)
        self.own.action_done({"outcome": "fixed"})

    def test_a_visit_keeps_the_checklist_it_began_with(self):
        self.checklist.item_ids[0].name = "Really safe"
        self._begin()
        self.checklist.item_ids[0].name = "Changed meanwhile"
        self.checklist.item_ids[3].unlink()
        data = self.own.checklist
        self.assertEqual(data["items"][0]["label"], "Really safe")
        self.assertIn(self.label, data["missing"])
        other = self._make_visit(
            self._make_accepted_order(description="other"), MONDAY + timedelta(days=1)
        )
        self.assertEqual(other.checklist["items"][0]["label"], "Changed meanwhile")
        self.assertEqual(len(other.checklist["items"]), 4)

    def test_a_planned_visit_shows_what_it_would_begin_with(self):
        self.assertEqual(len(self.own.checklist["items"]), 5)
        self.assertFalse(self.visit.checklist_version_id)
        self.assertFalse(
            self.env["service.checklist.version"].search_count(
                [("checklist_id", "=", self.checklist.id)]
            )
        )

    def test_values_that_are_none_are_refused(self):
        for key, value in (
            (self.safe, "maybe"),
            (self.ohm, "much"),
            (self.ohm, "nan"),
            (self.label, 3),
            (self.sign, "yes"),
            ("i0", "yes"),
        ):
            with self.subTest(key=key), self.assertRaises(UserError):
                self.own.answer_checklist(key, value)

    def test_l30_only_pictures_are_kept_and_written_anew(self):
        for content in (b"<svg onload='alert(1)'/>", b"%PDF-1.4"):
            with self.assertRaisesRegex(UserError, "picture"):
                self.own.answer_checklist_picture(
                    self.label, base64.b64encode(content).decode()
                )
        with self.assertRaisesRegex(UserError, "picture"):
            self.own.answer_checklist_picture(self.label, "图片")
        self.own.answer_checklist_picture(self.label, picture("PNG"))
        photo = self.visit.answer_ids.photo_ids
        self.assertEqual(photo.mimetype, "image/jpeg")
        self.assertTrue(photo.raw.startswith(b"\xff\xd8"))
        with self.assertRaisesRegex(UserError, "picture"):
            self.own.answer_checklist_picture(self.sign, picture("JPEG"))
        self.own.answer_checklist_picture(self.sign, picture("PNG"))
        self.assertEqual(self.own.checklist["answers"][self.sign]["value"], True)

    def test_photos_are_read_with_their_answer_and_changed_by_nobody(self):
        self.own.answer_checklist_picture(self.label, picture())
        answer = self.visit.answer_ids
        photo = answer.photo_ids
        self.assertEqual(
            (photo.res_model, photo.res_id), ("service.visit.answer", answer.id)
        )
        stranger = new_test_user(
            self.env, "test_stranger_2", "service_management.group_service_technician"
        )
        for user in (self.technician_user, self.agent, self.quality):
            self.assertTrue(photo.with_user(user).raw)
        for user in (stranger, self.portal_point, self.portal_customer):
            with self.assertRaises(AccessError):
                photo.with_user(user).read(["raw"])
        for user in (self.technician_user, self.dispatcher, self.manager):
            with self.assertRaises(AccessError):
                photo.with_user(user).write({"raw": b"another"})
            with self.assertRaises(AccessError):
                photo.with_user(user).unlink()
        answer.unlink()
        self.assertFalse(photo.exists())

    def test_a_finished_visit_is_answered_no_more(self):
        self._fill()
        self._begin()
        self.own.action_done({"outcome": "fixed"})
        with self.assertRaisesRegex(UserError, "not possible now"):
            self.own.answer_checklist(self.safe, "no")

    def test_l6_strangers_neither_answer_nor_read(self):
        self._fill()
        stranger = new_test_user(
            self.env, "test_stranger", "service_management.group_service_technician"
        )
        for action in (
            lambda visit: visit.answer_checklist(self.safe, "no"),
            lambda visit: visit.answer_checklist_picture(self.label, picture()),
            lambda visit: visit.action_done({"outcome": "fixed"}),
        ):
            with self.assertRaises(AccessError):
                action(self.visit.with_user(stranger))
        answer = self.visit.answer_ids[0]
        self._begin()
        step = self.visit.step_ids[0]
        check_matrix(
            self,
            {
                "answer": answer,
                "step": self.env["service.visit.step"].browse(step.id),
                "checked": self.env["service.visit.answer"].browse(answer.id),
            },
            {
                stranger: {},
                self.portal_point: {},
                self.portal_customer: {},
                **{
                    user: dict.fromkeys(("answer", "step", "checked"), "r")
                    for user in (
                        self.technician_user,
                        self.point_manager,
                        self.dispatcher,
                        self.agent,
                        self.quality,
                    )
                },
            },
        )
        with self.assertRaises(AccessError):
            answer.with_user(self.technician_user).write({"value_yes_no": "no"})

    def test_steps_tell_when_where_and_how_far(self):
        site = self.visit.order_id.site_id
        site.write({"partner_latitude": 31.2304, "partner_longitude": 121.4737})
        with freeze_time(MONDAY):
            self.own.action_en_route({"latitude": 31.14, "longitude": 121.8})
        with freeze_time(MONDAY + timedelta(hours=2)):
            self.own.action_on_site(
                {
                    "date": (MONDAY + timedelta(minutes=40)).isoformat() + "Z",
                    "latitude": 31.2310,
                    "longitude": 121.4740,
                    "accuracy": 12,
                }
            )
        steps = self.visit.step_ids
        self.assertRecordValues(
            steps,
            [
                {"kind": "en_route", "date": MONDAY, "distance_km": 32.63},
                {
                    "kind": "on_site",
                    "date": MONDAY + timedelta(minutes=40),
                    "distance_km": 0.07,
                },
            ],
        )
        self.assertEqual(self.visit.actual_start, MONDAY + timedelta(minutes=40))
        event = self.visit.order_id.event_ids.filtered(lambda e: e.kind == "on_site")
        self.assertEqual(event.date, MONDAY + timedelta(minutes=40))

    def test_a_wrong_clock_and_a_wrong_place_stop_nobody(self):
        with freeze_time(MONDAY):
            self.own.action_en_route(
                {"date": "2031-01-01T00:00:00Z", "latitude": 400, "longitude": "x"}
            )
        with freeze_time(MONDAY + timedelta(minutes=30)):
            self.own.action_on_site({"date": "1999-01-01T00:00:00Z"})
            self.assertEqual(self.visit.actual_start, MONDAY)
            self.own.action_done({"outcome": "not_fixed"}, "nonsense")
        self.assertEqual(
            self.visit.step_ids.mapped("date"),
            [MONDAY, MONDAY, MONDAY + timedelta(minutes=30)],
        )
        self.assertFalse(any(self.visit.step_ids.mapped("has_position")))

    def test_the_printed_report_shows_answers_and_names(self):
        self._fill()
        self.own.answer_checklist(self.ohm, 0.2, "Wet, dries out")
        self._begin()
        self.own.action_done({"outcome": "fixed", "signed_by": "Mrs Wang"})
        html = (
            self.env["ir.actions.report"]
            ._render_qweb_html(
                "service_management.report_service_visit", self.visit.ids
            )[0]
            .decode()
        )
        for text in ("Resistance", "0.2 MΩ ⚠", "Wet, dries out", "Mrs Wang", "Yes"):
            self.assertIn(text, html)

    def test_printed_photos_are_small_and_unreadable_ones_are_named(self):
        self.own.answer_checklist_picture(self.label, picture())
        answer = self.visit.answer_ids.filtered("photo_ids")
        large = io.BytesIO()
        Image.new("RGB", (1600, 1200), "teal").save(large, "JPEG")
        answer.photo_ids.raw = large.getvalue()
        answer.photo_ids += self.env["ir.attachment"].create(
            {"name": "torn.jpg", "raw": b"no picture"}
        )
        shown, torn = answer._get_printed_photos()
        kind, __, content = shown["src"].partition(",")
        self.assertEqual(kind, "data:image/jpeg;base64")
        printed = Image.open(io.BytesIO(base64.b64decode(content)))
        self.assertEqual(printed.size, (480, 360))
        self.assertEqual(torn, {"name": "torn.jpg", "src": ""})
        html, __ = self.env["ir.actions.report"]._render_qweb_html(
            "service_management.report_service_visit", self.visit.ids
        )
        self.assertIn(shown["src"], html.decode())
        self.assertIn("torn.jpg", html.decode())

    def test_pages_of_long_reports_are_numbered(self):
        def make(count):
            stream = io.BytesIO()
            drawn = canvas.Canvas(stream)
            for __ in range(count):
                drawn.drawString(100, 500, "Report")
                drawn.showPage()
            drawn.save()
            return stream.getvalue()

        report = self.env["ir.actions.report"]
        numbered = OdooPdfFileReader(report._number_pages(io.BytesIO(make(3))))
        texts = [page.extract_text() for page in numbered.pages]
        self.assertEqual(len(texts), 3)
        for number, text in enumerate(texts, 1):
            self.assertIn(f"{number} / 3", text)
            self.assertIn("Report", text)
        for same in (make(1), b"no document"):
            self.assertEqual(report._number_pages(io.BytesIO(same)).read(), same)

    def test_reports_of_several_visits_are_printed_one_by_one(self):
        visits = self.visit + self._make_visit(
            self._make_accepted_order(description="Other"), MONDAY + timedelta(days=1)
        )
        printed = []

        def run(self, bodies, *args, **kwargs):
            printed.append(len(bodies))
            return b"%PDF-1.4"

        report = self.env["ir.actions.report"].with_context(force_report_rendering=True)
        with patch.object(self.registry["ir.actions.report"], "_run_wkhtmltopdf", run):
            streams = report._render_qweb_pdf_prepare_streams(
                "service_management.report_service_visit", {}, visits.ids
            )
        self.assertEqual(list(streams), visits.ids)
        self.assertEqual(printed, [1, 1])

    def test_checklists_of_a_day_are_read_in_constant_queries(self):
        visits = self.visit
        for number in range(8):
            order = self._make_accepted_order(description=str(number))
            visits += self._make_visit(order, MONDAY + timedelta(days=number + 1))

        def count(some):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            some.sudo()._get_checklist_data()
            return self.env.cr.sql_log_count - before

        count(visits)
        self.assertEqual(count(visits), count(visits[:2]))
