from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import SettlementCommon

MODELS = {
    "tariff": "service.tariff",
    "tariff_line": "service.tariff.line",
    "claim": "service.claim",
    "claim_line": "service.claim.line",
    "settlement": "service.settlement",
    "adjustment": "service.settlement.adjustment",
}
OPERATIONS = ("read", "write", "create", "unlink")
EVERYTHING = "read write create unlink"
# role → model → operations on records that the role is concerned with
MATRIX = {
    "accountant": dict.fromkeys(MODELS, EVERYTHING) | {"claim": "read write"},
    "manager": dict.fromkeys(MODELS, EVERYTHING) | {"claim": "read write"},
    "point_manager": dict.fromkeys(
        ("claim", "claim_line", "settlement", "adjustment"), "read"
    ),
    "portal_point": dict.fromkeys(
        ("claim", "claim_line", "settlement", "adjustment"), "read"
    ),
    "agent": {},
    "dispatcher": {},
    "technician_user": {},
    "quality": {},
    # may read the model, but no record is theirs
    "portal_customer": {},
}


@tagged("post_install", "-at_install")
class TestAccess(SettlementCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other_point = cls._make_settled_point("Test Other Point")
        cls._make_claims()
        cls._make_claims(point=cls.other_point)
        for point in cls.point | cls.other_point:
            cls.env["service.settlement.adjustment"].create(
                {
                    "point_id": point.id,
                    "amount": 3.0,
                    "reason": "test",
                    "date": "2026-02-20",
                }
            )
        settlements, __ = cls.env["service.settlement"]._run(
            cls.company, "2026-02-01", "2026-02-28", until="issued"
        )
        cls.own = settlements.filtered(lambda rec: rec.point_id == cls.point)
        cls.foreign = settlements - cls.own

    def _records(self, settlement, user):
        records = {
            "tariff": self.tariff,
            "tariff_line": self.tariff.line_ids,
            "claim": settlement.claim_ids,
            "claim_line": settlement.claim_ids.line_ids,
            "settlement": settlement,
            "adjustment": settlement.adjustment_ids,
        }
        return {name: record.with_user(user) for name, record in records.items()}

    def test_matrix_of_roles_and_operations(self):
        for role, allowed in MATRIX.items():
            user = getattr(self, role)
            for name, record in self._records(self.own, user).items():
                for operation in OPERATIONS:
                    with self.subTest(role=role, model=name, operation=operation):
                        self.assertEqual(
                            record.has_access(operation),
                            operation in allowed.get(name, "").split(),
                        )

    def test_point_users_see_nothing_of_other_points(self):
        for role in ("point_manager", "portal_point", "portal_customer"):
            user = getattr(self, role)
            for name, record in self._records(self.foreign, user).items():
                with self.subTest(role=role, model=name):
                    self.assertFalse(record.has_access("read"))

    def test_counters_and_searches_obey_the_same_rules(self):
        for role, seen in (("portal_point", 1), ("portal_customer", 0)):
            user = getattr(self, role)
            for name in ("claim", "claim_line", "settlement", "adjustment"):
                model = self.env[MODELS[name]].with_user(user)
                with self.subTest(role=role, model=name):
                    self.assertEqual(model.search_count([]), seen)
                    self.assertEqual(len(model.search([])), seen)
                    self.assertEqual(model._read_group([], [], ["__count"]), [(seen,)])

    def test_point_does_not_see_what_is_not_issued(self):
        self.own.action_draft()
        for role in ("point_manager", "portal_point"):
            for name, record in self._records(self.own, getattr(self, role)).items():
                with self.subTest(role=role, model=name):
                    self.assertFalse(record.has_access("read"))

    def test_point_reads_its_reasons_but_not_the_tariff(self):
        line = self.own.claim_ids.line_ids.with_user(self.portal_point)
        self.assertIn("T-2026", line.formula)
        self.assertTrue(line.claim_id.display_name)
        for name in ("tariff_line_id", "inputs"):
            with self.subTest(name), self.assertRaises(AccessError):
                line.read([name])
        with self.assertRaises(AccessError):
            line.claim_id.read(["tariff_id"])

    def test_point_confirms_its_statement_and_no_other(self):
        self.own.with_user(self.portal_point).action_confirm()
        self.assertRecordValues(
            self.own,
            [{"state": "confirmed", "confirmed_by_id": self.portal_point.id}],
        )
        with self.assertRaises(AccessError):
            self.foreign.with_user(self.portal_point).action_confirm()
        with self.assertRaises(AccessError):
            self.foreign.with_user(self.portal_customer).action_confirm()

    def test_buttons_are_closed_to_those_who_only_read(self):
        claim = self.own.claim_ids
        for user in (self.portal_point, self.point_manager):
            for attempt in (
                lambda user=user: self.own.with_user(user).action_draft(),
                lambda user=user: self.own.with_user(user).action_collect(),
                lambda user=user: claim.with_user(user).action_reprice(),
                lambda user=user: claim.with_user(user).action_reject("x"),
                lambda user=user: claim.with_user(user).action_approve(),
                lambda user=user: claim.order_id.with_user(user).action_create_claim(),
                lambda user=user: (
                    self.env["service.settlement.run"].with_user(user).create({})
                ),
            ):
                with self.subTest(user=user.login):
                    with self.assertRaises(UserError):
                        attempt()
        self.own.with_user(self.portal_point).action_confirm()
        with self.assertRaises(AccessError):
            self.own.with_user(self.portal_point).action_bill()

    def test_claims_are_not_made_by_hand(self):
        with self.assertRaises(UserError):
            self.env["service.claim"].with_user(self.accountant).create(
                {"order_id": self.own.claim_ids.order_id.id}
            )

    def test_cost_of_an_order_is_for_accountants(self):
        order = self.own.claim_ids.order_id
        self.assertEqual(order.with_user(self.accountant).claim_amount, 80.0)
        with self.assertRaises(AccessError):
            order.with_user(self.agent).read(["claim_amount"])

    def test_other_company_is_out_of_sight(self):
        company = self.env["res.company"].create({"name": "Test Elsewhere"})
        self.accountant.write(
            {"company_ids": [(6, 0, company.ids)], "company_id": company.id}
        )
        own = self.own.with_context(allowed_company_ids=company.ids)
        for name, record in self._records(own, self.accountant).items():
            with self.subTest(name):
                record = record.with_context(allowed_company_ids=company.ids)
                self.assertFalse(record.has_access("read"))
