from datetime import timedelta

from odoo.exceptions import ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged

from odoo.addons.service_management.tests.access_matrix import check_matrix
from odoo.addons.service_management.tests.common import MONDAY
from odoo.addons.service_management.tests.process.escalation_common import (
    EscalationCommon,
)


@tagged("post_install", "-at_install")
class TestEscalationRule(EscalationCommon):
    """Rules beside the ladder: before, after, idle; notify, reassign, raise, run."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["service.escalation.rule"].search([]).active = False

    def _make_rule(self, **vals):
        return self.env["service.escalation.rule"].create(
            {
                "name": "Test Rule",
                "trigger": "after_due",
                "team_ids": [Command.set(self.desk.ids)],
                "effective_from": MONDAY - timedelta(days=1),
                **vals,
            }
        )

    def _at(self, hours):
        self.clock.move_to(MONDAY + timedelta(hours=hours))
        self._run()

    def _get_acted(self, rule):
        return rule.env["service.escalation.step"].search(
            [("rule_id", "=", rule.id), ("outcome", "=", "fired")]
        )

    def test_L14_after_the_due_time_once(self):
        rule = self._make_rule(amount=2, notify_leader=True, raise_priority=True)
        order = self._make_desk_order()
        self._get_item(order).escalate_at = False
        self._at(9.9)
        self.assertFalse(self._get_acted(rule))
        for hours in (10, 11, 34):
            self._at(hours)
        self.assertEqual(len(self._get_acted(rule)), 1)
        self.assertEqual(order.priority, "2")
        self.assertIn("late by 2 hours", self._get_events(order, "escalated").name)
        message = order.message_ids | self.env["mail.message"].search(
            [("res_id", "=", order.id), ("message_type", "=", "user_notification")]
        )
        self.assertIn(self.lea.partner_id, message.notified_partner_ids)

    def test_share_of_the_time_before_it_is_due(self):
        rule = self._make_rule(trigger="before_due", unit="percent", amount=75)
        order = self._make_desk_order()
        self._at(5.9)
        self.assertFalse(self._get_acted(rule))
        self._at(6)
        self.assertEqual(self._get_acted(rule).order_id, order)

    def test_limit_that_moves_moves_the_rule(self):
        rule = self._make_rule(trigger="before_due", unit="hours", amount=2)
        order = self._make_desk_order()
        self._at(1)  # planned for the sixth hour
        self._get_item(order).deadline = MONDAY + timedelta(hours=20)
        self._at(7)
        self.assertFalse(self._get_acted(rule))
        self._get_item(order).escalate_at = False
        self._at(18)
        self.assertTrue(self._get_acted(rule))

    def test_idle_counts_from_when_somebody_took_it(self):
        rule = self._make_rule(trigger="idle", amount=3)
        order = self._make_desk_order()
        self.clock.move_to(MONDAY + timedelta(hours=2))
        self._get_item(order).with_user(self.bob).action_take()
        self._at(4)
        self.assertFalse(self._get_acted(rule))
        self._at(5)
        self.assertEqual(len(self._get_acted(rule)), 1)

    def test_conditions(self):
        rule = self._make_rule(
            min_priority="2",
            type_ids=[Command.set(self.type_consulting.ids)],
            order_domain="[('description', 'ilike', 'smoke')]",
        )
        hot = self._make_desk_order(priority="3", description="Smoke everywhere")
        self._make_desk_order(priority="1", description="Smoke")
        self._make_desk_order(priority="3", description="Noise")
        self._make_desk_order(
            priority="3", description="Smoke", type_id=self.type_repair.id
        )
        self._make_order(priority="3", description="Smoke")
        self._at(8)
        self.assertEqual(self._get_acted(rule).order_id, hot)

    def test_a_rule_for_an_archived_type_or_team_is_for_no_other(self):
        other = self.type_consulting.copy({"code": "other_type"})
        team = self.region.copy()
        rules = self._make_rule(type_ids=[Command.set(other.ids)]) + self._make_rule(
            team_ids=[Command.set(team.ids)]
        )
        other.active = team.active = False
        rules.invalidate_recordset()
        self._make_desk_order()
        self._at(8)
        for rule in rules:
            self.assertFalse(self._get_acted(rule))

    def test_reassign_to_leader_user_team(self):
        for target, expected in (
            ({"reassign": "leader"}, self.lea),
            ({"reassign": "user", "reassign_user_id": self.rex.id}, self.rex),
            ({"reassign": "team", "reassign_team_id": self.region.id}, self.region),
        ):
            with self.subTest(target=target["reassign"]):
                self.clock.move_to(MONDAY)
                rule = self._make_rule(**target)
                order = self._make_desk_order()
                item = self._get_item(order)
                item.escalate_at = False
                self._at(8)
                self.assertEqual(item.user_id or item.team_id, expected)
                self.assertEqual(len(self._get_events(order, "reassigned")), 1)
                self._at(9)
                acted = self._get_acted(rule) & order.escalation_step_ids
                self.assertEqual(len(acted), 1)
                rule.active = False

    def test_next_on_the_ladder(self):
        self._make_rule(trigger="before_due", amount=1, reassign="next")
        order = self._make_desk_order()
        self._at(7)
        self.assertEqual(self._get_item(order).user_id, self.bob)
        self.assertEqual(self._get_item(order).escalation_level, 1)

    def test_runs_a_server_action(self):
        action = self.env["ir.actions.server"].create(
            {
                "name": "Mark",
                "model_id": self.env["ir.model"]._get_id("service.order"),
                "state": "code",
                "code": "record.write({'internal_note': 'escalated'})",
            }
        )
        self._make_rule(action_id=action.id)
        order = self._make_desk_order()
        self._at(8)
        self.assertEqual(order.internal_note, "escalated")

    def _make_promise(self, hours=4, calendar=None):
        self.type_consulting.sla_policy_id = self.env["service.sla.policy"].create(
            {
                "name": "Test Policy",
                "calendar_id": (calendar or self.always).id,
                "target_ids": [
                    Command.create({"metric": "resolution", "hours": hours}),
                ],
            }
        )
        order = self._make_desk_order()
        self._get_item(order).escalate_at = False
        return order

    def test_clock_warn_breach_and_two_hours_after(self):
        warn = self._make_rule(trigger="before_clock", unit="percent", amount=75)
        breach = self._make_rule(trigger="after_clock", metric="resolution")
        later = self._make_rule(trigger="after_clock", amount=2, reassign="leader")
        other = self._make_rule(trigger="after_clock", metric="arrival")
        order = self._make_promise()
        acted = []
        for hours in (2.9, 3, 3.9, 4, 5.9, 6, 7, 9):
            self._at(hours)
            acted.append(
                tuple(len(self._get_acted(rule)) for rule in (warn, breach, later))
            )
        self.assertEqual(
            acted,
            [
                (0, 0, 0),
                (1, 0, 0),
                (1, 0, 0),
                (1, 1, 0),
                (1, 1, 0),
                (1, 1, 1),
                (1, 1, 1),
                (1, 1, 1),
            ],
        )
        self.assertFalse(self._get_acted(other))
        self.assertEqual(self._get_item(order).user_id, self.lea)
        self.assertIn("promise is broken", self._get_acted(breach).note)

    def test_clock_that_stopped_in_time_escalates_nothing(self):
        rule = self._make_rule(trigger="after_clock")
        order = self._make_promise()
        self._at(1)
        order.action_cancel()
        self._at(5)
        self.assertFalse(self._get_acted(rule))

    def test_clock_in_office_hours_waits_for_the_morning(self):
        rule = self._make_rule(trigger="after_clock", amount=1)
        # Ten hours from Monday 8:00: due at 18:00, one hour more is Tuesday 9:00
        self._make_promise(hours=10, calendar=self.office)
        for hours, count in ((11, 0), (20, 0), (24.9, 0), (25, 1)):
            self._at(hours)
            self.assertEqual(len(self._get_acted(rule)), count, hours)
        night = self._make_rule(trigger="after_clock", amount=1, around_clock=True)
        self.clock.move_to(MONDAY)
        order = self._make_promise(hours=10, calendar=self.office)
        self._at(11)
        self.assertIn(order, self._get_acted(night).order_id)

    def test_what_was_due_before_the_rule_is_left_alone(self):
        order = self._make_desk_order()
        self.clock.move_to(MONDAY + timedelta(hours=100))
        rule = self._make_rule(effective_from=MONDAY + timedelta(hours=100))
        self._run()
        self.assertFalse(self._get_acted(rule))
        self.assertEqual(
            order.escalation_step_ids.filtered("rule_id").outcome, "settled"
        )

    def test_two_rules_each_act(self):
        rules = self._make_rule() | self._make_rule(amount=1)
        self._make_desk_order()
        self._at(9)
        for rule in rules:
            self.assertEqual(len(self._get_acted(rule)), 1)

    def test_wrong_rules_are_refused_with_a_sentence(self):
        for vals in (
            {"trigger": "after_due", "unit": "percent", "amount": 50},
            {"reassign": "user"},
            {"order_domain": "[('no_such_field', '=', 1)]"},
            {"order_domain": "oops"},
            {"order_domain": "[('user_id.password', 'like', 'a%')]"},
            {"order_domain": "[('user_id', 'any', [('login', '=', 'x')])]"},
            {"order_domain": "[('id', '=', uid)]"},
        ):
            with (
                self.subTest(vals),
                self.assertRaisesRegex(ValidationError, "Test Rule"),
            ):
                self._make_rule(**vals)

    def test_access(self):
        rule = self._make_rule()
        self._make_desk_order()
        self._at(8)
        step = self._get_acted(rule)
        read = {"rule": "r", "step": "r"}
        check_matrix(
            self,
            {"rule": rule, "step": step},
            {
                self.agent: read,
                self.dispatcher: read,
                self.quality: read,
                self.manager: {"rule": "rwcd", "step": "rw"},
                self.technician_user: {},
                self.point_manager: {},
                self.portal_customer: {},
                self.portal_point: {},
            },
        )

    def test_manager_makes_a_rule_in_the_form(self):
        form = Form(self.env["service.escalation.rule"].with_user(self.manager))
        form.name = "Warn early"
        form.trigger = "before_due"
        form.unit = "percent"
        form.amount = 80
        rule = form.save()
        self.assertEqual(rule.effective_from, MONDAY)
