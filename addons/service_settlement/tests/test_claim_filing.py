from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .common import SettlementCommon


@tagged("post_install", "-at_install")
class TestClaimFiling(SettlementCommon):
    """The point claims amounts of its own, and asks before costly work."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = fields.Datetime.now()
        cls.other_point = cls._make_settled_point("Test Other Point")
        cls.foreigner = new_test_user(
            cls.env, login="test_foreign_point", groups="base.group_portal"
        )
        cls.other_point.user_ids = cls.foreigner

    def _file(self, claim, user=None, **row):
        row = {"kind": "other", "amount": 12.5, "note": "Toll road"} | row
        return claim.with_user(user or self.portal_point)._file([row])

    def _make_claim(self):
        return self._make_claims(done=self.today)

    def test_own_amount_waits_for_a_person(self):
        claim = self._make_claim()
        self.assertEqual(claim.state, "approved")
        self._file(claim)
        self.assertRecordValues(
            claim, [{"state": "draft", "is_filed": True, "amount_claimed": 92.5}]
        )
        line = claim.line_ids[-1]
        self.assertRecordValues(
            line,
            [
                {
                    "kind": "other",
                    "is_filed": True,
                    "note": "Toll road",
                    "tariff_line_id": False,
                }
            ],
        )
        self.assertIn("above_tariff", claim.check_ids.mapped("code"))
        # finished once more, the order does not price over it
        claim.order_id._create_claims()
        self.assertEqual(claim.amount_claimed, 92.5)

    def test_sent_twice_an_amount_is_filed_once(self):
        claim = self._make_claim()
        self._file(claim)
        with self.assertRaisesRegex(UserError, "filed already"):
            self._file(claim)
        self._file(claim, note="Toll road, way back")
        self.assertEqual(claim.amount_claimed, 105.0)

    def test_another_amount_for_what_the_tariff_pays(self):
        claim = self._make_claim()
        self._file(claim, kind="labour", amount=120.0, note="Two hours more")
        self.assertRecordValues(
            claim.line_ids,
            [
                {
                    "amount_tariff": 80.0,
                    "amount_claimed": 120.0,
                    "amount_checked": 80.0,
                    "amount_approved": 80.0,
                }
            ],
        )
        self._file(claim, kind="labour", amount=110.0, note="One hour and a half")
        self.assertRecordValues(
            claim.line_ids, [{"amount_tariff": 80.0, "amount_claimed": 110.0}]
        )
        self.env.flush_all()
        claimed = claim.amount_ids.filtered(lambda row: row.stage == "claimed")
        self.assertEqual(claimed.sorted("id").mapped("amount_new"), [120.0, 110.0])

    def test_an_expense_takes_nothing_elses_place(self):
        self._change_tariff([{"amount": 80.0}, {"kind": "other", "amount": 3.0}])
        claim = self._make_claim()
        self._file(claim)
        self._file(claim, amount=4.0, note="Parking")
        self.assertEqual(
            claim.line_ids.mapped("amount_claimed"), [80.0, 3.0, 12.5, 4.0]
        )

    def test_only_the_point_itself_files(self):
        claim = self._make_claim()
        for user in (self.foreigner, self.portal_customer, self.agent):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self._file(claim, user)
        self._file(claim, self.accountant)

    def test_nonsense_is_refused_with_a_sentence(self):
        claim = self._make_claim()
        for row in (
            {"kind": "bonus"},
            {"kind": "x"},
            {"amount": -1.0},
            {"amount": 0.0},
            {"amount": float("nan")},
            {"amount": "12"},
            {"note": " "},
        ):
            with self.subTest(row), self.assertRaises(UserError):
                self._file(claim, **row)
        with self.assertRaises(UserError):
            claim.with_user(self.portal_point)._file([])
        self.assertEqual(claim.state, "approved")

    def test_filing_ends_after_its_days_and_with_a_decision(self):
        old = self._make_claims(done=self.today - timedelta(days=40))
        with self.assertRaises(UserError):
            self._file(old)
        decided = self._make_claim()
        decided.with_user(self.accountant).action_back_to_check()
        decided.with_user(self.accountant).action_approve()
        with self.assertRaises(UserError):
            self._file(decided)

    def test_point_sees_its_claim_but_not_what_is_noticed(self):
        claim = self._make_claim()
        self._file(claim)
        own = claim.with_user(self.portal_point)
        self.assertTrue(own.has_access("read"))
        self.assertFalse(claim.with_user(self.foreigner).has_access("read"))
        for name in ("check_ids", "open_check_count", "amount_ids"):
            with self.subTest(name), self.assertRaises(AccessError):
                own.read([name])
        for model in ("service.claim.check", "service.claim.amount"):
            with self.subTest(model), self.assertRaises(AccessError):
                self.env[model].with_user(self.portal_point).search([])
        claim.with_user(self.accountant).action_check()
        steps = self.env["service.claim.step"].with_user(self.portal_point).search([])
        self.assertEqual(steps.mapped("kind"), ["filed"])
        foreign = self.env["service.claim.step"].with_user(self.foreigner).search([])
        self.assertFalse(foreign)

    def test_another_company_sees_nothing_of_how_a_claim_was_decided(self):
        claim = self._make_claim()
        self._file(claim, kind="labour", amount=120.0, note="Two hours more")
        claim.with_user(self.accountant).action_check()
        order = self._make_order(description="asked for")
        order.sudo().point_id = self.point
        request = self.env["service.claim.authorisation"].create(
            {"order_id": order.id, "amount": 70.0, "note": "test"}
        )
        company = self.env["res.company"].create({"name": "Test Elsewhere"})
        records = (claim.check_ids, claim.step_ids, claim.amount_ids, request)
        for rows in records:
            with self.subTest(rows._name):
                self.assertTrue(rows)
                self.assertTrue(rows.with_user(self.accountant).has_access("read"))
        self.accountant.write(
            {"company_ids": [(6, 0, company.ids)], "company_id": company.id}
        )
        for rows in records:
            rows = rows.with_user(self.accountant)
            rows = rows.with_context(allowed_company_ids=company.ids)
            with self.subTest(rows._name):
                self.assertFalse(rows.has_access("read"))
                self.assertFalse(rows.search([("id", "in", rows.ids)]))


@tagged("post_install", "-at_install")
class TestClaimAuthorisation(SettlementCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.service_claim_authorise_above = 50.0
        for code in ("no_authorisation", "above_authorisation"):
            cls.env.ref(f"service_settlement.claim_reason_{code}").severity = "block"
        cls.order = cls._make_order()
        cls.order.sudo().point_id = cls.point

    def _ask(self, amount=80.0, user=None):
        return (
            self.env["service.claim.authorisation"]
            .with_user(user or self.portal_point)
            ._ask(self.order, amount, "The compressor has to be changed")
        )

    def _done(self):
        self.order._mark_done()
        return self.order.claim_ids

    def test_without_one_the_claim_is_held(self):
        claim = self._done()
        self.assertEqual(claim.state, "draft")
        self.assertEqual(claim.check_ids.code, "no_authorisation")

    def test_what_was_granted_is_carried_into_the_claim(self):
        request = self._ask()
        request.with_user(self.accountant).action_grant()
        claim = self._done()
        self.assertEqual(claim.state, "approved")
        self.assertEqual(claim.amount_authorised, 80.0)
        self.assertEqual(claim.authorisation_ids, request.sudo())

    def test_more_than_granted_is_held(self):
        request = self._ask().with_user(self.accountant)
        request.amount_granted = 60.0
        request.action_grant()
        claim = self._done()
        self.assertEqual(claim.check_ids.code, "above_authorisation")
        self.assertEqual(claim.state, "draft")

    def test_what_is_no_number_is_neither_asked_for_nor_granted(self):
        request = self._ask().with_user(self.accountant)
        for amount in (float("nan"), float("inf")):
            with self.assertRaisesRegex(UserError, "a number that can be booked"):
                request.amount_granted = amount
            with self.assertRaisesRegex(UserError, "a number that can be booked"):
                self._ask(amount)

    def test_asking_leaves_the_callers_values_as_they_are(self):
        values = {"order_id": self.order.id, "amount": 10.0, "note": "Pump"}
        given = dict(values)
        self.env["service.claim.authorisation"].with_user(self.accountant).create(
            [values]
        )
        self.assertEqual(values, given)

    def test_refused_is_none(self):
        request = self._ask().with_user(self.accountant)
        with self.assertRaises(UserError):
            request.action_refuse()
        request.answer = "Exchange the machine instead"
        request.action_refuse()
        self.assertEqual(self._done().check_ids.code, "no_authorisation")

    def test_raised_by_an_accountant_it_needs_one_as_well(self):
        self.company.service_claim_authorise_above = 100.0
        claim = self._done()
        self.assertEqual(claim.state, "approved")
        claim = claim.with_user(self.accountant)
        claim.action_back_to_check()
        self.assertFalse(claim.check_ids)
        claim.line_ids.write({"amount_approved": 130.0, "note": "Long way"})
        self.assertEqual(claim.check_ids.code, "no_authorisation")
        self.assertIn("130", claim.check_ids.text)
        with self.assertRaisesRegex(UserError, "Not authorised"):
            claim.action_approve()
        claim.line_ids.write({"amount_approved": 90.0})
        claim.action_approve()
        self.assertEqual(claim.state, "approved")

    def test_goodwill_counts_towards_the_limit(self):
        self.company.service_claim_authorise_above = 100.0
        claim = self._done().with_user(self.accountant)
        claim.action_back_to_check()
        claim._grant_goodwill(30.0, "A good customer")
        self.assertEqual(claim.check_ids.code, "no_authorisation")

    def test_limit_is_in_the_currency_of_the_company(self):
        """One of ours is two of theirs: 80 of theirs are 40 of ours."""
        currency = self._get_other_currency()
        for limit, found in ((50.0, []), (30.0, ["no_authorisation"])):
            self.company.service_claim_authorise_above = limit
            self.order = self._make_order()
            self.order.sudo().point_id = self.point
            claim = self._done()
            claim._write_flow({"currency_id": currency.id})
            claim._run_checks({"no_authorisation"})
            checks = claim.check_ids.filtered(lambda c: c.code == "no_authorisation")
            self.assertEqual(checks.mapped("code"), found)
        self.assertEqual(checks.data["limit"], 60.0)

    def test_asked_before_the_work_by_the_point_that_has_it(self):
        with self.assertRaises(AccessError):
            self._ask(user=self.portal_customer)
        for amount in (0.0, -5.0, "7"):
            with self.subTest(amount), self.assertRaises(UserError):
                self._ask(amount)
        self._done()
        with self.assertRaisesRegex(UserError, "before the work"):
            self._ask()

    def test_who_works_as_accountant_and_for_a_point_sees_all_of_them(self):
        """The rules of a point add to those of an accountant, they take nothing."""
        other = self._make_settled_point("Test Other Point")
        self.order.sudo().point_id = other
        requests = self.env["service.claim.authorisation"].create(
            {"order_id": self.order.id, "amount": 70.0, "note": "test"}
        )
        both = self.accountant
        both.group_ids += self.env.ref("service_management.group_service_point_manager")
        self.point.user_ids += both
        for records in (requests, other):
            with self.subTest(records._name):
                self.assertTrue(records.with_user(both).has_access("read"))
                self.assertFalse(
                    records.with_user(self.point_manager).has_access("read")
                )

    def test_nobody_grants_what_he_asked_for(self):
        request = (
            self.env["service.claim.authorisation"]
            .with_user(self.accountant)
            .create({"order_id": self.order.id, "amount": 70.0, "note": "test"})
        )
        with self.assertRaisesRegex(UserError, "another person"):
            request.action_grant()
        with self.assertRaises(UserError):
            request.write({"state": "granted"})
        with self.assertRaises(UserError):
            request.write({"amount": 1.0})
