from odoo.fields import Command
from odoo.tests import tagged

from .common import SettlementCommon

OPERATIONS = ("read", "write", "create", "unlink")
EVERYTHING = "read write create unlink"
# role → model → operations on records that the role is concerned with
MATRIX = {
    "accountant": {
        "service.settlement.dispute": "read write",
        "service.settlement.tier": "read",
        "service.settlement.approval": "read",
        "service.settlement.advance": EVERYTHING,
        "service.claim.hold": EVERYTHING,
        "service.settlement.answer": EVERYTHING,
    },
    "manager": {
        "service.settlement.dispute": "read write",
        "service.settlement.tier": EVERYTHING,
        "service.settlement.approval": "read",
        "service.settlement.advance": EVERYTHING,
        "service.claim.hold": EVERYTHING,
        "service.settlement.answer": EVERYTHING,
    },
    "point_manager": {"service.settlement.dispute": "read"},
    "portal_point": {"service.settlement.dispute": "read"},
    "agent": {},
    "dispatcher": {},
    "technician_user": {},
    "quality": {},
    "portal_customer": {},
}


@tagged("post_install", "-at_install")
class TestStatementAccess(SettlementCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other_point = cls._make_settled_point("Test Other Point")
        cls._make_claims()
        cls._make_claims(point=cls.other_point)
        cls.tier = cls.env["service.settlement.tier"].create(
            {
                "name": "Test tier",
                "amount_min": 1.0,
                "user_ids": [Command.set(cls.manager.ids)],
            }
        )
        settlements, __ = (
            cls.env["service.settlement"]
            .with_user(cls.accountant)
            ._run(cls.company, "2026-02-01", "2026-02-28", until="issued")
        )
        cls.own = settlements.filtered(lambda rec: rec.point_id == cls.point)
        cls.foreign = settlements - cls.own
        cls.records = {rec: cls._make_records(rec) for rec in settlements}

    @classmethod
    def _make_records(cls, settlement):
        """One record of each model, of this statement and its point."""
        env = settlement.env(su=True)
        settlement = settlement.with_env(env)
        dispute = settlement._dispute(
            [
                {
                    "claim_line_id": settlement.claim_ids.line_ids.id,
                    "reason": "test",
                    "amount_asked": 99.0,
                }
            ]
        )
        return {
            "service.settlement.dispute": dispute,
            "service.settlement.tier": cls.tier,
            "service.settlement.approval": env["service.settlement.approval"].create(
                {
                    "settlement_id": settlement.id,
                    "tier_id": cls.tier.id,
                    "user_id": env.uid,
                    "date": "2026-03-02 08:00:00",
                }
            ),
            "service.settlement.advance": env["service.settlement.advance"].create(
                {"name": "x", "point_id": settlement.point_id.id, "amount": 1.0}
            ),
            "service.claim.hold": env["service.claim.hold"].new(),
            "service.settlement.answer": env["service.settlement.answer"].new(),
        }

    def test_matrix_of_roles_and_operations(self):
        for role, allowed in MATRIX.items():
            user = getattr(self, role)
            for name, record in self.records[self.own].items():
                record = record if record.id else record.browse()
                for operation in OPERATIONS:
                    with self.subTest(role=role, model=name, operation=operation):
                        self.assertEqual(
                            record.with_user(user).sudo(False).has_access(operation),
                            operation in allowed.get(name, "").split(),
                        )

    def test_disputes_of_other_points_are_out_of_sight(self):
        foreign = self.records[self.foreign]["service.settlement.dispute"]
        for role, seen in (("portal_point", 1), ("portal_customer", 0)):
            disputes = foreign.with_user(getattr(self, role)).sudo(False)
            with self.subTest(role):
                self.assertFalse(disputes.has_access("read"))
                self.assertEqual(disputes.search_count([]), seen)
                self.assertEqual(disputes._read_group([], [], ["__count"]), [(seen,)])

    def test_who_manages_the_point_above_sees_its_disputes_and_no_others(self):
        foreign = self.records[self.foreign]["service.settlement.dispute"]
        disputes = foreign.with_user(self.point_manager).sudo(False)
        self.assertFalse(disputes.has_access("read"))
        self.assertEqual(disputes.search_count([]), 1)
        self.other_point.parent_id = self.point
        self.assertTrue(disputes.has_access("read"))
        self.own.action_draft()
        self.assertEqual(disputes.search([]), disputes)

    def test_disputes_of_a_draft_are_out_of_sight(self):
        self.own.action_draft()
        dispute = self.records[self.own]["service.settlement.dispute"]
        self.assertFalse(
            dispute.with_user(self.portal_point).sudo(False).has_access("read")
        )

    def test_other_company_is_out_of_sight(self):
        company = self.env["res.company"].create({"name": "Test Elsewhere"})
        self.accountant.write(
            {"company_ids": [Command.set(company.ids)], "company_id": company.id}
        )
        for name, record in self.records[self.own].items():
            if record.id:
                record = record.with_user(self.accountant).sudo(False)
                with self.subTest(name):
                    self.assertFalse(
                        record.with_context(allowed_company_ids=company.ids).has_access(
                            "read"
                        )
                    )
