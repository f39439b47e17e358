from psycopg2 import IntegrityError

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import NEXT_MONTH, SettlementCommon


@tagged("post_install", "-at_install")
class TestDues(SettlementCommon):
    def _make_advance(self, amount, **vals):
        return self.env["service.settlement.advance"].create(
            {
                "name": "Start of the workshop",
                "point_id": self.point.id,
                "amount": amount,
                "date": "2026-02-01",
                **vals,
            }
        )

    def _adjust(self, amount, **vals):
        return self.env["service.settlement.adjustment"].create(
            {
                "point_id": self.point.id,
                "amount": amount,
                "reason": "test",
                "date": "2026-02-20",
                **vals,
            }
        )

    # Advances and deposits

    def test_advance_is_taken_bit_by_bit_and_never_twice(self):
        advance = self._make_advance(200.0, share_max=0.5)
        self._make_claims(3)
        first, __ = self._run()
        self.assertRecordValues(
            first, [{"amount_claims": 240.0, "amount_total": 120.0, "state": "billed"}]
        )
        self.assertEqual(advance.amount_left, 80.0)
        self._run()
        self.assertEqual(advance.amount_left, 80.0)
        self._make_claims(3, done="2026-03-05 08:00:00")
        following, __ = self._run(month=NEXT_MONTH)
        self.assertEqual(following.amount_total, 160.0)
        self.assertEqual(advance.amount_left, 0.0)
        bill_line = following.move_id.invoice_line_ids.filtered(
            lambda line: line.service_kind == "adjustment_advance"
        )
        self.assertEqual(bill_line.price_subtotal, -80.0)
        self.assertEqual(following.adjustment_ids.invoice_line_id, bill_line)

    def test_advance_never_takes_more_than_the_point_earns(self):
        advance = self._make_advance(500.0)
        self._adjust(-30.0, kind="penalty")
        self._make_claims()
        settlement, __ = self._run(until="draft")
        self.assertEqual(settlement.amount_total, 0.0)
        self.assertEqual(advance.amount_left, 450.0)

    def test_draft_that_grows_is_drawn_anew(self):
        advance = self._make_advance(100.0, share_max=0.25)
        self._make_claims()
        self._run(until="draft")
        self.assertEqual(advance.amount_drawn, 20.0)
        self._make_claims()
        settlement, __ = self._run(until="draft")
        self.assertEqual(advance.amount_drawn, 40.0)
        self.assertEqual(settlement.amount_total, 120.0)
        settlement.unlink()
        self.assertEqual(
            self.env["service.settlement.adjustment"].search_count(
                [("advance_id", "=", advance.id), ("settlement_id", "!=", False)]
            ),
            0,
        )

    def test_two_advances_share_one_statement(self):
        first = self._make_advance(50.0)
        second = self._make_advance(50.0)
        self._make_claims()
        self._run(until="draft")
        self.assertEqual(first.amount_left, 0.0)
        self.assertEqual(second.amount_left, 20.0)

    def test_deposit_is_given_back_with_the_next_statement(self):
        deposit = self._make_advance(100.0, kind="deposit", share_max=0.5)
        self._make_claims()
        self._run()
        self.assertEqual(deposit.amount_drawn, 40.0)
        deposit.action_return()
        self.assertFalse(deposit.active)
        self._make_claims(done="2026-03-05 08:00:00")
        self.env["service.settlement.adjustment"].search(
            [("settlement_id", "=", False), ("advance_id", "=", deposit.id)]
        ).date = NEXT_MONTH[1]
        following, __ = self._run(month=NEXT_MONTH)
        self.assertEqual(following.amount_total, 120.0)
        self.assertEqual(deposit.amount_drawn, 0.0)
        with self.assertRaises(UserError):
            deposit.action_return()

    def test_deposit_gives_back_only_what_was_kept(self):
        """What a draft was to keep is not given back: it is not kept either."""
        deposit = self._make_advance(100.0, kind="deposit", share_max=0.5)
        self._make_claims()
        self._run()
        self._make_claims(done="2026-03-05 08:00:00")
        draft, __ = self._run(until="draft", month=NEXT_MONTH)
        self.assertEqual(deposit.amount_drawn, 80.0)
        deposit.action_return()
        self.assertEqual(draft.amount_total, 80.0)
        back = deposit.adjustment_ids.filtered(lambda row: row.amount > 0)
        self.assertEqual(back.amount, 40.0)
        self._make_claims(done="2026-03-06 08:00:00")
        self._run(until="draft", month=NEXT_MONTH)
        self.assertEqual(deposit.amount_drawn, 0.0)

    def test_drawn_advance_is_not_deleted_nor_given_to_another(self):
        advance = self._make_advance(50.0)
        self._make_claims()
        self._run()
        other = self._make_settled_point("Test Other Point")
        with self.assertRaises(UserError):
            advance.unlink()
        with self.assertRaises(UserError):
            advance.point_id = other

    # Sources

    def test_source_is_taken_once(self):
        vals = {"source_ref": f"service.point,{self.point.id}"}
        self._adjust(-5.0, **vals)
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            with self.cr.savepoint():
                self._adjust(-5.0, **vals)

    def test_dues_of_the_hook_come_onto_the_statement_once(self):
        model = self.env.registry["service.settlement"]
        ref = f"service.point,{self.point.id}"

        def prepare(records, points, date_to):
            return [
                {
                    "company_id": self.company.id,
                    "point_id": point.id,
                    "currency_id": self.company.currency_id.id,
                    "kind": "cash",
                    "date": date_to,
                    "amount": -12.5,
                    "reason": "cash",
                    "source_ref": ref,
                }
                for point in points & self.point
            ]

        self.patch(model, "_prepare_dues", prepare)
        self._make_claims()
        settlement, __ = self._run(until="draft")
        self._run(until="draft")
        self.assertRecordValues(
            settlement, [{"amount_total": 67.5, "amount_adjustments": -12.5}]
        )
        self.assertEqual(len(settlement.adjustment_ids), 1)

    def test_overdue_part_is_charged_once_and_credited_when_it_comes_back(self):
        order = self._make_done_orders()
        product = self.env["product.product"].create(
            {"name": "Test board", "type": "consu", "is_storable": True}
        )
        # sudo: service.part.return: made by the use of a part
        part = (
            self.env["service.part.return"]
            .sudo()
            .create(
                {
                    "order_id": order.id,
                    "point_id": self.point.id,
                    "product_id": product.id,
                    "quantity": 1.0,
                    "value": 25.0,
                    "date_due": "2026-02-15",
                    "company_id": self.company.id,
                }
            )
        )
        settlement, __ = self._run()
        self._run()
        self.assertEqual(settlement.amount_total, 55.0)
        self.assertEqual(settlement.adjustment_ids.source_ref, part)
        # It comes back and is judged: the next statement gives the money back, once
        part.location_id = order.partner_id.property_stock_customer
        part.action_receive()
        part.action_inspect("defective", "repair")
        self._make_claims(done="2026-03-05 08:00:00")
        following, __ = self._run(month=NEXT_MONTH)
        self._run(month=NEXT_MONTH)
        self.assertEqual(following.amount_total, 105.0)

    # Below zero

    def test_negative_rest_is_carried_forward_where_the_company_says_so(self):
        self.company.service_settlement_carry = True
        self._adjust(-100.0, kind="penalty")
        self._make_claims()
        settlement, failures = self._run()
        self.assertFalse(failures)
        self.assertRecordValues(settlement, [{"amount_total": 0.0, "state": "paid"}])
        self._make_claims(done="2026-03-05 08:00:00")
        following, __ = self._run(month=NEXT_MONTH)
        self.assertEqual(following.amount_total, 60.0)

    def test_taxes_may_turn_a_bill_into_a_refund(self):
        """Untaxed the point is owed 5; after taxes it owes 2.58."""
        penalty = self.env.ref("service_settlement.product_adjustment_penalty")
        penalty.supplier_taxes_id = self._make_tax(16.5)
        self._adjust(-75.0, kind="penalty")
        self._make_claims()
        settlement, failures = self._run()
        self.assertFalse(failures)
        self.assertRecordValues(
            settlement.move_id,
            [{"move_type": "in_refund", "amount_untaxed": -5.0, "state": "posted"}],
        )
        self.assertEqual(settlement.move_id.amount_total, 2.58)

    def test_carry_is_undone_with_the_draft(self):
        self.company.service_settlement_carry = True
        self._adjust(-100.0, kind="penalty")
        settlement, __ = self._run(until="issued")
        self.assertEqual(settlement.amount_total, 0.0)
        settlement.action_draft()
        self.assertEqual(settlement.amount_total, -100.0)
        self.assertFalse(
            self.env["service.settlement.adjustment"].search(
                [("carried_from_id", "=", settlement.id)]
            )
        )
        settlement.action_issue()
        following, __ = self._run(month=NEXT_MONTH, until="issued")
        with self.assertRaises(UserError):
            settlement.action_draft()
        following.action_draft()
        self.assertEqual(following.amount_adjustments, -100.0)
        settlement.action_draft()
        self.assertFalse(following.adjustment_ids)

    # Held back

    def test_held_claim_comes_onto_no_statement_until_released(self):
        claims = self._make_claims(2)
        settlement, __ = self._run(until="draft")
        held = claims[0].with_user(self.accountant)
        held._hold("photo is missing")
        self.assertRecordValues(settlement, [{"claim_count": 1, "amount_total": 80.0}])
        self._run(until="draft")
        self.assertEqual(settlement.claim_count, 1)
        held.action_release()
        self._run(until="draft")
        self.assertEqual(settlement.claim_count, 2)
        settlement.action_issue()
        with self.assertRaises(UserError):
            held._hold("too late")
