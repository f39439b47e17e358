from datetime import timedelta

from odoo import fields
from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.service_management.tests.common import ServiceCommon


@tagged("post_install", "-at_install")
class TestRankingObjectives(ServiceCommon):
    """L16: hard rules first, then objectives, each with its figure and its cost."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.second = cls._make_point("Second Point")
        cls.second_technician = cls._make_technician("B", point=cls.second)

    def setUp(self):
        super().setUp()
        self.hours = 0

    def _rank(self, order):
        return order._rank_candidates()[order.id]

    def _get_reason(self, order, point, code):
        reasons = {
            reason.code: reason for reason in self._rank(order).find(point.id).reasons
        }
        return reasons.get(code)

    def _finish(self, point, technician, outcome="fixed", visits=1, **vals):
        order = self._make_order(**vals)
        order.with_user(self.dispatcher).action_assign(point.id)
        for number in range(visits):
            self.hours += 1
            start = fields.Datetime.now() + timedelta(hours=self.hours)
            visit = order._plan_visit(technician, start, start + timedelta(minutes=30))
            last = number == visits - 1
            visit.action_done(
                {"outcome": outcome} if last else {"needs_next_visit": True}
            )
        return order

    def test_l16_every_candidate_says_chosen_or_refused_and_why_in_figures(self):
        self.second.satisfaction = 0.5
        third = self._make_point("Third Point", state="suspended")
        order = self._make_order()
        order._dispatch()
        offer = order.offer_ids
        self.assertEqual(offer.point_id, self.point)
        told = {line["point_id"]: line for line in offer.candidate_data}
        self.assertEqual(
            [told[point.id]["rank"] for point in (self.point, self.second, third)],
            [1, 2, None],
        )
        self.assertEqual(
            [reason["code"] for reason in told[third.id]["reasons"]], ["suspended"]
        )
        for point in (self.point, self.second):
            line = told[point.id]
            self.assertAlmostEqual(
                line["cost"], sum(reason["cost"] for reason in line["reasons"]), 5
            )
        values = {
            reason["code"]: reason["value"]
            for reason in told[self.second.id]["reasons"]
        }
        self.assertEqual(values["satisfaction"], 0.5)
        texts = [reason["text"] for reason in offer.reasons]
        self.assertTrue(all(texts))

    def test_a_decision_of_a_city_tells_the_best_and_counts_the_rest(self):
        for number in range(30):
            self._make_point(f"Point {number}", satisfaction=number / 100)
        order = self._make_order()
        decision = self._rank(order)
        lines = decision.as_json(also=decision.ranked[25].candidate.key)
        self.assertEqual(lines[-1], {"more_eligible": 32 - 13, "more_refused": 0})
        self.assertEqual([line["rank"] for line in lines[:-1]], [*range(1, 13), 26])

    def test_weights_of_the_service_type_decide(self):
        self.second.satisfaction = 1.0
        self.second.coverage_ids.priority = 20
        order = self._make_order()
        self.assertEqual(self._rank(order).best.candidate.key, self.point.id)
        self.type_repair.action_fill_weights()
        weights = {line.objective: line for line in self.type_repair.ranking_weight_ids}
        self.assertEqual(weights["priority"].weight, weights["priority"].usual_weight)
        weights["priority"].weight = 0
        self.assertEqual(self._rank(order).best.candidate.key, self.second.id)

    def test_who_mends_this_fault_at_the_first_visit_comes_first(self):
        symptom = self.env["service.fault.code"].search(
            [("kind", "=", "symptom")], limit=1
        )
        for number in range(4):
            self._finish(
                self.second,
                self.second_technician,
                symptom_id=symptom.id,
                visits=1,
                description=f"good {number}",
            )
            self._finish(
                self.point,
                self.technician,
                symptom_id=symptom.id,
                outcome="not_fixed",
                description=f"bad {number}",
            )
        order = self._make_order(
            symptom_id=symptom.id, asset_id=False, category_id=self.category.id
        )
        good = self._get_reason(order, self.second, "first_time_fix")
        bad = self._get_reason(order, self.point, "first_time_fix")
        self.assertGreater(good.value, 0.6)
        self.assertLess(good.value, 1.0)
        self.assertLess(bad.value, good.value)
        self.assertLess(good.cost, bad.cost)

    def test_the_designated_point_of_contract_and_customer(self):
        order = self._make_order()
        self.assertFalse(self._get_reason(order, self.second, "continuity").value)
        self.customer.designated_point_id = self.second
        reason = self._get_reason(order, self.second, "continuity")
        self.assertEqual((reason.value, reason.cost), ("designated", 0.0))
        self.assertEqual(self._rank(order).best.candidate.key, self.second.id)
        contract = self.env["service.contract"].create(
            {
                "name": "Designated",
                "partner_id": self.customer.id,
                "date_end": "2099-01-01",
                "designated_point_id": self.point.id,
            }
        )
        contract.action_activate()
        order.sudo().contract_id = contract
        self.assertEqual(self._rank(order).best.candidate.key, self.point.id)

    def test_the_point_that_holds_the_parts_comes_first(self):
        order = self._make_order()
        order.part_need_ids = [
            Command.create({"product_id": self.part.id, "quantity": 2})
        ]
        self._stock(self.part, 1, self.second)
        self.assertEqual(self._get_reason(order, self.second, "parts").value, 0.5)
        self.assertEqual(self._get_reason(order, self.point, "parts").value, 0.0)
        self.assertEqual(self._rank(order).best.candidate.key, self.second.id)
        self._stock(self.part, 5, self.point)
        self.assertEqual(self._get_reason(order, self.point, "parts").value, 1.0)

    def test_somebody_of_the_point_must_have_all_the_tools(self):
        tools = self.env["service.tool"].create(
            [{"name": "Gauge", "code": "G1"}, {"name": "Ladder", "code": "L1"}]
        )
        order = self._make_order()
        self.type_repair.tool_ids = tools
        self.technician.tool_ids = tools[0]
        self.second_technician.tool_ids = tools
        decision = self._rank(order)
        refusal = decision.find(self.point.id).reasons[0]
        self.assertEqual(refusal.code, "tool")
        self.assertEqual(decision.best.candidate.key, self.second.id)

    def test_skills_tools_and_crew_ask_for_the_same_people(self):
        skill = self.env.ref("service_management.skill_laundry")
        level = self.env.ref("service_management.skill_level_1")
        self.env["service.skill.requirement"].create(
            {
                "type_id": self.type_repair.id,
                "skill_id": skill.id,
                "level_id": level.id,
            }
        )
        self.type_repair.tool_ids = self.env["service.tool"].create({"name": "Gauge"})
        colleague = self._make_technician("Colleague")
        colleague.tool_ids = self.type_repair.tool_ids

        def learn(technician):
            self.env["service.technician.skill"].create(
                {
                    "technician_id": technician.id,
                    "skill_type_id": skill.skill_type_id.id,
                    "skill_id": skill.id,
                    "skill_level_id": level.id,
                    "valid_from": "2020-01-01",
                }
            )

        def get_refusal():
            ranked = self._rank(order).find(self.point.id)
            return None if ranked.eligible else ranked.reasons[0].code

        order = self._make_order()
        self.assertEqual(get_refusal(), "skill")
        learn(self.technician)
        # One has the skill, another the tools
        self.assertEqual(get_refusal(), "tool")
        learn(colleague)
        self.assertIsNone(get_refusal())
        # One of a crew carries the tools; all have the skill
        self.type_repair.crew_size = 2
        self.assertIsNone(get_refusal())
        self.type_repair.crew_size = 3
        self.assertEqual(get_refusal(), "crew")
        # A point that keeps no technicians here may have people all the same
        self.type_repair.tool_ids = False
        self.env["service.skill.requirement"].search(
            [("type_id", "=", self.type_repair.id)]
        ).unlink()
        empty = self._make_point("Keeps No Technicians")
        self.assertTrue(self._rank(order).find(empty.id).eligible)

    def test_an_offer_to_all_takes_nobodys_capacity(self):
        self.point.daily_capacity = 1
        first = self._make_order()
        first.with_user(self.dispatcher).action_offer_pool()
        second = self._make_order(description="second")
        self.assertTrue(self._rank(second).find(self.point.id).eligible)
        first.offer_ids.filtered(
            lambda offer: offer.point_id == self.point
        ).action_accept()
        reason = self._rank(second).find(self.point.id).reasons[0]
        self.assertEqual((reason.code, reason.value), ("capacity", "1/1"))


@tagged("post_install", "-at_install", "service_management_budget")
class TestRankingBudget(ServiceCommon):
    def test_ranking_costs_as_many_queries_for_many_as_for_few(self):
        for number in range(10):
            self._make_technician(
                f"T {number}", point=self._make_point(f"Point {number}")
            )
        orders = self.env["service.order"]
        for number in range(40):
            orders += self._make_order(description=f"order {number}")
        orders[::3].part_need_ids = [Command.create({"product_id": self.part.id})]
        counts = []
        for size in (4, 4, 40):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            orders[:size]._rank_candidates()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[1], counts[2], counts)
        self.assertLessEqual(counts[2], 45)
