from odoo.exceptions import UserError
from odoo.tests import tagged

from ..controllers.point_settlement import _get_id, _get_text
from .common import SettlementCommon


@tagged("post_install", "-at_install")
class TestForgedValues(SettlementCommon):
    """Calls that no form makes: read-only fields and defaults over RPC."""

    def test_sums_are_not_written_past_approval(self):
        """Else a small total at confirming keeps the tier from being reached."""
        self._make_claims(3)
        settlement, __ = self._run(until="issued")
        settlement = settlement.with_user(self.accountant)
        for name in ("amount_total", "amount_claims", "amount_adjustments"):
            with self.subTest(name), self.assertRaises(UserError):
                settlement.write({name: 1.0})
        claim = self._make_claims().with_user(self.accountant)
        self.assertFalse(claim.settlement_id)
        for name in ("amount_claimed", "amount_checked", "amount_approved"):
            with self.subTest(name), self.assertRaises(UserError):
                claim.write({name: 1.0})

    def test_a_statement_begins_as_a_draft_whatever_the_context_says(self):
        settlement = (
            self.env["service.settlement"]
            .with_user(self.accountant)
            .with_context(default_state="confirmed", default_amount_total=7.0)
            .create(
                {
                    "point_id": self.point.id,
                    "date_from": "2026-05-01",
                    "date_to": "2026-05-31",
                }
            )
        )
        self.assertEqual(settlement.state, "draft")
        self.assertEqual(settlement.amount_total, 0.0)

    def test_who_asks_does_not_name_what_is_granted_or_another_asker(self):
        self.company.service_claim_authorise_above = 50.0
        order = self._make_order()
        order.sudo().point_id = self.point
        request = (
            self.env["service.claim.authorisation"]
            .with_user(self.accountant)
            .with_context(default_decided_by_id=self.manager.id)
            .create(
                {
                    "order_id": order.id,
                    "amount": 70.0,
                    "amount_granted": 7000.0,
                    "note": "test",
                    "asked_by_id": self.manager.id,
                }
            )
        )
        self.assertEqual(request.asked_by_id, self.accountant)
        self.assertFalse(request.amount_granted)
        self.assertFalse(request.decided_by_id)
        with self.assertRaisesRegex(UserError, "another person"):
            request.action_grant()

    def test_what_a_form_sends_is_a_number_or_none(self):
        self.assertEqual(_get_id("12"), 12)
        for value in ("9" * 5000, "-1", "1.5", "²", None, object()):
            self.assertEqual(_get_id(value), 0)
        self.assertEqual(_get_text(object(), 10), "")
        self.assertEqual(_get_text(" a\x00b ", 10), "ab")
