from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.service_management.tests.common import MONDAY
from odoo.addons.service_management.tests.process.escalation_common import (
    EscalationCommon,
)

QUEUE_LOGGER = "odoo.addons.service_management.models.mixins.service_queue_mixin"


NO_TEAM = "No team can be made out."


@tagged("post_install", "-at_install")
class TestEscalationLadder(EscalationCommon):
    """What happens to a work item that nobody acts on."""

    def _climb_to(self, order, hours):
        self.clock.move_to(MONDAY + timedelta(hours=hours))
        self._run()
        return self._get_item(order)

    def test_next_member_then_leader_then_up_the_tree_then_managers(self):
        order = self._make_desk_order()
        item = self._get_item(order)
        self.assertEqual(item.escalate_at, item.deadline)
        self._climb_to(order, 7)
        self.assertEqual((item.user_id, item.escalation_level), (self.ann, 0))
        self._climb_to(order, 8)
        self.assertEqual((item.user_id, item.escalation_level), (self.bob, 1))
        self._climb_to(order, 12)
        self.assertEqual((item.user_id, item.escalation_level), (self.lea, 2))
        self._climb_to(order, 16)
        self.assertEqual((item.user_id, item.escalation_level), (self.rex, 3))
        self._climb_to(order, 20)
        self.assertEqual((item.user_id, item.escalation_level), (self.rex, 4))
        self.assertEqual(
            self._get_fired(order).mapped("kind"), ["member", "leader", "leader", "top"]
        )
        # And nothing more, for ever
        self._climb_to(order, 1000)
        self.assertEqual(len(self._get_fired(order)), 4)

    def test_L14_each_level_once_however_often_it_runs(self):
        order = self._make_desk_order()
        self.clock.move_to(MONDAY + timedelta(hours=9))
        for __ in range(4):
            self._run()
        self.assertEqual(self._get_fired(order).mapped("level"), [1])
        self.assertEqual(len(self._get_events(order, "escalated")), 1)

    def test_L4_after_a_day_without_scheduler_one_level_and_not_a_burst(self):
        order = self._make_desk_order()
        self._climb_to(order, 8 + 24)
        self.assertEqual(self._get_fired(order).mapped("level"), [1])
        # Bob has his own time now
        self._climb_to(order, 8 + 24 + 3)
        self.assertEqual(len(self._get_fired(order)), 1)
        self._climb_to(order, 8 + 24 + 4)
        self.assertEqual(self._get_fired(order).mapped("level"), [1, 2])

    def test_the_timeline_and_those_concerned_are_told_why(self):
        order = self._make_desk_order()
        self.bob.notification_type = "inbox"
        self.ann.notification_type = "email"
        item = self._climb_to(order, 8)
        escalated = self._get_events(order, "escalated")
        self.assertIn("nobody acted", escalated.name)
        self.assertIn("✓ Bob: open work items: 0", escalated.name)
        self.assertIn("✗ Ann: asked before", escalated.name)
        self.assertEqual(escalated.data["kind"], "member")
        self.assertIn("Ann → Bob", self._get_events(order, "reassigned").name)
        message = self.env["mail.message"].search(
            [("model", "=", "service.order"), ("res_id", "=", order.id)], limit=1
        )
        kinds = {
            note.res_partner_id.name: note.notification_type
            for note in message.notification_ids
        }
        self.assertEqual(kinds, {"Ann": "email", "Bob": "inbox"})
        activity = order.activity_ids.filtered("service_workitem_id")
        self.assertEqual(
            (activity.user_id, activity.service_workitem_id), (self.bob, item)
        )

    def test_who_has_it_now_reads_why_in_their_language(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self.bob.lang = "zh_CN"
        order = self._make_desk_order()
        self._climb_to(order, 8)
        self.assertIn("时限内无人处理", self._get_events(order, "escalated").name)

    def test_activity_moves_on_with_the_item_and_ends_with_it(self):
        order = self._make_desk_order()
        self._climb_to(order, 8)
        self._climb_to(order, 12)
        self.assertEqual(order.activity_ids.user_id, self.lea)
        order.action_cancel()
        self.assertFalse(order.activity_ids)

    def test_least_busy_member_is_asked(self):
        self._get_item(self._make_desk_order(user=self.bob)).escalate_at = False
        order = self._make_desk_order()
        self.assertEqual(self._climb_to(order, 8).user_id, self.cat)

    def test_member_on_leave_or_off_duty_is_not_asked(self):
        for user, calendar in ((self.bob, self.office), (self.cat, self.office)):
            self.env["resource.resource"].create(
                {"name": user.name, "user_id": user.id, "calendar_id": calendar.id}
            )
        resource = self.bob.resource_ids
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Holiday",
                "calendar_id": self.office.id,
                "resource_id": resource.id,
                "date_from": MONDAY,
                "date_to": MONDAY + timedelta(days=3),
            }
        )
        order = self._make_desk_order()
        self.assertEqual(self._climb_to(order, 8).user_id, self.cat)
        self.assertIn("✗ Bob: not on duty", self._get_fired(order).note)
        # At night neither of them works: it goes to the leader at once
        order = self._make_desk_order()
        self.assertEqual(self._climb_to(order, 8 + 12).user_id, self.lea)

    def test_member_without_the_skill_of_the_type_is_not_asked(self):
        skill = self.env.ref("service_management.skill_laundry")
        level = self.env.ref("service_management.skill_level_1")
        self.type_consulting.requirement_ids = [
            Command.create({"skill_id": skill.id, "level_id": level.id})
        ]
        self._make_technician("Cat", user_id=self.cat.id).skill_ids = [
            Command.create(
                {
                    "skill_type_id": skill.skill_type_id.id,
                    "skill_id": skill.id,
                    "skill_level_id": level.id,
                    "valid_from": MONDAY.date() - timedelta(days=9),
                }
            )
        ]
        order = self._make_desk_order(type_id=self.type_consulting.id)
        self.assertEqual(self._get_item(order).step, "resolve")
        self.assertEqual(self._climb_to(order, 8).user_id, self.cat)
        self.assertIn("✗ Bob: lacks", self._get_fired(order).note)

    def test_step_of_a_point_is_reminded_of_then_the_desk_leader_has_it(self):
        order = self._make_accepted_order(team_id=self.desk.id, user_id=self.ann.id)
        item = self._climb_to(order, 8)
        self.assertEqual((item.step, item.point_id), ("plan", self.point))
        self.assertEqual(self._get_fired(order).kind, "reminder")
        self.assertEqual(order.activity_ids.user_id, self.point_manager)
        item = self._climb_to(order, 12)
        self.assertEqual((item.user_id, item.point_id), (self.lea, self.point))

    def test_take_ends_the_climb_and_begins_a_new_episode(self):
        order = self._make_desk_order()
        item = self._climb_to(order, 8)
        item.with_user(self.bob).action_take()
        self.assertRecordValues(
            item,
            [
                {
                    "user_id": self.bob.id,
                    "taken_by_id": self.bob.id,
                    "escalation_level": 0,
                    "episode": 2,
                    "escalate_at": MONDAY + timedelta(hours=16),
                }
            ],
        )
        self.assertFalse(order.activity_ids)
        self.assertEqual(self._get_events(order, "taken").user_id, self.bob)
        self._climb_to(order, 15)
        self.assertEqual(len(self._get_fired(order)), 1)
        # Taken and left alone: it climbs again, each level once more
        self.assertEqual(self._climb_to(order, 16).user_id, self.ann)
        self.assertEqual(self._get_fired(order).mapped("episode"), [1, 2])

    def test_take_after_the_row_was_planned_settles_it(self):
        order = self._make_desk_order()
        self.clock.move_to(MONDAY + timedelta(hours=8))
        with self._worker() as env:
            env["service.escalation.step"]._plan()
        self._get_item(order).with_user(self.cat).action_take()
        self._run()
        self.assertFalse(self._get_fired(order))
        self.assertEqual(order.escalation_step_ids.outcome, "settled")

    def test_give_back_leaves_it_to_the_team(self):
        order = self._make_desk_order()
        item = self._get_item(order)
        with self.assertRaises(UserError):
            item.with_user(self.cat).action_give_back()
        item.with_user(self.ann).action_give_back("I am away.")
        self.assertRecordValues(
            item, [{"user_id": False, "team_id": self.desk.id, "state": "open"}]
        )
        self.assertIn("I am away.", self._get_events(order, "given_back").name)
        # Who gave it back is not asked again
        self.assertEqual(self._climb_to(order, 8).user_id, self.bob)

    def test_only_the_team_those_above_and_dispatchers_take(self):
        order = self._make_desk_order()
        item = self._get_item(order)
        with self.assertRaises(AccessError):
            item.with_user(self.agent).action_take()
        for user in (self.lea, self.rex, self.dispatcher, self.cat):
            item.with_user(user).action_take()
            self.assertEqual(item.user_id, user)
        order.action_cancel()
        with self.assertRaises(UserError):
            item.with_user(self.cat).action_take()

    def test_never_without_actor_on_the_whole_way(self):
        order = self._make_desk_order()
        item = self._get_item(order)
        item.with_user(self.ann).action_give_back()
        for hours in range(8, 40, 2):
            self._climb_to(order, hours)
            self.assertTrue(item.user_id or item.team_id)

    def test_time_limit_moved_before_the_row_acted(self):
        order = self._make_desk_order()
        item = self._get_item(order)
        self.clock.move_to(MONDAY + timedelta(hours=8))
        with self._worker() as env:
            env["service.escalation.step"]._plan()
        item.deadline = MONDAY + timedelta(hours=10)
        self._run()
        self.assertFalse(self._get_fired(order))
        self._climb_to(order, 10)
        self.assertEqual(self._get_fired(order).mapped("level"), [1])

    def test_clock_jumps_do_nothing_twice_and_lose_nothing(self):
        order = self._make_desk_order()
        self._climb_to(order, 24 * 365)
        self.assertEqual(self._get_fired(order).mapped("level"), [1])
        # Back to the right time: the next rung is a year away for the row; whoever
        # has it takes it or the desk sees it as late
        self._climb_to(order, 9)
        self.assertEqual(self._get_fired(order).mapped("level"), [1])
        self.assertLessEqual(
            self._get_item(order).escalate_at, MONDAY + timedelta(hours=9 + 4)
        )
        self._climb_to(order, 13)
        self.assertEqual(self._get_fired(order).mapped("level"), [1, 2])

    def test_L14_only_in_working_time_of_the_order(self):
        self.desk.calendar_id = self.office
        self.clock.move_to(MONDAY + timedelta(hours=7))  # 15:00, three hours are left
        order = self._make_desk_order()
        item = self._get_item(order)
        item.deadline = MONDAY + timedelta(hours=9, minutes=30)  # 17:30
        # The scheduler was down: it comes back at night, and waits for the morning
        self._climb_to(order, 16)
        self.assertFalse(self._get_fired(order))
        self._climb_to(order, 23.9)
        self.assertFalse(self._get_fired(order))
        self._climb_to(order, 24)
        self.assertEqual(self._get_fired(order).mapped("level"), [1])
        # Four hours from Tuesday 8:00; from Friday 16:00 they end on Monday
        self.assertEqual(item.escalate_at, MONDAY + timedelta(hours=28))
        friday = MONDAY + timedelta(days=4, hours=8)
        self.clock.move_to(friday)
        item.with_user(self.bob).action_take()
        self.assertEqual(item.escalate_at, friday + timedelta(hours=2 + 62 + 6))

    def test_poison_item_among_many_stops_nobody(self):
        orders = self.env["service.order"].union(
            *(self._make_desk_order(asset_id=False) for __ in range(30))
        )
        poison = self._get_item(orders[7])
        decide = type(poison)._decide_escalation

        def fail(item):
            if item == poison:
                raise UserError(NO_TEAM)
            return decide(item)

        with (
            patch.object(type(poison), "_decide_escalation", fail),
            mute_logger(QUEUE_LOGGER),
        ):
            self._climb_to(orders, 8)
        self.assertEqual(len(self._get_fired(orders)), 29)
        step = orders[7].escalation_step_ids
        self.assertRecordValues(
            step, [{"queue_state": "pending", "last_error": "No team can be made out."}]
        )
        self.assertEqual(poison.user_id, self.ann)

    def test_replayed_history_escalates_nobody(self):
        from odoo.addons.service_management.models.order.service_order_flow import (  # noqa: PLC0415
            Moments,
        )

        past = MONDAY - timedelta(days=400)
        order = self._make_desk_order(register=False, date_request=past)
        order.with_context(service_moments=Moments()).action_register()
        self.assertFalse(self._get_item(order).escalate_at)

    def test_planning_is_one_statement_however_many_are_open(self):
        Step = self.env["service.escalation.step"]
        for count in (5, 30):
            orders = self.env["service.order"].union(
                *(self._make_desk_order(asset_id=False) for __ in range(count))
            )
            self._get_item(orders[:3]).deadline = fields.Datetime.now()
            self.env.flush_all()
            with self.assertQueryCount(1):
                self.assertEqual(Step._plan_ladder(), 3)
