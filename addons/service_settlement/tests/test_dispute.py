from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import NEXT_MONTH, SettlementCommon


@tagged("post_install", "-at_install")
class TestDispute(SettlementCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other_point = cls._make_settled_point("Test Other Point")
        cls._make_claims(3)
        cls._make_claims(point=cls.other_point)
        settlements, __ = (
            cls.env["service.settlement"]
            .with_user(cls.accountant)
            ._run(cls.company, "2026-02-01", "2026-02-28", until="issued")
        )
        cls.own = settlements.filtered(lambda rec: rec.point_id == cls.point)
        cls.foreign = settlements - cls.own
        cls.line = cls.own.claim_ids[0].line_ids

    def _dispute(self, line=None, asked=95.0, user=None, **vals):
        line = line or self.line
        settlement = self.own.with_user(user or self.portal_point)
        return settlement._dispute(
            [
                {
                    "claim_line_id": line.id,
                    "reason": "Two technicians came",
                    "amount_asked": asked,
                    **vals,
                }
            ]
        )

    def test_dispute_keeps_what_was_stated_and_asked(self):
        dispute = self._dispute()
        self.assertRecordValues(
            dispute.sudo(),
            [
                {
                    "state": "open",
                    "amount_stated": 80.0,
                    "amount_asked": 95.0,
                    "filed_by_id": self.portal_point.id,
                    "point_id": self.point.id,
                }
            ],
        )
        self.assertEqual(self.own.state, "disputed")
        self.assertTrue(self.own.activity_ids)

    def test_agreed_difference_comes_with_the_next_statement(self):
        dispute = self._dispute().with_user(self.accountant)
        dispute._accept(90.0, "One hour is agreed")
        self.assertEqual(self.own.amount_total, 240.0)
        self.assertEqual(self.own.state, "issued")
        self.own.action_confirm()
        self.own.action_bill()
        self.assertEqual(self.own.move_id.amount_untaxed, 240.0)
        self._make_claims(done="2026-03-05 08:00:00")
        dispute.correction_id.date = NEXT_MONTH[0]
        following, __ = self._run(month=NEXT_MONTH)
        self.assertRecordValues(
            following,
            [{"amount_claims": 80.0, "amount_adjustments": 10.0, "state": "billed"}],
        )
        self.assertEqual(following.adjustment_ids, dispute.correction_id)
        self.assertEqual(dispute.correction_id.source_ref, dispute)

    def test_refusal_needs_a_reason_and_changes_no_amount(self):
        dispute = self._dispute().with_user(self.accountant)
        with self.assertRaises(UserError):
            dispute.action_refuse()
        dispute.answer = "The tariff pays one technician"
        dispute.action_refuse()
        self.assertRecordValues(
            dispute,
            [{"state": "refused", "amount_agreed": 80.0, "correction_id": False}],
        )
        self.assertEqual(self.own.state, "issued")

    def test_answered_once(self):
        dispute = self._dispute().with_user(self.accountant)
        dispute.action_accept()
        with self.assertRaises(UserError):
            dispute.action_accept()
        self.assertEqual(
            self.env["service.settlement.adjustment"].search_count(
                [("source_ref", "=", f"service.settlement.dispute,{dispute.id}")]
            ),
            1,
        )

    def test_point_confirms_the_rest_and_nobody_does_so_for_it(self):
        dispute = self._dispute()
        with self.assertRaises(UserError):
            self.own.with_user(self.accountant).action_confirm()
        # nor does a run
        self._run(until="billed")
        self.assertEqual(self.own.state, "disputed")
        self.own.with_user(self.portal_point).action_confirm()
        self.assertEqual(self.own.state, "confirmed")
        # the answer still comes, and does not touch the confirmed statement
        dispute.with_user(self.accountant).action_accept()
        self.assertEqual(self.own.state, "confirmed")
        self.assertTrue(dispute.sudo().correction_id)

    def test_withdrawn_dispute_opens_the_statement_again(self):
        dispute = self._dispute()
        dispute.with_user(self.portal_point).action_withdraw()
        self.assertEqual(dispute.sudo().state, "withdrawn")
        self.assertEqual(self.own.state, "issued")

    def test_missing_order_is_disputed_without_a_line(self):
        dispute = self.own.with_user(self.portal_point)._dispute(
            [{"reason": "The Monday job is missing", "amount_asked": 80.0}]
        )
        self.assertRecordValues(
            dispute.sudo(), [{"topic": "missing", "amount_stated": 0.0}]
        )
        dispute.with_user(self.accountant).action_accept()
        self.assertEqual(dispute.sudo().correction_id.amount, 80.0)

    def test_line_of_another_statement_is_refused(self):
        with self.assertRaises(UserError):
            self._dispute(line=self.foreign.claim_ids.line_ids)
        with self.assertRaises(UserError):
            self._dispute(claim_line_id=999999999)

    def test_second_open_dispute_of_a_line_is_refused_by_the_database(self):
        self._dispute()
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            with self.cr.savepoint():
                self._dispute()

    def test_only_the_point_files_and_only_accountants_answer(self):
        for user in (self.portal_customer, self.portal_point):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.foreign.with_user(user)._dispute(
                    [
                        {
                            "claim_line_id": self.foreign.claim_ids.line_ids.id,
                            "reason": "x",
                            "amount_asked": 1.0,
                        }
                    ]
                )
        dispute = self._dispute()
        for user in (self.portal_point, self.point_manager):
            own = dispute.with_user(user)
            for attempt in (
                own.action_accept,
                lambda own=own: own._refuse("no"),
                lambda own=own: own.write({"answer": "yes"}),
                own.unlink,
            ):
                with self.subTest(user.login), self.assertRaises(AccessError):
                    attempt()
        with self.assertRaises(AccessError):
            dispute.with_user(self.portal_customer).action_withdraw()
        with self.assertRaises(AccessError):
            self.env["service.settlement.dispute"].with_user(self.accountant).create(
                {"settlement_id": self.own.id, "reason": "x"}
            )

    def test_filed_values_never_change(self):
        dispute = self._dispute().with_user(self.accountant)
        for vals in ({"amount_asked": 1.0}, {"reason": "y"}, {"state": "accepted"}):
            with self.subTest(vals), self.assertRaises(UserError):
                dispute.write(vals)
        dispute.action_accept()
        with self.assertRaises(UserError):
            dispute.write({"answer": "later"})
        with self.assertRaises(UserError):
            dispute.sudo().unlink()

    def test_draft_is_not_disputed(self):
        self.own.action_draft()
        with self.assertRaises(UserError):
            self._dispute()

    def test_issued_again_it_is_still_disputed(self):
        self._dispute()
        own = self.own.with_user(self.accountant)
        own.action_draft()
        own.action_issue()
        self.assertEqual(own.state, "disputed")

    def test_wizard_answers(self):
        dispute = self._dispute()
        wizard = (
            self.env["service.settlement.answer"]
            .with_user(self.accountant)
            .create({"dispute_id": dispute.id, "answer": "agreed"})
        )
        self.assertEqual(wizard.amount_agreed, 95.0)
        wizard.action_accept()
        self.assertEqual(dispute.sudo().correction_id.amount, 15.0)

    def test_what_was_agreed_once_is_not_paid_again(self):
        self._dispute(asked=95.0).with_user(self.accountant).action_accept()
        with self.assertRaisesRegex(UserError, "what the statement says"):
            self._dispute(asked=95.0)
        again = self._dispute(asked=100.0).with_user(self.accountant)
        self.assertEqual(again.amount_stated, 95.0)
        again.action_accept()
        self.assertEqual(again.correction_id.amount, 5.0)

    def test_a_line_that_was_corrected_meanwhile_is_not_corrected_twice(self):
        dispute = self._dispute(asked=95.0).with_user(self.accountant)
        self.own.action_draft()
        # sudo: service.claim.line: as the claim's flow does
        self.line.sudo().write({"amount_approved": 95.0})
        self.env.flush_all()
        with self.assertRaisesRegex(UserError, "what the statement says"):
            dispute.action_accept()

    def test_a_disputed_statement_is_kept_with_its_answers(self):
        self._dispute().with_user(self.accountant).action_accept()
        own = self.own.with_user(self.accountant)
        own.action_draft()
        with self.assertRaisesRegex(UserError, "issued before"):
            own.unlink()
