from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .test_workflow_engine import gateway
from .workflow_common import (
    END,
    START,
    WorkflowCase,
    flow,
    process,
    task_chain,
    user_task,
)

FORK = (
    START, gateway("f", "parallel"), user_task("a"), user_task("b"),
    gateway("j", "parallel"), END, flow("start", "f"), flow("f", "a"), flow("f", "b"),
    flow("a", "j"), flow("b", "j"),
)  # fmt: skip


@tagged("post_install", "-at_install")
class TestWorkflowMigration(WorkflowCase):
    def _start(self, *tasks):
        order = self._order_on(task_chain(*(user_task(task) for task in tasks)))
        return order, order.workflow_version_id.workflow_id

    def _wizard(self, orders):
        """The preview as it opens from the list of orders."""
        return Form(
            self.env["service.workflow.migrate"].with_context(active_ids=orders.ids)
        )

    def test_what_changed_ahead_goes_by_itself(self):
        order, workflow = self._start("a", "b", "c")
        self._complete(order, "a")
        item = self._item(order, "b")
        item.user_id = self.dispatcher
        deadline = item.deadline
        self._publish(task_chain(user_task("a"), user_task("b"), user_task("z")))
        form = self._wizard(order)
        self.assertEqual(form.version_id, workflow.version_id)
        wizard = form.save()
        self.assertRecordValues(
            wizard.line_ids,
            [{"note": "same", "order_count": 1, "node_id": item.node_id.id}],
        )
        self.assertNotEqual(order.workflow_version_id, workflow.version_id)
        wizard.with_user(self.manager).action_migrate()
        self.assertEqual(order.workflow_version_id, workflow.version_id)
        now = self._item(order, "b")
        self.assertEqual(now.node_id.version_id, workflow.version_id)
        self.assertEqual((now.user_id, now.deadline), (self.dispatcher, deadline))
        self.assertIn("migrated", order.event_ids.mapped("kind"))
        self._complete(order, "b")
        self.assertEqual(self._places(order), ["z"])

    def test_a_way_that_changed_behind_needs_a_word(self):
        order, workflow = self._start("a", "b")
        other = self._make_order(register=False, type_id=order.type_id.id)
        self._complete(order, "a")
        self._publish(task_chain(user_task("a"), user_task("x"), user_task("b")))
        lines = {
            line["node_id"]: line["code"]
            for line in (order + other)._plan_migration(workflow.version_id)
        }
        self.assertEqual(
            lines,
            {
                self._open(order).node_id.id: "changed",
                self._open(other).node_id.id: "same",
            },
        )
        with self.assertRaisesRegex(UserError, "Say where.*b"):
            order._migrate_workflow(workflow.version_id, {})
        target = workflow.version_id.node_ids.filtered(lambda n: n.element_id == "x")
        order._migrate_workflow(
            workflow.version_id, {self._open(order).node_id.id: target.id}
        )
        self.assertEqual(self._places(order), ["x"])

    def test_a_task_that_is_gone_needs_a_target_of_the_version(self):
        order, workflow = self._start("a", "b")
        old = workflow.version_id
        self._publish(task_chain(user_task("z")))
        [line] = order._plan_migration(workflow.version_id)
        self.assertEqual((line["code"], line["target_id"]), ("missing", None))
        with self.assertRaisesRegex(UserError, "not of the chosen"):
            order._migrate_workflow(
                workflow.version_id, {line["node_id"]: old.node_ids[0].id}
            )

    def test_parallel_work_stays_parallel_and_joined(self):
        order = self._order_on(process(*FORK, flow("j", "end")))
        self._complete(order, "a")
        self.assertEqual(self._places(order), ["b", "j"])
        workflow = self._publish(
            process(*FORK, user_task("z"), flow("j", "z"), flow("z", "end"))
        )
        lines = order._plan_migration(workflow.version_id)
        order._migrate_workflow(
            workflow.version_id, {line["node_id"]: line["target_id"] for line in lines}
        )
        self.assertEqual(self._places(order), ["b", "j"])
        self._complete(order, "b")
        self.assertEqual(self._places(order), ["z"])

    def test_only_managers_move_orders(self):
        order, __ = self._start("a")
        wizard = self._wizard(order).save()
        for user in (self.agent, self.dispatcher, self.quality):
            with self.assertRaises(AccessError):
                wizard.with_user(user).action_migrate()
        lines = self.env["service.workflow.migrate.line"].with_user(self.agent)
        with self.assertRaises(AccessError):
            lines.search([])
