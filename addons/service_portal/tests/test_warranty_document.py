from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from .common import PortalCommon, active_pdf, picture, plain_pdf


@tagged("post_install", "-at_install")
class TestWarrantyDocument(PortalCommon):
    """A customer hands in what the warranty asks for; staff decide what it proves."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.document = cls.env["service.warranty.document"].create(
            {"name": "Receipt of the Dealer", "code": "test_receipt"}
        )
        template = cls.env["service.warranty.template"].create(
            {
                "name": "Strict Terms",
                "document_ids": cls.document.ids,
                "is_strict": True,
                "line_ids": [
                    Command.create({"kind": kind, "months": 240})
                    for kind in ("labour", "parts", "travel")
                ],
            }
        )
        product = cls.env["product.product"].create(
            {
                "name": "Strict Product",
                "type": "consu",
                "service_warranty_template_id": template.id,
            }
        )
        cls.strict = cls.env["service.asset"].create(
            {
                "partner_id": cls.customer.id,
                "product_id": product.id,
                "serial": "STRICT-1",
                "purchase_date": "2025-01-01",
                "install_date": "2025-01-01",
            }
        )
        cls.order = cls._make_order(asset_id=cls.strict.id)
        cls.url = f"/my/service/assets/{cls.strict.id}"

    def _send(self, content, name="receipt.jpg", code="test_receipt"):
        return self._post(
            f"{self.url}/document", {"code": code}, files=[("file", (name, content))]
        )

    def _hand_in(self, content=None, **kwargs):
        self._login(self.portal_customer)
        page = self._send(content or picture(), **kwargs).text
        return self.strict.warranty_proof_ids[:1], page

    def test_a_photo_is_kept_checked_and_counts(self):
        self.assertEqual(self.order.warranty_state, "partial")
        self.assertIn("Receipt of the Dealer", self.order.warranty_note)
        proof, page = self._hand_in()
        self.assertIn("We are checking it", page)
        self.assertNotIn('name="file"', page)
        self.assertEqual((proof.state, proof.partner_id), ("pending", self.customer))
        self.assertEqual(proof.file_name, "receipt.jpg")
        # Nothing counts before somebody has looked at it
        self.assertEqual(self.order.warranty_state, "partial")
        self.assertTrue(self.strict.warranty_proofs_waiting)
        self.assertTrue(self.order.warranty_proofs_waiting)
        self.assertIn(
            "Warranty document to be checked", self.order.activity_ids.mapped("summary")
        )
        proof.with_user(self.agent).action_accept()
        self.assertEqual(self.strict.warranty_document_ids, self.document)
        self.assertEqual(self.order.warranty_state, "in")
        self.env.invalidate_all()
        self.assertFalse(self.order.warranty_proofs_waiting)
        self.assertIn("Accepted", self.url_open(self.url).text)
        with self.assertRaises(UserError):
            proof.with_user(self.agent).action_accept()

    def test_the_desk_reads_its_own_language(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self.agent.lang = "zh_CN"
        self._hand_in()
        summary = self.order.activity_ids.summary
        self.assertTrue(summary)
        self.assertNotEqual(summary, "Warranty document to be checked")

    def test_a_kind_that_is_asked_for_no_more_still_counts(self):
        """What was promised with it asks for it, archived or not."""
        self.document.active = False
        self.env.invalidate_all()
        proof, __ = self._hand_in()
        proof.with_user(self.agent).action_accept()
        self.env.invalidate_all()
        self.assertEqual(self.strict.warranty_document_ids, self.document)
        self.assertFalse(self.strict.warranty_missing)
        self.assertEqual(self.order.warranty_state, "in")

    def test_a_pdf_is_taken_as_a_passive_one(self):
        proof, __ = self._hand_in(plain_pdf(), name="invoice.pdf")
        self.assertTrue(proof.is_pdf)
        self.assertEqual(proof.file_name, "invoice.pdf")

    def test_what_is_no_paper_is_refused_with_a_sentence(self):
        for content, sentence in (
            (b"<html><script>alert(1)</script></html>", "neither a PDF nor a picture"),
            (active_pdf(), "has scripts"),
            (b"x" * (10 * 2**20 + 1), "larger than 10 MB"),
        ):
            proof, page = self._hand_in(content)
            self.assertIn(sentence, page)
            self.assertFalse(proof)
        __, page = self._hand_in(code="invoice")
        self.assertIn("Please choose which document it is", page)
        page = self._post(f"{self.url}/document", {"code": "test_receipt"}).text
        self.assertIn("Please choose a file", page)
        self.assertFalse(self.strict.warranty_proof_ids)

    def test_a_refused_one_is_answered_and_may_be_sent_again(self):
        proof, __ = self._hand_in()
        with self.assertRaises(UserError):
            proof.with_user(self.agent).action_refuse()
        proof.with_user(self.agent).answer = "The day cannot be read."
        proof.with_user(self.agent).action_refuse()
        page = self.url_open(self.url).text
        self.assertIn("The day cannot be read.", page)
        self.assertIn('name="file"', page)
        self.assertEqual(self.order.warranty_state, "partial")
        # A later owner learns nothing of it
        self.strict.action_transfer(self.foreigner.partner_id)
        self._login(self.foreigner)
        page = self.url_open(self.url).text
        self.assertIn("Missing", page)
        self.assertNotIn("The day cannot be read.", page)

    def test_the_order_leads_to_where_it_is_handed_in(self):
        self._login(self.portal_customer)
        link = f"{self.url}#documents"
        self.assertIn(link, self.url_open(self.order.access_url).text)
        self.strict.warranty_document_ids = self.document
        self.assertNotIn(link, self.url_open(self.order.access_url).text)

    def test_nobody_hands_in_for_what_is_not_his_or_hers(self):
        self._login(self.foreigner)
        self._assert_turned_away(self._send(picture()))
        self.assertFalse(self.strict.warranty_proof_ids)

    def test_papers_are_for_the_desk_and_counted_with_the_documents(self):
        proof, __ = self._hand_in()
        attachment = proof.attachment_id
        for user in (self.portal_customer, self.foreigner, self.technician_user):
            for record in (proof, attachment):
                with self.subTest(user.login), self.assertRaises(AccessError):
                    record.with_user(user).read(["create_date"])
        for user in (self.agent, self.quality):
            self.assertTrue(proof.with_user(user).file)
            self.assertEqual(self.strict.with_user(user).document_count, 1)
        for vals in ({"state": "accepted"}, {"asset_id": self.asset.id}):
            with self.assertRaises(AccessError):
                proof.with_user(self.manager).write(vals)
        with self.assertRaises(AccessError):
            proof.with_user(self.agent).unlink()
        proof.with_user(self.manager).unlink()
        self.assertFalse(attachment.exists())

    def test_one_customer_cannot_flood_the_desk(self):
        proofs = self.env["service.warranty.proof"].with_user(self.portal_customer)
        for __ in range(10):
            proofs.sudo()._hand_in(self.strict, "test_receipt", "a.jpg", picture())
        with self.assertRaises(UserError):
            proofs.sudo()._hand_in(self.strict, "test_receipt", "a.jpg", picture())
        # However many there are, the order asks once
        summaries = self.order.activity_ids.mapped("summary")
        self.assertEqual(summaries.count("Warranty document to be checked"), 1)

    def test_what_is_finished_stays_decided(self):
        finished = self._make_order(asset_id=self.strict.id)
        finished._set_state("done")
        self.strict.warranty_document_ids = self.document
        self.assertEqual(self.order.warranty_state, "in")
        self.assertEqual(finished.warranty_state, "partial")
