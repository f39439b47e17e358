from datetime import datetime

from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import NEXT_MONTH, SettlementCommon


@tagged("post_install", "-at_install")
class TestPartnerInvoice(SettlementCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._make_claims()
        cls.own, __ = cls.env["service.settlement"]._run(
            cls.company, "2026-02-01", "2026-02-28", until="issued"
        )

    def _hand_in(self, number="INV-7", settlement=None, user=None):
        settlement = (settlement or self.own).with_user(user or self.portal_point)
        settlement._set_partner_invoice(
            number, date="2026-03-02", files=[("invoice.pdf", b"%PDF-1.4 test")]
        )

    def _get_files(self, move):
        return self.env["ir.attachment"].search(
            [("res_model", "=", "account.move"), ("res_id", "=", move.id)]
        )

    def test_number_date_and_file_go_onto_the_bill(self):
        self._hand_in()
        self.own.action_confirm()
        self.own.action_bill()
        self.assertRecordValues(self.own.move_id, [{"ref": "INV-7"}])
        self.assertEqual(str(self.own.move_id.invoice_date), "2026-03-02")
        self.assertEqual(self._get_files(self.own.move_id).name, "invoice.pdf")

    def test_a_date_for_several_leaves_each_its_number(self):
        other = self._make_settled_point("Test Other Point")
        self._make_claims(point=other)
        settlements, __ = self.env["service.settlement"]._run(
            self.company, "2026-02-01", "2026-02-28", until="issued"
        )
        self.assertEqual(len(settlements), 2)
        self.own.partner_invoice_number = "  INV-7 "
        settlements.write({"partner_invoice_date": "2026-03-03"})
        self.assertEqual(self.own.partner_invoice_number, "INV-7")
        self.assertFalse((settlements - self.own).partner_invoice_number)

    def test_company_may_insist_on_an_invoice(self):
        self.company.service_settlement_invoice_required = True
        self.own.action_confirm()
        with self.assertRaises(UserError):
            self.own.action_bill()
        self.assertTrue(self.own.is_invoice_missing)
        self._hand_in()
        self.own.action_bill()
        self.assertEqual(self.own.state, "billed")

    def test_draft_bill_takes_an_invoice_that_comes_later(self):
        self.company.service_settlement_auto_post = False
        self.own.action_confirm()
        self.own.action_bill()
        self.assertEqual(self.own.move_id.ref, self.own.name)
        self._hand_in()
        self.assertEqual(self.own.move_id.ref, "INV-7")
        self.assertEqual(len(self._get_files(self.own.move_id)), 1)

    def test_posted_bill_keeps_its_number(self):
        self.own.action_confirm()
        self.own.action_bill()
        with self.assertRaises(UserError):
            self._hand_in()

    def test_same_number_twice_is_refused_by_the_database(self):
        self._hand_in()
        self._make_claims(done="2026-03-05 08:00:00")
        following, __ = self._run(month=NEXT_MONTH, until="issued")
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            with self.cr.savepoint():
                self._hand_in("inv-7 ", settlement=following)
                self.env.flush_all()

    def test_only_the_point_and_accountants_hand_in(self):
        with self.assertRaises(AccessError):
            self._hand_in(user=self.portal_customer)
        with self.assertRaises(AccessError):
            self._hand_in(user=self.agent)
        self._hand_in(user=self.accountant)
        self.own.action_draft()
        with self.assertRaises(AccessError):
            self._hand_in(user=self.portal_point)

    def test_bill_has_the_terms_and_analytics_of_odoo(self):
        term = self.env["account.payment.term"].create(
            {
                "name": "Test 30",
                "line_ids": [
                    Command.create(
                        {"value": "percent", "value_amount": 100, "nb_days": 30}
                    )
                ],
            }
        )
        self.point.partner_id.property_supplier_payment_term_id = term
        plan = self.env["account.analytic.plan"].create({"name": "Test plan"})
        account = self.env["account.analytic.account"].create(
            {"name": "Test service", "plan_id": plan.id}
        )
        self.env["account.analytic.distribution.model"].create(
            {
                "partner_id": self.point.partner_id.id,
                "analytic_distribution": {str(account.id): 100.0},
            }
        )
        self.own.action_confirm()
        self.own.action_bill()
        move = self.own.move_id
        self.assertEqual(move.invoice_payment_term_id, term)
        self.assertEqual(
            move.invoice_line_ids.analytic_distribution, {str(account.id): 100.0}
        )
        self.assertEqual(
            self.env["account.analytic.line"]
            .search([("move_line_id", "in", move.invoice_line_ids.ids)])
            .mapped("amount"),
            [-80.0],
        )

    def test_fees_are_a_cost_of_point_and_contract(self):
        accounts = self.env["account.analytic.account"]
        for name in ("Points", "Contracts"):
            plan = self.env["account.analytic.plan"].create({"name": name})
            accounts |= accounts.create({"name": name, "plan_id": plan.id})
        of_point, of_contract = accounts
        self.point.analytic_account_id = of_point
        contract = self.env["service.contract"].create(
            {
                "name": "Test contract",
                "partner_id": self.customer.id,
                "date_start": "2026-01-01",
                "date_end": "2026-12-31",
                "analytic_account_id": of_contract.id,
            }
        )
        self._change_tariff([{"amount": 80.0}, {"kind": "travel", "amount": 10.0}])
        orders = self._make_done_orders(3, done=datetime(2026, 3, 10, 9))
        orders[:2].sudo().contract_id = contract
        settlement, failures = self._run(month=NEXT_MONTH)
        self.assertFalse(failures)
        both = f"{of_contract.id},{of_point.id}"
        for line in settlement.move_id.invoice_line_ids:
            self.assertEqual(
                line.analytic_distribution, {both: 66.67, str(of_point.id): 33.33}
            )
        lines = settlement.move_id.invoice_line_ids.analytic_line_ids
        amount = sum(lines.mapped("amount"))
        self.assertEqual(round(amount, 2), -settlement.amount_total)
