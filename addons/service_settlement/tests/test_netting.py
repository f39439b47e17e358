from datetime import date, datetime

from odoo import fields
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged

from .common import IN_MONTH, MONTH, NEXT_MONTH
from .test_collection import CollectionCommon


class NettingCommon(CollectionCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["service.collection"].sudo().search([]).state = "cancelled"
        cls.visit = cls._make_quoted_visit()

    def _take(self, amount, date=IN_MONTH, **vals):
        """A receipt that the point took in the month."""
        # sudo: service.collection: noted on visits only
        return (
            self.env["service.collection"]
            .sudo()
            .create(
                {
                    "order_id": self.visit.order_id.id,
                    "visit_id": self.visit.id,
                    "point_id": self.point.id,
                    "technician_id": self.technician.id,
                    "user_id": self.technician_user.id,
                    "company_id": self.company.id,
                    "currency_id": self.company.currency_id.id,
                    "date": date,
                    "amount": amount,
                    **vals,
                }
            )
        )


@tagged("post_install", "-at_install")
class TestNettedCash(NettingCommon):
    """What a point has collected and kept comes off its statement by itself."""

    def test_cash_is_netted_once_and_goes_through_the_till(self):
        receipt = self._take(30.0)
        self._make_claims()
        settlement, failures = self._run(until="draft")
        self._run(until="draft")
        self.assertFalse(failures)
        self.assertRecordValues(
            settlement, [{"amount_adjustments": -30.0, "amount_total": 50.0}]
        )
        self.assertRecordValues(
            settlement.adjustment_ids, [{"kind": "cash", "source_ref": receipt}]
        )
        self.assertEqual(receipt.state, "netted")
        self.assertFalse(receipt.payment_id)

        __, failures = self._run()
        self.assertFalse(failures)
        self.assertEqual(receipt.state, "booked")
        self.assertEqual(receipt.payment_id.amount, 30.0)
        till = self.env["account.move.line"].search(
            [("account_id", "=", self.till_account.id)]
        )
        self.assertEqual(sorted(till.mapped("balance")), [-30.0, 30.0])
        bill_line = settlement.move_id.invoice_line_ids.filtered(
            lambda line: line.service_kind == "adjustment_cash"
        )
        self.assertRecordValues(
            bill_line,
            [{"account_id": self.till_account.id, "tax_ids": [], "balance": -30.0}],
        )
        # 80 with 6 % taxes, less what the point has already
        self.assertEqual(settlement.move_id.amount_total, 54.8)
        following, __ = self._run(month=NEXT_MONTH)
        self.assertFalse(following)

    def test_draft_that_is_given_up_gives_the_cash_back(self):
        receipt = self._take(30.0)
        self._make_claims()
        settlement, __ = self._run(until="draft")
        settlement.unlink()
        self.assertEqual(receipt.state, "taken")
        self.assertFalse(receipt._get_nettings())
        handover = self._hand_over()
        self.assertEqual(handover.amount_expected, 30.0)
        # Being counted by a cashier: no statement takes it
        settlement, __ = self._run(until="draft")
        self.assertEqual(settlement.amount_total, 80.0)

    def test_row_taken_off_a_draft_gives_the_cash_back(self):
        receipt = self._take(30.0)
        self._make_claims()
        settlement, __ = self._run(until="draft")
        settlement.adjustment_ids.with_user(self.accountant).unlink()
        self.assertEqual(receipt.state, "taken")

    def test_cash_on_the_desk_comes_off_the_draft(self):
        receipt = self._take(30.0)
        self._make_claims()
        settlement, __ = self._run(until="draft")
        self._hand_over().action_confirm()
        self.assertEqual(settlement.amount_total, 80.0)
        self.assertEqual(receipt.state, "booked")
        __, failures = self._run()
        self.assertFalse(failures)
        self.assertEqual(settlement.move_id.amount_untaxed, 80.0)

    def test_once_issued_no_cashier_takes_it_and_nobody_cancels_it(self):
        receipt = self._take(30.0)
        self._make_claims()
        self._run(until="issued")
        with self.assertRaisesRegex(UserError, "No receipt"):
            self._hand_over()
        with self.assertRaises(UserError):
            receipt.with_user(self.accountant).action_cancel("mistake")
        self.assertEqual(self.visit.order_id.sudo()._get_amount_to_collect(), 80.0)

    def test_bill_that_is_cancelled_books_no_second_payment(self):
        receipt = self._take(30.0)
        self._make_claims()
        settlement, __ = self._run()
        payment = receipt.payment_id
        settlement.move_id.button_draft()
        settlement.move_id.button_cancel()
        settlement.action_draft()
        with self.assertRaisesRegex(UserError, "still owes"):
            settlement.adjustment_ids.unlink()
        self.assertEqual(receipt.state, "booked")
        settlement, failures = self._run()
        self.assertFalse(failures)
        self.assertEqual(settlement.amount_total, 50.0)
        self.assertEqual(receipt.payment_id, payment)

    def test_cards_later_cash_and_own_points_are_left_alone(self):
        own = self._make_point("Test Own Centre", ownership="own")
        self._take(10.0, method="card")
        self._take(10.0, date=datetime(2026, 3, 1, 12))
        self._take(10.0, point_id=own.id)
        self._make_claims()
        settlement, __ = self._run(until="draft")
        self.assertEqual(settlement.amount_total, 80.0)

    def test_company_may_insist_on_handovers(self):
        self.company.service_settlement_net_cash = False
        receipt = self._take(30.0)
        self._make_claims()
        settlement, __ = self._run(until="draft")
        self.assertEqual(settlement.amount_total, 80.0)
        self.assertEqual(receipt.state, "taken")

    def test_cash_in_another_currency_has_its_own_statement(self):
        currency = self._get_other_currency()
        self._take(30.0, currency_id=currency.id)
        self._take(20.0)
        self._make_claims()
        settlements, failures = self._run()
        self.assertFalse(failures)
        by_currency = {rec.currency_id: rec for rec in settlements}
        self.assertEqual(by_currency[self.company.currency_id].amount_total, 60.0)
        self.assertRecordValues(
            by_currency[currency].move_id,
            [{"move_type": "in_refund", "amount_total": 30.0, "state": "posted"}],
        )

    def test_each_company_nets_its_own_cash(self):
        other = self.env["res.company"].create({"name": "Test Elsewhere"})
        there = self._make_point("Test Point There", company_id=other.id)
        self._take(20.0)
        foreign = self._take(30.0)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE service_collection SET company_id = %s, point_id = %s "
            "WHERE id = %s",
            [other.id, there.id, foreign.id],
        )
        self.env.invalidate_all()
        settlement, __ = self._run(until="draft")
        self.assertEqual(settlement.amount_total, -20.0)
        self.assertEqual(foreign.state, "taken")
        self.env["service.settlement"]._run(other, *MONTH, until="draft")
        self.assertEqual(foreign.state, "netted")
        self.assertEqual(foreign._get_nettings().settlement_id.company_id, other)

    def test_missing_money_of_a_handover_is_booked_against_the_till(self):
        self._take(30.0)
        handover = self._hand_over(
            counted=25.0, note="Lost a note", point_id=self.point.id
        )
        handover.action_confirm()
        self._make_claims()
        settlement, __ = self._run(month=self._get_this_month())
        line = settlement.move_id.invoice_line_ids.filtered(
            lambda line: line.service_kind == "adjustment_cash"
        )
        self.assertRecordValues(
            line, [{"account_id": self.till_account.id, "balance": -5.0}]
        )
        self.assertEqual(settlement.adjustment_ids.source_ref, handover)

    def test_what_a_technician_brings_too_little_is_the_points(self):
        self._take(30.0)
        handover = self._hand_over(counted=25.0, note="Lost a note")
        self.assertEqual(handover.technician_id, self.technician)
        handover.action_confirm()
        adjustment = self.env["service.settlement.adjustment"].search(
            [("source_ref", "=", f"{handover._name},{handover.id}")]
        )
        self.assertRecordValues(
            adjustment, [{"point_id": self.point.id, "amount": -5.0, "kind": "cash"}]
        )

    def test_missing_money_of_two_points_is_counted_apart(self):
        """Nobody can say whose it is; what one point has is found by naming it."""
        self._take(30.0)
        elsewhere = self._take(20.0)
        other = self._make_point("Other Point")
        elsewhere.sudo().point_id = other
        handover = self._hand_over(counted=45.0, note="Lost a note")
        with (
            self.assertRaisesRegex(UserError, "Count them apart"),
            self.env.cr.savepoint(),
        ):
            handover.action_confirm()
        handover.amount_counted = 50.0
        handover.action_confirm()
        self._take(7.0)
        self._take(8.0).sudo().point_id = other
        apart = self._hand_over(
            technician_id=self.technician.id, point_id=self.point.id
        )
        self.assertEqual(apart.amount_expected, 7.0)

    def test_one_more_query_for_each_step_not_for_each_receipt(self):
        for __ in range(3):
            self._take(1.0)
        self._make_claims()
        settlements = self.settlements.with_company(self.company)

        def count(amount):
            for __ in range(amount):
                self._take(1.0)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            settlements._collect_dues(self.company, MONTH[1])
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        count(1)
        # Odoo asks of each reference whether the record is there: one, and no more
        self.assertLessEqual(count(40) - count(4), 36 + 2)


@tagged("post_install", "-at_install")
class TestNettedParts(NettingCommon):
    """Points that buy their parts pay for them with their statements."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.point = cls._make_settled_point("Test Buyer", stock_owner="own")
        cls.env["stock.quant"]._update_available_quantity(
            cls.part, cls.company._get_part_location("central"), 10
        )
        cls.month = cls._get_this_month()

    def _supply(self, quantity=2, **vals):
        request = self.env["service.part.request"].create(
            {
                "point_id": self.point.id,
                "line_ids": [
                    Command.create({"product_id": self.part.id, "quantity": quantity})
                ],
                **vals,
            }
        )
        request.action_request()
        request.action_approve()
        request.action_ship()
        request.action_receive()
        return request

    def test_sold_parts_are_taken_off_once_at_the_price_list_of_the_point(self):
        self.point.partner_id.property_product_pricelist = self.env[
            "product.pricelist"
        ].create(
            {
                "name": "Test Points",
                "item_ids": [
                    Command.create(
                        {
                            "applied_on": "3_global",
                            "compute_price": "percentage",
                            "percent_price": 20.0,
                        }
                    )
                ],
            }
        )
        self._supply()
        settlement, failures = self._run(month=self.month)
        self._run(month=self.month)
        self.assertFalse(failures)
        self.assertRecordValues(
            settlement.adjustment_ids, [{"kind": "sold", "amount": -72.0}]
        )
        self.assertEqual(settlement.adjustment_ids.source_ref.product_id, self.part)
        self.assertEqual(settlement.move_id.amount_untaxed, 72.0)
        self.assertEqual(settlement.move_id.move_type, "in_refund")

    def test_parts_bought_back_are_paid(self):
        self._supply(3)
        self._supply(1, kind="return")
        settlement, __ = self._run(month=self.month, until="draft")
        self.assertEqual(
            sorted(settlement.adjustment_ids.mapped("amount")), [-135.0, 45.0]
        )
        self._run(month=self.month, until="draft")
        self.assertEqual(settlement.amount_total, -90.0)

    def test_draft_that_is_given_up_keeps_them_owed_once(self):
        self._supply()
        settlement, __ = self._run(month=self.month, until="draft")
        settlement.unlink()
        settlement, __ = self._run(month=self.month, until="draft")
        self.assertEqual(settlement.amount_total, -90.0)

    def test_consigned_parts_and_other_months_are_left_alone(self):
        self._supply()
        # By the end of February nothing had been sent yet
        settlement, __ = self._run(until="draft")
        self.assertFalse(settlement)
        self.company.service_settlement_net_parts = False
        settlement, __ = self._run(month=self.month, until="draft")
        self.assertFalse(settlement)

    def test_parts_sent_before_netting_began_are_left_alone(self):
        """The first run of a company that invoiced its parts until now."""
        self._supply()
        tomorrow = fields.Date.add(fields.Date.today(), days=1)
        next_month = fields.Date.add(self.month[1], months=1)
        self.company.service_settlement_net_parts_from = tomorrow
        settlement, __ = self._run(month=(self.month[0], next_month), until="draft")
        self.assertFalse(settlement)
        self.company.service_settlement_net_parts_from = False
        settlement, __ = self._run(month=(self.month[0], next_month), until="draft")
        self.assertEqual(settlement.amount_total, -90.0)

    def test_netting_that_is_switched_on_begins_today(self):
        self.company.write(
            {
                "service_settlement_net_parts": False,
                "service_settlement_net_parts_from": "2020-01-01",
            }
        )
        self.company.service_settlement_net_parts = True
        self.assertEqual(
            self.company.service_settlement_net_parts_from, fields.Date.today()
        )
        # Saving the settings once more changes nothing
        self.company.service_settlement_net_parts_from = "2020-01-01"
        self.company.service_settlement_net_parts = True
        self.assertEqual(
            self.company.service_settlement_net_parts_from, date(2020, 1, 1)
        )

    def test_point_pays_for_parts_since_it_is_settled(self):
        self.assertEqual(self.point.settled_since, fields.Date.today())
        self._supply()
        self.point.settled_since = fields.Date.add(fields.Date.today(), days=1)
        other = self._make_settled_point("Test Buyer Two", stock_owner="own")
        settlement, __ = self._run(month=self.month, until="draft")
        self.assertFalse(settlement)
        other.is_settled = False
        self.assertFalse(other.settled_since)
        other.is_settled = True
        self.assertEqual(other.settled_since, fields.Date.today())
        self.point.settled_since = fields.Date.today()
        settlement, __ = self._run(month=self.month, until="draft")
        self.assertEqual(settlement.amount_total, -90.0)
