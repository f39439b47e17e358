from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from .common import SettlementCommon


@tagged("post_install", "-at_install")
class TestApproval(SettlementCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.approvers = cls.env["res.users"].concat(
            *(
                new_test_user(
                    cls.env,
                    login=f"test_approver_{number}",
                    groups="service_settlement.group_settlement_accountant",
                )
                for number in (1, 2)
            )
        )
        cls.low = cls._make_tier("Head of accounting", 200.0, 1)
        cls.high = cls._make_tier("Board", 400.0, 2)

    @classmethod
    def _make_tier(cls, name, amount, count):
        return cls.env["service.settlement.tier"].create(
            {
                "name": name,
                "amount_min": amount,
                "approval_count": count,
                "user_ids": [Command.set((cls.approvers | cls.accountant).ids)],
            }
        )

    def _confirmed(self, count):
        self._make_claims(count)
        settlement, __ = self._run(until="confirmed")
        return settlement

    def test_small_statement_needs_nobody(self):
        settlement = self._confirmed(2)
        self.assertFalse(settlement.tier_id)
        settlement.action_bill()
        self.assertEqual(settlement.state, "billed")

    def test_tier_is_reached_from_its_very_amount(self):
        self.low.amount_min = 160.0
        self.assertEqual(self._confirmed(2).tier_id, self.low)

    def test_bill_waits_for_approval_and_the_run_says_whose(self):
        settlement = self._confirmed(3)
        self.assertEqual(settlement.tier_id, self.low)
        with self.assertRaises(UserError):
            settlement.action_bill()
        again, failures = self._run(until="billed")
        self.assertEqual(again, settlement)
        self.assertIn("Head of accounting", failures[0].message)
        settlement.with_user(self.approvers[0]).action_approve()
        self.assertEqual(settlement.state, "approved")
        self._run(until="billed")
        self.assertEqual(settlement.state, "billed")

    def test_two_persons_and_none_of_them_the_one_who_issued(self):
        settlement = self._confirmed(5)
        self.assertEqual(settlement.tier_id, self.high)
        with self.assertRaises(AccessError):
            settlement.with_user(self.accountant).action_approve()
        settlement.with_user(self.approvers[0]).action_approve()
        self.assertEqual(settlement.state, "confirmed")
        with self.assertRaises(AccessError):
            settlement.with_user(self.approvers[0]).action_approve()
        self.assertEqual(settlement.state, "confirmed")
        settlement.with_user(self.approvers[1]).action_approve()
        self.assertEqual(settlement.state, "approved")
        self.assertEqual(settlement.approval_ids.user_id, self.approvers)

    def test_l25_an_approval_that_is_not_the_last_writes_the_statement(self):
        """Of two at once the second runs again then, and sees that it is the last."""
        settlement = self._confirmed(5)

        def get_version():
            self.env.flush_all()
            self.cr.execute(
                "SELECT ctid FROM service_settlement WHERE id = %s", settlement.ids
            )
            return self.cr.fetchone()

        before = get_version()
        settlement.with_user(self.approvers[0]).action_approve()
        self.assertEqual(settlement.state, "confirmed")
        self.assertNotEqual(get_version(), before)

    def test_others_do_not_approve(self):
        settlement = self._confirmed(3)
        stranger = new_test_user(
            self.env,
            login="test_stranger",
            groups="service_settlement.group_settlement_accountant",
        )
        for user in (stranger, self.portal_point, self.point_manager, self.agent):
            with self.subTest(user.login), self.assertRaises(AccessError):
                settlement.with_user(user).action_approve()

    def test_what_goes_back_to_draft_is_approved_anew(self):
        settlement = self._confirmed(3)
        settlement.with_user(self.approvers[0]).action_approve()
        settlement.action_draft()
        self._make_claims()
        self._run(until="confirmed")
        self.assertEqual(settlement.state, "confirmed")
        with self.assertRaises(UserError):
            settlement.action_bill()
        settlement.with_user(self.approvers[0]).action_approve()
        self.assertEqual(settlement.state, "approved")
        self.assertEqual(settlement.approval_ids.mapped("is_revoked"), [True, False])

    def test_cancelled_bill_keeps_the_approval(self):
        settlement = self._confirmed(3)
        settlement.with_user(self.approvers[0]).action_approve()
        settlement.action_bill()
        settlement.move_id.button_draft()
        settlement.move_id.button_cancel()
        self.assertEqual(settlement.state, "approved")

    def test_refund_counts_by_its_size(self):
        self.env["service.settlement.adjustment"].create(
            {
                "point_id": self.point.id,
                "amount": -300.0,
                "reason": "paid twice",
                "date": "2026-02-20",
            }
        )
        settlement, __ = self._run(until="confirmed")
        self.assertEqual(settlement.tier_id, self.low)

    def test_tier_without_enough_approvers_is_refused(self):
        with self.assertRaises(ValidationError):
            self.low.approval_count = 4

    def test_approvals_are_written_by_nobody(self):
        settlement = self._confirmed(3)
        settlement.with_user(self.approvers[0]).action_approve()
        approval = settlement.approval_ids.with_user(self.accountant)
        for attempt in (
            lambda: approval.write({"is_revoked": True}),
            approval.unlink,
            lambda: approval.copy(),
            lambda: settlement.with_user(self.accountant).write({"tier_id": False}),
        ):
            with self.assertRaises(UserError):
                attempt()
        with self.assertRaises(AccessError):
            self.low.with_user(self.accountant).amount_min = 9999.0
