import io

from odoo import fields, http
from odoo.tests import HttpCase, new_test_user, tagged

from .common import SettlementCommon

PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF"


@tagged("post_install", "-at_install")
class TestPortalClaim(SettlementCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other_point = cls._make_settled_point("Test Other Point")
        now = fields.Datetime.now()
        cls.claim = cls._make_claims(done=now)
        cls.foreign = cls._make_claims(done=now, point=cls.other_point)
        for login in ("claim_point", "claim_stranger"):
            user = new_test_user(
                cls.env, login=login, password=login, groups="base.group_portal"
            )
            if login == "claim_point":
                cls.point.user_ids |= user

    def _login(self, login="claim_point"):
        self.authenticate(login, login)

    def _get(self, claim=None):
        return self.url_open(f"/my/claims/{(claim or self.claim).id}")

    def _post(self, path, claim=None, url=None, files=None, **data):
        token = http.Request.csrf_token(self)
        self.env.flush_all()
        response = self.url_open(
            url or f"/my/claims/{(claim or self.claim).id}/{path}",
            data={"csrf_token": token, **data},
            files=files,
        )
        self.env.invalidate_all()
        return response

    def test_point_reads_its_claims_and_how_they_came_about(self):
        self._login()
        text = self.url_open("/my/claims").text
        self.assertIn(self.claim.order_id.name, text)
        self.assertNotIn(self.foreign.order_id.name, text)
        page = self._get()
        self.assertIn("Labour: 80.00", page.text)
        self.assertIn("/my/claims", self.url_open("/my").text)

    def test_what_is_not_theirs_does_not_exist(self):
        self._login()
        for response in (
            self._get(self.foreign),
            self._post("file", self.foreign, kind="other", amount="5", note="x"),
            self._post("appeal", self.foreign, text="x"),
            self._post("answer", self.foreign, text="x"),
            self._post("evidence", self.foreign),
        ):
            self.assertNotIn("/my/claims/", response.url)
        self.assertFalse(self.foreign.is_filed)
        self._login("claim_stranger")
        for url in ("/my/claims", "/my/claims/ask", f"/my/claims/{self.claim.id}"):
            self.assertNotIn("/my/claims", self.url_open(url).url)

    def test_own_amount_with_a_receipt(self):
        self._login()
        page = self._post(
            "file",
            kind="other",
            amount="12,50",
            note="Toll road",
            files={"files": ("toll.pdf", io.BytesIO(PDF), "application/pdf")},
        )
        self.assertIn("Your amount was filed", page.text)
        self.assertIn("toll.pdf", page.text)
        self.assertRecordValues(
            self.claim, [{"state": "draft", "amount_claimed": 92.5, "is_filed": True}]
        )
        # what is being checked is not shown as decided
        self.assertIn("To Check", page.text)

    def test_refused_amount_leaves_nothing_behind(self):
        self._login()
        page = self._post(
            "file",
            kind="penalty",
            amount="5",
            note="x",
            files={"files": ("toll.pdf", io.BytesIO(PDF), "application/pdf")},
        )
        self.assertIn("cannot be claimed", page.text)
        self.assertFalse(self.claim.evidence_ids)
        page = self._post(
            "evidence",
            files={
                "files": ("run.html", io.BytesIO(b"<script>1</script>"), "text/html")
            },
        )
        self.assertIn("send a PDF", page.text)
        self.assertFalse(self.claim.evidence_ids)

    def test_sent_back_is_answered(self):
        self.claim.action_back_to_check()
        self.claim.with_user(self.accountant).action_send_back("The receipt is missing")
        self._login()
        self.assertIn("The receipt is missing", self._get().text)
        self.assertIn("1", self.url_open("/my/claims?filterby=sent_back").text)
        self._post("answer", text="It is attached")
        self.assertEqual(self.claim.state, "draft")

    def test_rejected_is_appealed_once(self):
        self.claim.with_user(self.accountant).action_reject("Not covered by warranty")
        self._login()
        self.assertIn("Not covered by warranty", self._get().text)
        self._post("appeal", text="It was in warranty")
        self.assertEqual(self.claim.state, "appealed")
        page = self._post("appeal", text="again")
        self.assertIn("can no longer be appealed", page.text)

    def test_nothing_changes_without_a_token_or_by_get(self):
        self._login()
        for path in ("file", "appeal", "answer", "evidence"):
            url = f"/my/claims/{self.claim.id}/{path}"
            answer = self.url_open(url, allow_redirects=False)
            self.assertEqual(answer.status_code, 303)
            self.assertURLEqual(
                answer.headers["Location"], f"/my/claims/{self.claim.id}"
            )
            response = self.url_open(url, data={"text": "x", "kind": "other"})
            self.assertEqual(response.status_code, 400)
        self.env.invalidate_all()
        self.assertFalse(self.claim.is_filed)

    def test_ask_before_the_work(self):
        order = self._make_accepted_order()
        order.sudo().point_id = self.point
        self._login()
        page = self.url_open("/my/claims/ask")
        self.assertIn(order.name, page.text)
        self.assertNotIn(self.foreign.order_id.name, page.text)
        page = self._post(
            "", url="/my/claims/ask", order_id=order.id, amount="900", note="Compressor"
        )
        self.assertIn("Compressor", page.text)
        self.assertRecordValues(
            order.authorisation_ids,
            [{"state": "asked", "amount": 900.0, "point_id": self.point.id}],
        )
        self._post(
            "",
            url="/my/claims/ask",
            order_id=self.foreign.order_id.id,
            amount="900",
            note="x",
        )
        self.assertFalse(self.foreign.order_id.authorisation_ids)
