from odoo import fields
from odoo.tests import tagged

from odoo.addons.service_management.tests.common import ServiceCommon


@tagged("post_install", "-at_install")
class TestRanking(ServiceCommon):
    def _rank(self, order):
        return order._rank_candidates()[order.id]

    def _get_refusal(self, order, point):
        ranked = self._rank(order).find(point.id)
        return None if ranked.eligible else ranked.reasons[0].code

    def test_l10_coverage_decides_and_says_why(self):
        order = self._make_order()
        coverage = self.point.coverage_ids
        self.assertIsNone(self._get_refusal(order, self.point))
        coverage.type_ids = self.type_consulting
        self.assertEqual(self._get_refusal(order, self.point), "type")
        coverage.type_ids = False
        coverage.category_ids = self.env.ref(
            "service_management.category_small_appliance"
        )
        self.assertEqual(self._get_refusal(order, self.point), "category")
        coverage.category_ids = self.category.parent_id
        self.assertIsNone(self._get_refusal(order, self.point))
        self.point.state = "suspended"
        self.assertEqual(self._get_refusal(order, self.point), "suspended")
        self.point.state = "active"
        coverage.area_id = self.area.copy({"code": "T-999"})
        self.assertEqual(self._get_refusal(order, self.point), "area")

    def test_a_full_point_is_refused_until_another_day(self):
        self.point.daily_capacity = 1
        first = self._make_order()
        first._dispatch()
        second = self._make_order(description="second")
        self.assertEqual(self._get_refusal(second, self.point), "capacity")
        first.offer_ids.day = fields.Date.subtract(fields.Date.today(), days=1)
        self.assertIsNone(self._get_refusal(second, self.point))

    def test_hours_of_one_service_type_are_a_limit_of_their_own(self):
        self.type_repair.duration = 2.0
        self.env["service.point.capacity"].create(
            {
                "point_id": self.point.id,
                "type_id": self.type_repair.id,
                "hours_a_day": 3.0,
            }
        )
        self._make_order()._dispatch()
        second = self._make_order(description="second")
        reason = self._rank(second).find(self.point.id).reasons[0]
        self.assertEqual((reason.code, reason.value), ("capacity_type_hours", "4/3"))
        other = self._make_order(type_id=self.type_consulting.id)
        self.assertIsNone(self._get_refusal(other, self.point))

    def test_the_smaller_limit_of_point_and_coverage_counts(self):
        self.point.write({"state": "probation", "probation_orders": 1})
        self.point.coverage_ids.daily_capacity = 5
        self._make_order()._dispatch()
        second = self._make_order(description="second")
        self.assertEqual(self._get_refusal(second, self.point), "capacity")
        self.point.write({"state": "active", "daily_capacity": 5})
        self.assertIsNone(self._get_refusal(second, self.point))
        self.point.coverage_ids.daily_capacity = 1
        self.assertEqual(self._get_refusal(second, self.point), "capacity_row")

    def test_a_coverage_row_counts_only_what_it_brings(self):
        self.inspection = self.env.ref("service_management.type_inspection")
        repairs = self.point.coverage_ids
        repairs.write({"type_ids": self.type_repair.ids, "daily_capacity": 1})
        rest = repairs.copy({"type_ids": self.inspection.ids})
        rest.daily_capacity = 0
        for number in range(3):
            self._make_order(
                type_id=self.inspection.id, description=str(number)
            )._dispatch()
        order = self._make_order()
        best = self._rank(order).find(self.point.id)
        load = next(reason for reason in best.reasons if reason.code == "load")
        self.assertEqual(best.candidate.load, 3)
        self.assertEqual(load.value, "0/1", "of the row's own orders")
        order._dispatch()
        self.assertEqual(order.offer_ids.coverage_id, repairs)
        second = self._make_order(description="second")
        reason = self._rank(second).find(self.point.id).reasons[0]
        self.assertEqual((reason.code, reason.value), ("capacity_row", "1/1"))
        other = self._make_order(type_id=self.inspection.id)
        self.assertIsNone(self._get_refusal(other, self.point))
        # A cancelled order gives its place back
        order.action_cancel()
        self.assertIsNone(self._get_refusal(second, self.point))

    def test_a_batch_keeps_to_the_limits_of_coverage_rows(self):
        self.inspection = self.env.ref("service_management.type_inspection")
        repairs = self.point.coverage_ids
        repairs.write({"type_ids": self.type_repair.ids, "daily_capacity": 2})
        repairs.copy({"type_ids": self.inspection.ids}).daily_capacity = 0
        orders = self.env["service.order"]
        for number in range(4):
            orders += self._make_order(description=f"repair {number}")
            orders += self._make_order(
                type_id=self.inspection.id, description=f"advice {number}"
            )
        run = self.env["service.dispatch.run"].create({})
        run._compute_proposal()
        served = run.line_ids.filtered("point_id").order_id.grouped("type_id")
        self.assertEqual(len(served[self.type_repair]), 2)
        self.assertEqual(len(served[self.inspection]), 4)
        run._apply()
        offers = self.env["service.offer"].search([("order_id", "in", orders.ids)])
        self.assertEqual(len(offers.filtered(lambda o: o.coverage_id == repairs)), 2)
        # They count for the next batch as well
        more = self._make_order(description="one more")
        run = self.env["service.dispatch.run"].create({})
        run._compute_proposal()
        self.assertFalse(
            run.line_ids.filtered(lambda line: line.order_id == more).point_id
        )

    def test_a_batch_does_not_overfill_a_point(self):
        self.point.daily_capacity = 2
        orders = self.env["service.order"]
        for number in range(5):
            orders += self._make_order(description=str(number))
        orders._dispatch()
        self.assertEqual(
            orders.mapped("state"), ["offered", "offered", "new", "new", "new"]
        )

    def test_l9_skill_level_and_validity_on_the_day_are_hard_rules(self):
        skill_type = self.env["hr.skill.type"].create(
            {
                "name": "Test",
                "is_certification": True,
                "skill_ids": [fields.Command.create({"name": "Gas"})],
                "skill_level_ids": [
                    fields.Command.create({"name": "Low", "level_progress": 20}),
                    fields.Command.create({"name": "High", "level_progress": 80}),
                ],
            }
        )
        low, high = skill_type.skill_level_ids.sorted("level_progress")
        self.env["service.skill.requirement"].create(
            {
                "type_id": self.type_repair.id,
                "skill_id": skill_type.skill_ids.id,
                "level_id": high.id,
            }
        )
        order = self._make_order()
        self.assertEqual(self._get_refusal(order, self.point), "skill")
        skill = self.env["service.technician.skill"].create(
            {
                "technician_id": self.technician.id,
                "skill_type_id": skill_type.id,
                "skill_id": skill_type.skill_ids.id,
                "skill_level_id": low.id,
                "valid_from": "2020-01-01",
            }
        )
        self.assertEqual(self._get_refusal(order, self.point), "skill")
        skill.skill_level_id = high
        self.assertIsNone(self._get_refusal(order, self.point))
        skill.valid_to = "2021-01-01"
        self.assertEqual(self._get_refusal(order, self.point), "skill")

    def test_the_point_that_knows_the_asset_comes_first(self):
        second = self._make_point("Second Point")
        order = self._make_order()
        order.with_user(self.dispatcher).action_assign(second.id)
        order._plan_visit(
            self._make_technician("B", point=second),
            fields.Datetime.now(),
            fields.Datetime.add(fields.Datetime.now(), hours=1),
        ).action_done({"outcome": "fixed"})
        order.action_close()
        again = self._make_order()
        self.assertEqual(self._rank(again).best.candidate.key, second.id)

    def test_the_nearer_point_comes_first(self):
        far = self._make_point("A Far Point")
        self.customer.write({"partner_latitude": 22.5, "partner_longitude": 114.0})
        self.point.partner_id.write(
            {"partner_latitude": 22.6, "partner_longitude": 114.0}
        )
        far.partner_id.write({"partner_latitude": 23.1, "partner_longitude": 113.3})
        decision = self._rank(self._make_order())
        self.assertEqual(decision.best.candidate.key, self.point.id)
        self.assertAlmostEqual(decision.best.candidate.distance_km, 11.1, delta=0.1)

    def test_imported_history_takes_the_capacity_of_its_own_day(self):
        order = self._make_order(channel="import", date_request="2020-05-05 10:00:00")
        self.assertEqual(str(order._get_dispatch_day()), "2020-05-05")
