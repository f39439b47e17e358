from datetime import datetime, time

from odoo.tests import HttpCase, tagged

from .common import SettlementCommon


@tagged("post_install", "-at_install")
class TestSettlementBrowser(SettlementCommon, HttpCase):
    def test_month_from_the_cockpit_to_the_posted_bill_with_a_dispute(self):
        """An accountant settles the last month, the point disputes a line and hands
        its answer back, and the bill is posted."""
        self.env["service.claim"].search([("state", "=", "approved")])._hold("others")
        __, end = self.env["service.settlement"]._get_previous_month()
        self._make_claims(3, done=datetime.combine(end.replace(day=10), time(9)))
        self.accountant.password = "test_accountant"
        self.portal_point.password = self.portal_point.login
        point = self.portal_point.login

        self.start_tour(
            "/odoo/settlement-month-end", "settlement_issue", login="test_accountant"
        )
        settlement = self.env["service.settlement"].search(
            [("point_id", "=", self.point.id), ("date_to", "=", end)]
        )
        self.assertRecordValues(
            settlement, [{"state": "issued", "claim_count": 3, "amount_total": 240.0}]
        )
        self.start_tour("/my/settlements", "settlement_dispute", login=point)
        self.assertEqual(settlement.state, "disputed")
        self.start_tour(
            "/odoo/action-service_settlement.action_service_settlement_dispute",
            "settlement_answer",
            login="test_accountant",
        )
        self.assertEqual(settlement.state, "issued")
        self.assertEqual(settlement.dispute_ids.correction_id.amount, 15.0)
        self.start_tour("/my/settlements", "settlement_confirm", login=point)
        self.assertRecordValues(
            settlement,
            [{"state": "confirmed", "confirmed_by_id": self.portal_point.id}],
        )
        self.start_tour(
            "/odoo/settlement-month-end", "settlement_bill", login="test_accountant"
        )
        self.assertEqual(settlement.state, "billed")
        self.assertRecordValues(
            settlement.move_id, [{"state": "posted", "amount_untaxed": 240.0}]
        )
