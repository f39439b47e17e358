from odoo.tests import Form, tagged

from .common import SettlementCommon


@tagged("post_install", "-at_install")
class TestViews(SettlementCommon):
    def test_tariff_is_entered_in_its_form(self):
        with Form(self.env["service.tariff"].with_user(self.accountant)) as form:
            form.name = "T-2027"
            form.date_start = "2027-01-01"
            with form.line_ids.new() as line:
                line.kind = "labour"
                line.type_id = self.type_repair
                line.amount = 85.0
        self.assertEqual(form.record.line_ids.amount, 85.0)

    def test_claim_is_checked_in_its_form(self):
        self.company.service_claim_auto_approve = False
        claim = self._make_claims().with_user(self.accountant)
        with Form(claim) as form:
            with form.line_ids.edit(0) as line:
                line.amount_checked = 70.0
                line.amount_approved = 70.0
                line.note = "one trip for two orders"
        claim.action_approve()
        self.assertEqual(claim.amount_approved, 70.0)

    def test_claim_gets_a_line_by_hand_in_its_form(self):
        self.company.service_claim_auto_approve = False
        claim = self._make_claims().with_user(self.accountant)
        with Form(claim) as form:
            with form.line_ids.new() as line:
                line.kind = "other"
                line.amount_checked = 12.0
                line.amount_approved = 12.0
                line.note = "parking"
        claim.action_approve()
        self.assertRecordValues(
            claim, [{"amount_claimed": 80.0, "amount_approved": 92.0}]
        )

    def test_draft_statement_takes_an_adjustment_in_its_form(self):
        self._make_claims()
        settlement, __ = self._run(until="draft")
        with Form(settlement) as form:
            with form.adjustment_ids.new() as line:
                line.reason = "parking in January"
                line.amount = 12.0
        self.assertEqual(settlement.amount_total, 92.0)

    def test_accountant_opens_the_order_behind_a_claim(self):
        claim = self._make_claims().with_user(self.accountant)
        with Form(claim.order_id) as form:
            self.assertTrue(form.name)

    def test_bill_form_opens(self):
        self._make_claims()
        settlement, __ = self._run()
        Form(settlement.move_id.with_user(self.accountant))

    def test_rejecting_asks_for_the_reason(self):
        claim = self._make_claims().with_user(self.accountant)
        action = claim.action_reject_ask()
        wizard = Form(
            self.env["service.claim.decision"]
            .with_user(self.accountant)
            .with_context(**action["context"])
        )
        wizard.reason = "not covered"
        wizard.save().action_decide()
        self.assertEqual(claim.reject_reason, "not covered")
