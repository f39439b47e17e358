from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import SettlementCommon


@tagged("post_install", "-at_install")
class TestAudit(SettlementCommon):
    """Who did what, when and why, from the claim to the bill."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.audit = cls.env["service.settlement.audit"].with_user(cls.accountant)

    def _read(self, **found):
        domain = [(name, "=", record.id) for name, record in found.items()]
        self.env.flush_all()
        self.env.invalidate_all()
        return self.audit.search(domain, order="id")

    def test_the_way_of_a_claim_to_its_bill(self):
        claim = self._make_claims().with_user(self.accountant)
        claim.action_back_to_check()
        claim.line_ids.write({"amount_approved": 70.0, "note": "Half the way"})
        claim.action_approve()
        settlement, failures = self._run()
        self.assertFalse(failures)
        rows = self._read(claim_id=claim)
        self.assertEqual(rows.user_id, self.accountant)
        self.assertEqual(rows.point_id, self.point)
        self.assertEqual(rows.order_id, claim.order_id)
        self.assertEqual(
            set(rows.mapped("event")),
            {"step_reopened", "amount_approved", "step_reduced"},
        )
        changed = rows.filtered(lambda row: row.event == "amount_approved")
        self.assertRecordValues(
            changed,
            [
                {
                    "amount_before": 80.0,
                    "amount_after": 70.0,
                    "text": "Half the way",
                    "kind": "labour",
                }
            ],
        )
        self.assertEqual(changed.action_view_source()["res_id"], claim.id)
        rows = self._read(settlement_id=settlement) - rows
        self.assertEqual(
            sorted(rows.mapped("event")), ["billed", "confirmed", "issued"]
        )
        self.assertEqual(set(rows.mapped("amount_after")), {70.0})
        action = rows[0].action_view_source()
        self.assertEqual(action["res_model"], "service.settlement")
        # Every row is a record of its own, whatever table it comes from
        self.assertEqual(len(set(rows.ids)), 3)

    def test_disputes_and_authorisations(self):
        claim = self._make_claims()
        settlement, __ = self._run(until="issued")
        dispute = settlement.with_user(self.accountant)._dispute(
            [
                {
                    "claim_line_id": claim.line_ids.id,
                    "amount_asked": 95.0,
                    "reason": "Two were needed",
                }
            ]
        )
        dispute.with_user(self.accountant)._refuse("One is enough")
        rows = self._read(claim_id=claim).sorted("event")
        self.assertEqual(rows.mapped("event"), ["answered", "disputed"])
        self.assertEqual(rows.mapped("text"), ["One is enough", "Two were needed"])
        order = self._make_order()
        order.sudo().point_id = self.point
        request = self.env["service.claim.authorisation"].create(
            {"order_id": order.id, "amount": 500.0, "note": "A compressor"}
        )
        request.amount_granted = 400.0
        request.with_user(self.accountant).action_grant()
        rows = self._read(order_id=order)
        self.assertRecordValues(
            rows,
            [
                {
                    "event": "granted",
                    "amount_before": 500.0,
                    "amount_after": 400.0,
                    "user_id": self.accountant.id,
                }
            ],
        )
        self.assertEqual(rows.action_view_source()["res_id"], order.id)

    def test_only_accountants_of_the_company_read_it_and_nobody_writes(self):
        claim = self._make_claims().with_user(self.accountant)
        claim.action_back_to_check()
        row = self._read(claim_id=claim)
        self.assertEqual(row.event, "step_reopened")
        for user in (self.agent, self.point_manager, self.portal_point):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.audit.with_user(user).search([])
        with self.assertRaises(AccessError):
            row.text = "never"
        other = self.env["res.company"].create({"name": "Test Elsewhere"})
        self.accountant.company_ids |= other
        there = self.audit.with_context(allowed_company_ids=other.ids)
        self.assertFalse(there.search([("claim_id", "=", claim.id)]))

    def test_groups_and_filters_of_the_page(self):
        claim = self._make_claims().with_user(self.accountant)
        claim.action_back_to_check()
        self.env.flush_all()
        domain = [("event", "=like", "step_%"), ("claim_id", "=", claim.id)]
        groups = self.audit._read_group(domain, ["event", "date:month"], ["__count"])
        self.assertEqual(
            [(group[0], group[2]) for group in groups], [("step_reopened", 1)]
        )
