"""Whatever happens to claims, statements, bills and payments: the report agrees, or
names the statement that somebody went around the guards with."""

import random
from collections import defaultdict

from dateutil.relativedelta import relativedelta

from odoo.tests import tagged

from .common import MONTH, SettlementCommon

SEEDS = range(5)
STEPS = 26
KINDS = ("labour", "travel", "other")
# What a person with access to the database could do
INJECTED = (
    "UPDATE service_claim_line SET amount_approved = amount_approved + 0.01 "
    "WHERE id = (SELECT min(line.id) FROM service_claim_line line "
    "JOIN service_claim claim ON claim.id = line.claim_id "
    "WHERE claim.settlement_id = %s)",
    "UPDATE service_claim_line SET invoice_line_id = NULL "
    "WHERE id = (SELECT min(line.id) FROM service_claim_line line "
    "JOIN service_claim claim ON claim.id = line.claim_id "
    "WHERE claim.settlement_id = %s)",
    "UPDATE service_settlement SET amount_total = amount_total - 1 WHERE id = %s",
    "UPDATE account_move_line SET price_subtotal = price_subtotal + 0.01 "
    "WHERE id = (SELECT min(line.id) FROM account_move_line line "
    "JOIN service_settlement settlement ON settlement.move_id = line.move_id "
    "WHERE line.display_type = 'product' AND settlement.id = %s)",
    "UPDATE service_claim SET settlement_id = NULL, state = 'approved' WHERE id = "
    "(SELECT min(id) FROM service_claim WHERE settlement_id = %s)",
)


@tagged("post_install", "-at_install")
class TestReconciliationProperty(SettlementCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bank = cls.env["account.journal"].create(
            {"name": "Test Bank", "code": "TBNK", "type": "bank"}
        )
        cls.points = cls.point | cls._make_settled_point("Test Other Point")
        cls.currencies = cls.company.currency_id | cls._get_other_currency()

    def _start(self, seed):
        self.dice = random.Random(seed)
        self.month = MONTH
        self.paid = defaultdict(float)

    # What may happen

    def _act_claim(self):
        claims = self._make_claims(
            self.dice.randint(1, 3), point=self._pick(self.points), done=self._get_day()
        )
        currency = self._pick(self.currencies)
        for claim in claims:
            claim._write_flow({"currency_id": currency.id})
            # sudo: service.claim.line: as pricing writes them
            claim.line_ids.sudo().amount_approved = self._get_amount()
            self.env["service.claim.line"].sudo().create(
                {
                    "claim_id": claim.id,
                    "kind": self._pick(KINDS),
                    "amount_claimed": self._get_amount(),
                }
            )

    def _act_adjust(self):
        self.env["service.settlement.adjustment"].create(
            {
                "point_id": self._pick(self.points).id,
                "currency_id": self._pick(self.currencies).id,
                "kind": self._pick(("correction", "bonus", "penalty")),
                "amount": self._pick((-1, 1)) * self._get_amount(),
                "reason": "test",
                "date": self._get_day(),
            }
        )

    def _act_advance(self):
        self.env["service.settlement.advance"].create(
            {
                "name": "test",
                "point_id": self._pick(self.points).id,
                "currency_id": self._pick(self.currencies).id,
                "amount": self._get_amount(),
                "share_max": self._pick((0.25, 0.5, 1.0)),
                "date": self.month[0],
            }
        )

    def _act_run(self):
        until = self._pick(("draft", "issued", "billed", "billed"))
        __, failures = self._run(until=until, month=self.month)
        self.assertFalse(failures)

    def _act_next_month(self):
        start = self.month[0] + relativedelta(months=1)
        self.month = (start, start + relativedelta(months=1, days=-1))

    def _act_hold(self):
        """A claim is withdrawn, from a draft too, and comes back later or never."""
        claims = self.env["service.claim"].search(
            [
                ("point_id", "in", self.points.ids),
                ("state", "in", ("approved", "settled")),
                ("settlement_id.state", "in", (False, "draft")),
            ]
        )
        if claims:
            claim = self._pick(claims)
            if claim.hold_reason:
                claim.action_release()
            else:
                claim._hold("test")

    def _act_dispute(self):
        for settlement in self._find("issued", "disputed"):
            lines = settlement.claim_ids.line_ids
            if lines:
                line = self._pick(lines)
                dispute = settlement._dispute(
                    [
                        {
                            "claim_line_id": line.id,
                            "amount_asked": line.amount_approved + self._get_amount(),
                            "reason": "test",
                        }
                    ]
                )
                self._answer(dispute)

    def _answer(self, dispute):
        how = self._pick(("accept", "refuse", "withdraw"))
        if how == "accept":
            dispute._accept(dispute.amount_asked, "agreed")
            dispute.correction_id.date = self._get_day()
        elif how == "refuse":
            dispute._refuse("no")
        else:
            dispute.action_withdraw()

    def _act_back(self):
        settlements = self._find("issued", "confirmed").filtered(
            lambda rec: not rec.dispute_ids and not rec.move_id
        )
        if settlements:
            settlement = self._pick(settlements)
            settlement.action_draft()
            if self.dice.random() < 0.5:
                settlement.unlink()

    def _act_cancel_bill(self):
        """A wrong bill is cancelled; the next run makes another one."""
        settlements = self._find("billed").filtered(
            lambda rec: rec.move_id.state == "posted" and not self.paid[rec]
        )
        if settlements:
            settlement = self._pick(settlements)
            settlement.move_id.button_draft()
            settlement.move_id.button_cancel()

    def _act_pay(self):
        for settlement in self._find("billed"):
            move = settlement.move_id
            if move.state != "posted" or move.currency_id.is_zero(move.amount_residual):
                continue
            amount = move.amount_residual
            if self.dice.random() < 0.6:
                amount = move.currency_id.round(amount * self.dice.random()) or amount
            self.env["account.payment.register"].with_context(
                active_model="account.move", active_ids=move.ids
            ).create(
                {
                    "journal_id": self.bank.id,
                    "amount": amount,
                    "currency_id": move.currency_id.id,
                    "payment_difference_handling": "open",
                }
            )._create_payments()
            sign = -1 if move.move_type == "in_refund" else 1
            self.paid[settlement] += sign * amount

    # How it is looked at

    def _pick(self, choices):
        return self.dice.choice(list(choices))

    def _get_amount(self):
        return self.dice.randint(1, 20000) / 100

    def _get_day(self):
        return self.month[0] + relativedelta(days=self.dice.randint(0, 27))

    def _find(self, *states):
        return self.env["service.settlement"].search(
            [("point_id", "in", self.points.ids), ("state", "in", states)]
        )

    def _get_rows(self):
        self.env.flush_all()
        rows = self.env["service.settlement.reconciliation"]
        rows.invalidate_model()
        return rows.search([("point_id", "in", self.points.ids)])

    def _check_agrees(self):
        """Not only what the report says: the same sums, added up here."""
        rows = self._get_rows()
        self.assertEqual(rows.settlement_id, self._find(*self._get_states()))
        self.assertFalse(rows.filtered("is_wrong"))
        for row in rows:
            settlement = row.settlement_id
            currency = settlement.currency_id
            expected = {
                "amount_lines": sum(
                    settlement.claim_ids.line_ids.mapped("amount_approved")
                )
                + sum(settlement.adjustment_ids.mapped("amount")),
                "amount_stated": settlement.amount_total,
                "difference": 0.0,
                "amount_credited": 0.0,
            }
            move = settlement.move_id
            if move and move.state != "cancel":
                sign = -1 if move.move_type == "in_refund" else 1
                expected["amount_billed"] = sign * move.amount_untaxed
                expected["amount_tax"] = sign * move.amount_tax
                expected["amount_paid"] = self.paid[settlement]
                expected["amount_due"] = (
                    sign * move.amount_total - (self.paid[settlement])
                )
            for name, amount in expected.items():
                self.assertFalse(
                    currency.compare_amounts(row[name], amount), (name, row[name])
                )

    def _get_states(self):
        return dict(self.env["service.settlement"]._fields["state"].selection)

    def _play(self, seed):
        self._start(seed)
        actions = [getattr(self, name) for name in dir(self) if name[:5] == "_act_"]
        weights = [
            3 if action.__name__ in ("_act_run", "_act_claim", "_act_pay") else 1
            for action in actions
        ]
        self._act_claim()
        for __ in range(STEPS):
            [action] = self.dice.choices(actions, weights)
            action()
            self._check_agrees()
        self._act_claim()
        self._act_run()
        self._run(until="billed", month=self.month)
        self._check_agrees()

    def test_random_histories_agree_and_each_forgery_is_named(self):
        for seed in SEEDS:
            with self.subTest(seed=seed), self.cr.savepoint() as savepoint:
                self._play(seed)
                billed = self._find("billed", "paid").filtered("claim_ids")
                self.assertTrue(billed)
                self._check_injected(billed)
                self._check_credited(billed)
                savepoint.rollback()
            self.env.invalidate_all()

    def _check_injected(self, billed):
        for query in INJECTED:
            victim = self._pick(billed)
            with self.subTest(query), self.cr.savepoint() as savepoint:
                self.cr.execute(query, [victim.id])
                self.assertEqual(self.cr.rowcount, 1)
                self.env.invalidate_all()
                wrong = self._get_rows().filtered("is_wrong")
                self.assertEqual(wrong.settlement_id, victim)
                savepoint.rollback()
            self.env.invalidate_all()

    def _check_credited(self, billed):
        """A credit note beside the statements takes a bill back: no payment."""
        unpaid = billed.filtered(
            lambda rec: (
                rec.move_id.state == "posted"
                and rec.move_id.move_type == "in_invoice"
                and rec.move_id.amount_residual
                and rec.move_id.invoice_date
            )
        )
        if not unpaid:
            return
        victim = self._pick(unpaid)
        due = victim.move_id.amount_residual
        note = victim.move_id._reverse_moves()
        note.invoice_date = victim.move_id.invoice_date
        note.action_post()
        (note | victim.move_id).line_ids.filtered(
            lambda line: line.display_type == "payment_term" and not line.reconciled
        ).reconcile()
        wrong = self._get_rows().filtered("is_wrong")
        self.assertRecordValues(
            wrong, [{"settlement_id": victim.id, "amount_paid": self.paid[victim]}]
        )
        self.assertFalse(victim.currency_id.compare_amounts(wrong.amount_credited, due))
