from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .workflow_common import (
    END,
    START,
    WorkflowCase,
    flow,
    process,
    task_chain,
    user_task,
)

EXPRESSION = "order.partner_id.name == 'Test Customer' and order.priority == '3'"
DOMAIN = "[('type_id.code', '=like', 'type_%'), ('priority', '=', '2')]"
GATEWAY = '<bpmn:{kind}Gateway id="{id}"{default}/>'
LIMIT = (
    '<bpmn:boundaryEvent id="limit" attachedToRef="a" cancelActivity="{interrupting}">'
    '<bpmn:timerEventDefinition id="d"><bpmn:timeDuration>PT2H</bpmn:timeDuration>'
    "</bpmn:timerEventDefinition></bpmn:boundaryEvent>"
)


def gateway(element_id, kind="exclusive", default=""):
    default = f' default="{default}"' if default else ""
    return GATEWAY.format(kind=kind, id=element_id, default=default)


@tagged("post_install", "-at_install")
class TestWorkflowEngine(WorkflowCase):
    def setUp(self):
        super().setUp()
        self.patch(type(self.env["ir.cron"]), "_commit_progress", lambda *a, **k: 1.0)

    def _action(self, code, name="act"):
        action = self.env["ir.actions.server"].create(
            {
                "name": name,
                "model_id": self.env["ir.model"]._get_id("service.order"),
                "state": "code",
                "code": code,
                "service_workflow_allowed": True,
            }
        )
        return action.id

    def _limit(self, interrupting):
        return process(
            START, user_task("a"), user_task("b"), END,
            LIMIT.format(interrupting=interrupting),
            flow("start", "a"), flow("a", "end"), flow("limit", "b"), flow("b", "end"),
        )  # fmt: skip

    # Gateways

    def test_parallel_work_joins(self):
        xml = process(
            START, gateway("f", "parallel"), user_task("a"), user_task("b"),
            gateway("j", "parallel"), user_task("c"), END,
            flow("start", "f"), flow("f", "a"), flow("f", "b"), flow("a", "j"),
            flow("b", "j"), flow("j", "c"), flow("c", "end"),
        )  # fmt: skip
        order = self._order_on(xml)
        self.assertEqual(self._places(order), ["a", "b"])
        self._complete(order, "a")
        self.assertEqual(self._places(order), ["b", "j"])
        self.assertEqual(len(self._open(order)), 1)
        self._complete(order, "b")
        self.assertEqual(self._places(order), ["c"])

    def test_decisions_read_the_order(self):
        xml = process(
            START, gateway("g", default="f_g_c"), user_task("a"), user_task("b"),
            user_task("c"), END, flow("start", "g"),
            flow("g", "a", condition=EXPRESSION), flow("g", "b", condition=DOMAIN),
            flow("g", "c"), flow("a", "end"), flow("b", "end"), flow("c", "end"),
        )  # fmt: skip
        order = self._order_on(xml, priority="3")
        self.assertEqual(self._places(order), ["a"])
        for priority, place in (("2", "b"), ("0", "c")):
            other = self._make_order(
                register=False, type_id=order.type_id.id, priority=priority
            )
            self.assertEqual(self._places(other), [place])

    # Errors

    @mute_logger("odoo.addons.service_management.models.order.workflow_answers")
    def test_a_condition_that_fails_parks_its_order_and_no_other(self):
        xml = process(
            START, gateway("g", default="f_g_b"), user_task("a"), user_task("b"), END,
            flow("start", "g"),
            flow("g", "a", condition="1 / (len(order.child_ids) - order.color) > 0")
            .replace("order.color", "len(order.source_key)"),
            flow("g", "b"), flow("a", "end"), flow("b", "end"),
        )  # fmt: skip
        service_type = self._draw_type(xml)
        orders = self.env["service.order"].create(
            [
                {
                    "partner_id": self.customer.id,
                    "type_id": service_type.id,
                    "description": "x",
                    "channel": "api",
                    "source_key": key,
                }
                for key in ("aa", False, "cc")
            ]
        )
        broken = orders[1]
        self.assertEqual(
            [self._places(order) for order in orders], [["b"], ["g"], ["b"]]
        )
        self.assertEqual(self._open(broken).kind, "error")
        self.assertIn("ZeroDivisionError", broken.workflow_error)
        self.assertFalse(orders[0].workflow_error)
        self.assertIn("workflow_error", broken.event_ids.mapped("kind"))
        found = self.env["service.order"].search([("workflow_error", "!=", False)])
        self.assertIn(broken, found)
        broken.sudo().source_key = "bb"
        broken.with_user(self.agent).action_workflow_retry()
        self.assertFalse(broken.workflow_error)
        self.assertEqual(self._places(broken), ["b"])

    @mute_logger("odoo.addons.service_management.models.order.workflow_answers")
    def test_an_action_that_fails_leaves_nothing_and_is_tried_again(self):
        code = (
            "record.write({'outcome_note': 'half done'})\n"
            "if record.priority == '3': raise UserError('The crane is away')"
        )
        xml = process(
            START, user_task("a"), user_task("b"), END, flow("start", "a"),
            flow("a", "b", action=self._action(code)), flow("b", "end"),
        )  # fmt: skip
        service_type = self._draw_type(xml)
        orders = self.env["service.order"]
        for priority in ("1", "3", "1"):
            orders += self._make_order(
                register=False, type_id=service_type.id, priority=priority
            )
        orders.workitem_ids.action_complete()
        self.assertEqual(
            orders.mapped("workflow_error"), [False, "The crane is away", False]
        )
        self.assertEqual(
            orders.mapped("outcome_note"), ["half done", False, "half done"]
        )
        self.assertEqual(self._places(orders[0]), ["b"])
        parked = self._open(orders[1])
        self.assertEqual((parked.kind, parked.error), ("error", "The crane is away"))
        self.assertEqual(
            orders[1].get_workflow_progress()["errors"],
            [{"element_id": "a", "message": "The crane is away"}],
        )
        orders[1].priority = "0"
        orders[1].action_workflow_retry()
        self.assertEqual(self._places(orders[1]), ["b"])
        self.assertFalse(orders[1].workflow_error)

    @mute_logger("odoo.addons.service_management.models.order.workflow_answers")
    def test_an_action_cannot_move_its_own_order(self):
        xml = process(
            START, user_task("a"), user_task("b"), END, flow("start", "a"),
            flow("a", "b", action=self._action("record.action_cancel()")),
            flow("b", "end"),
        )  # fmt: skip
        order = self._order_on(xml)
        self._complete(order, "a")
        self.assertIn("draw a flow instead", order.workflow_error)
        self.assertNotEqual(order.state, "cancelled")

    def test_a_service_task_runs_its_action_and_leaves_a_trace(self):
        action = self._action("record.write({'outcome_note': 'by machine'})")
        xml = process(
            START, f'<bpmn:serviceTask id="s" svc:action="{action}"/>', user_task("b"),
            END, flow("start", "s"), flow("s", "b"), flow("b", "end"),
        )  # fmt: skip
        order = self._order_on(xml)
        self.assertEqual(order.outcome_note, "by machine")
        self.assertEqual(self._places(order), ["b"])
        self.assertIn("automatic", order.workitem_ids.mapped("kind"))

    def test_an_action_runs_only_while_an_administrator_lets_it(self):
        action = self._action("record.write({'outcome_note': 'by machine'})")
        xml = process(
            START, user_task("a"), user_task("b"), END, flow("start", "a"),
            flow("a", "b", action=action), flow("b", "end"),
        )  # fmt: skip
        order = self._order_on(xml)
        row = self.env["ir.actions.server"].browse(action)
        row.service_workflow_allowed = False
        self._complete(order, "a")
        self.assertIn("may not be used in workflows", order.workflow_error)
        self.assertFalse(order.outcome_note)
        with self.assertRaisesRegex(UserError, "may be used in workflows"):
            self._publish(xml)
        with self.assertRaises(AccessError):
            row.with_user(self.manager).service_workflow_allowed = True
        row.service_workflow_allowed = True
        order.action_workflow_retry()
        self.assertEqual(order.outcome_note, "by machine")

    def test_a_flow_sets_only_what_the_list_names_whatever_its_row_says(self):
        xml = process(
            START, user_task("a"), user_task("b"), END, flow("start", "a"),
            flow("a", "b", set='{"priority": "3"}'), flow("b", "end"),
        )  # fmt: skip
        service_type = self._draw_type(xml)
        # A row of before the database guarded them
        self.env.cr.execute(
            "ALTER TABLE service_workflow_flow DISABLE TRIGGER "
            "service_workflow_flow_immutable"
        )
        row = service_type.workflow_id.version_id.flow_ids.filtered("set_values")
        self.env.cr.execute(
            """UPDATE service_workflow_flow SET set_values = '{"name": "x"}'
                WHERE id = %s""",
            (row.id,),
        )
        self.env.cr.execute(
            "ALTER TABLE service_workflow_flow ENABLE TRIGGER "
            "service_workflow_flow_immutable"
        )
        self.env.invalidate_all()
        self.env.registry.clear_cache()
        order = self._make_order(register=False, type_id=service_type.id)
        self._complete(order, "a")
        self.assertIn("cannot set these fields: name", order.workflow_error)
        self.assertNotEqual(order.name, "x")

    def test_a_flow_sets_fields_sends_a_message_and_makes_a_child(self):
        template = self.env["mail.template"].create(
            {
                "name": "Told",
                "model_id": self.env["ir.model"]._get_id("service.order"),
                "subject": "About {{ object.name }}",
                "email_to": "{{ object.email }}",
                "body_html": "<p>Hello</p>",
            }
        )
        xml = process(
            START, user_task("a"), user_task("b"), END, flow("start", "a"),
            flow("a", "b", set='{"priority": "3"}', child="consulting",
                 template=template.id),
            flow("b", "end"),
        )  # fmt: skip
        service_type = self._draw_type(xml)
        orders = self.env["service.order"]
        for __ in range(2):
            orders += self._make_order(register=False, type_id=service_type.id)
        orders.workitem_ids.action_complete()
        self.assertEqual(orders.mapped("priority"), ["3", "3"])
        self.assertEqual(orders.child_ids.mapped("type_id.code"), ["consulting"])
        self.assertEqual(orders.child_ids.mapped("state"), ["new", "new"])
        told = self.env["mail.message"].search(
            [("model", "=", "service.order"), ("res_id", "in", orders.ids)]
        )
        subjects = told.filtered(lambda m: (m.subject or "").startswith("About"))
        self.assertEqual(len(subjects), 2)

    # Time

    def test_an_interrupting_limit_ends_the_task(self):
        order = self._order_on(self._limit("true"))
        item = self._item(order, "a")
        limit = order.workitem_ids.filtered(lambda i: i.kind == "limit")
        self.assertEqual((limit.state, limit.parent_id), ("waiting", item))
        self.assertLess(
            abs(limit.deadline - fields.Datetime.now() - timedelta(hours=2)),
            timedelta(minutes=1),
        )
        cron = self.env.ref("service_management.cron_workflow_timers")
        triggers = self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)])
        self.assertTrue(
            triggers.filtered(lambda t: t.call_at >= limit.deadline),
        )
        self.env["service.workitem"]._fire_due()
        self.assertEqual(item.state, "open")
        limit.deadline = fields.Datetime.now() - timedelta(minutes=1)
        self.env["service.workitem"]._fire_due()
        self.assertEqual((item.state, limit.state), ("cancelled", "done"))
        self.assertEqual(self._places(order), ["b"])
        self.assertIn("timer", order.event_ids.mapped("kind"))

    def test_a_limit_that_does_not_interrupt_adds_work(self):
        order = self._order_on(self._limit("false"))
        limit = order.workitem_ids.filtered(lambda i: i.kind == "limit")
        limit.deadline = fields.Datetime.now() - timedelta(minutes=1)
        self.env["service.workitem"]._fire_due()
        self.assertEqual(self._places(order), ["a", "b"])
        self._complete(order, "a")
        self._complete(order, "b")
        self.assertEqual(order.state, "closed")

    def test_a_limit_goes_when_the_task_is_done_in_time(self):
        order = self._order_on(self._limit("true"))
        self._complete(order, "a")
        self.assertEqual(self._places(order), [])
        limit = order.workitem_ids.filtered(lambda i: i.kind == "limit")
        self.assertEqual(limit.state, "cancelled")

    def test_a_timer_that_fails_stops_no_other(self):
        orders = self._order_on(self._limit("true"))
        orders += self._make_order(register=False, type_id=orders.type_id.id)
        limits = orders.workitem_ids.filtered(lambda i: i.kind == "limit")
        limits.deadline = fields.Datetime.now() - timedelta(minutes=1)
        fire = type(limits)._fire
        poisoned = limits[0]

        def fire_unless_poisoned(items):
            if poisoned in items:
                raise ValueError("Poison")
            return fire(items)

        with patch.object(type(limits), "_fire", fire_unless_poisoned):
            self.env["service.workitem"]._fire_due()
        self.assertEqual(self._places(orders[1]), ["b"])
        self.assertEqual(orders[0].workflow_error, "Poison")
        self.assertGreater(poisoned.deadline, fields.Datetime.now())
        poisoned.deadline = fields.Datetime.now() - timedelta(minutes=1)
        self.env["service.workitem"]._fire_due()
        self.assertEqual(self._places(orders[0]), ["b"])

    # Messages and calls

    def test_a_message_lets_those_go_on_that_wait_for_it(self):
        xml = process(
            START,
            '<bpmn:intermediateCatchEvent id="m" name="Reply" svc:actor="owner" '
            'svc:message="customer_reply"><bpmn:messageEventDefinition id="d"/>'
            "</bpmn:intermediateCatchEvent>",
            user_task("b"), END, flow("start", "m"), flow("m", "b"), flow("b", "end"),
        )  # fmt: skip
        order = self._order_on(xml)
        other = self._make_order(type_id=self.type_consulting.id)
        self.assertEqual(self._open(order).kind, "message")
        self.assertTrue(self._open(order).user_id)
        self.assertFalse(order._throw_message("portal_confirmation"))
        moved = (order + other)._throw_message("customer_reply")
        self.assertEqual(moved, order)
        self.assertEqual(self._places(order), ["b"])
        self.assertFalse(order._throw_message("customer_reply"))

    def test_the_customer_s_answer_in_the_portal_is_a_message(self):
        xml = process(
            START,
            '<bpmn:intermediateCatchEvent id="m" name="Reply" svc:actor="owner" '
            'svc:message="customer_reply"><bpmn:messageEventDefinition id="d"/>'
            "</bpmn:intermediateCatchEvent>",
            '<bpmn:intermediateCatchEvent id="n" name="Content?" svc:actor="owner" '
            'svc:stage="done" svc:message="portal_confirmation">'
            '<bpmn:messageEventDefinition id="e"/></bpmn:intermediateCatchEvent>',
            user_task("b"), END, flow("start", "m"), flow("m", "n"), flow("n", "b"),
            flow("b", "end"),
        )  # fmt: skip
        order = self._order_on(xml)
        customer_s = order.with_user(self.portal_customer).sudo()
        customer_s._write_by_customer("It is the pump.")
        self.assertEqual(self._places(order), ["n"])
        customer_s._confirm_by_customer()
        self.assertEqual(self._places(order), ["b"])
        self.assertNotEqual(order.state, "closed")

    def test_a_called_workflow_runs_inside_the_order(self):
        self._publish(task_chain(user_task("inner")), "called")
        xml = process(
            START, '<bpmn:callActivity id="k" calledElement="called"/>', user_task("b"),
            END, flow("start", "k"), flow("k", "b"), flow("b", "end"),
        )  # fmt: skip
        order = self._order_on(xml)
        inner = self._item(order, "inner")
        call = order.workitem_ids.filtered(lambda i: i.kind == "call")
        self.assertEqual((inner.parent_id, call.state), (call, "waiting"))
        self._complete(order, "inner")
        self.assertEqual(call.state, "done")
        self.assertEqual(self._places(order), ["b"])

    # What happens outside the drawing

    def test_what_happens_goes_to_the_node_that_stands_for_it(self):
        xml = task_chain(
            user_task("a", stage="new"), user_task("b", stage="in_progress"),
            user_task("c", stage="done"),
        )  # fmt: skip
        order = self._order_on(xml)
        order._set_state("done")
        self.assertEqual(self._places(order), ["c"])
        self.assertEqual(order.state, "done")
        moved = order.event_ids.filtered(lambda event: event.kind == "moved")
        self.assertEqual(moved.name, "a → c")

    def test_a_cancelled_order_has_no_token_and_reopens_at_the_start(self):
        order = self._order_on(self._limit("true"))
        order.action_cancel("No more")
        self.assertEqual(self._places(order), [])
        self.assertEqual(set(order.workitem_ids.mapped("state")), {"cancelled"})
        order.action_reopen()
        self.assertEqual(self._places(order), ["a", "limit"])
