from datetime import date, datetime, timedelta

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .test_charge import ChargeCommon


@tagged("post_install", "-at_install")
class TestMargin(ChargeCommon):
    def _rows(self, order):
        rows = (
            self.env["service.margin.report"]
            .with_user(self.accountant)
            .search([("order_id", "=", order.id)])
        )
        return {
            kind: (
                round(sum(row.cost for row in group), 2),
                round(sum(row.revenue for row in group), 2),
            )
            for kind, group in rows.grouped("kind").items()
        }

    def test_parts_fees_and_what_was_charged(self):
        order = self._do_work(self._make_uncovered(), parts=2)
        order.with_user(self.accountant).action_charge()
        rows = self._rows(order)
        self.assertEqual(rows["parts"], (60.0, 0.0))
        self.assertEqual(rows["fees"], (80.0, 0.0))
        self.assertEqual(rows["charge"], (0.0, 200.0))
        own = order.with_user(self.accountant)
        self.assertEqual(own.cost_total, 140.0)
        self.assertEqual(own.margin, 60.0)

    def test_own_technicians_cost_their_hours_and_their_way(self):
        self.point.is_settled = False
        self.technician.hourly_cost = 40.0
        order = self._make_uncovered()
        visit = self._make_visit(order)
        visit.action_en_route()
        visit.action_on_site()
        visit.action_done({"outcome": "fixed"})
        start = fields.Datetime.now() - timedelta(hours=3)
        visit.sudo().write(
            {
                "actual_start": start,
                "actual_end": start + timedelta(minutes=90),
                "travel_minutes": 30,
            }
        )
        rows = self._rows(order)
        self.assertEqual(rows["labour"], (60.0, 0.0))
        self.assertEqual(rows["travel"], (20.0, 0.0))
        self.assertNotIn("fees", rows)

    def test_costs_are_of_the_day_of_the_company(self):
        """As its claims and invoices are: at noon in Greenwich it is the next day in
        Auckland's summer."""
        self.company.resource_calendar_id.tz = "Pacific/Auckland"
        self.point.is_settled = False
        self.technician.hourly_cost = 40.0
        order = self._do_work(self._make_uncovered(), parts=1)
        noon = datetime(2026, 2, 10, 12)
        order.visit_ids.sudo().write(
            {
                "actual_start": noon - timedelta(hours=1),
                "actual_end": noon,
                "planned_start": noon - timedelta(hours=1),
                "planned_end": noon,
                "travel_minutes": 30,
            }
        )
        self.env["stock.move"].search([("service_order_id", "=", order.id)]).date = noon
        self.env.flush_all()
        rows = self.env["service.margin.report"].search([("order_id", "=", order.id)])
        self.assertEqual(set(rows.mapped("kind")), {"labour", "parts", "travel"})
        self.assertEqual(set(rows.mapped("date")), {date(2026, 2, 11)})

    def test_a_rejected_claim_and_a_draft_invoice_are_nothing(self):
        self.company.service_charge_auto_post = False
        order = self._do_work(self._make_uncovered())
        order.with_user(self.accountant).action_charge()
        order.claim_ids.with_user(self.accountant).action_reject("Not done")
        self.assertEqual(self._rows(order), {})

    def test_fees_in_another_currency_are_converted(self):
        currency = self.env["res.currency"].create(
            {"name": "TCU", "symbol": "T", "rounding": 0.01}
        )
        self.env["res.currency.rate"].create(
            {"currency_id": currency.id, "name": "2020-01-01", "rate": 4.0}
        )
        order = self._do_work(self._make_uncovered())
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE service_claim SET currency_id = %s WHERE id = %s",
            [currency.id, order.claim_ids.id],
        )
        self.env.invalidate_all()
        expected = currency._convert(
            80.0, self.company.currency_id, self.company, order.claim_ids.date
        )
        self.assertAlmostEqual(self._rows(order)["fees"][0], expected, places=2)

    def test_revenue_of_a_contract_stands_on_its_own_rows(self):
        product = self.labour
        sale = self.env["sale.order"].create(
            {
                "partner_id": self.customer.id,
                "order_line": [
                    fields.Command.create(
                        {"product_id": product.id, "product_uom_qty": 1}
                    )
                ],
            }
        )
        sale.action_confirm()
        sale._create_invoices()._post(soft=False)
        contract = self.env["service.contract"].create(
            {
                "name": "Care",
                "partner_id": self.customer.id,
                "sale_line_id": sale.order_line.id,
                "date_start": fields.Date.today(),
                "date_end": fields.Date.today() + timedelta(days=365),
            }
        )
        rows = self.env["service.margin.report"].search(
            [("contract_id", "=", contract.id), ("kind", "=", "contract")]
        )
        self.assertEqual(sum(rows.mapped("revenue")), 90.0)
        self.assertFalse(rows.order_id)

    def test_costs_of_many_orders_take_as_many_queries_as_of_few(self):
        orders = self.env["service.order"]
        for day in range(6):
            order = self._make_uncovered()
            visit = self._make_visit(
                order, start=fields.Datetime.now() + timedelta(days=day + 1)
            )
            visit.action_done({"outcome": "fixed"})
            orders |= order
        # what is cached for good (rules of the user) is not counted
        self.env.flush_all()
        self.env.invalidate_all()
        orders.with_user(self.accountant).mapped("margin")
        counts = []
        for some in (orders[:2], orders):
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.env.cr.sql_log_count
            some.with_user(self.accountant).mapped("margin")
            counts.append(self.env.cr.sql_log_count - start)
        self.assertLessEqual(counts[1], counts[0])

    def test_only_accountants_see_cost(self):
        order = self._do_work(self._make_uncovered())
        for user in (self.agent, self.dispatcher, self.technician_user):
            with self.subTest(user.login), self.assertRaises(AccessError):
                order.with_user(user).read(["margin"])
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.env["service.margin.report"].with_user(user).search([])
        with self.assertRaises(AccessError):
            self.technician.with_user(self.dispatcher).read(["hourly_cost"])

    def test_parts_are_a_cost_of_the_analytic_account(self):
        plan = self.env["account.analytic.plan"].create({"name": "Points"})
        account = self.env["account.analytic.account"].create(
            {"name": "North", "plan_id": plan.id}
        )
        self.point.analytic_account_id = account
        order = self._do_work(self._make_uncovered(), parts=2)
        lines = order.move_ids.analytic_account_line_ids
        self.assertEqual(sum(lines.mapped("amount")), -60.0)
