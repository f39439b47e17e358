import unittest

from odoo.tests import TransactionCase, tagged


@tagged("post_install", "-at_install")
class TestSettlementDemo(TransactionCase):
    """What the demonstration shows adds up, where it is installed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        tariff = cls.env.ref("service_settlement.demo_tariff", raise_if_not_found=False)
        if not tariff:
            raise unittest.SkipTest("The demonstration data is not installed.")
        cls.tariff = tariff
        cls.settlements = cls.env["service.settlement"].search([])

    def test_finished_orders_of_partners_are_claimed_once(self):
        orders = self.env["service.order"].search(
            [("state", "in", ("done", "closed")), ("point_id.is_settled", "=", True)]
        )
        self.assertTrue(orders)
        for order in orders:
            self.assertEqual(len(order.claim_ids), 1, order.name)

    def test_two_months_have_statements(self):
        self.assertGreaterEqual(len(self.tariff.line_ids), 20)
        self.assertEqual(len(set(self.settlements.mapped("date_to"))), 2)
        self.assertLessEqual(
            {"issued", "disputed", "billed", "paid"},
            set(self.settlements.mapped("state")),
        )

    def test_bills_agree_with_statements_and_claims(self):
        for settlement in self.settlements:
            self.assertAlmostEqual(
                settlement.amount_total,
                sum(settlement.claim_ids.mapped("amount_approved"))
                + sum(settlement.adjustment_ids.mapped("amount")),
            )
            if settlement.move_id:
                self.assertAlmostEqual(
                    settlement.move_id.amount_untaxed, settlement.amount_total
                )

    def test_accountant_finds_a_month_to_settle(self):
        states = set(self.env["service.claim"].search([]).mapped("state"))
        self.assertLessEqual(
            {"approved", "draft", "rejected", "settled", "unpriced"}, states
        )
        run = self.env["service.settlement.run"].create({})
        self.assertTrue(run.claim_count)

    def test_loaded_again_changes_nothing(self):
        self.env["service.demo"]._load_settlement()

        self.assertEqual(self.env["service.settlement"].search([]), self.settlements)

    def test_customers_are_charged_some_not_yet(self):
        orders = self.env["service.order"].search([("state", "in", ("done", "closed"))])
        self.assertLessEqual(
            {"none", "to_charge", "invoiced"}, set(orders.mapped("charge_state"))
        )
        receipts = self.env["service.collection"].search([])
        self.assertEqual(set(receipts.mapped("state")), {"taken"})
        self.env["service.demo"]._load_charges()
        self.assertEqual(self.env["service.collection"].search([]), receipts)
