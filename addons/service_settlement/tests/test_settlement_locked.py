from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged

from .common import SettlementCommon


@tagged("post_install", "-at_install")
class TestSettlementLocked(SettlementCommon):
    """What was issued is a document; what was posted all the more."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.claims = cls._make_claims(2)
        cls.waiting = cls._make_claims()

    def _settle(self, until):
        self.waiting.with_user(self.accountant).action_reject("later")
        settlements, failures = self._run(until=until)
        self.assertFalse(failures)
        return settlements

    def _assert_locked(self, settlement):
        claim = settlement.claim_ids[0]
        line = claim.line_ids
        attempts = {
            "period": lambda: settlement.write({"date_to": "2026-02-27"}),
            "point": lambda: settlement.write({"point_id": self.point.id}),
            "currency": lambda: settlement.write(
                {"currency_id": settlement.currency_id.id}
            ),
            "state": lambda: settlement.write({"state": "draft"}),
            "bill": lambda: settlement.write({"move_id": False}),
            "claims": lambda: settlement.write(
                {"claim_ids": [Command.link(self.waiting.id)]}
            ),
            "adjustment": lambda: settlement.write(
                {
                    "adjustment_ids": [
                        Command.create(
                            {"point_id": self.point.id, "amount": 5, "reason": "x"}
                        )
                    ]
                }
            ),
            "adjustment of its own": lambda: self.env[
                "service.settlement.adjustment"
            ].create(
                {
                    "point_id": self.point.id,
                    "amount": 5.0,
                    "reason": "x",
                    "settlement_id": settlement.id,
                }
            ),
            "collect": settlement.action_collect,
            "delete": settlement.unlink,
            "take": lambda: settlement._take(
                self.waiting, self.env["service.settlement.adjustment"]
            ),
            "claim": lambda: claim.write({"reject_reason": "x"}),
            "claim flow": lambda: claim._write_flow({"state": "approved"}),
            "claim back": claim.action_back_to_check,
            "claim price": claim.action_reprice,
            "claim delete": claim.unlink,
            "line amount": lambda: line.write({"amount_approved": 1.0}),
            "line note": lambda: line.write({"note": "x"}),
            "line new": lambda: line.create(
                {"claim_id": claim.id, "kind": "other", "amount_claimed": 1.0}
            ),
            "line delete": line.unlink,
            "claim lines": lambda: claim.write({"line_ids": [Command.clear()]}),
        }
        for name, attempt in attempts.items():
            with self.subTest(name), self.assertRaises(UserError):
                attempt()
        self.assertEqual(settlement.amount_total, 160.0)

    def test_posted_statement_cannot_be_edited(self):
        settlement = self._settle("billed")
        self.assertEqual(settlement.move_id.state, "posted")
        self._assert_locked(settlement.with_user(self.accountant))
        # nor by the superuser: the guard is not a matter of rights
        self._assert_locked(settlement.sudo())
        with self.assertRaises(UserError):
            settlement.action_draft()

    def test_issued_statement_cannot_be_edited(self):
        self._assert_locked(self._settle("issued"))

    def test_issued_statement_may_go_back_until_it_is_billed(self):
        settlement = self._settle("confirmed")
        settlement.action_draft()
        self.assertRecordValues(
            settlement, [{"state": "draft", "confirmed_by_id": False}]
        )

    def test_deleting_a_draft_frees_its_claims(self):
        settlement = self._settle("draft")
        claims = settlement.claim_ids
        settlement.unlink()
        self.assertEqual(set(claims.mapped("state")), {"approved"})
        again, __ = self._run(until="draft")
        self.assertEqual(again.claim_ids, claims)

    def test_statement_that_was_ever_issued_stays_with_its_steps(self):
        settlement = self._settle("confirmed")
        settlement.action_draft()
        claims = settlement.claim_ids
        with self.assertRaisesRegex(UserError, "issued before"):
            settlement.with_user(self.accountant).unlink()
        self.assertEqual(settlement.claim_ids, claims)
        self.assertEqual(
            settlement.sudo().step_ids.mapped("kind"),
            ["issued", "confirmed", "returned"],
        )

    def test_draft_with_claims_keeps_its_point_and_period(self):
        settlement = self._settle("draft")
        with self.assertRaises(UserError):
            settlement.date_to = "2026-02-27"

    def test_empty_statement_is_not_issued(self):
        settlement = self.settlements.create(
            {
                "point_id": self.point.id,
                "date_from": "2026-02-01",
                "date_to": "2026-02-28",
            }
        )
        with self.assertRaises(UserError):
            settlement.action_issue()
        settlement.action_collect()
        self.assertEqual(settlement.claim_count, 3)

    def test_statement_cannot_be_created_in_another_state(self):
        with self.assertRaises(UserError):
            self.settlements.create(
                {
                    "point_id": self.point.id,
                    "date_from": "2026-02-01",
                    "date_to": "2026-02-28",
                    "state": "confirmed",
                }
            )

    def test_bill_before_confirmation_is_refused(self):
        settlement = self._settle("issued")
        with self.assertRaises(UserError):
            settlement.action_bill()
