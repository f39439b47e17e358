import io
import re
import threading
import zipfile

from odoo import http
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from .common import SettlementCommon

MARKER = "marker-of-the-other"


@tagged("post_install", "-at_install")
class TestPortal(SettlementCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other_point = cls._make_settled_point(f"Test {MARKER}")
        cls._make_claims(3)
        cls._make_claims(point=cls.other_point)
        cls.env["service.settlement.adjustment"].create(
            [
                {
                    "point_id": point.id,
                    "amount": -7.5,
                    "reason": f"deduction {point.name}",
                    "date": "2026-02-20",
                }
                for point in cls.point | cls.other_point
            ]
        )
        settlements, __ = (
            cls.env["service.settlement"]
            .with_user(cls.accountant)
            ._run(cls.company, "2026-02-01", "2026-02-28", until="issued")
        )
        settlements = settlements.with_env(cls.env)
        cls.own = settlements.filtered(lambda rec: rec.point_id == cls.point)
        cls.foreign = settlements - cls.own
        cls.line = cls.own.claim_ids[0].line_ids
        cls.users = {
            login: new_test_user(cls.env, login=login, password=login, groups=groups)
            for login, groups in (
                ("settled_point", "base.group_portal"),
                ("settled_stranger", "base.group_portal"),
                ("settled_agent", "service_management.group_service_agent"),
            )
        }
        cls.point.user_ids |= cls.users["settled_point"]

    def _login(self, login="settled_point"):
        self.authenticate(login, login)

    def _get(self, path="", settlement=None):
        settlement = settlement or self.own
        return self.url_open(f"/my/settlements/{settlement.id}{path}")

    def _post(self, path, settlement=None, files=None, **data):
        settlement = settlement or self.own
        token = http.Request.csrf_token(self)
        self.env.flush_all()
        response = self.url_open(
            f"/my/settlements/{settlement.id}{path}",
            data={"csrf_token": token, **data},
            files=files,
        )
        self.env.invalidate_all()
        return response

    # Pages

    def test_point_reads_its_statement_with_every_line(self):
        self._login()
        text = self.url_open("/my/settlements").text
        self.assertIn(self.own.name, text)
        self.assertNotIn(self.foreign.name, text)
        page = self._get()
        self.assertEqual(page.status_code, 200)
        for claim in self.own.claim_ids:
            self.assertIn(claim.order_id.name, page.text)
        self.assertIn("T-2026", page.text)
        self.assertIn("deduction", page.text)
        self.assertIn("/my/settlements", self.url_open("/my").text)

    def test_pictures_of_the_home_page_are_there(self):
        self._login()
        pictures = set(re.findall(r'src="(/[^"]+\.svg)"', self.url_open("/my").text))
        self.assertTrue(pictures)
        for picture in pictures:
            with self.subTest(picture):
                self.assertEqual(self.url_open(picture).status_code, 200)

    def test_draft_is_not_shown(self):
        self.own.action_draft()
        self._login()
        self.assertNotIn(self.own.name, self.url_open("/my/settlements").text)
        self.assertNotIn("/my/settlements/", self._get().url)

    def test_paid_statement_says_so(self):
        self.own.action_confirm()
        self.own.action_bill()
        self._login()
        self.assertIn("will be paid", self._get().text)

    def test_sheet_has_every_line_as_text_that_no_program_runs(self):
        self.line.sudo().claim_id.settlement_id.action_draft()
        self.line.sudo().write(
            {"note": "=cmd|'/c calc'!A0", "amount_checked": 79.0, "amount_approved": 79}
        )
        self.own.action_issue()
        self._login()
        response = self._get("/xlsx")
        self.assertIn("spreadsheetml", response.headers["Content-Type"])
        book = zipfile.ZipFile(io.BytesIO(response.content))
        sheets = {
            name: book.read(name).decode()
            for name in book.namelist()
            if "worksheets/" in name
        }
        # one row a line, an adjustment, a head and a total
        rows = re.findall(r"<row ", sheets["xl/worksheets/sheet2.xml"])
        self.assertEqual(len(rows), 3 + 1 + 2)
        self.assertIn("=cmd", sheets["xl/worksheets/sheet2.xml"])
        self.assertFalse(any("<f>" in sheet for sheet in sheets.values()))
        self.assertIn("<v>231.5</v>", sheets["xl/worksheets/sheet1.xml"])

    # What the point does

    def test_point_confirms(self):
        self._login()
        self._post("/confirm")
        self.assertEqual(self.own.state, "confirmed")
        self.assertEqual(self.own.confirmed_by_id, self.users["settled_point"])

    def test_point_disputes_a_line_and_an_adjustment_and_withdraws(self):
        self._login()
        response = self._post(
            "/dispute", line_id=self.line.id, amount="95,50", reason="Two came"
        )
        self.assertIn("Your dispute was sent", response.text)
        self._post(
            "/dispute",
            adjustment_id=self.own.adjustment_ids.id,
            amount="0",
            reason="The part was sent back",
        )
        self.assertRecordValues(
            self.own.dispute_ids.sorted("id"),
            [
                {
                    "claim_line_id": self.line.id,
                    "amount_asked": 95.5,
                    "topic": "amount",
                },
                {"claim_line_id": False, "amount_asked": 0.0, "topic": "deduction"},
            ],
        )
        for dispute in self.own.dispute_ids:
            self._post("/withdraw", dispute_id=dispute.id)
        self.assertEqual(set(self.own.dispute_ids.mapped("state")), {"withdrawn"})
        self.assertEqual(self.own.state, "issued")

    def test_refusals_are_sentences(self):
        self._login()
        line = {"line_id": self.line.id}
        for data, sentence in (
            (line | {"amount": "much", "reason": "x"}, "Give the amount"),
            (line | {"amount": "nan", "reason": "x"}, "Give the amount"),
            (line | {"amount": "1e400", "reason": "x"}, "Give the amount"),
            (line | {"amount": "90", "reason": " "}, "Say what is wrong"),
            (
                {
                    "line_id": self.foreign.claim_ids.line_ids.id,
                    "amount": "90",
                    "reason": "x",
                },
                "does not stand on the statement",
            ),
        ):
            with self.subTest(data):
                self.assertIn(sentence, self._post("/dispute", **data).text)
        self.assertFalse(self.own.dispute_ids)
        self._post("/dispute", line_id=self.line.id, amount="90", reason="x")
        with mute_logger("odoo.sql_db"):
            again = self._post(
                "/dispute", line_id=self.line.id, amount="91", reason="x"
            )
        self.assertIn("handed in already", again.text)
        self.assertEqual(len(self.own.dispute_ids), 1)

    def test_point_hands_in_its_invoice(self):
        self._login()
        self._post(
            "/invoice",
            number="INV-9",
            day="2026-03-02",
            files=[("files", ("bill.pdf", b"%PDF-1.4\n1 0 obj", "application/pdf"))],
        )
        self.assertRecordValues(self.own, [{"partner_invoice_number": "INV-9"}])
        self.assertEqual(self.own.partner_invoice_ids.mapped("name"), ["bill.pdf"])
        self.assertEqual(self.own.partner_invoice_ids.res_id, self.own.id)

    def test_files_that_run_somewhere_are_refused(self):
        self._login()
        for name, content in (
            ("bill.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
            ("bill.pdf", b"<html><script>alert(1)</script></html>"),
            ("bill.html", b"%PDF-1.4\n1 0 obj"),
            ("bill.exe", b"MZ\x90\x00"),
        ):
            with self.subTest(name):
                response = self._post(
                    "/invoice",
                    number="INV-9",
                    files=[("files", (name, content, "application/pdf"))],
                )
                self.assertIn("send a PDF", response.text)
                self.assertFalse(self.own.partner_invoice_number)
        self.assertIn(
            "not dated in the future",
            self._post("/invoice", number="INV-9", day="2999-01-01").text,
        )
        self.assertIn(
            "not valid", self._post("/invoice", number="INV-9", day="0001-01-01").text
        )

    # Who may

    def _get_routes(self):
        """Every route of ours below /my/settlements, with its methods."""
        self.env.registry.clear_cache("routing")
        # The map is built for the database of the thread, which a test may not name
        threading.current_thread().dbname = self.env.cr.dbname
        for rule in self.env["ir.http"].routing_map().iter_rules():
            if rule.rule.startswith("/my/settlements"):
                yield rule

    def test_no_route_changes_anything_by_get_and_pages_are_read_only(self):
        rules = list(self._get_routes())
        self.assertGreater(len(rules), 8)
        for rule in rules:
            routing = rule.endpoint.routing
            with self.subTest(rule.rule):
                self.assertEqual(len(routing["methods"]), 1)
                self.assertEqual(routing["auth"], "user")
                self.assertEqual(
                    bool(routing.get("readonly")), routing["methods"] == ["GET"]
                )
                self.assertTrue(routing.get("csrf", True))

    def _scan(self, login, dispute):
        """Call every route about the other's statement; what leaked or changed."""
        self._login(login)
        findings = []
        for rule in list(self._get_routes()):
            names = {"settlement_id": self.foreign.id, "page": 1}
            url = rule.build({name: names[name] for name in rule.arguments})[1]
            data = None
            if rule.endpoint.routing["methods"] == ["POST"]:
                data = {
                    "csrf_token": http.Request.csrf_token(self),
                    "dispute_id": dispute.id,
                    "line_id": self.foreign.claim_ids.line_ids.id,
                    "amount": "1",
                    "reason": "x",
                    "number": "x",
                }
            self.env.flush_all()
            response = self.url_open(url, data=data)
            self.env.invalidate_all()
            if MARKER in response.text or self.foreign.name in response.text:
                findings.append(f"{rule.rule} leaks")
            if response.status_code >= 500:
                findings.append(f"{rule.rule} fails")
            if (
                self.foreign.state != "disputed"
                or self.foreign.dispute_ids != dispute
                or dispute.state != "open"
                or self.foreign.partner_invoice_number
            ):
                findings.append(f"{rule.rule} changes")
        return findings

    def test_strangers_find_and_change_nothing_on_any_route(self):
        dispute = self.foreign._dispute(
            [{"reason": MARKER, "amount_asked": 5.0, "topic": "missing"}]
        )
        for login in ("settled_point", "settled_stranger", "settled_agent"):
            with self.subTest(login):
                self.assertEqual(self._scan(login, dispute), [])

    def test_accountant_gets_the_sheet_of_any_statement(self):
        self.users["settled_agent"].group_ids |= self.env.ref(
            "service_settlement.group_settlement_accountant"
        )
        self._login("settled_agent")
        self.assertIn("spreadsheetml", self._get("/xlsx").headers["Content-Type"])
        self.assertEqual(
            self.own.action_xlsx()["url"], f"/my/settlements/{self.own.id}/xlsx"
        )

    def test_forms_without_a_token_are_refused(self):
        self._login()
        with mute_logger("odoo.http"):
            response = self.url_open(
                f"/my/settlements/{self.own.id}/confirm", data={"x": "y"}
            )
        self.assertEqual(response.status_code, 400)
        self.env.invalidate_all()
        self.assertEqual(self.own.state, "issued")
