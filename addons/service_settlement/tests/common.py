from datetime import date, datetime

from odoo import fields
from odoo.fields import Command
from odoo.tests import new_test_user

from odoo.addons.service_management.tests.common import ServiceCommon
from odoo.addons.service_settlement.models.service_settlement_bill import BILL_KINDS

# The month that the tests settle, and a day in it.
MONTH = (date(2026, 2, 1), date(2026, 2, 28))
IN_MONTH = datetime(2026, 2, 10, 9, 30)
NEXT_MONTH = (date(2026, 3, 1), date(2026, 3, 31))


class SettlementCommon(ServiceCommon):
    """An accountant, what a bill needs, and a tariff that pays 80 for a repair."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env.company
        cls.accountant = new_test_user(
            cls.env,
            login="test_accountant",
            groups="service_settlement.group_settlement_accountant",
            name="Test accountant",
        )
        cls._make_accounting()
        # Test orders are alike: what is held is tested where checks are tested
        cls.env["service.claim.reason"].search([]).severity = "flag"
        cls.env["service.tariff"].search([]).action_retire()
        cls.tariff = cls._make_tariff([{"amount": 80.0}])
        cls.settlements = cls.env["service.settlement"].with_user(cls.accountant)

    @classmethod
    def _make_accounting(cls):
        """A chart of five records: enough for a bill, whatever is installed."""
        accounts = cls.env["account.account"]
        cls.payable = accounts.create(
            {
                "name": "Test Payable",
                "code": "T2100",
                "account_type": "liability_payable",
                "reconcile": True,
            }
        )
        cls.expense = accounts.create(
            {"name": "Test Fees", "code": "T6100", "account_type": "expense"}
        )
        cls.tax_account = accounts.create(
            {"name": "Test VAT", "code": "T1300", "account_type": "asset_current"}
        )
        cls.tax = cls._make_tax(6.0)
        cls.journal = cls.env["account.journal"].create(
            {"name": "Test Settlement", "code": "TSET", "type": "purchase"}
        )
        cls.company.write(
            {
                "service_settlement_journal_id": cls.journal.id,
                "service_settlement_auto_post": True,
                "service_claim_auto_approve": True,
            }
        )
        category = cls.env.ref("service_settlement.product_category_settlement")
        category.property_account_expense_categ_id = cls.expense
        for kind, __ in BILL_KINDS:
            product = cls.env.ref(f"service_settlement.product_{kind}")
            product.supplier_taxes_id = [Command.set(cls.tax.ids)]
        cls.point.partner_id.property_account_payable_id = cls.payable

    @classmethod
    def _make_tax(cls, amount, name="Test", **vals):
        repartition = [
            Command.create({"repartition_type": "base"}),
            Command.create(
                {"repartition_type": "tax", "account_id": cls.tax_account.id}
            ),
        ]
        return cls.env["account.tax"].create(
            {
                "name": f"{name} {amount:g} %",
                "amount": amount,
                "type_tax_use": "purchase",
                "country_id": cls.company.account_fiscal_country_id.id,
                "invoice_repartition_line_ids": repartition,
                "refund_repartition_line_ids": repartition,
                **vals,
            }
        )

    @classmethod
    def _make_tariff(cls, lines, activate=True, **vals):
        tariff = cls.env["service.tariff"].create(
            {
                "name": "T-2026",
                "date_start": date(2026, 1, 1),
                "line_ids": [Command.create(line) for line in lines],
                **vals,
            }
        )
        if activate:
            tariff.action_activate()
        return tariff

    @classmethod
    def _change_tariff(cls, lines):
        """From now on this tariff holds."""
        active = cls.env["service.tariff"].search([("state", "=", "active")])
        active.action_retire()
        return cls._make_tariff(lines)

    @classmethod
    def _get_other_currency(cls):
        """An active one that is not the company's, at two for one."""
        company = cls.company.currency_id
        currency = cls.env["res.currency"].search(
            [("id", "!=", company.id), ("active", "in", (True, False))], limit=1
        )
        currency.active = True
        cls.env["res.currency.rate"].create(
            {"currency_id": currency.id, "name": "2026-01-01", "rate": 2.0}
        )
        return currency

    @classmethod
    def _get_this_month(cls):
        today = fields.Date.today()
        return tuple(
            getattr(fields.Date, f"{end}_of")(today, "month")
            for end in ("start", "end")
        )

    @classmethod
    def _make_settled_point(cls, name, **vals):
        point = cls._make_point(name, **vals)
        point.partner_id.property_account_payable_id = cls.payable
        return point

    @classmethod
    def _make_done_orders(cls, count=1, point=None, done=IN_MONTH, **vals):
        """Orders that ``point`` has done; their claims are made on the way."""
        orders = cls.env["service.order"].concat(
            *(cls._make_order(**vals) for __ in range(count))
        )
        orders.sudo().write({"point_id": (point or cls.point).id})
        orders._mark_done(done)
        return orders

    @classmethod
    def _make_claims(cls, count=1, **vals):
        return cls._make_done_orders(count, **vals).claim_ids

    def _run(self, until="billed", month=MONTH, **kwargs):
        return self.settlements._run(self.company, *month, until=until, **kwargs)
