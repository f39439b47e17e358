from odoo.tests import tagged
from odoo.tools import SQL

from .workflow_common import WorkflowCase


@tagged("post_install", "-at_install")
class TestWorkflowAdopt(WorkflowCase):
    """Orders of a release without workflows go on where they stood."""

    def _forget(self, orders):
        """As the database was before there were workflows."""
        self.env.flush_all()
        for table, column, key in (
            ("service_workitem", "node_id", "order_id"),
            ("service_workitem", "flow_id", "order_id"),
            ("service_order", "workflow_version_id", "id"),
        ):
            self.env.cr.execute(
                SQL(
                    "UPDATE %s SET %s = NULL WHERE %s IN %s",
                    SQL.identifier(table),
                    SQL.identifier(column),
                    SQL.identifier(key),
                    tuple(orders.ids),
                )
            )
        self.env.invalidate_all()

    def test_orders_find_their_place_and_go_on(self):
        draft = self._make_order(register=False)
        waiting = self._make_order(description="One")
        accepted = self._make_accepted_order(description="Two")
        desk = self._make_order(type_id=self.type_consulting.id)
        desk.action_start_work()
        closed = self._make_order(description="Three")
        closed.action_cancel()
        orders = draft + waiting + accepted + desk + closed
        self._forget(orders)
        self.env["service.order"]._adopt_workflows()
        self.assertEqual(
            [self._places(order) for order in orders],
            [["register"], ["dispatch"], ["plan"], ["work"], []],
        )
        self.assertTrue(all(order.workflow_version_id for order in orders))
        draft.action_register()
        waiting._dispatch()
        self._make_visit(accepted)
        desk.outcome = "fixed"
        desk.action_done()
        self.assertEqual(
            [self._places(order) for order in orders],
            [["dispatch"], ["answer"], ["travel"], ["confirm"], []],
        )
        for order in orders:
            self.assertNotIn("moved", order.event_ids.mapped("kind"))

    def test_an_item_without_a_place_ends_with_the_next_step(self):
        order = self._make_accepted_order()
        old = self._open(order)
        self.env.flush_all()
        self.env.cr.execute(
            SQL("UPDATE service_workitem SET node_id = NULL WHERE id = %s", old.id)
        )
        self.env.invalidate_all()
        self._make_visit(order)
        self.assertEqual(old.state, "done")
        self.assertEqual(self._places(order), ["travel"])
