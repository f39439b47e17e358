import base64
import io
from datetime import timedelta

from PIL import Image

from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import IN_MONTH, SettlementCommon


def _sign() -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (60, 20)).save(stream, "PNG")
    return base64.b64encode(stream.getvalue())


@tagged("post_install", "-at_install")
class TestClaimCheck(SettlementCommon):
    """Each reason finds what it is for, and nothing else."""

    def _codes(self, claims):
        found = claims.check_ids.filtered(lambda check: check.state == "open")
        return sorted(found.mapped("code"))

    def _check(self, claims):
        claims._run_checks(set(claims._get_check_statements()))
        return self._codes(claims)

    def _block(self, code):
        self.env.ref(f"service_settlement.claim_reason_{code}").severity = "block"

    def _make_visited_order(self, start=IN_MONTH, hours=1.0):
        visit = self._make_visit()
        end = start + timedelta(hours=hours)
        visit.sudo().write(
            {
                "state": "done",
                "planned_start": start,
                "planned_end": end,
                "actual_start": start,
                "actual_end": end,
                "signature": _sign(),
                "signed_by": "Mrs Wang",
            }
        )
        visit.order_id.sudo().point_id = self.point
        return visit.order_id

    def _make_second_asset(self):
        return self.asset.copy({"serial": "TW-0002"})

    def test_every_statement_has_its_reason(self):
        reasons = self.env["service.claim.reason"].search([("is_automatic", "=", True)])
        codes = set(self.env["service.claim"]._get_check_statements())
        self.assertEqual(codes, set(reasons.mapped("code")))

    def test_an_ordinary_claim_has_no_checks(self):
        order = self._make_visited_order()
        order._mark_done(IN_MONTH + timedelta(hours=1))
        self.assertEqual(self._check(order.claim_ids), [])

    def test_the_second_claim_of_the_day_is_a_duplicate(self):
        first, second = self._make_done_orders(2)
        self.assertEqual(self._codes(first.claim_ids), [])
        self.assertEqual(self._codes(second.claim_ids), ["duplicate"])
        self.assertIn(first.name, second.claim_ids.check_ids.text)

    def test_a_rejected_claim_has_no_duplicate(self):
        first = self._make_done_orders()
        first.claim_ids.action_reject("wrong product")
        second = self._make_done_orders()
        self.assertEqual(self._codes(second.claim_ids), [])

    def test_same_product_within_days(self):
        first = self._make_done_orders()
        later = self._make_done_orders(done=IN_MONTH + timedelta(days=9))
        self.assertEqual(self._codes(later.claim_ids), ["repeat"])
        self.assertIn("9 days", later.claim_ids.check_ids.text)
        self.assertIn(first.name, later.claim_ids.check_ids.text)
        far = self._make_done_orders(done=IN_MONTH + timedelta(days=60))
        self.assertEqual(self._codes(far.claim_ids), [])

    def test_late_report_and_long_work(self):
        self.type_repair.duration = 1.0
        order = self._make_visited_order(hours=3.0)
        order._mark_done(IN_MONTH + timedelta(days=12))
        self.assertEqual(self._codes(order.claim_ids), ["excessive_labour", "late"])
        self.company.service_claim_late_days = 30
        self.company.service_claim_labour_factor = 0.0
        self.assertEqual(self._check(order.claim_ids), [])

    def test_visit_without_signature(self):
        order = self._make_visited_order()
        order.visit_ids.sudo().write({"signature": False, "signed_by": False})
        order._mark_done(IN_MONTH + timedelta(hours=1))
        self.assertEqual(self._codes(order.claim_ids), ["missing_document"])
        order.visit_ids.sudo().confirmed_at = IN_MONTH
        self.assertEqual(self._check(order.claim_ids), [])

    def test_what_is_not_covered_is_borne_by_the_customer(self):
        self._change_tariff(
            [{"amount": 80.0}, {"kind": "bonus", "occasion": "urgent", "amount": 5.0}]
        )
        order = self._make_order(priority="3")
        order.sudo().write(
            {
                "point_id": self.point.id,
                "warranty_reasons": [{"kind": "labour", "code": "expired"}],
            }
        )
        order._mark_done(IN_MONTH)
        lines = order.claim_ids.line_ids
        self.assertEqual(lines.mapped("payer"), ["customer", "company"])
        self.assertEqual(lines[0].amount_customer, 80.0)
        self.assertEqual(self._codes(order.claim_ids), ["not_covered"])
        self.assertIn("Labour", order.claim_ids.check_ids.text)

    def test_same_photo_at_another_order(self):
        orders = self._make_visited_order() | self._make_visited_order(
            IN_MONTH + timedelta(days=1)
        )
        orders[1].asset_id = self._make_second_asset()
        picture = io.BytesIO()
        Image.new("RGB", (32, 32), (10, 120, 40)).save(picture, "PNG")
        for order in orders:
            self.env["ir.attachment"].create(
                {
                    "name": "photo.png",
                    "mimetype": "image/png",
                    "raw": picture.getvalue(),
                    "res_model": "service.visit",
                    "res_id": order.visit_ids.id,
                }
            )
        for order in orders:
            order._mark_done(order.visit_ids.actual_end)
        for order, other in zip(orders, reversed(orders), strict=True):
            self.assertEqual(self._codes(order.claim_ids), ["same_photo"])
            self.assertIn(other.name, order.claim_ids.check_ids.text)

    def test_reported_far_from_the_site(self):
        order = self._make_visited_order()
        self.env["service.visit.step"].create(
            {
                "visit_id": order.visit_ids.id,
                "kind": "on_site",
                "date": IN_MONTH,
                "has_distance": True,
                "distance_km": 14.2,
            }
        )
        order._mark_done(IN_MONTH + timedelta(hours=1))
        self.assertEqual(self._codes(order.claim_ids), ["far_from_site"])
        self.assertIn("14.2", order.claim_ids.check_ids.text)

    def test_far_above_peers(self):
        claims = self._make_claims(24)
        for index, claim in enumerate(claims):
            # around 80, one of them far off
            claim.line_ids.sudo().amount_claimed = 76.0 + index % 9
        dear = claims[7]
        dear.line_ids.sudo().amount_claimed = 240.0
        self.env["service.claim"].sudo().search([])._write_flow(
            {"date": self.env.cr.now().date() - timedelta(days=3)}
        )
        claims._run_checks({"spike"})
        spikes = claims.check_ids.filtered(lambda check: check.code == "spike")
        self.assertEqual(spikes.claim_id, dear)
        self.assertIn("240", spikes.text)

    def test_block_takes_back_the_approval_that_no_person_gave(self):
        self._block("duplicate")
        first, second = self._make_done_orders(2)
        self.assertEqual(first.claim_ids.state, "approved")
        claim = second.claim_ids.with_user(self.accountant)
        self.assertEqual(claim.state, "draft")
        with self.assertRaisesRegex(UserError, "Claimed twice"):
            claim.action_approve()
        with self.assertRaises(UserError):
            claim.check_ids._clear("")
        claim.check_ids._clear("Two machines, one number plate")
        claim.action_approve()
        self.assertEqual(claim.state, "approved")
        # and it does not come back
        claim.action_run_checks()
        self.assertRecordValues(claim.check_ids, [{"state": "cleared"}])
        self.assertIn("cleared", claim.step_ids.mapped("kind"))

    def test_a_check_ends_with_its_cause(self):
        first, second = self._make_done_orders(2)
        first.claim_ids.action_reject("wrong product")
        self.assertEqual(self._check(second.claim_ids), [])

    def test_archived_reason_is_not_checked(self):
        self.env.ref("service_settlement.claim_reason_duplicate").active = False
        orders = self._make_done_orders(2)
        self.assertEqual(self._codes(orders.claim_ids), [])

    def test_imported_history_is_not_checked(self):
        orders = self._make_done_orders(2, channel="import")
        self.assertEqual(self._codes(orders.claim_ids), [])

    def test_reasons_of_the_system_stay(self):
        reason = self.env.ref("service_settlement.claim_reason_duplicate")
        with self.assertRaises(UserError):
            reason.code = "other"
        with self.assertRaises(UserError):
            reason.unlink()

    def test_night_looks_again_at_what_waits(self):
        claim = self._make_claims()
        self.company.service_claim_authorise_above = 50.0
        # a test cannot commit
        self.patch(type(self.env["ir.cron"]), "_commit_progress", lambda *a, **k: 1.0)
        self.env["service.claim"]._check_waiting_claims()
        self.assertEqual(self._codes(claim), ["no_authorisation"])
