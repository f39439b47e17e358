from datetime import date

from odoo.tests import tagged

from odoo.addons.service_management.tests.access_matrix import check_matrix

from .common import SlaCommon


@tagged("post_install", "-at_install")
class TestSlaReport(SlaCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.report = cls.env["service.sla.report"]
        kept, near, missed, cancelled, cls.open_order = (
            cls._request(type_id=cls.type_consulting.id) for __ in range(5)
        )
        for order, hours in ((kept, 2), (near, 8.5), (missed, 27)):
            cls._at(order, cls._after(hours))
            order.outcome = "fixed"
            order.action_start_work()
            order.action_done()
        cancelled.action_cancel("not wanted")
        cls.orders = kept + near + missed + cancelled + cls.open_order
        cls.env.flush_all()

    def test_promised_met_missed_late_and_near_misses(self):
        [row] = self.report._read_group(
            [("order_id", "in", self.orders.ids), ("metric", "=", "resolution")],
            [],
            [
                "promised:sum",
                "met:sum",
                "near:sum",
                "missed:sum",
                "pending:sum",
                "kept:avg",
                "late_minutes:sum",
            ],
        )
        # The cancelled order promises nothing any more
        self.assertEqual(row[:5], (4, 2, 1, 1, 1))
        self.assertAlmostEqual(row[5], 200 / 3, 5)
        self.assertEqual(row[6], 180)

    def test_every_dimension_can_be_grouped_by(self):
        for name in (
            "partner_id",
            "contract_id",
            "point_id",
            "type_id",
            "category_id",
            "area_id",
            "outcome",
            "date_request:month",
        ):
            rows = self.report._read_group(
                [("order_id", "in", self.orders.ids)], [name], ["promised:sum"]
            )
            self.assertEqual(sum(count for __, count in rows), 16, name)

    def test_who_reads_it(self):
        row = self.report.search([("order_id", "=", self.open_order.id)], limit=1)
        reads = {"report": "r"}
        check_matrix(
            self,
            {"report": row},
            {
                self.agent: reads,
                self.quality: reads,
                self.manager: reads,
                self.technician_user: {},
                self.point_manager: {},
                self.portal_customer: {},
            },
        )

    def _review(self, **vals):
        return (
            self.env["service.sla.review"]
            .with_user(self.agent)
            .create(
                {
                    "partner_id": self.customer.id,
                    "date_from": date(2026, 3, 1),
                    "date_to": date(2026, 3, 31),
                    **vals,
                }
            )
        )

    def test_review_of_a_month_has_figures_misses_and_trend(self):
        review = self._review()
        lines = {line["key"]: line for line in review._get_metric_lines()}
        self.assertEqual(lines["resolution"]["kept"], 67)
        self.assertEqual(lines["resolution"]["late_minutes"], 180)
        self.assertIn("resolution", review._get_misses().mapped("metric"))
        trend = review._get_trend()
        self.assertEqual([month["label"] for month in trend][-1], "2026-03")
        self.assertEqual(trend[-1]["promised"], 16)
        self.assertFalse(self._review(date_to=date(2026, 3, 1))._get_metric_lines())

    def test_review_is_printed_with_the_duties_of_both_sides(self):
        contract = self.env["service.contract"].create(
            {
                "name": "Care",
                "partner_id": self.customer.id,
                "date_start": "2026-01-01",
                "date_end": "2026-12-31",
                "state": "active",
                "provider_duties": "Answers within the hour",
                "customer_duties": "Gives access to the roof",
            }
        )
        review = self._review()
        html, __ = self.env["ir.actions.report"]._render_qweb_html(
            "service_management.report_service_sla_review", review.ids
        )
        html = html.decode()
        for text in (
            "Answers within the hour",
            "Gives access to the roof",
            "3 h",
            contract.code,
            self.customer.name,
            self.env.company.name,
        ):
            self.assertIn(text, html)
