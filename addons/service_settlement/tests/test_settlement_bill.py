from collections import defaultdict
from datetime import date

from psycopg2 import IntegrityError

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import SettlementCommon


@tagged("post_install", "-at_install")
class TestSettlementBill(SettlementCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # amounts whose sums go wrong with binary fractions
        cls.tariff = cls._change_tariff(
            [
                {"amount": 33.335},
                {"kind": "travel", "amount": 10.10},
                {"kind": "other", "amount": 0.07},
            ]
        )

    def _settle(self, count=7, until="billed"):
        self._make_claims(count)
        settlements, failures = self._run(until=until)
        self.assertFalse(failures)
        return settlements

    def test_one_posted_bill_with_one_line_a_kind(self):
        settlement = self._settle()
        move = settlement.move_id
        self.assertRecordValues(
            move,
            [
                {
                    "move_type": "in_invoice",
                    "state": "posted",
                    "partner_id": self.point.partner_id.id,
                    "journal_id": self.journal.id,
                    "invoice_date": date(2026, 2, 28),
                    "ref": settlement.name,
                    "amount_untaxed": settlement.amount_total,
                }
            ],
        )
        self.assertEqual(settlement.state, "billed")
        self.assertRecordValues(
            move.invoice_line_ids.sorted("price_subtotal"),
            [
                {"service_kind": "other", "price_subtotal": 0.49},
                {"service_kind": "travel", "price_subtotal": 70.70},
                {"service_kind": "labour", "price_subtotal": 233.38},
            ],
        )
        self.assertEqual(move.invoice_line_ids.account_id, self.expense)
        self.assertEqual(move.invoice_line_ids.tax_ids, self.tax)

    def test_every_cent_is_traced_to_a_bill_line(self):
        settlement = self._settle(30)
        lines = settlement.claim_ids.line_ids
        self.assertEqual(len(lines), 90)
        self.assertTrue(all(lines.mapped("invoice_line_id")))
        self.assertTrue(all(lines.mapped("tariff_line_id")))
        paid = defaultdict(float)
        for line in lines:
            paid[line.invoice_line_id] += line.amount_approved
        currency = settlement.currency_id
        for bill_line, amount in paid.items():
            self.assertEqual(bill_line.move_id, settlement.move_id)
            self.assertFalse(currency.compare_amounts(bill_line.price_subtotal, amount))
        # by tax and currency
        by_tax = defaultdict(float)
        for line in settlement.move_id.invoice_line_ids:
            by_tax[line.tax_ids, line.currency_id] += line.price_subtotal
        self.assertEqual(set(by_tax), {(self.tax, currency)})
        self.assertFalse(
            currency.compare_amounts(sum(by_tax.values()), settlement.amount_total)
        )

    def test_each_kind_may_have_its_tax_and_account(self):
        other_tax = self._make_tax(13.0)
        account = self.expense.copy({"code": "T6200"})
        product = self.env.ref("service_settlement.product_travel")
        product.supplier_taxes_id = [Command.set(other_tax.ids)]
        product.property_account_expense_id = account
        settlement = self._settle()
        travel = settlement.move_id.invoice_line_ids.filtered(
            lambda line: line.service_kind == "travel"
        )
        self.assertRecordValues(
            travel, [{"tax_ids": other_tax.ids, "account_id": account.id}]
        )

    def test_tax_included_in_the_price_is_refused_in_words(self):
        included = self._make_tax(
            6.0, name="Included", price_include_override="tax_included"
        )
        for kind in ("labour", "travel", "other"):
            self.env.ref(f"service_settlement.product_{kind}").supplier_taxes_id = [
                Command.set(included.ids)
            ]
        self._make_claims()
        settlements, failures = self._run()
        self.assertEqual(settlements.state, "confirmed")
        self.assertFalse(settlements.move_id)
        self.assertIn("included in the price", failures[0].message)

    def test_company_may_keep_bills_as_drafts(self):
        self.company.service_settlement_auto_post = False
        settlement = self._settle()
        self.assertEqual(settlement.move_id.state, "draft")
        self.assertEqual(settlement.state, "billed")

    def test_changed_draft_bill_cannot_be_posted(self):
        self.company.service_settlement_auto_post = False
        settlement = self._settle()
        move = settlement.move_id
        move.invoice_line_ids[0].price_unit += 0.01
        with self.assertRaises(UserError):
            move.action_post()
        move.invoice_line_ids[0].price_unit -= 0.01
        move.action_post()
        self.assertEqual(move.state, "posted")

    def test_extra_line_on_the_bill_cannot_be_posted(self):
        self.company.service_settlement_auto_post = False
        move = self._settle().move_id
        move.write(
            {"invoice_line_ids": [Command.create({"name": "gift", "price_unit": 5.0})]}
        )
        with self.assertRaises(UserError):
            move.action_post()

    def test_deleted_draft_bill_sets_the_statement_back(self):
        self.company.service_settlement_auto_post = False
        settlement = self._settle()
        settlement.move_id.unlink()
        self.assertRecordValues(settlement, [{"state": "confirmed", "move_id": False}])
        self.assertFalse(any(settlement.claim_ids.line_ids.mapped("invoice_line_id")))
        settlement.action_bill()
        self.assertEqual(settlement.state, "billed")
        self.assertTrue(all(settlement.claim_ids.line_ids.mapped("invoice_line_id")))

    def test_cancelled_bill_is_replaced_by_another(self):
        settlement = self._settle()
        first = settlement.move_id
        first.button_draft()
        first.button_cancel()
        self.assertEqual(settlement.state, "confirmed")
        settlement.action_bill()
        self.assertNotEqual(settlement.move_id, first)
        self.assertEqual(settlement.state, "billed")
        self.assertEqual(
            settlement.claim_ids.line_ids.invoice_line_id.move_id, settlement.move_id
        )

    def test_paid_bill_pays_the_statement(self):
        settlement = self._settle()
        bank = self.env["account.journal"].search(
            [("type", "=", "bank"), ("company_id", "=", self.company.id)], limit=1
        ) or self.env["account.journal"].create(
            {"name": "Test Bank", "code": "TBNK", "type": "bank"}
        )
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=settlement.move_id.ids
        ).create({"journal_id": bank.id})._create_payments()
        self.assertEqual(settlement.state, "paid")

    def test_no_journal_is_said_in_words(self):
        self.company.service_settlement_journal_id = False
        self.env["account.journal"].search(
            [("type", "=", "purchase"), ("company_id", "=", self.company.id)]
        ).active = False
        self._make_claims()
        __, failures = self._run()
        self.assertIn("purchase journal", failures[0].message)

    def test_billing_writes_into_the_log_of_the_orders(self):
        settlement = self._settle(2)
        for order in settlement.claim_ids.order_id:
            event = order.event_ids.filtered(lambda event: event.kind == "settled")
            self.assertEqual(event.name, settlement.name)

    def test_second_bill_is_refused_by_the_database(self):
        settlement = self._settle()
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            with self.cr.savepoint():
                self.env["account.move"].create(
                    {
                        "move_type": "in_invoice",
                        "partner_id": self.point.partner_id.id,
                        "journal_id": self.journal.id,
                        "service_settlement_id": settlement.id,
                    }
                )
                self.env.flush_all()
