from odoo import fields
from odoo.tests import tagged

from .common import SettlementCommon


@tagged("post_install", "-at_install")
class TestOrderResult(SettlementCommon):
    """Stars and complaints come after the claim, and still count."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._change_tariff(
            [
                {"amount": 80.0},
                {"kind": "bonus", "occasion": "survey", "score_min": 5, "amount": 6.0},
                {
                    "kind": "penalty",
                    "occasion": "complaint",
                    "method": "percent_fee",
                    "amount": 25.0,
                },
            ]
        )
        cls.order = cls._make_done_orders(done=fields.Datetime.now())
        cls.claim = cls.order.claim_ids
        cls.type_complaint = cls.env["service.type"].search(
            [("code", "=", "complaint")], limit=1
        )

    def _complain(self):
        complaint = self._make_order(
            type_id=self.type_complaint.id, parent_id=self.order.id
        )
        if complaint.state == "draft":
            complaint.action_register()
        return complaint

    def _get_adjustments(self):
        return self.env["service.settlement.adjustment"].search(
            [("claim_id", "=", self.claim.id)]
        )

    def test_stars_are_paid_on_a_claim_that_nobody_decided(self):
        self.assertEqual(self.claim.amount_approved, 80.0)
        self.order._rate(5)
        self.assertEqual(self.claim.amount_approved, 86.0)
        self.assertIn("Survey score: 5", self.claim.line_ids[1].formula)
        self.assertFalse(self._get_adjustments())

    def test_complaint_is_taken_off_a_claim_that_nobody_decided(self):
        self._complain()
        self.assertEqual(self.claim.amount_approved, 60.0)

    def test_after_a_decision_they_come_onto_the_next_statement(self):
        self.claim.action_back_to_check()
        self.claim.with_user(self.accountant).action_approve()
        self.order._rate(5)
        complaint = self._complain()
        self.assertEqual(self.claim.amount_approved, 80.0)
        self.assertRecordValues(
            self._get_adjustments().sorted("amount"),
            [
                {
                    "kind": "penalty",
                    "amount": -20.0,
                    "source_ref": complaint,
                    "point_id": self.point.id,
                },
                {
                    "kind": "bonus",
                    "amount": 6.0,
                    "source_ref": self.order,
                    "point_id": self.point.id,
                },
            ],
        )

    def test_a_result_without_a_price_changes_nothing(self):
        self.claim.action_back_to_check()
        self.claim.with_user(self.accountant).action_approve()
        self.order._rate(3)
        self.assertFalse(self._get_adjustments())
        self.claim.with_user(self.accountant).action_reject("wrong product")
        self._complain()
        self.assertFalse(self._get_adjustments())

    def _decide(self):
        self.claim.action_back_to_check()
        self.claim.with_user(self.accountant).action_approve()

    def test_what_two_lines_give_for_one_answer_is_one_amount(self):
        """Else the customer could not rate at all."""
        self._change_tariff(
            [
                {"amount": 80.0},
                {"kind": "bonus", "occasion": "survey", "score_min": 5, "amount": 6.0},
                {"kind": "other", "occasion": "survey", "score_min": 5, "amount": 2.0},
            ]
        )
        self._decide()
        self.order._rate(5)
        adjustment = self._get_adjustments()
        self.assertRecordValues(adjustment, [{"kind": "bonus", "amount": 8.0}])
        self.assertIn("line 2", adjustment.reason)
        self.assertIn("line 3", adjustment.reason)

    def test_stars_for_the_work_on_a_complaint_are_paid_as_well(self):
        """The complaint takes from the first order, its own work earns its stars."""
        self._decide()
        complaint = self._complain()
        complaint.sudo().point_id = self.point
        complaint._mark_done(fields.Datetime.now())
        claim = complaint.claim_ids
        claim.action_back_to_check()
        claim.with_user(self.accountant).action_approve()
        complaint._rate(5)
        rows = self.env["service.settlement.adjustment"].search(
            [("source_ref", "=", f"service.order,{complaint.id}")], order="amount"
        )
        self.assertRecordValues(
            rows,
            [
                {"kind": "penalty", "amount": -20.0, "claim_id": self.claim.id},
                {"kind": "bonus", "amount": 6.0, "claim_id": claim.id},
            ],
        )

    def test_late_result_is_in_the_currency_of_the_tariff(self):
        self._decide()
        currency = self._get_other_currency()
        self._make_tariff(
            [
                {"amount": 40.0},
                {"kind": "bonus", "occasion": "survey", "score_min": 5, "amount": 3.0},
            ],
            currency_id=currency.id,
            point_ids=self.point.ids,
        )
        self.order._rate(5)
        self.assertRecordValues(
            self._get_adjustments(), [{"amount": 3.0, "currency_id": currency.id}]
        )

    def test_what_the_claim_has_counted_is_not_counted_by_another_tariff(self):
        """The point was added to another tariff after its claim had been decided."""
        complaint = self._complain()
        self._decide()
        self.assertEqual(self.claim.amount_approved, 60.0)
        penalty = {"kind": "penalty", "occasion": "complaint", "method": "percent_fee"}
        self._make_tariff(
            [{"amount": 40.0}, penalty | {"amount": 50.0}], point_ids=self.point.ids
        )
        complaint._on_transition("new")
        self.assertFalse(self._get_adjustments())

    def test_a_complaint_that_is_opened_once_more_is_taken_off_once(self):
        self._decide()
        complaint = self._complain()
        complaint._on_transition("new")
        self.assertEqual(self._get_adjustments().mapped("amount"), [-20.0])
