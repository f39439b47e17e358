from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .test_charge import ChargeCommon


@tagged("post_install", "-at_install")
class TestClaimShare(ChargeCommon):
    """What customer and supplier bear of a claim is asked for from them, once."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.supplier = cls.env["res.partner"].create({"name": "Fridge Works"})
        cls.supplier.property_account_payable_id = cls.payable
        share = cls.env.ref("service_settlement.product_customer_share")
        share.write({"taxes_id": False, "property_account_income_id": cls.income.id})

    def _decided(self, **payer):
        """The line of a finished order that the company paid, decided otherwise."""
        order = self._do_work(self._make_accepted_order())
        order.product_id.seller_ids = [(0, 0, {"partner_id": self.supplier.id})]
        claim = order.claim_ids.with_user(self.accountant)
        claim.action_back_to_check()
        claim.line_ids.write(payer)
        claim.action_approve()
        return claim.line_ids

    def _search(self, name):
        return (
            self.env["service.claim.line"]
            .with_user(self.accountant)
            .search([(name, "=", True)])
        )

    def test_share_of_the_supplier_without_a_part_is_claimed_once(self):
        line = self._decided(payer="shared", supplier_percent=25.0)
        self.assertIn(line, self._search("is_supplier_share"))
        self.assertNotIn(line, self._search("is_customer_share"))
        line.action_claim_from_supplier()
        recovery = line.recovery_id
        self.assertRecordValues(
            recovery,
            [
                {
                    "amount_labour": 20.0,
                    "amount_claimed": 20.0,
                    "partner_id": self.supplier.id,
                    "state": "draft",
                }
            ],
        )
        self.assertNotIn(line, self._search("is_supplier_share"))
        with self.assertRaisesRegex(UserError, "None of these lines"):
            line.action_claim_from_supplier()
        recovery.action_claim()
        recovery.action_accept()
        recovery.action_credit()
        self.assertEqual(recovery.move_id.amount_untaxed, 20.0)

    def _file_part(self, order, partner):
        """What the order claims from the supplier of a part that came back."""
        vals = {"order_id": order.id, "product_id": self.part.id, "amount_part": 5.0}
        model = self.env["service.recovery"].sudo()
        return model.create(vals | {"partner_id": partner.id})

    def test_shares_of_one_day_are_rounded_once(self):
        """Two of 0.10 at a third: 0.07, not twice 0.03."""
        line = self._decided(payer="supplier").sudo()
        other = self._get_other_currency()
        other.rate_ids.unlink()
        self.env["res.currency.rate"].create(
            {"currency_id": other.id, "name": "2020-01-01", "rate": 3.0}
        )
        line.claim_id._write_flow({"currency_id": other.id})
        line.amount_approved = 0.1
        lines = line | line.copy()
        total = lines._sum_shares("amount_supplier", self.company.currency_id)
        self.assertAlmostEqual(total, 0.07)

    def test_share_goes_with_the_part_that_came_back(self):
        line = self._decided(payer="supplier")
        partner = self.env["res.partner"].create({"name": "Pump Works"})
        part = self._file_part(line.order_id, partner)
        line.action_claim_from_supplier()
        self.assertEqual(line.recovery_id, part)
        self.assertEqual(part.amount_claimed, 85.0)

    def test_share_is_not_asked_of_any_one_of_several_suppliers(self):
        line = self._decided(payer="supplier")
        names = ("Pump Works", "Hose Works")
        partners = self.env["res.partner"].create([{"name": name} for name in names])
        parts = [self._file_part(line.order_id, partner) for partner in partners]
        line.action_claim_from_supplier()
        self.assertEqual(line.recovery_id.partner_id, self.supplier)
        self.assertEqual([part.amount_labour for part in parts], [0.0, 0.0])
        # One of them is it
        line.sudo().recovery_id.unlink()
        parts[0].partner_id = self.supplier
        line.action_claim_from_supplier()
        self.assertEqual(line.recovery_id, parts[0])

    def test_later_share_is_asked_of_who_bears_the_fees_already(self):
        line = self._decided(payer="supplier")
        partner = self.env["res.partner"].create({"name": "Pump Works"})
        part = self._file_part(line.order_id, partner)
        line.action_claim_from_supplier()
        part.with_user(self.accountant).action_claim()
        later = line.sudo().copy({"recovery_id": False})
        self._file_part(line.order_id, self.supplier)
        later.with_user(self.accountant).action_claim_from_supplier()
        self.assertEqual(later.recovery_id.partner_id, partner)
        self.assertEqual(later.recovery_id.state, "draft")

    def test_recovery_that_is_deleted_leaves_the_share_open(self):
        line = self._decided(payer="supplier")
        line.action_claim_from_supplier()
        line.recovery_id.unlink()
        self.assertIn(line, self._search("is_supplier_share"))

    def test_nobody_knows_the_supplier_of_no_product(self):
        line = self._decided(payer="supplier")
        line.order_id.sudo().write({"asset_id": False, "product_id": False})
        with self.assertRaisesRegex(UserError, "names no product"):
            line.action_claim_from_supplier()

    def test_share_of_the_customer_is_quoted_accepted_and_invoiced(self):
        line = self._decided(payer="shared", customer_percent=50.0)
        order = line.order_id
        self.assertEqual(order.charge_state, "none")
        self.assertIn(line, self._search("is_customer_share"))
        line.action_charge_customer()
        sale = order.sudo().charge_sale_ids
        self.assertEqual(sale.amount_untaxed, 40.0)
        self.assertEqual(sale.state, "sent")
        self.assertEqual(order.charge_state, "quoted")
        self.assertNotIn(line, self._search("is_customer_share"))
        with self.assertRaisesRegex(UserError, "None of these lines"):
            line.action_charge_customer()
        sale.action_confirm()
        order.with_user(self.accountant).action_charge()
        self.assertEqual(order.charge_state, "invoiced")
        move = sale.invoice_ids
        self.assertEqual((move.state, move.amount_untaxed), ("posted", 40.0))
        self.assertEqual(move.invoice_line_ids.service_order_id, order)
        # Done again, the share stays what it is
        order.sudo()._settle_charges()
        self.assertEqual(sale.order_line.qty_delivered, 1.0)

    def test_quotations_open_for_those_who_may_read_them(self):
        line = self._decided(payer="customer")
        opened = line.action_charge_customer()
        sale = line.order_id.sudo().charge_sale_ids
        self.assertEqual(
            (opened["res_model"], opened["res_id"]), ("sale.order", sale.id)
        )
        order = line.order_id.with_user(self.accountant)
        self.assertEqual(order.action_view_charges(), opened)
        # The service desk charges without the rights of sales
        order = line.order_id.with_user(self.agent)
        self.assertFalse(order.env["sale.order"].has_access("read"))
        opened = order.action_view_charges()
        self.assertEqual(opened["res_model"], "service.order")
        self.assertEqual(
            self.env["service.order"].search(opened["domain"]), line.order_id
        )

    def test_refused_share_may_be_asked_for_again(self):
        line = self._decided(payer="customer")
        line.action_charge_customer()
        line.order_id.sudo().charge_sale_ids.action_cancel()
        self.assertIn(line, self._search("is_customer_share"))
        line.action_charge_customer()
        self.assertEqual(len(line.order_id.sudo().charge_sale_ids), 2)

    def test_cockpit_shows_what_is_left_to_collect(self):
        cockpit = self.env["service.settlement.cockpit"].with_user(self.accountant)

        def get_shares():
            stages = cockpit.get_cockpit("2026-02-01", "2099-12-31")["stages"]
            found = {row["key"]: row for row in stages}
            return found["supplier_share"], found["customer_share"]

        before = [row["count"] for row in get_shares()]
        line = self._decided(
            payer="shared", supplier_percent=25.0, customer_percent=50.0
        )
        for row, count, amount in zip(get_shares(), before, (20.0, 40.0), strict=True):
            self.assertEqual(row["count"], count + 1)
            shown = self.env["service.claim.line"].with_user(self.accountant)
            self.assertIn(line, shown.search(row["domain"]))
            if not count:
                self.assertEqual(row["sums"], [[line.currency_id.id, amount]])
        line.action_claim_from_supplier()
        line.action_charge_customer()
        self.assertEqual([row["count"] for row in get_shares()], before)

    def test_what_the_order_itself_charges_is_no_share(self):
        order = self._do_work(self._make_uncovered())
        line = order.claim_ids.line_ids
        line.sudo().payer = "customer"
        self.assertEqual(order.charge_state, "to_charge")
        self.assertNotIn(line, self._search("is_customer_share"))
        order.with_user(self.accountant).action_charge()
        self.assertNotIn(line, self._search("is_customer_share"))

    def test_collected_share_stays_as_it_was_decided(self):
        line = self._decided(payer="supplier")
        line.action_claim_from_supplier()
        claim = line.claim_id
        claim.action_back_to_check()
        with self.assertRaisesRegex(UserError, "stays"):
            line.payer = "company"
        with self.assertRaisesRegex(UserError, "stays"):
            claim.action_reprice()
        others = self._decided(payer="company").claim_id
        (claim | others).action_reprice_each()
        self.assertTrue(line.exists())
        claim.sudo().order_id._create_claims()
        self.assertTrue(line.exists())

    def test_undecided_claims_have_no_share(self):
        line = self._decided(payer="supplier")
        line.claim_id.action_back_to_check()
        self.assertNotIn(line, self._search("is_supplier_share"))
        with self.assertRaisesRegex(UserError, "None of these lines"):
            line.action_claim_from_supplier()

    def test_only_accountants_collect(self):
        line = self._decided(payer="shared", supplier_percent=50, customer_percent=50)
        for user in (self.agent, self.point_manager, self.portal_point):
            for method in ("action_claim_from_supplier", "action_charge_customer"):
                with self.subTest(user.login), self.assertRaises(AccessError):
                    getattr(line.with_user(user), method)()

    def test_parts_accepted_after_the_work_are_billed_as_delivered(self):
        """Parts are often invoiced by what was delivered."""
        self.part.invoice_policy = "delivery"
        order = self._make_uncovered()
        self._quote(order, parts=1).with_user(self.agent).action_save()
        accepted = order.charge_sale_ids
        accepted.action_confirm()
        self._do_work(order, parts=3)
        more = order.charge_sale_ids - accepted
        more.action_confirm()
        self.assertEqual(more.order_line.qty_delivered, 2)
        self.assertEqual(order.charge_sale_ids, accepted | more)
        order.with_user(self.accountant).action_charge()
        invoiced = order.charge_sale_ids.invoice_ids
        self.assertEqual(sum(invoiced.mapped("amount_untaxed")), 90 + 20 + 3 * 45)
