from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from .common import IN_MONTH, MONTH, SettlementCommon


@tagged("post_install", "-at_install")
class TestCockpit(SettlementCommon):
    def _get(self, user=None):
        cockpit = self.env["service.settlement.cockpit"].with_user(
            user or self.accountant
        )
        data = cockpit.get_cockpit(*MONTH)
        return data, {row["key"]: row for row in data["stages"]}

    def _assert_stage(self, key, count, amount=0.0):
        __, stages = self._get()
        stage = stages[key]
        self.assertEqual(stage["count"], count, key)
        if count and key != "unclaimed":
            self.assertEqual(stage["sums"], [[self.company.currency_id.id, amount]])
        # The list behind the card is what the card counts
        self.assertEqual(
            self.env[stage["model"]]
            .with_user(self.accountant)
            .search_count(stage["domain"]),
            count,
        )

    def test_every_stage_of_a_month_with_its_sum(self):
        self.env["service.claim"].search([]).filtered(
            lambda claim: claim.state == "approved"
        )._hold("not of this test")
        base = {key: row["count"] for key, row in self._get()[1].items()}
        self.assertEqual(base["waiting"], 0)
        self._make_claims(3)
        self._assert_stage("waiting", 3, 240.0)
        settlement, __ = self._run(until="draft")
        self._assert_stage("waiting", 0)
        self._assert_stage("unissued", 1, 240.0)
        settlement.action_issue()
        self._assert_stage("unconfirmed", 1, 240.0)
        dispute = settlement._dispute([{"reason": "x", "amount_asked": 5.0}])
        self._assert_stage("disputed", 1, 240.0)
        dispute.action_withdraw()
        self.company.service_settlement_auto_post = False
        tier = self.env["service.settlement.tier"].create(
            {
                "name": "Test",
                "amount_min": 1.0,
                "user_ids": [Command.set(self.manager.ids)],
            }
        )
        settlement.action_confirm()
        self._assert_stage("unapproved", 1, 240.0)
        settlement.with_user(self.manager).action_approve()
        self.assertEqual(settlement.tier_id, tier)
        self._assert_stage("unbilled", 1, 240.0)
        settlement.action_bill()
        self._assert_stage("unposted", 1, 240.0)
        settlement.move_id.action_post()
        self._assert_stage("unpaid", 1, 240.0)

    def test_unpriced_and_unchecked_claims_are_shown(self):
        self.company.service_claim_auto_approve = False
        before = self._get()[1]
        self._make_claims(2)
        self.tariff.action_retire()
        self._make_claims()
        after = self._get()[1]
        self.assertEqual(after["unchecked"]["count"], before["unchecked"]["count"] + 2)
        self.assertEqual(after["unpriced"]["count"], before["unpriced"]["count"] + 1)

    def test_finished_work_that_nobody_claimed(self):
        base = self._get()[1]["unclaimed"]["count"]
        self.point.settled_since = "2026-01-01"
        own = self._make_point("Test Own Point", ownership="own")
        orders = self._make_done_orders(3, point=own)
        self._assert_stage("unclaimed", base)
        # Its work is settled from a day on
        own.write({"is_settled": True, "settled_since": "2026-02-11"})
        self._assert_stage("unclaimed", base)
        # At noon in Greenwich it is the next day already in Auckland's summer
        self.company.resource_calendar_id.tz = "Pacific/Auckland"
        own.settled_since = "2026-02-11"
        for hour, expected in ((10, False), (12, True)):
            orders.sudo().date_done = IN_MONTH.replace(hour=hour)
            self.env.invalidate_all()
            mine = orders.with_user(self.accountant)
            self.assertEqual(set(mine.mapped("is_unclaimed")), {expected})
        orders.sudo().date_done = IN_MONTH
        own.settled_since = "2026-02-01"
        __, stages = self._get()
        self.assertEqual(stages["unclaimed"]["count"], base + 3)
        self.assertFalse(stages["unclaimed"]["sums"])
        shown = self.env["service.order"].with_user(self.accountant)
        self.assertLessEqual(orders, shown.search(stages["unclaimed"]["domain"]))
        self.assertTrue(all(orders.with_user(self.accountant).mapped("is_unclaimed")))
        orders[:2].with_user(self.accountant).action_create_claim()
        self._assert_stage("unclaimed", base + 1)
        # What a later month brings is no work of this one
        self._make_done_orders(done=IN_MONTH.replace(month=3))
        self.env["service.claim"].search([]).filtered(
            lambda claim: claim.order_id.date_done == IN_MONTH.replace(month=3)
        ).sudo().unlink()
        self._assert_stage("unclaimed", base + 1)

    def test_constant_number_of_queries(self):
        def share(claims):
            claims.line_ids.write(
                {"payer": "shared", "supplier_percent": 20, "customer_percent": 10}
            )

        def count():
            # Rules and views are cached by the server, records are not
            self._get()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self._get()
            return self.cr.sql_log_count - before

        share(self._make_claims(2))
        self._run(until="issued")
        few = count()
        other = self._make_settled_point("Test Other Point")
        share(self._make_claims(20, point=other))
        self._run()
        self.assertEqual(count(), few)
        self.assertLessEqual(few, 34)

    def test_for_accountants_only(self):
        for user in (self.agent, self.point_manager, self.portal_point):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self._get(user)


@tagged("post_install", "-at_install")
class TestReconciliation(SettlementCommon):
    def _row(self, settlement):
        self.env.flush_all()
        rows = self.env["service.settlement.reconciliation"].with_user(self.accountant)
        rows.invalidate_model()
        return rows.search([("settlement_id", "=", settlement.id)])

    def _settle(self):
        self._make_claims(3)
        self.env["service.settlement.adjustment"].create(
            {
                "point_id": self.point.id,
                "amount": -10.0,
                "reason": "test",
                "date": "2026-02-20",
            }
        )
        settlement, failures = self._run()
        self.assertFalse(failures)
        return settlement

    def test_states_are_told_in_the_language_of_the_reader(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        issued = self.env["ir.model.fields.selection"].search(
            [
                ("field_id.model", "=", "service.settlement"),
                ("field_id.name", "=", "state"),
                ("value", "=", "issued"),
            ]
        )
        issued.with_context(lang="zh_CN").name = "已发出"
        report = self.env["service.settlement.reconciliation"]
        shown = report.with_context(lang="zh_CN").fields_get(["state"])["state"]
        self.assertEqual(dict(shown["selection"])["issued"], "已发出")

    def test_row_follows_from_the_draft_to_the_payment(self):
        self._make_claims(2)
        draft, __ = self._run(until="draft")
        self.assertRecordValues(
            self._row(draft),
            [{"amount_lines": 160.0, "amount_stated": 160.0, "is_wrong": False}],
        )
        self._run()
        row = self._row(draft)
        tax = draft.move_id.amount_tax
        self.assertRecordValues(
            row,
            [
                {
                    "amount_billed": 160.0,
                    "amount_tax": tax,
                    "amount_paid": 0.0,
                    "amount_due": 160.0 + tax,
                    "difference": 0.0,
                    "is_wrong": False,
                }
            ],
        )
        bank = self.env["account.journal"].search(
            [("type", "=", "bank"), ("company_id", "=", self.company.id)], limit=1
        ) or self.env["account.journal"].create(
            {"name": "Test Bank", "code": "TBNK", "type": "bank"}
        )
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=draft.move_id.ids
        ).create({"journal_id": bank.id})._create_payments()
        row = self._row(draft)
        self.assertEqual((row.amount_paid, row.amount_due), (160.0 + tax, 0.0))
        self.assertEqual(row.action_view_settlement()["res_id"], draft.id)

    def test_refund_counts_with_its_sign(self):
        self.env["service.settlement.adjustment"].create(
            {
                "point_id": self.point.id,
                "amount": -50.0,
                "reason": "test",
                "date": "2026-02-20",
            }
        )
        settlement, __ = self._run()
        self.assertRecordValues(
            self._row(settlement),
            [{"amount_stated": -50.0, "amount_billed": -50.0, "is_wrong": False}],
        )

    def test_each_kind_of_difference_is_found(self):
        """Whatever goes around the guards: with SQL, as an import would."""
        settlement = self._settle()
        line = settlement.claim_ids[0].line_ids
        bill_line = settlement.move_id.invoice_line_ids[0]
        for query, record in (
            ("UPDATE service_claim_line SET amount_approved = 81 WHERE id = %s", line),
            (
                "UPDATE service_settlement SET amount_total = 231 WHERE id = %s",
                settlement,
            ),
            (
                "UPDATE account_move_line SET price_subtotal = 1 WHERE id = %s",
                bill_line,
            ),
            (
                "UPDATE service_claim_line SET invoice_line_id = NULL WHERE id = %s",
                line,
            ),
        ):
            self.assertFalse(self._row(settlement).is_wrong)
            with self.subTest(query), self.cr.savepoint() as savepoint:
                self.cr.execute(query, [record.id])
                self.assertTrue(self._row(settlement).is_wrong)
                savepoint.rollback()
            self.env.invalidate_all()

    def test_from_a_bill_to_each_order_and_tariff_line(self):
        settlement = self._settle()
        action = settlement.move_id.action_view_settled_lines()
        lines = self.env["service.claim.line"].search(action["domain"])
        self.assertEqual(lines, settlement.claim_ids.line_ids.sorted())
        self.assertEqual(lines.order_id, settlement.claim_ids.order_id)
        self.assertEqual(lines.tariff_line_id, self.tariff.line_ids)
        self.assertTrue(all(lines.mapped("inputs")))

    def test_for_accountants_of_the_company_only(self):
        self._settle()
        rows = self.env["service.settlement.reconciliation"]
        for user in (self.agent, self.point_manager, self.portal_point):
            with self.subTest(user.login), self.assertRaises(AccessError):
                rows.with_user(user).search([])
        company = self.env["res.company"].create({"name": "Test Elsewhere"})
        self.accountant.write(
            {"company_ids": [Command.set(company.ids)], "company_id": company.id}
        )
        self.assertFalse(
            rows.with_user(self.accountant)
            .with_context(allowed_company_ids=company.ids)
            .search([])
        )

    def test_a_day_that_is_none_is_refused_with_a_sentence(self):
        cockpit = self.env["service.settlement.cockpit"].with_user(self.accountant)
        for days in (("2026-02-30", "2026-03-01"), ("x", "2026-03-01"), (7, [1])):
            with self.subTest(days), self.assertRaisesRegex(UserError, "day"):
                cockpit.get_cockpit(*days)
