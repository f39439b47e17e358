from datetime import date, datetime, timedelta

from psycopg2 import IntegrityError

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import IN_MONTH, SettlementCommon


@tagged("post_install", "-at_install")
class TestClaim(SettlementCommon):
    def test_done_order_is_claimed_and_priced_with_its_reasons(self):
        tariff = self._change_tariff(
            [
                {"amount": 50.0},
                {
                    "amount": 80.0,
                    "type_id": self.type_repair.id,
                    "category_id": self.category.parent_id.id,
                    "warranty_state": "in",
                    "point_grade": self.point.grade,
                },
            ]
        )
        order = self._make_done_orders()
        claim = order.claim_ids
        self.assertRecordValues(
            claim,
            [
                {
                    "point_id": self.point.id,
                    "date": IN_MONTH.date(),
                    "state": "approved",
                    "amount_claimed": 80.0,
                    "amount_checked": 80.0,
                    "amount_approved": 80.0,
                    "tariff_id": tariff.id,
                }
            ],
        )
        self.assertEqual(claim.line_ids.tariff_line_id, tariff.line_ids[1])
        formula = claim.line_ids.formula
        for part in ("80.00", "T-2026", "line 2", "Repair", "In Warranty", "grade"):
            self.assertIn(part, formula)
        self.assertEqual(order.claim_amount, 80.0)
        self.assertIn("priced", order.event_ids.mapped("kind"))

    def test_work_belongs_to_the_companys_day(self):
        """Done after midnight in Shanghai, whose hours the company works: it is of the
        next month, also where the address of the company is somewhere else."""
        self.company.resource_calendar_id.tz = "Asia/Shanghai"
        self.company.partner_id.tz = "America/New_York"
        order = self._make_done_orders()
        order.sudo().date_done = datetime(2026, 2, 28, 16, 30)
        self.assertEqual(order._get_claim_date(), date(2026, 3, 1))
        settlements = self.settlements.with_company(self.company)
        self.assertEqual(
            settlements._get_dues_end("2026-02-28"), datetime(2026, 2, 28, 16)
        )

    def test_formula_keeps_the_values_of_the_day(self):
        claim = self._make_claims()
        formula = claim.line_ids.formula
        self.tariff.action_draft()
        self.tariff.line_ids.amount = 99.0
        self.tariff.name = "Renamed"
        claim.line_ids.invalidate_recordset()
        self.assertEqual(claim.line_ids.formula, formula)

    def test_no_tariff_leaves_the_claim_unpriced_with_the_reason(self):
        self.tariff.action_retire()
        claim = self._make_claims()
        self.assertEqual(claim.state, "unpriced")
        self.assertFalse(claim.line_ids)
        self.assertIn("2026-02-10", claim.reason_text)

    def test_no_matching_line_leaves_the_claim_unpriced(self):
        self._change_tariff([{"amount": 80.0, "type_id": self.type_consulting.id}])
        claim = self._make_claims()
        self.assertEqual(claim.state, "unpriced")
        self.assertIn("T-2026", claim.reason_text)
        self.assertIn("Repair", claim.reason_text)

    def test_reprice_after_the_tariff_was_completed(self):
        self._change_tariff([{"amount": 80.0, "type_id": self.type_consulting.id}])
        claim = self._make_claims()
        self._change_tariff([{"amount": 75.0}])
        claim.with_user(self.accountant).action_reprice()
        self.assertRecordValues(claim, [{"state": "approved", "amount_approved": 75.0}])
        self.assertFalse(claim.reason_text)

    def test_own_centre_has_no_claim_unless_told_so(self):
        own = self._make_point("Test Own Centre", ownership="own")
        self.assertFalse(own.is_settled)
        self.assertTrue(self.point.is_settled)
        self.assertFalse(self._make_claims(point=own))
        own.is_settled = True
        self.assertTrue(self._make_claims(point=own))

    def test_forgotten_order_is_claimed_by_the_button(self):
        own = self._make_point("Test Own Centre", ownership="own")
        order = self._make_done_orders(point=own)
        with self.assertRaises(UserError):
            order.with_user(self.accountant).action_create_claim()
        own.is_settled = True
        order.with_user(self.accountant).action_create_claim()
        self.assertEqual(order.claim_ids.state, "approved")

    def test_an_order_has_one_claim(self):
        order = self._make_done_orders()
        claim = order.claim_ids
        self.assertEqual(order._create_claims(), claim)
        self.assertEqual(order.claim_ids, claim)
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            with self.cr.savepoint():
                claim.copy()

    def test_order_done_again_by_another_point_moves_its_claim(self):
        order = self._make_done_orders()
        other = self._make_settled_point("Test Other Point")
        order.action_reopen("not fixed")
        order.sudo().point_id = other
        order._mark_done(IN_MONTH + timedelta(days=3))
        self.assertRecordValues(
            order.claim_ids,
            [{"point_id": other.id, "date": datetime(2026, 2, 13).date()}],
        )

    def test_what_a_person_decided_is_not_priced_again(self):
        self.company.service_claim_auto_approve = False
        order = self._make_done_orders()
        claim = order.claim_ids.with_user(self.accountant)
        claim.line_ids.write({"amount_checked": 60.0, "note": "two jobs in one visit"})
        claim.action_check()
        order._create_claims()
        self.assertRecordValues(claim, [{"state": "checked", "amount_checked": 60.0}])


@tagged("post_install", "-at_install")
class TestClaimFacts(SettlementCommon):
    def _facts(self, order):
        return order._get_job_facts()[order]

    def test_distance_between_point_and_site(self):
        self.point.partner_id.write(
            {"partner_latitude": 39.9042, "partner_longitude": 116.4074}
        )
        order = self._make_done_orders()
        self.assertIsNone(self._facts(order).distance)
        self.customer.write({"partner_latitude": 39.95, "partner_longitude": 116.4074})
        self.assertAlmostEqual(float(self._facts(order).distance), 5.1, places=1)

    def test_area_stands_in_for_a_site_without_coordinates(self):
        self.point.partner_id.write(
            {"partner_latitude": 39.9042, "partner_longitude": 116.4074}
        )
        self.area.write({"latitude": 39.95, "longitude": 116.4074})
        order = self._make_done_orders()
        order.area_id = self.area
        self.assertAlmostEqual(float(self._facts(order).distance), 5.1, places=1)

    def test_unknown_distance_is_a_reason_and_not_zero(self):
        self._change_tariff(
            [
                {"amount": 80.0},
                {"kind": "travel", "amount": 10.0, "distance_max": 20.0},
            ]
        )
        claim = self._make_claims()
        self.assertRecordValues(claim, [{"state": "unpriced", "amount_claimed": 0.0}])
        self.assertIn("distance", claim.reason_text)

    def test_band_and_distance_stand_in_the_formula(self):
        self._change_tariff([{"kind": "travel", "amount": 10.0, "distance_max": 20.0}])
        self.point.partner_id.write(
            {"partner_latitude": 39.90, "partner_longitude": 116}
        )
        self.customer.write({"partner_latitude": 39.95, "partner_longitude": 116})
        claim = self._make_claims()
        self.assertIn("5.6 km in 0–20 km", claim.line_ids.formula)

    def test_hours_of_the_visits(self):
        visit = self._make_visit()
        order = visit.order_id
        visit.sudo().write(
            {
                "state": "done",
                "actual_start": datetime(2026, 2, 10, 8, 0),
                "actual_end": datetime(2026, 2, 10, 9, 45),
            }
        )
        self.assertEqual(float(self._facts(order).hours), 1.75)

    def test_category_path_begins_at_the_product(self):
        order = self._make_done_orders()
        categories = self._facts(order).categories
        self.assertEqual(categories[0], self.category.id)
        self.assertEqual(categories[1], self.category.parent_id.id)


@tagged("post_install", "-at_install")
class TestClaimFlow(SettlementCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.service_claim_auto_approve = False
        cls.claim = cls._make_claims().with_user(cls.accountant)

    def test_check_and_approve_keep_three_amounts(self):
        self.assertEqual(self.claim.state, "draft")
        self.claim.line_ids.write({"amount_checked": 70.0, "note": "no second visit"})
        self.claim.action_check()
        self.claim.line_ids.amount_approved = 65.0
        self.claim.action_approve()
        self.assertRecordValues(
            self.claim,
            [
                {
                    "state": "approved",
                    "amount_claimed": 80.0,
                    "amount_checked": 70.0,
                    "amount_approved": 65.0,
                    "checked_by_id": self.accountant.id,
                    "approved_by_id": self.accountant.id,
                }
            ],
        )

    def test_another_amount_needs_a_note(self):
        self.claim.line_ids.amount_checked = 70.0
        with self.assertRaisesRegex(UserError, "note"):
            self.claim.action_check()

    def test_rejecting_needs_a_reason_and_is_not_settled(self):
        with self.assertRaises(UserError):
            self.claim.action_reject(" ")
        self.claim.action_reject("not covered")
        self.assertRecordValues(
            self.claim, [{"state": "rejected", "reject_reason": "not covered"}]
        )
        settlements, __ = self._run()
        self.assertFalse(settlements)
        self.claim.action_back_to_check()
        self.assertEqual(self.claim.state, "draft")

    def test_unpriced_claim_is_approved_only_with_amounts(self):
        self.tariff.action_retire()
        claim = self._make_claims().with_user(self.accountant)
        with self.assertRaises(UserError):
            claim.action_approve()
        claim.write(
            {
                "line_ids": [
                    (
                        0,
                        0,
                        {
                            "kind": "labour",
                            "amount_checked": 40.0,
                            "amount_approved": 40.0,
                            "note": "agreed by phone",
                        },
                    )
                ]
            }
        )
        claim.action_approve()
        self.assertRecordValues(
            claim, [{"amount_claimed": 0.0, "amount_approved": 40.0}]
        )

    def test_claimed_amount_and_flow_cannot_be_written(self):
        for vals in (
            {"state": "approved"},
            {"point_id": self.point.id},
            {"settlement_id": False},
        ):
            with self.subTest(vals), self.assertRaises(UserError):
                self.claim.write(vals)
        for vals in ({"amount_claimed": 1.0}, {"quantity": 2.0}, {"price": 1.0}):
            with self.subTest(vals), self.assertRaises(UserError):
                self.claim.line_ids.write(vals)
        with self.assertRaises(UserError):
            self.claim.line_ids.unlink()

    def test_a_line_added_by_hand_names_no_tariff_and_no_bill(self):
        claim = self._make_claims()
        line = (
            self.env["service.claim.line"]
            .with_user(self.accountant)
            .create(
                {
                    "claim_id": claim.id,
                    "kind": "other",
                    "amount_approved": 5.0,
                    "note": "Parking",
                    "tariff_line_id": self.tariff.line_ids.id,
                    "inputs": {"forged": True},
                    "is_filed": True,
                    "amount_tariff": 9.0,
                }
            )
        )
        self.assertFalse(line.sudo().tariff_line_id)
        self.assertFalse(line.inputs or line.is_filed or line.amount_tariff)

    def test_line_of_an_approved_claim_does_not_change(self):
        self.claim.action_approve()
        with self.assertRaises(UserError):
            self.claim.line_ids.write({"amount_approved": 1.0})
