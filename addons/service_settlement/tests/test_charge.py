from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .common import SettlementCommon


class ChargeCommon(SettlementCommon):
    """A repair type that sells labour and the way, a part in stock, a sales journal."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._make_selling()
        products = cls.env["product.product"]
        cls.labour = products.create(
            {
                "name": "Repair work",
                "type": "service",
                "list_price": 90.0,
                "taxes_id": False,
                "property_account_income_id": cls.income.id,
            }
        )
        cls.travel = products.create(
            {
                "name": "Way",
                "type": "service",
                "list_price": 20.0,
                "taxes_id": False,
                "property_account_income_id": cls.income.id,
            }
        )
        cls.part.write(
            {
                "list_price": 45.0,
                "standard_price": 30.0,
                "taxes_id": False,
                "property_account_income_id": cls.income.id,
            }
        )
        cls._stock(cls.part, 10)
        cls.type_repair.write(
            {
                "charge_product_id": cls.labour.id,
                "charge_travel_product_id": cls.travel.id,
                "entitlement_kind": False,
            }
        )

    @classmethod
    def _make_selling(cls):
        accounts = cls.env["account.account"]
        cls.receivable = accounts.create(
            {
                "name": "Test Receivable",
                "code": "T1200",
                "account_type": "asset_receivable",
                "reconcile": True,
            }
        )
        cls.income = accounts.create(
            {"name": "Test Services", "code": "T5100", "account_type": "income"}
        )
        cls.sale_journal = cls.env["account.journal"].create(
            {"name": "Test Sales", "code": "TSAL", "type": "sale"}
        )
        cls.customer.property_account_receivable_id = cls.receivable
        cls.customer.email = "customer@example.com"

    @classmethod
    def _make_uncovered(cls, **vals):
        """An order that neither warranty nor contract pays."""
        return cls._make_accepted_order(
            asset_id=False, category_id=cls.category.id, **vals
        )

    def _do_work(self, order, parts=0):
        """A finished visit that used ``parts`` pumps; orders have days of their own."""
        taken = [("crew_ids.technician_id", "=", self.technician.id)]
        days = 1 + self.env["service.visit"].search_count(taken)
        start = fields.Datetime.now() + timedelta(days=days)
        visit = self._make_visit(order, start=start)
        if parts:
            visit.action_add_part(self.part.id, parts)
        visit.action_en_route()
        visit.action_on_site()
        visit.action_done({"outcome": "fixed"})
        return order

    @classmethod
    def _quote(cls, order, parts=0):
        form = Form(
            cls.env["service.charge.quote"]
            .with_user(cls.agent)
            .with_context(default_order_id=order.id)
        )
        if parts:
            with form.line_ids.new() as line:
                line.product_id = cls.part
                line.quantity = parts
        return form.save()


@tagged("post_install", "-at_install")
class TestCharge(ChargeCommon):
    def test_a_loaner_is_not_sold(self):
        order = self._make_uncovered()
        start = fields.Datetime.now() + timedelta(days=9)
        visit = self._make_visit(order, start=start)
        visit.action_lend_part(self.part.id, 1)
        visit.action_done({"outcome": "fixed"})
        kinds = {reason["kind"] for reason in order.charge_reasons}
        self.assertEqual(kinds, {"labour", "travel"})

    def test_nothing_covers_it_so_everything_is_due(self):
        order = self._do_work(self._make_uncovered(), parts=2)
        self.assertEqual(order.charge_state, "to_charge")
        self.assertIn("price list", order.charge_note)
        order.with_user(self.accountant).action_charge()
        move = order.charge_sale_ids.invoice_ids
        self.assertEqual(move.state, "posted")
        self.assertEqual(move.amount_untaxed, 90 + 20 + 2 * 45)
        self.assertEqual(move.invoice_line_ids.service_order_id, order)
        self.assertEqual(order.charge_state, "invoiced")
        self.assertIn("charged", order.event_ids.mapped("kind"))
        # The part left the stock once: by the visit
        moves = order.move_ids.filtered(lambda move: move.state == "done")
        self.assertEqual(sum(moves.mapped("quantity")), 2)
        self.assertEqual(moves.sale_line_id.service_charge_kind, "parts")
        self.assertFalse(order.charge_sale_ids.picking_ids)

    def test_the_warranty_pays_and_says_so(self):
        order = self._do_work(self._make_accepted_order(), parts=1)
        self.assertEqual(order.charge_state, "none")
        self.assertIn("the warranty pays", order.charge_note)
        order.with_user(self.accountant).action_charge()
        self.assertFalse(order.charge_sale_ids)

    def test_only_what_the_warranty_left_out_is_billed(self):
        self.asset.warranty_ids.filtered(lambda w: w.kind == "parts").unlink()
        order = self._do_work(self._make_accepted_order(), parts=1)
        order.with_user(self.accountant).action_charge()
        lines = order.charge_sale_ids.order_line
        self.assertEqual(lines.mapped("service_charge_kind"), ["parts"])
        self.assertEqual(order.charge_sale_ids.invoice_ids.amount_untaxed, 45)

    def test_an_accepted_quotation_is_billed_as_used(self):
        order = self._make_uncovered()
        self._quote(order, parts=3).with_user(self.agent).action_send()
        sale = order.charge_sale_ids
        self.assertEqual(order.charge_state, "quoted")
        self.assertEqual(sale.amount_untaxed, 90 + 20 + 3 * 45)
        sale.action_confirm()
        self.assertEqual(order.charge_state, "accepted")
        self.assertFalse(sale.picking_ids, "the visit brings the parts")
        self._do_work(order, parts=2)
        self.assertEqual(sale.amount_untaxed, 90 + 20 + 2 * 45)
        order.with_user(self.accountant).action_charge()
        self.assertEqual(sale.invoice_ids.amount_untaxed, 90 + 20 + 2 * 45)
        kinds = order.event_ids.filtered("is_public").mapped("kind")
        self.assertLess({"quoted", "quote_accepted"}, set(kinds))

    def test_more_than_was_accepted_has_to_be_accepted_too(self):
        order = self._make_uncovered()
        self._quote(order, parts=1).with_user(self.agent).action_save()
        accepted = order.charge_sale_ids
        accepted.action_confirm()
        self._do_work(order, parts=3)
        self.assertEqual(accepted.amount_untaxed, 90 + 20 + 45)
        more = order.charge_sale_ids - accepted
        self.assertEqual(more.state, "draft")
        self.assertEqual(more.amount_untaxed, 2 * 45)
        self.assertEqual(order.charge_state, "quoted")

    def test_the_last_quotation_counts(self):
        order = self._make_uncovered()
        self._quote(order).with_user(self.agent).action_save()
        self._quote(order, parts=1).with_user(self.agent).action_save()
        self.assertEqual(
            sorted(order.charge_sale_ids.mapped("state")), ["cancel", "sent"]
        )
        self.assertNotIn("quote_refused", order.event_ids.mapped("kind"))

    def test_a_refused_quotation_is_told(self):
        order = self._make_uncovered()
        self._quote(order).with_user(self.agent).action_save()
        order.charge_sale_ids.action_cancel()
        self.assertEqual(order.charge_state, "refused")
        self.assertIn("quote_refused", order.event_ids.mapped("kind"))

    def test_done_again_does_not_charge_twice(self):
        order = self._do_work(self._make_uncovered(), parts=1)
        order.with_user(self.accountant).action_charge()
        order._settle_charges()
        self.assertEqual(order.charge_state, "invoiced")
        order.with_user(self.accountant).action_charge()
        self.assertEqual(len(order.charge_sale_ids.invoice_ids), 1)

    def test_one_that_cannot_be_billed_stops_only_itself(self):
        good = self._do_work(self._make_uncovered())
        bad = self._make_uncovered()
        action = (good | bad).with_user(self.accountant).action_charge()
        self.assertEqual(good.charge_state, "invoiced")
        self.assertIn(bad.name, action["params"]["message"])
        self.assertEqual(action["params"]["type"], "warning")

    def test_prices_are_not_the_desks_to_make(self):
        order = self._make_uncovered()
        quote = self._quote(order)
        self.assertEqual(quote.amount, 110)
        quote.line_ids.with_user(self.agent).write({"price": 1.0})
        quote.with_user(self.agent).action_save()
        self.assertEqual(order.charge_sale_ids.amount_untaxed, 110)
        self.assertEqual(quote.line_ids._name, "service.charge.quote.line")
        quote.line_ids[:1].product_id = self.travel
        with self.assertRaisesRegex(UserError, "only parts may be added"):
            quote.with_user(self.agent).action_save()

    def test_a_customer_without_mail_is_named(self):
        self.customer.email = False
        quote = self._quote(self._make_uncovered())
        with self.assertRaisesRegex(UserError, "no email address"):
            quote.with_user(self.agent).action_send()
        self.assertFalse(quote.order_id.sudo().charge_sale_ids)

    def test_technicians_do_not_charge(self):
        order = self._make_uncovered()
        with self.assertRaises(AccessError):
            order.with_user(self.technician_user).read(["charge_state"])
        with self.assertRaises(UserError):
            order.with_user(self.technician_user).action_open_charge_quote()
        with self.assertRaises(AccessError):
            order.with_user(self.agent).action_charge()
        with self.assertRaises(AccessError):
            order.with_user(self.portal_customer).action_charge()

    def test_goodwill_in_part_is_a_discount(self):
        order = self._make_uncovered()
        order.action_goodwill(["labour"], "A loyal customer", 40)
        quote = self._quote(order)
        self.assertEqual(quote.amount, 90 * 0.6 + 20)
        quote.with_user(self.agent).action_save()
        self.assertEqual(order.charge_sale_ids.amount_untaxed, 74)
        order.charge_sale_ids.action_confirm()
        self._do_work(order)
        order.with_user(self.accountant).action_charge()
        self.assertEqual(order.charge_sale_ids.invoice_ids.amount_untaxed, 74)

    def test_a_consumable_is_paid_though_parts_are_covered(self):
        consumables = self.env["product.category"].create({"name": "Consumables"})
        exclusion = self.env["service.warranty.exclusion"].create(
            {
                "name": "Consumables",
                "code": "test_consumables",
                "scope": "parts",
                "category_ids": consumables.ids,
            }
        )
        template = self.env["service.warranty.template"].create(
            {
                "name": "All but consumables",
                "exclusion_ids": exclusion.ids,
                "line_ids": [
                    Command.create({"kind": kind, "months": 24, "basis": "use"})
                    for kind in ("labour", "parts", "travel")
                ],
            }
        )
        products = self.env["product.product"]
        fridge = products.create(
            {"name": "Fridge", "service_warranty_template_id": template.id}
        )
        asset = self.env["service.asset"].create(
            {
                "partner_id": self.customer.id,
                "product_id": fridge.id,
                "install_date": fields.Date.today(),
            }
        )
        paid = products.create(
            {
                "name": "Filter",
                "is_storable": True,
                "categ_id": consumables.id,
                "list_price": 45.0,
                "taxes_id": False,
                "property_account_income_id": self.income.id,
            }
        )
        self._stock(paid, 5)
        order = self._make_accepted_order(asset_id=asset.id)
        visit = self._make_visit(order)
        visit.action_add_part(self.part.id, 1)
        visit.action_add_part(paid.id, 2)
        visit.action_en_route()
        visit.action_on_site()
        visit.action_done({"outcome": "fixed"})
        self.assertEqual(order._get_covered_kinds()[order]["parts"], "covered")
        self.assertEqual(order.charge_state, "to_charge")
        order.with_user(self.accountant).action_charge()
        self.assertEqual(order.charge_sale_ids.order_line.product_id, paid)
        self.assertEqual(order.charge_sale_ids.amount_untaxed, 90)

    def test_overage_is_billed_once(self):
        order = self._make_uncovered()
        order.sudo().write({"coverage_state": "overage", "coverage_price": 50.0})
        self._do_work(order)
        order.with_user(self.accountant).action_charge()
        self.assertEqual(order.charge_sale_ids.amount_untaxed, 50)
        self.assertEqual(order.charge_line_id, order.charge_sale_ids.order_line)

    def _quote_in_dollars(self):
        """The customer's price list is in a currency worth four of the company's."""
        dollar = self.env["res.currency"].create(
            {
                "name": "TDL",
                "symbol": "T$",
                "rate_ids": [Command.create({"name": "2020-01-01", "rate": 0.25})],
            }
        )
        pricelist = self.env["product.pricelist"].create(
            {"name": "Test Dollars", "currency_id": dollar.id}
        )
        self.customer.property_product_pricelist = pricelist
        return dollar

    def test_the_price_of_the_overage_is_in_the_currency_of_the_quotation(self):
        dollar = self._quote_in_dollars()
        order = self._make_uncovered()
        order.sudo().write({"coverage_state": "overage", "coverage_price": 50.0})
        self._do_work(order)
        order.with_user(self.accountant).action_charge()
        self.assertEqual(order.charge_sale_ids.currency_id, dollar)
        self.assertEqual(order.charge_sale_ids.amount_untaxed, 12.5)

    def test_the_crew_asks_for_the_currency_of_the_company(self):
        self._quote_in_dollars()
        order = self._make_uncovered()
        quote = self._quote(order)
        self.assertEqual(quote.currency_id, self.company.currency_id)
        self.assertEqual(quote.amount, 110.0)
        quote.action_save()
        self.assertEqual(order.charge_sale_ids.amount_total, 27.5)
        self.assertEqual(order._get_amount_to_collect(), 110.0)

    def test_overage_accepted_before_the_work_is_billed(self):
        order = self._make_uncovered()
        order.sudo().write({"coverage_state": "overage", "coverage_price": 50.0})
        self._quote(order).with_user(self.agent).action_save()
        sale = order.charge_sale_ids
        self.assertEqual(sale.order_line, order.charge_line_id)
        sale.action_confirm()
        order.sudo().write({"coverage_state": "overage", "coverage_price": 50.0})
        self._do_work(order)
        order.with_user(self.accountant).action_charge()
        self.assertEqual(order.charge_sale_ids, sale)
        self.assertEqual(sale.invoice_ids.amount_untaxed, 50)

    def test_analytic_accounts_of_contract_and_point(self):
        plan = self.env["account.analytic.plan"].create({"name": "Points"})
        account = self.env["account.analytic.account"].create(
            {"name": "North", "plan_id": plan.id}
        )
        self.point.analytic_account_id = account
        order = self._do_work(self._make_uncovered())
        order.with_user(self.accountant).action_charge()
        line = order.charge_sale_ids.invoice_ids.invoice_line_ids[:1]
        self.assertEqual(line.analytic_distribution, {str(account.id): 100.0})
