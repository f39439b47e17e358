from odoo.tests import tagged

from .common import IN_MONTH, MONTH, SettlementCommon


@tagged("post_install", "-at_install")
class TestCharts(SettlementCommon):
    """The same month with the charts of accounts of Odoo: nothing is ours but the
    products, whose accounts and taxes follow the company's chart."""

    def _settle_with_chart(self, code, country):
        company = self.env["res.company"].create(
            {"name": f"Test {code}", "country_id": self.env.ref(country).id}
        )
        self.env.user.company_ids |= company
        self.accountant.company_ids |= company
        self.env["account.chart.template"].try_loading(
            code, company, install_demo=False
        )
        self.assertEqual(company.chart_template, code)
        env = self.env(context={**self.env.context, "allowed_company_ids": company.ids})
        currency = company.currency_id
        partner = env["res.partner"].create({"name": "Test vendor", "is_company": True})
        point = env["service.point"].create(
            {
                "name": "Test point",
                "partner_id": partner.id,
                "ownership": "partner",
                "company_id": company.id,
            }
        )
        env["service.tariff"].create(
            {
                "name": "T-chart",
                "date_start": "2026-01-01",
                "company_id": company.id,
                "currency_id": currency.id,
                "line_ids": [
                    (0, 0, {"amount": 80.0}),
                    (0, 0, {"kind": "travel", "amount": 12.5}),
                ],
            }
        ).action_activate()
        orders = env["service.order"].create(
            [
                {
                    "partner_id": self.customer.id,
                    "type_id": self.type_repair.id,
                    "description": "chart",
                    "user_id": env.uid,
                    "company_id": company.id,
                }
                for __ in range(3)
            ]
        )
        orders.sudo().write({"point_id": point.id})
        orders._mark_done(IN_MONTH)
        orders.claim_ids.filtered(lambda claim: claim.state == "draft").action_approve()
        settlement, failures = (
            env["service.settlement"]
            .with_user(self.accountant)
            .with_context(allowed_company_ids=company.ids)
            ._run(company, *MONTH, until="billed")
        )
        self.assertFalse(failures)
        return settlement.with_env(env)

    def _check(self, settlement):
        move = settlement.move_id
        company = settlement.company_id
        self.assertRecordValues(
            settlement, [{"amount_total": 277.5, "state": "billed"}]
        )
        self.assertRecordValues(
            move,
            [
                {
                    "state": "posted",
                    "amount_untaxed": 277.5,
                    "currency_id": company.currency_id.id,
                    "company_id": company.id,
                }
            ],
        )
        kinds = set(move.invoice_line_ids.mapped("account_id.account_type"))
        self.assertLessEqual(kinds, {"expense", "expense_direct_cost"})
        self.assertEqual(move.line_ids.account_id.company_ids, company)
        self.assertAlmostEqual(sum(move.line_ids.mapped("balance")), 0.0)
        self.env.flush_all()
        row = self.env["service.settlement.reconciliation"].search(
            [("settlement_id", "=", settlement.id)]
        )
        self.assertFalse(row.is_wrong)

    def test_generic_chart(self):
        self._check(self._settle_with_chart("generic_coa", "base.us"))

    def test_chart_of_china(self):
        if self.env["ir.module.module"]._get("l10n_cn").state != "installed":
            self.skipTest("l10n_cn")
        settlement = self._settle_with_chart("cn", "base.cn")
        self.assertEqual(settlement.currency_id, self.env.ref("base.CNY"))
        self._check(settlement)
