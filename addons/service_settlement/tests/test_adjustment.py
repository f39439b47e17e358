from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import NEXT_MONTH, SettlementCommon


@tagged("post_install", "-at_install")
class TestAdjustment(SettlementCommon):
    def _adjust(self, amount, **vals):
        return (
            self.env["service.settlement.adjustment"]
            .with_user(self.accountant)
            .create(
                {
                    "point_id": self.point.id,
                    "amount": amount,
                    "reason": "labour paid twice in February",
                    "date": "2026-03-05",
                    **vals,
                }
            )
        )

    def test_correction_stands_on_the_next_statement_and_its_bill(self):
        claim = self._make_claims()
        self._run()
        adjustment = self._adjust(-20.0, claim_id=claim.id)
        self._make_claims()
        following, failures = self._run(month=NEXT_MONTH)
        self.assertFalse(failures)
        self.assertRecordValues(
            following,
            [
                {
                    "amount_claims": 80.0,
                    "amount_adjustments": -20.0,
                    "amount_total": 60.0,
                }
            ],
        )
        self.assertEqual(following.move_id.amount_untaxed, 60.0)
        self.assertEqual(adjustment.settlement_id, following)
        self.assertEqual(adjustment.invoice_line_id.price_subtotal, -20.0)

    def test_point_that_owes_gets_a_refund(self):
        adjustment = self._adjust(-35.5)
        settlement, failures = self._run(month=NEXT_MONTH)
        self.assertFalse(failures)
        self.assertRecordValues(
            settlement.move_id,
            [{"move_type": "in_refund", "state": "posted", "amount_untaxed": 35.5}],
        )
        self.assertEqual(adjustment.invoice_line_id.move_id, settlement.move_id)

    def test_adjustment_of_another_point_is_refused(self):
        other = self._make_settled_point("Test Other Point")
        self._make_claims()
        settlement, __ = self._run(until="draft")
        with self.assertRaises(UserError):
            self._adjust(5.0, point_id=other.id, settlement_id=settlement.id)

    def test_settled_adjustment_does_not_change(self):
        adjustment = self._adjust(10.0)
        self._run(month=NEXT_MONTH)
        for vals in ({"amount": 1.0}, {"settlement_id": False}, {"reason": "x"}):
            with self.subTest(vals), self.assertRaises(UserError):
                adjustment.write(vals)
        with self.assertRaises(UserError):
            adjustment.unlink()
