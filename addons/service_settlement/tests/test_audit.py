from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

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

    def test_every_issue_of_a_statement_is_kept(self):
        claim = self._make_claims()
        settlement, __ = self._run(until="issued")
        settlement = settlement.with_user(self.accountant)
        settlement.action_draft()
        extra = self._make_claims()
        settlement.action_collect()
        settlement.action_issue()
        settlement.with_user(self.portal_point).action_confirm()
        rows = self._read(settlement_id=settlement)
        self.assertEqual(
            [
                (row.event, row.version, row.amount_after, row.user_id)
                for row in rows
                if not row.claim_id
            ],
            [
                ("issued", 1, 80.0, self.accountant),
                ("returned", 1, 80.0, self.accountant),
                ("issued", 2, 160.0, self.accountant),
                ("confirmed", 2, 160.0, self.portal_point),
            ],
        )
        self.assertEqual(settlement.claim_ids, claim | extra)
        # Bills that were cancelled are among them
        settlement.action_bill()
        bill = settlement.move_id
        bill.button_draft()
        bill.button_cancel()
        settlement.action_bill()
        self.assertNotEqual(settlement.move_id, bill)
        rows = self._read(settlement_id=settlement)
        billed = rows.filtered(lambda row: row.event == "billed")
        self.assertEqual(billed.mapped("amount_after"), [160.0, 160.0])

    def test_steps_of_a_statement_are_facts(self):
        self._make_claims()
        settlement, __ = self._run(until="issued")
        step = settlement.step_ids
        self.assertEqual(step.kind, "issued")
        for call in (lambda: step.write({"amount_total": 1.0}), step.unlink):
            with self.assertRaises(UserError):
                call()
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            with self.cr.savepoint():
                self.cr.execute(
                    "UPDATE service_settlement_step SET amount_total = 1 WHERE id = %s",
                    [step.id],
                )

    def test_statements_of_older_databases_keep_their_last_issue(self):
        self._make_claims()
        settlement, __ = self._run(until="confirmed")
        self.env.flush_all()
        self.cr.execute("DELETE FROM service_settlement_step")
        for __ in range(2):
            self.env["service.settlement.step"].init()
        self.env.invalidate_all()
        self.assertEqual(settlement.step_ids.mapped("kind"), ["issued", "confirmed"])

    def test_more_claims_cost_no_more_queries(self):
        """The page as the browser asks for it: 80 rows and their number."""

        def count():
            specification = {
                name: {"fields": {"display_name": {}}}
                if field.type == "many2one"
                else {}
                for name, field in self.audit._fields.items()
                if field.type != "many2one_reference"
            }
            domain = [("date", ">=", "2026-01-01")]
            order = "date desc, id desc"
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            found = self.audit.web_search_read(
                domain, specification, limit=80, order=order
            )
            return self.cr.sql_log_count - before, found["length"]

        self._make_claims(3).with_user(self.accountant).action_back_to_check()
        count()
        few, rows = count()
        self._make_claims(30).with_user(self.accountant).action_back_to_check()
        count()
        many, more_rows = count()
        self.assertGreaterEqual(more_rows, rows + 30)
        self.assertEqual(many, few)
        self.assertLessEqual(few, 20)

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
