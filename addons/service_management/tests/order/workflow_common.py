from odoo.addons.service_management.tests.common import ServiceCommon
from odoo.addons.service_management.tests.process.test_workflow_version import (
    END,
    START,
    flow,
    process,
    task_chain,
    user_task,
)

__all__ = ["END", "START", "WorkflowCase", "flow", "process", "task_chain", "user_task"]


class WorkflowCase(ServiceCommon):
    """Orders on workflows that a test draws itself."""

    def _publish(self, xml, code="drawn"):
        workflow = self.env["service.workflow"].search([("code", "=", code)])
        if not workflow:
            workflow = self.env["service.workflow"].create(
                {"name": "Drawn", "code": code}
            )
        workflow.action_edit()
        workflow.draft_id.bpmn_xml = xml
        workflow.draft_id.action_publish()
        return workflow

    def _draw_type(self, xml, code="drawn", **vals):
        """A service type of its own on this drawing."""
        workflow = self._publish(xml, code)
        return self.env["service.type"].create(
            {
                "name": "Drawn",
                "code": f"type_{code}",
                "visit_required": False,
                "workflow_id": workflow.id,
                **vals,
            }
        )

    def _order_on(self, xml, code="drawn", **vals):
        """A draft on this drawing: where it waits first."""
        return self._make_order(
            register=False, type_id=self._draw_type(xml, code).id, **vals
        )

    def _open(self, order):
        return order.workitem_ids.filtered(lambda item: item.state == "open")

    def _places(self, order):
        """Elements where tokens are."""
        live = order.workitem_ids.filtered(
            lambda item: item.state in ("open", "waiting")
        )
        return sorted(live.mapped("node_id.element_id"))

    def _item(self, order, element_id):
        return self._open(order).filtered(
            lambda item: item.node_id.element_id == element_id
        )

    def _flow(self, item, name):
        found = item._get_available_flows().filtered(lambda flow: flow.name == name)
        self.assertTrue(found, item._get_available_flows().mapped("name"))
        return found.id

    def _complete(self, order, element_id, button=None, user=None, **kwargs):
        item = self._item(order, element_id)
        self.assertEqual(len(item), 1, self._places(order))
        item = item.with_user(user) if user else item
        flow_id = self._flow(item, button) if button else None
        item.action_complete(flow_id, **kwargs)
