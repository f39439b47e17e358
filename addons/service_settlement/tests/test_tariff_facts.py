from datetime import date, datetime, timedelta

from psycopg2 import IntegrityError

from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import IN_MONTH, SettlementCommon


@tagged("post_install", "-at_install")
class TestTariffFacts(SettlementCommon):
    """What a tariff asks for, read from orders, visits, calendars and answers."""

    def _make_visited_order(self, start=IN_MONTH, hours=1.0, **vals):
        visit = self._make_visit(**vals)
        end = start + timedelta(hours=hours)
        visit.sudo().write(
            {
                "state": "done",
                "planned_start": start,
                "planned_end": end,
                "actual_start": start,
                "actual_end": end,
            }
        )
        order = visit.order_id
        order.sudo().point_id = self.point
        return order

    def _amounts(self, order, done=IN_MONTH):
        order._mark_done(done)
        claim = order.claim_ids
        self.assertEqual(claim.state, "approved", claim.reason_text)
        return {line.kind: line.amount_approved for line in claim.line_ids}

    def _extra(self, **vals):
        return {"kind": "other", "amount": 10.0, **vals}

    def test_night_weekend_and_holiday_of_the_calendar(self):
        calendar = self.env["resource.calendar"].create(
            {"name": "Test Hours", "tz": "Asia/Shanghai"}
        )
        # a holiday on Wednesday, the Saturday before is worked for it
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Test Holiday",
                "calendar_id": calendar.id,
                "date_from": datetime(2026, 2, 10, 16, 0),
                "date_to": datetime(2026, 2, 11, 15, 59, 59),
            }
        )
        self.env["service.workday"].create(
            {
                "name": "Test Worked Saturday",
                "calendar_id": calendar.id,
                "date": date(2026, 2, 7),
                "dayofweek": "2",
            }
        )
        tariff = self._change_tariff([{"amount": 1.0}])
        tariff.action_draft()
        tariff.calendar_id = calendar
        moments = {
            # UTC → in China
            datetime(2026, 2, 9, 2, 0): (),
            datetime(2026, 2, 9, 15, 0): ("night",),
            datetime(2026, 2, 8, 2, 0): ("weekend",),
            datetime(2026, 2, 7, 2, 0): (),
            datetime(2026, 2, 10, 15, 30): ("night",),
            datetime(2026, 2, 10, 16, 30): ("holiday", "night"),
            datetime(2026, 2, 11, 2, 0): ("holiday",),
            datetime(2026, 2, 11, 16, 30): ("night",),
        }
        for moment, expected in moments.items():
            with self.subTest(moment):
                self.assertEqual(tariff._get_times(moment), expected)

    def test_weekend_is_paid_beside_the_fee(self):
        self._change_tariff(
            [
                {"amount": 80.0},
                self._extra(
                    occasion="weekend", method="percent_fee", amount=20.0, minimum=30.0
                ),
            ]
        )
        order = self._make_visited_order(datetime(2026, 2, 14, 2, 0))
        self.assertEqual(self._amounts(order), {"labour": 80.0, "other": 30.0})
        formula = order.claim_ids.line_ids[1].formula
        self.assertIn("20% of the fee of 80.00 = 16.00, at least 30.00", formula)
        self.assertIn("On a weekend", formula)

    def test_no_visit_was_at_no_time_of_day(self):
        self._change_tariff([{"amount": 80.0}, self._extra(occasion="weekend")])
        order = self._make_done_orders(done=datetime(2026, 2, 14, 2, 0))
        self.assertEqual(order.claim_ids.amount_approved, 80.0)

    def test_region_and_fault_code(self):
        district = self.env["service.area"].create(
            {
                "name": "Test District",
                "code": "T-101",
                "level": "district",
                "parent_id": self.area.id,
                "country_id": self.area.country_id.id,
            }
        )
        code = self.env["service.fault.code"].create(
            {"kind": "repair", "code": "T9", "name": "Test Board Changed"}
        )
        self._change_tariff(
            [
                {"amount": 80.0},
                {"amount": 90.0, "area_id": self.area.id},
                {"amount": 95.0, "fault_code_id": code.id},
            ]
        )
        orders = self._make_order() | self._make_order()
        orders.sudo().write({"point_id": self.point.id, "area_id": district.id})
        orders[1].repair_code_id = code
        orders._mark_done(IN_MONTH)
        self.assertEqual(
            [order.claim_ids.amount_approved for order in orders], [90.0, 95.0]
        )
        self.assertIn("Test City", orders[0].claim_ids.line_ids.formula)
        self.assertIn("Test Board Changed", orders[1].claim_ids.line_ids.formula)

    def test_urgency_and_second_technician(self):
        self._change_tariff(
            [
                {"amount": 80.0},
                self._extra(occasion="urgent"),
                {"kind": "bonus", "occasion": "crew", "amount": 25.0},
            ]
        )
        order = self._make_visited_order()
        second = self._make_technician("Test Second Technician")
        self.env["service.visit.crew"].sudo().create(
            {"visit_id": order.visit_ids.id, "technician_id": second.id}
        )
        order.priority = "3"
        self.assertEqual(
            self._amounts(order), {"labour": 80.0, "other": 10.0, "bonus": 25.0}
        )

    def test_results_bring_bonus_and_penalty(self):
        self._change_tariff(
            [
                {"amount": 80.0},
                {"kind": "bonus", "occasion": "first_time_fix", "amount": 5.0},
                {"kind": "penalty", "occasion": "sla_missed", "amount": 12.0},
                {"kind": "penalty", "occasion": "late_report", "amount": 2.0},
            ]
        )
        good = self._make_visited_order()
        good.sudo().write(
            {"outcome": "fixed", "date_due": IN_MONTH + timedelta(hours=4)}
        )
        self.assertEqual(self._amounts(good), {"labour": 80.0, "bonus": 5.0})
        late = self._make_visited_order(IN_MONTH - timedelta(days=1))
        late.visit_ids.sudo().actual_end = IN_MONTH + timedelta(days=3)
        late.sudo().date_due = IN_MONTH - timedelta(hours=4)
        late._mark_done(IN_MONTH)
        self.assertEqual(
            late.claim_ids.line_ids.mapped("amount_approved"), [80.0, -2.0, -12.0]
        )
        self.assertEqual(late.claim_ids.amount_approved, 66.0)

    def test_material_is_paid_by_what_was_used(self):
        facts = self._make_order()._get_job_facts()
        self.assertEqual([fact.parts for fact in facts.values()], [()])
        self._change_tariff(
            [
                {"amount": 80.0},
                {"kind": "material", "product_id": self.part.id, "amount": 7.5},
            ]
        )
        order = self._make_visited_order()
        self._use_two_pumps(order)
        self.assertEqual(self._amounts(order), {"labour": 80.0, "material": 15.0})
        formula = order.claim_ids.line_ids[1].formula
        self.assertIn("Test Pump, 2 × 7.50 = 15.00", formula)

    def _use_two_pumps(self, order):
        move = self.env["stock.move"].create(
            {
                "product_id": self.part.id,
                "product_uom_qty": 2.0,
                "location_id": self.env.ref("stock.stock_location_stock").id,
                "location_dest_id": self.env.ref("stock.stock_location_customers").id,
                "service_visit_id": order.visit_ids.id,
            }
        )
        move._action_confirm()
        move.write({"quantity": 2.0, "picked": True})
        move._action_done()

    def test_a_share_of_parts_is_in_the_currency_of_the_tariff(self):
        """Parts of 60 are 120 of a currency of which two are one of the company's."""
        self.part.standard_price = 30.0
        tariff = self._change_tariff(
            [
                {"amount": 80.0},
                {"kind": "parts", "method": "percent_parts", "amount": 50.0},
            ]
        )
        tariff.currency_id = self._get_other_currency()
        order = self._make_visited_order()
        self._use_two_pumps(order)
        self.assertEqual(self._amounts(order), {"labour": 80.0, "parts": 60.0})

    def test_nobody_reads_what_no_line_asks_for(self):
        order = self._make_visited_order()
        self.env.flush_all()
        reads = []
        for needs in (frozenset(), None):
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            order._get_job_facts(needs=needs)
            reads.append(self.cr.sql_log_count - before)
        self.assertLess(reads[0], reads[1])

    def test_material_and_scores_must_make_sense(self):
        for wrong in (
            {"kind": "material", "method": "per_km"},
            {"kind": "labour", "product_id": self.part.id},
            {"occasion": "survey", "score_min": 5, "score_max": 2},
        ):
            with self.subTest(wrong), mute_logger("odoo.sql_db"):
                with self.assertRaises(IntegrityError), self.cr.savepoint():
                    self._make_tariff([wrong], activate=False)
