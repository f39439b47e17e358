from datetime import date, datetime

from freezegun import freeze_time

from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from .common import MONTH, NEXT_MONTH, SettlementCommon


@tagged("post_install", "-at_install")
class TestSettlementRun(SettlementCommon):
    def test_one_statement_a_point(self):
        other = self._make_settled_point("Test Other Point")
        self._make_claims(3)
        self._make_claims(2, point=other)
        settlements, failures = self._run(until="draft")
        self.assertFalse(failures)
        self.assertRecordValues(
            settlements.sorted("amount_total"),
            [
                {"point_id": other.id, "claim_count": 2, "amount_total": 160.0},
                {"point_id": self.point.id, "claim_count": 3, "amount_total": 240.0},
            ],
        )
        self.assertEqual(set(settlements.mapped("state")), {"draft"})
        self.assertEqual(set(settlements.claim_ids.mapped("state")), {"settled"})
        self.assertTrue(
            all(name.startswith("ST") for name in settlements.mapped("name"))
        )

    def test_running_again_creates_nothing(self):
        self._make_claims(3)
        first, __ = self._run()
        again, failures = self._run()
        self.assertEqual(again, first)
        self.assertFalse(failures)
        moves = self.env["account.move"].search(
            [("service_settlement_id", "=", first.id)]
        )
        self.assertEqual(moves, first.move_id)

    def test_draft_takes_what_came_since(self):
        self._make_claims()
        first, __ = self._run(until="draft")
        self._make_claims()
        again, __ = self._run(until="draft")
        self.assertRecordValues(again, [{"id": first.id, "claim_count": 2}])

    def test_late_claim_waits_for_the_next_period(self):
        self._make_claims()
        first, __ = self._run()
        late = self._make_claims()
        again, __ = self._run()
        self.assertEqual(again, first)
        self.assertEqual(late.state, "approved")
        following, __ = self._run(month=NEXT_MONTH)
        self.assertEqual(following.claim_ids, late)

    def test_claims_after_the_period_stay_out(self):
        self._make_claims(done=datetime(2026, 3, 2, 8, 0))
        settlements, __ = self._run()
        self.assertFalse(settlements)

    def test_unpriced_and_unchecked_claims_stay_out(self):
        self.company.service_claim_auto_approve = False
        self._make_claims()
        settlements, __ = self._run()
        self.assertFalse(settlements)

    def test_reopened_order_is_not_settled(self):
        order = self._make_done_orders()
        order.action_reopen("not fixed")
        settlements, __ = self._run()
        self.assertFalse(settlements)

    def test_only_the_chosen_points(self):
        other = self._make_settled_point("Test Other Point")
        self._make_claims()
        self._make_claims(point=other)
        settlements, __ = self._run(points=other)
        self.assertEqual(settlements.point_id, other)

    def test_each_currency_has_its_statement(self):
        self._make_claims()
        usd = self.env.ref("base.USD")
        foreign = usd if usd != self.company.currency_id else self.env.ref("base.EUR")
        foreign.active = True
        self.tariff.action_retire()
        self._make_tariff([{"amount": 30.0}], currency_id=foreign.id)
        self._make_claims()
        settlements, failures = self._run()
        self.assertFalse(failures)
        self.assertEqual(
            set(settlements.mapped("currency_id")), {foreign, self.company.currency_id}
        )
        for settlement in settlements:
            self.assertEqual(settlement.move_id.currency_id, settlement.currency_id)
            self.assertEqual(settlement.move_id.amount_untaxed, settlement.amount_total)

    def test_one_bad_point_does_not_stop_the_others(self):
        others = [
            self._make_settled_point(f"Test Point {number}") for number in range(3)
        ]
        for point in [self.point, *others]:
            self._make_claims(point=point)
        bad = others[1]
        bad.partner_id.property_account_payable_id = False
        self.env["ir.default"].search(
            [("field_id.name", "=", "property_account_payable_id")]
        ).unlink()
        settlements, failures = self._run()
        self.assertEqual(len(failures), 1)
        self.assertEqual(failures[0].point_id, bad.id)
        self.assertEqual(failures[0].step, "billed")
        self.assertIn("Test Point 1", failures[0].message)
        failed = settlements.filtered(lambda rec: rec.point_id == bad)
        self.assertRecordValues(failed, [{"state": "confirmed", "move_id": False}])
        self.assertEqual(set((settlements - failed).mapped("state")), {"billed"})
        # put right, run again: only the missing bill is made
        bad.partner_id.property_account_payable_id = self.payable
        again, failures = self._run()
        self.assertFalse(failures)
        self.assertEqual(again, settlements)
        self.assertEqual(failed.state, "billed")

    def test_wizard_runs_the_previous_month_and_shows_failures(self):
        self._make_claims(2)
        self.company.service_settlement_journal_id = False
        wizard = (
            self.env["service.settlement.run"]
            .with_user(self.accountant)
            .create({"date_from": MONTH[0], "date_to": MONTH[1], "until": "issued"})
        )
        self.assertEqual(wizard.claim_count, 2)
        action = wizard.action_run()
        self.assertEqual(action["res_model"], "service.settlement")
        settlement = self.env["service.settlement"].search(action["domain"])
        self.assertEqual(settlement.state, "issued")
        self.point.partner_id.property_account_payable_id = False
        self.env["ir.default"].search(
            [("field_id.name", "=", "property_account_payable_id")]
        ).unlink()
        wizard.until = "billed"
        action = wizard.action_run()
        self.assertEqual(action["res_id"], wizard.id)
        self.assertEqual(wizard.failure_ids._name, "service.settlement.run.failure")
        self.assertEqual(wizard.failure_ids.point_id, self.point)

    def test_wizard_refuses_a_reversed_period(self):
        wizard = self.env["service.settlement.run"].create(
            {"date_from": MONTH[1], "date_to": MONTH[0]}
        )
        with self.assertRaises(UserError):
            wizard.action_run()

    def test_points_are_settled_in_their_own_rhythm(self):
        half = self._make_settled_point("Test Half", settlement_rhythm="half")
        seldom = self._make_settled_point("Test Seldom", settlement_rhythm="request")
        self._make_claims()
        for point in (half, seldom):
            self._make_claims(point=point, done=datetime(2026, 2, 4, 9))
        wizards = self.env["service.settlement.run"].with_user(self.accountant)

        def run(start, end, **vals):
            wizard = wizards.create({"date_from": start, "date_to": end, **vals})
            wizard.action_run()
            found = self.settlements.search(
                [("date_from", "=", start), ("date_to", "=", end)]
            )
            return wizard.period, found.point_id

        first = (date(2026, 2, 1), date(2026, 2, 15))
        wizard = wizards.create({"date_from": first[0], "date_to": first[1]})
        self.assertEqual(wizard.claim_count, 1)
        self.assertEqual(run(*first), ("half", half))
        self.assertEqual(run(*MONTH), ("month", self.point))
        days = (date(2026, 2, 3), date(2026, 2, 20))
        self.assertEqual(run(*days), ("other", seldom))

    def test_chosen_points_are_settled_whatever_their_rhythm(self):
        self.point.settlement_rhythm = "request"
        self._make_claims()
        vals = {"date_from": MONTH[0], "date_to": MONTH[1]}
        wizards = self.env["service.settlement.run"].with_user(self.accountant)
        if wizards.create(vals)._get_points():
            others = self.env["service.point"].search([("is_settled", "=", True)])
            others.settlement_rhythm = "request"
        wizard = wizards.create(vals)
        self.assertEqual(wizard.claim_count, 0)
        for method in ("action_run", "action_run_in_background"):
            with self.assertRaisesRegex(UserError, "settled in such periods"):
                getattr(wizard, method)()
        wizard.point_ids = self.point
        self.assertEqual(wizard.claim_count, 1)
        action = wizard.action_run()
        self.assertEqual(self.settlements.search(action["domain"]).point_id, self.point)

    @freeze_time("2026-03-20 08:00:00")
    def test_choosing_a_period_proposes_the_last_one(self):
        form = Form(self.env["service.settlement.run"].with_user(self.accountant))
        self.assertEqual((form.period, form.date_to), ("month", MONTH[1]))
        form.period = "half"
        self.assertEqual(
            (form.period, form.date_from, form.date_to),
            ("half", date(2026, 3, 1), date(2026, 3, 15)),
        )
        form.date_to = date(2026, 3, 10)
        self.assertEqual(form.period, "other")
        form.period = "month"
        self.assertEqual((form.date_from, form.date_to), MONTH)
        with freeze_time("2026-03-10 08:00:00"):
            form.period = "half"
        self.assertEqual(form.date_from, date(2026, 2, 16))
