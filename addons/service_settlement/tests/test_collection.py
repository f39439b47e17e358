from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .test_charge import ChargeCommon


class CollectionCommon(ChargeCommon):
    """A till, and a visit whose customer has been quoted a price."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.till_account = cls.env["account.account"].create(
            {"name": "Test Till", "code": "T1001", "account_type": "asset_cash"}
        )
        cls.till = cls.env["account.journal"].create(
            {
                "name": "Test Till",
                "code": "TTIL",
                "type": "cash",
                "default_account_id": cls.till_account.id,
            }
        )
        cls.company.service_collection_journal_id = cls.till

    @classmethod
    def _make_quoted_visit(cls):
        order = cls._make_uncovered()
        cls._quote(order).with_user(cls.agent).action_save()
        visit = cls._make_visit(order)
        visit.action_en_route()
        return visit.with_user(cls.technician_user)

    def _hand_over(self, counted=None, note=False, **vals):
        handover = (
            self.env["service.collection.handover"]
            .with_user(self.accountant)
            .create(vals or {"technician_id": self.technician.id})
        )
        handover.action_collect()
        if counted is not None:
            handover.amount_counted = counted
        handover.difference_note = note
        return handover


@tagged("post_install", "-at_install")
class TestCollection(CollectionCommon):
    def test_from_the_customers_hand_to_a_paid_invoice(self):
        visit = self._make_quoted_visit()
        order = visit.order_id.sudo()
        wizard = Form(
            self.env["service.collection.take"]
            .with_user(self.technician_user)
            .with_context(default_visit_id=visit.id)
        ).save()
        self.assertEqual(wizard.amount, 110)
        wizard.action_take()
        self.assertEqual(order.collected_amount, 110)
        self.assertEqual(order._get_amount_to_collect(), 0)
        self.assertIn("collected", order.event_ids.mapped("kind"))
        visit.sudo().action_on_site()
        visit.sudo().action_done({"outcome": "fixed"})
        order.charge_sale_ids.action_confirm()
        order._settle_charges()
        order.with_user(self.accountant).action_charge()
        self.assertEqual(order.charge_state, "invoiced")
        self._hand_over().action_confirm()
        self.assertEqual(order.collection_ids.state, "booked")
        self.assertEqual(order.charge_sale_ids.invoice_ids.amount_residual, 0)
        self.assertEqual(order.charge_state, "paid")
        payment = order.collection_ids.payment_id.move_id
        self.assertIn(self.till_account, payment.line_ids.account_id)

    def test_money_before_the_invoice_is_matched_when_it_comes(self):
        visit = self._make_quoted_visit()
        order = visit.order_id.sudo()
        visit.action_collect(110)
        self._hand_over().action_confirm()
        order.charge_sale_ids.action_confirm()
        visit.sudo().action_on_site()
        visit.sudo().action_done({"outcome": "fixed"})
        order.with_user(self.accountant).action_charge()
        self.assertEqual(order.charge_state, "paid")

    def test_no_more_than_is_due(self):
        visit = self._make_quoted_visit()
        with self.assertRaisesRegex(UserError, "not more"):
            visit.action_collect(110.01)
        for wrong in (0, -5, "ten"):
            with self.subTest(wrong), self.assertRaisesRegex(UserError, "above zero"):
                visit.action_collect(wrong)
        with self.assertRaisesRegex(UserError, "how the customer paid"):
            visit.action_collect(10, method="gold")

    def test_nothing_is_taken_once_all_is_paid(self):
        visit = self._make_quoted_visit()
        visit.action_collect(110)
        with self.assertRaisesRegex(UserError, "not more"):
            visit.action_collect(1)

    def test_sent_again_it_is_the_same_receipt(self):
        visit = self._make_quoted_visit()
        first = visit.action_collect(50, operation_key="device-1")
        self.assertEqual(visit.action_collect(50, operation_key="device-1"), first)
        self.assertEqual(visit.order_id.sudo().collected_amount, 50)

    def test_a_difference_needs_a_word_and_reaches_the_statement(self):
        visit = self._make_quoted_visit()
        visit.action_collect(110)
        handover = (
            self.env["service.collection.handover"]
            .with_user(self.accountant)
            .create({"point_id": self.point.id})
        )
        handover.action_collect()
        handover.amount_counted = 100
        with self.assertRaisesRegex(UserError, "Say why it differs"):
            handover.action_confirm()
        handover.difference_note = "Lost a note"
        handover.action_confirm()
        adjustment = self.env["service.settlement.adjustment"].search(
            [("point_id", "=", self.point.id)]
        )
        self.assertEqual(adjustment.amount, -10)
        self.assertIn("Lost a note", adjustment.reason)
        with self.assertRaisesRegex(UserError, "no longer changes"):
            handover.amount_counted = 110

    def test_receipts_are_not_edited(self):
        visit = self._make_quoted_visit()
        visit.action_collect(20)
        receipt = visit.order_id.sudo().collection_ids.with_user(self.accountant)
        with self.assertRaisesRegex(UserError, "not edited"):
            receipt.write({"amount": 10})
        with self.assertRaises(UserError):
            receipt.sudo().unlink()
        with self.assertRaisesRegex(UserError, "Say why"):
            receipt.action_cancel("  ")
        wizard = (
            self.env["service.collection.cancel"]
            .with_user(self.accountant)
            .create({"collection_ids": receipt.ids, "reason": "Typing error"})
        )
        wizard.action_cancel()
        self.assertEqual(receipt.state, "cancelled")
        self.assertEqual(visit.order_id.sudo()._get_amount_to_collect(), 110)

    def test_cards_are_booked_without_a_handover(self):
        visit = self._make_quoted_visit()
        visit.action_collect(60, method="card")
        visit.action_collect(50)
        card, cash = visit.order_id.sudo().collection_ids.sorted("method")
        card.with_user(self.accountant).action_book()
        self.assertEqual(card.state, "booked")
        with self.assertRaisesRegex(UserError, "is cash"):
            cash.with_user(self.accountant).action_book()

    def test_who_may_what(self):
        visit = self._make_quoted_visit()
        visit.action_collect(20)
        receipt = visit.order_id.sudo().collection_ids
        for user in (self.agent, self.technician_user, self.point_manager):
            own = receipt.with_user(user)
            self.assertEqual(own.amount, 20)
            with self.subTest(user.login), self.assertRaises(AccessError):
                own.action_book()
            with self.subTest(user.login), self.assertRaises(AccessError):
                own.action_cancel("x")
        with self.assertRaises(AccessError):
            receipt.with_user(self.portal_customer).read(["amount"])
        self.assertEqual(receipt.with_user(self.portal_point).amount, 20)
        with self.assertRaises(AccessError):
            visit.with_user(self.portal_customer).action_collect(5)
        with self.assertRaises(UserError):
            self.env["service.collection"].with_user(self.accountant).create(
                {"order_id": receipt.order_id.id, "amount": 5}
            )
        with self.assertRaises(AccessError):
            self.env["service.collection.handover"].with_user(self.agent).create({})

    def test_what_is_no_amount_is_refused(self):
        """Also where nothing is due yet, which would cap it."""
        visit = self._make_visit(self._make_uncovered())
        visit.action_en_route()
        visit = visit.with_user(self.technician_user)
        for amount in (float("nan"), float("inf"), 1e300, -1, 0, "5", None):
            with self.subTest(amount), self.assertRaises(UserError):
                visit.action_collect(amount)

    def test_the_difference_of_a_handover_is_not_written(self):
        visit = self._make_quoted_visit()
        visit.action_collect(110)
        handover = self._hand_over(counted=50)
        for vals in ({"amount_expected": 50}, {"difference": 0}):
            with self.subTest(vals), self.assertRaises(UserError):
                handover.write(vals)
        with self.assertRaisesRegex(UserError, "Say why it differs"):
            handover.action_confirm()
