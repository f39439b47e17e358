from odoo.tests import tagged

from .common import SettlementCommon


@tagged("post_install", "-at_install")
class TestRankingTariff(SettlementCommon):
    def _get_tariff_reason(self, order, point):
        ranked = order._rank_candidates()[order.id].find(point.id)
        return {reason.code: reason for reason in ranked.reasons}.get("tariff")

    def test_the_dearer_point_pays_for_it_in_the_ranking(self):
        self.tariff.action_retire()
        self._make_tariff(
            [{"amount": 80.0, "point_grade": "a"}, {"amount": 40.0, "point_grade": "b"}]
        )
        self.point.grade = "a"
        cheap = self._make_point("Cheap Point", grade="b")
        own = self._make_point("Own Point", ownership="own")
        order = self._make_order()
        dear_reason = self._get_tariff_reason(order, self.point)
        cheap_reason = self._get_tariff_reason(order, cheap)
        self.assertEqual((dear_reason.value, cheap_reason.value), (80.0, 40.0))
        self.assertEqual(cheap_reason.cost * 2, dear_reason.cost)
        self.assertIsNone(self._get_tariff_reason(order, own).value)

    def test_no_tariff_no_reason(self):
        self.tariff.action_retire()
        self.assertIsNone(self._get_tariff_reason(self._make_order(), self.point))
