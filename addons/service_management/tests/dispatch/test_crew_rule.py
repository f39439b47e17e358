from datetime import timedelta

from freezegun import freeze_time

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.service_management.tests.common import MONDAY

from .planning_common import TUESDAY, PlanningCommon


@tagged("post_install", "-at_install")
@freeze_time(MONDAY)
class TestCrewRule(PlanningCommon):
    """One rule about crews, whoever sends them: the plan of a day, the best times, a
    booking by hand, the board, a repair of the day."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.type_repair.crew_size = 2
        cls.lift = cls.env["service.tool"].create({"name": "Lift", "code": "LIFT"})

    def _need(self, order, quantity=1):
        return self.env["service.part.need"].create(
            {"order_id": order.id, "product_id": self.part.id, "quantity": quantity}
        )

    def _load(self, technician, quantity):
        technician.vehicle = technician.vehicle or technician.name
        self.env["stock.quant"]._update_available_quantity(
            self.part, technician.vehicle_location_id, quantity
        )

    def _ask_skill(self, crew_need, *technicians):
        skill = self.env.ref("service_management.skill_laundry")
        level = self.env.ref("service_management.skill_level_1")
        for technician in technicians:
            self.env["service.technician.skill"].create(
                {
                    "technician_id": technician.id,
                    "skill_type_id": skill.skill_type_id.id,
                    "skill_id": skill.id,
                    "skill_level_id": level.id,
                    "valid_from": "2020-01-01",
                }
            )
        return self.env["service.skill.requirement"].create(
            {
                "type_id": self.type_repair.id,
                "skill_id": skill.id,
                "level_id": level.id,
                "crew_need": crew_need,
            }
        )

    def _ask_all(self, order):
        """Who goes, by each of those who say so: ids, or what speaks against it."""
        answers = {}
        line = self._get_line(self._plan(), order)
        answers["plan"] = line.technician_ids or line.reasons[0]["code"]
        run = self._plan(MONDAY.date(), mode="repair", order_ids=order.ids)
        line = self._get_line(run, order)
        answers["repair"] = line.technician_ids or line.reasons[0]["code"]
        slots = order._find_slots(count=1, date_from=self._at(6), days=1)
        answers["slots"] = self.crew.browse(slots[0]["technician_ids"] if slots else ())
        return answers

    def _find_broken(self, order, people):
        start = self._at(10)
        return order._find_broken_rules(people, start, start + timedelta(hours=1))

    def test_one_carries_the_tool_another_the_part_a_third_is_skilled(self):
        first, second, third = self.crew
        self.type_repair.tool_ids = self.lift
        first.tool_ids = self.lift
        self._load(second, 1)
        order = self._make_waiting(north=3)
        self._need(order)
        for crew in self._ask_all(order).values():
            self.assertEqual(set(crew.ids), set((first + second).ids))
        self.assertFalse(self._find_broken(order, first + second))
        self.assertIn("Lift", self._find_broken(order, second + third)[0])
        self.assertIn(self.part.name, self._find_broken(order, first + third)[0])
        visit = self._book(order, first + second, self._at(10))
        self.assertEqual(len(visit.crew_ids), 2)
        # The board refuses what planning would not have proposed
        board = self.env["service.dispatch.board"].with_user(self.point_manager)
        begin = int((self._at(13) - MONDAY).total_seconds() + MONDAY.timestamp())
        with self.assertRaises(UserError) as refusal:
            board.move_visit(
                visit.id,
                (second + third).ids,
                begin,
                begin + 3600,
                {
                    "technician_ids": (first + second).ids,
                    "start": int(self._at(10).timestamp()),
                    "end": int(self._at(11).timestamp()),
                    "state": "planned",
                },
            )
        self.assertIn("Lift", str(refusal.exception))

    def test_a_skill_is_asked_of_one_or_of_everyone(self):
        first, second, third = self.crew
        requirement = self._ask_skill("one", third)
        order = self._make_waiting(north=3)
        for crew in self._ask_all(order).values():
            self.assertIn(third, crew)
        self.assertFalse(self._find_broken(order, first + third))
        broken = self._find_broken(order, first + second)
        self.assertIn("nobody of the crew has", broken[0])
        requirement.crew_need = "all"
        answers = self._ask_all(order)
        self.assertEqual(answers["plan"], "crew")
        self.assertEqual(answers["repair"], "crew")
        self.assertFalse(answers["slots"])
        self.assertIn("lacks", self._find_broken(order, first + third)[0])

    def test_a_closed_point_calls_out_a_crew_that_has_the_skills_together(self):
        first, second, third = self.crew
        self.env["service.point.closure"].create(
            {"point_id": self.point.id, "name": "Away", "date_from": MONDAY.date()}
        )
        self._ask_skill("one", first)
        order = self._make_order(asset_id=False, priority="3")
        skilled, helper = self.env["service.standby"].create(
            [
                {
                    "technician_id": technician.id,
                    "start": MONDAY + timedelta(hours=hour),
                    "end": MONDAY + timedelta(hours=hour + 4),
                }
                for technician, hour in ((first, 1), (second, 6))
            ]
        )

        def get_day():
            return order._rank_candidates()[order.id].day

        self.assertEqual(get_day(), TUESDAY, "one after the other is no crew")
        helper.start = skilled.end - timedelta(hours=1)
        self.assertEqual(get_day(), MONDAY.date(), "one of the two has the skill")
        self.type_repair.tool_ids = self.lift
        self.assertEqual(get_day(), TUESDAY, "nobody has the tool")
        second.tool_ids = self.lift
        self.assertEqual(get_day(), MONDAY.date())
        skilled.technician_id = third
        self.assertEqual(get_day(), TUESDAY, "none of the two has the skill")

    def test_who_goes_alone_has_everything(self):
        first, second, __ = self.crew
        self.type_repair.write({"crew_size": 1, "tool_ids": self.lift.ids})
        self._ask_skill("one", first, second)
        second.tool_ids = self.lift
        order = self._make_waiting(north=3)
        for crew in self._ask_all(order).values():
            self.assertEqual(crew, second)
        self.assertIn("lacks", self._find_broken(order, self.crew[2])[0])

    def test_parts_of_two_vans_add_up(self):
        first, second, third = self.crew
        self._load(first, 1)
        self._load(third, 1)
        order = self._make_waiting(north=3)
        self._need(order, 2)
        for crew in self._ask_all(order).values():
            self.assertEqual(set(crew.ids), set((first + third).ids))
        self.assertTrue(self._find_broken(order, first + second))

    def test_what_nobody_has_is_missing_for_all(self):
        order = self._make_waiting(north=3)
        self._need(order)
        answers = self._ask_all(order)
        self.assertEqual((answers["plan"], answers["repair"]), ("part", "part"))
        self.assertFalse(answers["slots"])
        self.assertIn(self.part.name, self._find_broken(order, self.crew[:2])[0])
        with self.assertRaisesRegex(UserError, self.part.name):
            self._book(order.with_user(self.point_manager), self.crew[:2], self._at(10))
        # At the point one of the crew fetches it
        self._stock(self.part, 1)
        for crew in self._ask_all(order).values():
            self.assertEqual(len(crew), 2)
        self.assertFalse(self._find_broken(order, self.crew[:2]))

    def test_who_books_by_hand_knows_of_parts_under_way(self):
        order = self._make_waiting(north=3)
        self._need(order, 2)
        request = self.env["service.part.request"].create(
            {
                "point_id": self.point.id,
                "order_id": order.id,
                "line_ids": [
                    Command.create({"product_id": self.part.id, "quantity": 1})
                ],
            }
        )
        request.action_request()
        # One of two is asked for
        self.assertIn(self.part.name, self._find_broken(order, self.crew[:2])[0])
        request.line_ids.quantity = 2
        self.assertFalse(self._find_broken(order, self.crew[:2]))
        self._book(order.with_user(self.point_manager), self.crew[:2], self._at(10))
        # What is proposed waits until it is there
        other = self._make_waiting(north=4)
        self._need(other)
        request.copy({"order_id": other.id}).action_request()
        answers = self._ask_all(other)
        self.assertEqual((answers["plan"], answers["repair"]), ("part", "part"))
        request.action_cancel()
        self.assertTrue(self._find_broken(order, self.crew[:2]))

    def test_a_part_that_is_kept_for_the_job_is_not_missing(self):
        self.type_repair.crew_size = 1
        self._stock(self.part, 1)
        mine, other = self._make_waiting(north=3), self._make_waiting(north=4)
        self._need(mine).action_reserve()
        self._need(other)
        for crew in self._ask_all(mine).values():
            self.assertEqual(len(crew), 1)
        self.assertFalse(self._find_broken(mine, self.crew[0]))
        self.assertEqual(self._ask_all(other)["plan"], "part")
        self.assertTrue(self._find_broken(other, self.crew[0]))

    def test_a_further_visit_needs_no_part_that_was_used(self):
        self.type_repair.crew_size = 1
        self._stock(self.part, 1)
        order = self._make_waiting(north=3)
        self._need(order)
        visit = self._book(order, self.crew[0], self._at(10))
        visit.action_add_part(self.part.id, 1)
        visit.action_done(
            {"outcome": "not_fixed", "needs_next_visit": True, "report": "Again"}
        )
        self.assertEqual(order.state, "accepted")
        start = self._at(13)
        broken = order._find_broken_rules(
            self.crew[0], start, start + timedelta(hours=1)
        )
        self.assertFalse(broken)

    def test_order_of_no_type_asks_for_nothing(self):
        self.type_repair.crew_size = 1
        order = self._make_waiting(north=3)
        order.type_id = False
        self.assertFalse(self._find_broken(order, self.crew[0]))
        self.assertTrue(order._find_slots(count=1, date_from=self._at(6), days=1))
        self.assertTrue(order._rank_candidates()[order.id].ranked)
        self.assertNotEqual(self._plan().state, "failed")
        self._book(order, self.crew[0], self._at(10))
        self.assertEqual(order.state, "scheduled")

    def test_times_hold_the_way_by_the_point(self):
        """An hour between two visits is enough for the job, and not for the depot."""
        self.type_repair.write({"crew_size": 1, "tool_ids": self.lift.ids})
        self.point.tool_ids = self.lift
        (self.crew - self.crew[0]).active = False
        order, *booked = [self._make_waiting(north=30) for __ in range(4)]
        technician = self.crew[0]
        technician.base_partner_id = self._make_site(30)
        for other, hour, hours in zip(booked, (8, 11, 13), (2, 1, 4), strict=True):
            self._book(other, technician, self._at(hour), hours)
        self.assertFalse(order._find_slots(date_from=self._at(6), days=1))
        technician.tool_ids = self.lift
        slot = order._find_slots(count=1, date_from=self._at(6), days=1)[0]
        self.assertEqual(slot["start"], self._at(10))
