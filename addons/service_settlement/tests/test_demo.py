import unittest

from odoo.fields import Command
from odoo.tests import HttpCase, TransactionCase, new_test_user, tagged


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


@tagged("post_install", "-at_install")
class TestSettlementDemoMonth(HttpCase):
    """The month of the demo world, from what has no price yet to posted bills, by
    people who have nothing but their part in it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if not cls.env.ref("service_settlement.demo_tariff", raise_if_not_found=False):
            raise unittest.SkipTest("The demonstration data is not installed.")
        cls.month = cls.env["service.settlement"]._get_previous_month()
        cls.accountant = cls.env.ref("service_settlement.demo_user_accountant")
        cls.approver = new_test_user(
            cls.env,
            login="test_head",
            groups="service_settlement.group_settlement_accountant",
        )
        # Whoever issued one by hand waits for the head of accounting
        cls.env["service.settlement.tier"].search([]).write(
            {"amount_min": 1.0, "user_ids": [Command.set(cls.approver.ids)]}
        )
        cls._prepare_desk()

    @classmethod
    def _prepare_desk(cls):
        """What lies there depends on the day of the demonstration: at least one claim
        without a price, one to check, one to settle."""
        claims = cls.env["service.claim"].search(
            [("date", "<=", cls.month[1]), ("state", "=", "approved")], order="date"
        )
        states = set(cls._get_claims().mapped("state"))
        if "draft" not in states:
            claims[-1:].action_back_to_check()
        assert {"unpriced", "approved"} <= states, states

    @classmethod
    def _get_claims(cls):
        return cls.env["service.claim"].search([("date", "<=", cls.month[1])])

    def _get_settlements(self, *states):
        return self.env["service.settlement"].search(
            [("date_to", "=", self.month[1]), ("state", "in", states)]
        )

    def _tour(self, name, user, path="/odoo/settlement-month-end"):
        self.start_tour(path, f"settlement_month_{name}", login=user)
        self.env.invalidate_all()

    def _work(self):
        """What the background does until nothing is left."""
        items = self.env["service.settlement.batch.item"].search(
            [("queue_state", "=", "pending")]
        )
        self.assertTrue(items)
        for item in items:
            item._queue_process_one()

    def test_from_the_cockpit_to_posted_bills_and_a_dispute(self):
        issued_before = self._get_settlements("issued", "disputed")
        unpriced = self._get_claims().filtered(lambda c: c.state == "unpriced")[:1]

        self._tour("claims", "accountant")
        self.assertRecordValues(
            unpriced,
            [{"state": "approved", "amount_approved": 64.0}],
        )
        self._tour("check", "accountant")
        self.assertFalse(
            self._get_claims().filtered(lambda claim: claim.state == "draft")
        )
        self._work()
        drafts = self._get_settlements("draft")
        self.assertTrue(drafts)
        self._tour("issue", "accountant")
        self.assertEqual(set(drafts.mapped("state")), {"issued"})
        self.assertEqual(drafts.issued_by_id, self.accountant)

        settlement = drafts.filtered("claim_count").sorted("amount_total")[-1:]
        point = new_test_user(self.env, login="test_point", groups="base.group_portal")
        point.service_point_ids = settlement.point_id
        page = f"/my/settlements/{settlement.id}"
        self._tour("dispute", point.login, page)
        self.assertEqual(settlement.state, "disputed")
        self._tour(
            "answer",
            "accountant",
            "/odoo/action-service_settlement.action_service_settlement_dispute",
        )
        dispute = settlement.dispute_ids
        self.assertRecordValues(dispute, [{"state": "accepted", "amount_agreed": 95.0}])
        self._tour("confirm", point.login, page)
        self.assertEqual(settlement.confirmed_by_id, point)
        self.assertFalse(settlement.move_id)

        self._tour("approve", self.approver.login)
        self.assertEqual(settlement.state, "approved")
        self._tour("bill", "accountant")
        self.assertRecordValues(
            settlement.move_id,
            [{"state": "posted", "amount_untaxed": settlement.amount_total}],
        )
        self.assertEqual(settlement.state, "billed")
        self.assertEqual(
            settlement.claim_ids.line_ids.invoice_line_id.move_id, settlement.move_id
        )
        # What was agreed waits for the next one; nothing else of others was touched
        self.assertFalse(dispute.correction_id.settlement_id)
        self.assertFalse(issued_before & self._get_settlements("billed"))
        rows = self.env["service.settlement.reconciliation"].search(
            [("date_to", "=", self.month[1])]
        )
        self.assertFalse(rows.filtered("is_wrong"))
