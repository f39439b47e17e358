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
