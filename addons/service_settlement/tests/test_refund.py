from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged
from odoo.tools import SQL

from .test_charge import ChargeCommon


@tagged("post_install", "-at_install")
class TestRefund(ChargeCommon):
    def _invoiced(self):
        order = self._do_work(self._make_uncovered(), parts=1)
        order.with_user(self.accountant).action_charge()
        return order

    def _wizard(self, order, **vals):
        form = Form(
            self.env["service.charge.refund"]
            .with_user(self.accountant)
            .with_context(default_order_id=order.id)
        )
        for name, value in vals.items():
            form[name] = value
        return form.save()

    def test_a_part_of_an_unpaid_invoice(self):
        self.labour.taxes_id = self._make_tax(13.0, name="Sale", type_tax_use="sale")
        order = self._invoiced()
        invoice = order.charge_sale_ids.invoice_ids
        before = invoice.amount_residual
        wizard = self._wizard(order, amount=33.33, reason="Scratched the floor")
        action = wizard.action_refund()
        refund = self.env["account.move"].browse(action["res_id"])
        self.assertEqual(refund.amount_total, 33.33)
        self.assertEqual(refund.state, "posted")
        self.assertAlmostEqual(invoice.amount_residual, before - 33.33, places=2)
        # Each line in proportion: the tax gets back its share
        self.assertAlmostEqual(
            refund.amount_tax / refund.amount_total,
            invoice.amount_tax / invoice.amount_total,
            places=2,
        )
        self.assertEqual(refund.invoice_line_ids.service_order_id, order)
        self.assertIn("refunded", order.event_ids.mapped("kind"))
        rows = self.env["service.margin.report"].search(
            [("order_id", "=", order.id), ("kind", "=", "charge")]
        )
        self.assertAlmostEqual(
            sum(rows.mapped("revenue")),
            invoice.amount_untaxed - refund.amount_untaxed,
            places=2,
        )

    def test_never_more_than_was_invoiced(self):
        order = self._invoiced()
        total = order.charge_sale_ids.invoice_ids.amount_total
        self._wizard(order, amount=total - 10, reason="Late").action_refund()
        wizard = self._wizard(order, reason="Late again")
        self.assertEqual(wizard.amount, 10)
        wizard.amount = 10.01
        with self.assertRaisesRegex(UserError, "at most"):
            wizard.action_refund()
        wizard.amount = 0
        with self.assertRaisesRegex(UserError, "above zero"):
            wizard.action_refund()

    def test_what_was_refunded_is_not_invoiced_again(self):
        order = self._invoiced()
        sale = order.charge_sale_ids
        self._wizard(order, amount=10, reason="Late").action_refund()
        self.assertEqual(sale.invoice_status, "invoiced")
        order.with_user(self.accountant).action_charge()
        self.assertEqual(len(sale.invoice_ids), 1)

    def test_several_of_a_part_are_refunded_to_the_cent(self):
        """A price has two decimals, a share of three pieces more."""
        self.part.taxes_id = self._make_tax(13.0, name="Sale", type_tax_use="sale")
        order = self._do_work(self._make_uncovered(), parts=3)
        order.with_user(self.accountant).action_charge()
        for amount in (0.01, 33.34, 100.01):
            wizard = self._wizard(order, amount=amount, reason="Late")
            action = wizard.action_refund()
            refund = self.env["account.move"].browse(action["res_id"])
            # Of some amounts the tax leaves a cent over
            self.assertLessEqual(refund.amount_total, amount)
            self.assertAlmostEqual(refund.amount_total, amount, delta=0.011)

    def test_the_second_of_two_refunds_at_once_begins_anew(self):
        """L25: a lock alone would let both find the whole amount free."""
        order = self._invoiced()
        move = order.charge_sale_ids.invoice_ids
        queries = []
        execute = self.env.cr.execute

        def record(query, *args, **kwargs):
            text = query.code if isinstance(query, SQL) else str(query)
            queries.append(text)
            return execute(query, *args, **kwargs)

        self.company.service_charge_auto_post = False
        self.patch(self.env.cr, "execute", record)
        self._wizard(order, amount=10, reason="Late").action_refund()
        touched = next(
            number
            for number, text in enumerate(queries)
            if text.startswith("UPDATE account_move SET write_date")
        )
        created = next(
            number
            for number, text in enumerate(queries)
            if text.startswith('INSERT INTO "account_move" ')
        )
        self.assertLess(touched, created)
        self.assertTrue(move.reversal_move_ids)

    def test_called_without_a_form_it_takes_the_invoice_and_what_is_left(self):
        order = self._invoiced()
        wizard = (
            self.env["service.charge.refund"]
            .with_user(self.accountant)
            .create({"order_id": order.id, "reason": "Complaint"})
        )
        self.assertTrue(wizard.invoice_id)
        self.assertEqual(wizard.amount, wizard.invoice_id.amount_total)

    def test_order_without_an_invoice_is_refused_with_a_sentence(self):
        wizard = (
            self.env["service.charge.refund"]
            .with_user(self.accountant)
            .create({"order_id": self._make_order().id, "reason": "x", "amount": 5.0})
        )
        self.env.flush_all()
        with self.assertRaisesRegex(UserError, "Choose a posted invoice"):
            wizard.action_refund()

    def test_only_accountants_refund(self):
        order = self._invoiced()
        with self.assertRaises(AccessError):
            self.env["service.charge.refund"].with_user(self.agent).create(
                {"order_id": order.id, "amount": 1, "reason": "x"}
            )
