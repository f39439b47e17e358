from psycopg2.errors import RestrictViolation

from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import mute_logger

from .common import SettlementCommon


@tagged("post_install", "-at_install")
class TestClaimDecision(SettlementCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.service_claim_auto_approve = False
        cls.second = new_test_user(
            cls.env,
            login="test_second_accountant",
            groups="service_settlement.group_settlement_accountant",
        )

    def _decide(self, claims, kind, **values):
        wizard = Form(
            self.env["service.claim.decision"]
            .with_user(self.accountant)
            .with_context(**claims._ask(kind)["context"])
        )
        for name, value in values.items():
            setattr(wizard, name, value)
        return wizard.save().action_decide()

    def test_bulk_of_many_with_one_bad_decides_the_others(self):
        claims = self._make_claims(6).with_user(self.accountant)
        bad = claims[2]
        bad.line_ids.amount_approved = 10.0
        action = claims.action_approve_each()
        self.assertEqual((claims - bad).mapped("state"), ["approved"] * 5)
        self.assertEqual(bad.state, "draft")
        self.assertEqual(action["res_model"], "service.claim.outcome")
        outcome = self.env[action["res_model"]].browse(action["res_id"])
        self.assertEqual(outcome.line_ids._name, "service.claim.outcome.line")
        self.assertEqual(outcome.done_count, 5)
        self.assertEqual(outcome.line_ids.claim_id, bad)
        self.assertIn("say in the note", outcome.line_ids.message)

    def test_checking_and_pricing_of_many_leaves_out_what_cannot(self):
        claims = self._make_claims(3).with_user(self.accountant)
        claims[0].action_reject("not done")
        action = claims.action_check_each()
        self.assertEqual(claims.mapped("state"), ["rejected", "checked", "checked"])
        outcome = self.env[action["res_model"]].browse(action["res_id"])
        self.assertEqual(outcome.line_ids.claim_id, claims[0])
        self._change_tariff([{"amount": 95.0}])
        action = claims.action_reprice_each()
        self.assertEqual(claims.mapped("amount_claimed"), [80.0, 95.0, 95.0])
        outcome = self.env[action["res_model"]].browse(action["res_id"])
        self.assertEqual(
            (outcome.done_count, outcome.line_ids.claim_id), (2, claims[0])
        )
        with self.assertRaisesRegex(UserError, "not possible now"):
            claims[0].action_reprice_each()

    def test_one_claim_says_at_once_what_is_wrong(self):
        claim = self._make_claims().with_user(self.accountant)
        claim.line_ids.amount_approved = 10.0
        with self.assertRaisesRegex(UserError, "say in the note"):
            claim.action_approve_each()

    def test_reject_for_many_with_a_code(self):
        claims = self._make_claims(2).with_user(self.accountant)
        code = self.env.ref("service_settlement.claim_reason_not_performed")
        self._decide(claims, "reject", reason_id=code)
        self.assertEqual(claims.mapped("state"), ["rejected"] * 2)
        self.assertEqual(claims[0].reject_reason, "Work not done")
        self.assertRecordValues(
            claims[0].step_ids,
            [{"kind": "rejected", "reason_id": code.id, "user_id": self.accountant.id}],
        )

    def test_reduce_by_percent_and_by_line(self):
        claims = self._make_claims(2).with_user(self.accountant)
        self._decide(claims, "reduce", reason="one trip for two", percent=25.0)
        self.assertEqual(claims.mapped("amount_approved"), [60.0, 60.0])
        self.assertEqual(claims.mapped("amount_claimed"), [80.0, 80.0])
        action = claims[0].line_ids.action_reduce_ask()
        wizard = Form(
            self.env["service.claim.decision"]
            .with_user(self.accountant)
            .with_context(**action["context"])
        )
        wizard.reason = "not done"
        wizard.amount = 0.0
        wizard.save().action_decide()
        self.assertEqual(claims.mapped("amount_approved"), [0.0, 60.0])
        claims.action_approve()
        self.assertEqual(claims.step_ids.mapped("kind"), ["reduced"] * 2)

    def test_goodwill_is_a_line_at_the_cost_of_the_company(self):
        claim = self._make_claims().with_user(self.accountant)
        with self.assertRaises(UserError):
            claim._grant_goodwill(20.0, "")
        self._decide(claim, "goodwill", reason="long way in the snow", amount=20.0)
        claim.action_approve()
        self.assertEqual(claim.amount_approved, 100.0)
        line = claim.line_ids[-1]
        self.assertRecordValues(
            line,
            [
                {
                    "payer": "company",
                    "amount_claimed": 0.0,
                    "note": "long way in the snow",
                }
            ],
        )
        self.assertEqual(line.reason_id.code, "goodwill")

    def test_every_amount_has_its_versions(self):
        claim = self._make_claims().with_user(self.accountant)
        line = claim.line_ids
        line.write({"amount_checked": 70.0, "note": "corrected"})
        line.write({"amount_approved": 65.0, "note": "agreed"})
        self.env.flush_all()
        self.assertRecordValues(
            line.amount_ids.sorted("id"),
            [
                {
                    "stage": "checked",
                    "amount_old": 80.0,
                    "amount_new": 70.0,
                    "note": "corrected",
                    "user_id": self.accountant.id,
                },
                {
                    "stage": "approved",
                    "amount_old": 80.0,
                    "amount_new": 70.0,
                    "note": "corrected",
                    "user_id": self.accountant.id,
                },
                {
                    "stage": "approved",
                    "amount_old": 70.0,
                    "amount_new": 65.0,
                    "note": "agreed",
                    "user_id": self.accountant.id,
                },
            ],
        )

    def test_versions_outlive_the_line_that_is_priced_again(self):
        claim = self._make_claims()
        claim.line_ids.write({"amount_checked": 70.0, "note": "corrected"})
        claim.action_reprice()
        self.assertEqual(claim.amount_approved, 80.0)
        versions = claim.amount_ids.filtered(lambda row: row.stage == "approved")
        self.assertEqual(versions.sorted("id").mapped("amount_new"), [70.0, 0.0])
        self.assertEqual(versions.mapped("kind_label"), ["Labour"] * 2)

    def test_history_is_guarded_in_the_database(self):
        claim = self._make_claims()
        claim.line_ids.write({"amount_checked": 70.0, "note": "corrected"})
        claim.action_check()
        self.env.flush_all()
        # even past the ORM an amount does not change without a trace
        self.cr.execute(
            "UPDATE service_claim_line SET amount_claimed = 5 WHERE id = %s",
            [claim.line_ids.id],
        )
        self.cr.execute(
            "SELECT amount_old, amount_new FROM service_claim_amount "
            "WHERE claim_id = %s AND stage = 'claimed'",
            [claim.id],
        )
        self.assertEqual(
            [tuple(map(float, row)) for row in self.cr.fetchall()], [(80, 5)]
        )
        for table in ("service_claim_amount", "service_claim_step"):
            with self.subTest(table), mute_logger("odoo.sql_db"):
                with self.assertRaises(RestrictViolation), self.cr.savepoint():
                    self.cr.execute(
                        f"UPDATE {table} SET date = now() WHERE claim_id = {claim.id}"
                    )
        for rows in (claim.amount_ids, claim.step_ids):
            with self.assertRaises(UserError):
                rows.write({"date": "2026-01-01"})
            with self.assertRaises(UserError):
                rows.unlink()

    def test_split_adds_up(self):
        claim = self._make_claims().with_user(self.accountant)
        line = claim.line_ids
        with self.assertRaises(ValidationError):
            line.payer = "shared"
        line.write(
            {"payer": "shared", "customer_percent": 33.33, "supplier_percent": 33.33}
        )
        parts = (line.amount_customer, line.amount_supplier, line.amount_company)
        self.assertEqual(parts, (26.66, 26.66, 26.68))
        line.payer = "supplier"
        self.assertRecordValues(
            line, [{"amount_supplier": 80.0, "amount_company": 0.0}]
        )

    def test_sent_back_until_the_point_answers(self):
        claim = self._make_claims().with_user(self.accountant)
        self._decide(claim, "send_back", reason="The receipt is missing")
        self.assertEqual(claim.state, "sent_back")
        with self.assertRaises(UserError):
            claim.action_approve()
        claim.with_user(self.portal_point)._answer("Here it is")
        self.assertEqual(claim.state, "draft")
        self.assertEqual(claim.step_ids.mapped("kind"), ["sent_back", "answered"])
        with self.assertRaises(UserError):
            claim.with_user(self.portal_point)._answer("once more")

    def test_appeal_is_decided_by_another_person_once(self):
        claim = self._make_claims().with_user(self.accountant)
        claim.action_reject("not covered")
        self.assertTrue(claim.appeal_until)
        claim.with_user(self.portal_point)._appeal("It was in warranty")
        self.assertEqual(claim.state, "appealed")
        self.assertNotIn(
            claim, self.env["service.claim"].search(claim._to_settle_domain())
        )
        for attempt in (claim.action_approve, lambda: claim.action_reject("no")):
            with self.assertRaisesRegex(UserError, "another person"):
                attempt()
        claim.with_user(self.second).action_approve()
        self.assertRecordValues(
            claim, [{"state": "approved", "decided_by_id": self.second.id}]
        )
        with self.assertRaises(UserError):
            claim.with_user(self.portal_point)._appeal("more")

    def test_appeal_needs_a_loss_and_its_time(self):
        claims = self._make_claims(2).with_user(self.accountant)
        claims[0].action_approve()
        self.assertFalse(claims[0].appeal_until)
        claims[1].line_ids.write({"amount_approved": 60.0, "note": "agreed"})
        claims[1].action_approve()
        self.assertTrue(claims[1].appeal_until)
        self.company.service_claim_appeal_days = 0
        self.env.flush_all()
        self.cr.execute(
            "UPDATE service_claim SET decided_on = decided_on - interval '3 days'"
        )
        self.env.invalidate_all()
        with self.assertRaisesRegex(UserError, "no longer"):
            claims[1].with_user(self.portal_point)._appeal("too late")

    def test_decisions_for_many_take_the_queries_of_few(self):
        counts = []
        for number in (1, 3, 30):
            claims = self._make_claims(number)
            claims = claims.browse(claims.ids).with_user(self.accountant)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            claims.action_approve_each()
            self.env.flush_all()
            counts.append(self.cr.sql_log_count - before)
        # the first fills what is cached for good
        self.assertEqual(counts[1], counts[2])
        self.assertLessEqual(counts[2], 12)

    def test_goodwill_for_many_stops_only_where_it_cannot_be_granted(self):
        claims = self._make_claims(3).with_user(self.accountant)
        claims[0].action_reject("test")
        self._decide(claims, "goodwill", reason="Long way", amount=10.0)
        self.assertEqual(claims.mapped("amount_approved"), [80.0, 90.0, 90.0])

    def test_a_reduction_never_raises_an_amount(self):
        claims = self._make_claims(2).with_user(self.accountant)
        # sudo: service.claim.line: as the results of an order give it
        self.env["service.claim.line"].sudo().create(
            {"claim_id": claims[0].id, "kind": "penalty", "amount_claimed": -20.0}
        )
        self._decide(
            claims, "reduce", reason="agreed", reduce_by="amount", amount=500.0
        )
        self.assertEqual(claims.mapped("amount_approved"), [60.0, 80.0])

    def test_an_amount_is_of_one_currency(self):
        claims = self._make_claims(2)
        other = self.env.ref("base.USD")
        if other == claims.currency_id:
            other = self.env.ref("base.EUR")
        other.active = True
        claims[0].sudo()._write_flow({"currency_id": other.id})
        for kind, values in (
            ("goodwill", {"amount": 10.0}),
            ("reduce", {"reduce_by": "amount", "amount": 10.0}),
        ):
            with self.subTest(kind), self.assertRaisesRegex(UserError, "currency"):
                self._decide(
                    claims.with_user(self.accountant), kind, reason="x", **values
                )
