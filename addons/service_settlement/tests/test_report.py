from unittest.mock import patch

from odoo.tests import tagged

from .common import SettlementCommon


@tagged("post_install", "-at_install")
class TestReport(SettlementCommon):
    def test_statement_prints_every_line_and_the_total(self):
        claims = self._make_claims(3)
        settlement, __ = self._run(until="issued")
        html, __ = self.env["ir.actions.report"]._render_qweb_html(
            "service_settlement.report_service_settlement", settlement.ids
        )
        text = html.decode()
        self.assertIn(settlement.name, text)
        self.assertIn("240.00", text)
        for claim in claims:
            self.assertIn(claim.order_id.name, text)
        self.assertEqual(text.count("T-2026"), 3)

    def test_statement_is_in_one_language_the_points(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self.env.ref(
            "service_settlement.report_service_settlement_document"
        ).update_field_translations("arch_db", {"zh_CN": {"Period:": "结算期间："}})
        self.point.partner_id.lang = "zh_CN"
        self._make_claims()
        settlement, __ = self._run(until="issued")
        html, __ = self.env["ir.actions.report"]._render_qweb_html(
            "service_settlement.report_service_settlement", settlement.ids
        )
        self.assertIn("结算期间：", html.decode())
        self.assertNotIn("Period:", html.decode())

    def test_point_prints_its_own_statement(self):
        self._make_claims()
        settlement, __ = self._run(until="issued")
        html, __ = (
            self.env["ir.actions.report"]
            .with_user(self.portal_point)
            .sudo(False)
            ._render_qweb_html(
                "service_settlement.report_service_settlement", settlement.ids
            )
        )
        self.assertIn(settlement.name, html.decode())

    def test_several_statements_are_printed_one_by_one(self):
        other = self._make_settled_point("Test Other Point")
        self._make_claims()
        self._make_claims(point=other)
        settlements, __ = self._run(until="issued")
        report = self.env["ir.actions.report"].with_context(force_report_rendering=True)
        printed = []

        def run(self, bodies, *args, **kwargs):
            printed.append(len(bodies))
            return b"%PDF-1.4"

        with patch.object(self.registry["ir.actions.report"], "_run_wkhtmltopdf", run):
            streams = report._render_qweb_pdf_prepare_streams(
                "service_settlement.report_service_settlement", {}, settlements.ids
            )
        self.assertEqual(list(streams), settlements.ids)
        self.assertEqual(printed, [1, 1])
