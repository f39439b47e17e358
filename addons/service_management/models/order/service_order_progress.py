from odoo import api, models
from odoo.exceptions import AccessError

from odoo.addons.service_management.engine.token_path import find_passed


class ServiceOrder(models.Model):
    _inherit = "service.order"

    @api.readonly
    def get_workflow_progress(self) -> dict:
        """Besides, what a token went through without resting there, and the words.

        :return: ``passed``: element ids of flows, gateways, automatic tasks, the start
            and the end; ``names``: by element id, in the reader's language

        For employees only: a customer or a point may read an order, but not how the
        house works on it.
        """
        if not self.env.su and not self.env.user._is_internal():
            raise AccessError(self.env._("The workflow of an order is for employees."))
        progress = super().get_workflow_progress()
        # sudo: service.workitem, service.workflow.version: of this order, for its
        # readers (checked above)
        order = self.sudo()
        version = order.workflow_version_id
        if not version:
            return {**progress, "passed": [], "names": {}}
        items = order.workitem_ids.filtered(
            lambda item: (
                item.node_id.version_id == version
                and (item.kind != "limit" or item.state == "done")
            )
        )
        passed = find_passed(
            version._get_graph(),
            rested=set(items.node_id.ids),
            arrivals=set(items.flow_id.ids),
            has_ended=not progress["open"],
        )
        elements = {
            **{node.id: node.element_id for node in version.node_ids},
            **{flow.id: flow.element_id for flow in version.flow_ids},
        }
        named = [*version.node_ids, *version.flow_ids]
        return {
            **progress,
            "passed": [elements[key] for key in passed],
            "names": {part.element_id: part.name for part in named if part.name},
        }
