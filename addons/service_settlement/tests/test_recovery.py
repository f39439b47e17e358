from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .test_charge import ChargeCommon


@tagged("post_install", "-at_install")
class TestRecovery(ChargeCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.supplier = cls.env["res.partner"].create({"name": "Pump Works"})
        cls.supplier.property_account_payable_id = cls.payable
        cls.part.write(
            {
                "service_recoverable": True,
                "seller_ids": [(0, 0, {"partner_id": cls.supplier.id})],
                "property_account_expense_id": cls.expense.id,
                "supplier_taxes_id": False,
            }
        )

    def _returned(self):
        order = self._do_work(self._make_accepted_order(), parts=1)
        row = self.env["service.part.return"].search([("order_id", "=", order.id)])
        row.action_receive()
        return row

    def _claimed(self):
        row = self._returned()
        row.action_inspect("defective", "supplier")
        recovery = self.env["service.recovery"].search([("return_id", "=", row.id)])
        return recovery.with_user(self.accountant)

    def test_from_the_defective_part_to_the_credit_note(self):
        recovery = self._claimed()
        self.assertEqual(recovery.partner_id, self.supplier)
        self.assertEqual(recovery.amount_part, 30.0)
        recovery.action_claim()
        recovery.amount_accepted = 25.0
        recovery.action_accept()
        recovery.action_credit()
        self.assertEqual(recovery.state, "credited")
        move = recovery.move_id
        self.assertEqual(move.move_type, "in_refund")
        self.assertEqual(move.amount_total, 25.0)
        self.assertEqual(move.partner_id, self.supplier)

    def test_fees_that_the_supplier_bears_are_claimed_once(self):
        row = self._returned()
        claim = row.order_id.claim_ids
        claim.line_ids.filtered(lambda line: line.kind == "labour").sudo().write(
            {"payer": "supplier"}
        )
        row.action_inspect("defective", "supplier")
        recovery = self.env["service.recovery"].search([("return_id", "=", row.id)])
        self.assertEqual(recovery.amount_labour, 80.0)
        self.assertEqual(recovery.amount_claimed, 110.0)
        self.assertFalse(recovery._get_fee_lines(row.order_id))

    def test_credit_notes_are_one_a_supplier(self):
        recoveries = self._claimed() | self._claimed()
        recoveries.action_claim()
        recoveries.action_accept()
        recoveries.action_credit()
        self.assertEqual(len(recoveries.move_id), 1)
        self.assertEqual(recoveries.move_id.amount_total, 60.0)
        with self.assertRaisesRegex(UserError, "not possible now"):
            recoveries.action_credit()

    def test_good_parts_and_scrap_are_not_claimed(self):
        row = self._returned()
        row.action_inspect("defective", "scrap")
        self.assertFalse(
            self.env["service.recovery"].search([("return_id", "=", row.id)])
        )

    def test_what_is_missing_is_named(self):
        recovery = self._claimed()
        recovery.partner_id = False
        with self.assertRaisesRegex(UserError, "has no supplier"):
            recovery.action_claim()
        recovery.write({"partner_id": self.supplier.id, "amount_part": 0})
        with self.assertRaisesRegex(UserError, "claims nothing"):
            recovery.action_claim()
        recovery.amount_part = 30
        recovery.action_claim()
        with self.assertRaisesRegex(UserError, "why the supplier refuses"):
            recovery.action_refuse()
        with self.assertRaisesRegex(UserError, "not possible now"):
            recovery.amount_part = 5
        with self.assertRaisesRegex(UserError, "by its buttons"):
            recovery.state = "credited"

    def test_a_recovery_is_not_begun_half_way(self):
        order = self._make_order()
        vals = {"order_id": order.id, "product_id": self.part.id, "amount_part": 5}
        recoveries = self.env["service.recovery"].with_user(self.accountant)
        for name, value in (
            ("state", "accepted"),
            ("amount_claimed", 500.0),
            ("claimed_on", "2026-01-01"),
        ):
            with self.subTest(name), self.assertRaisesRegex(UserError, "begins as"):
                recoveries.create({**vals, name: value})
        self.assertEqual(recoveries.create(vals).amount_claimed, 5)

    def test_only_accountants_see_recoveries(self):
        recovery = self._claimed()
        for user in (
            self.agent,
            self.dispatcher,
            self.point_manager,
            self.portal_point,
        ):
            with self.subTest(user.login), self.assertRaises(AccessError):
                recovery.with_user(user).read(["amount_part"])
