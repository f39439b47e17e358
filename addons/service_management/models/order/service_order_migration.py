from odoo import models
from odoo.exceptions import UserError

from .workflow_run import WorkflowRun

# What has a place of its own in a mapping; time limits follow their task.
MAPPED_KINDS = ("task", "timer", "message", "call", "join", "error")


class ServiceOrder(models.Model):
    """Moving running orders to another version of their workflow.

    By themselves only tokens move whose element is there in the other version and
    whose way until now is the same: what changed lies ahead of them. For all others a
    person says where they go.
    """

    _inherit = "service.order"

    def _plan_migration(self, version) -> list[dict]:
        """Where the open tokens of the orders would go.

        :return: a line for each place where tokens are: ``node_id``, ``count`` of
            orders, ``target_id`` (or ``None``) and ``code``: same, changed, missing
        """
        # sudo: service.workitem: managers move orders, the engine reads all tokens
        items = self.sudo().workitem_ids.filtered(
            lambda item: (
                item.state in ("open", "waiting")
                and item.kind in MAPPED_KINDS
                and item.node_id.version_id == item.order_id.workflow_version_id
            )
        )
        targets = {node.element_id: node for node in version.sudo().node_ids}
        lines = []
        for node, of_node in items.grouped("node_id").items():
            target = targets.get(node.element_id)
            code = "same"
            if target is None or target.kind != node.kind:
                target, code = None, "missing"
            elif any(order._is_way_changed(version) for order in of_node.order_id):
                target, code = None, "changed"
            lines.append(
                {
                    "node_id": node.id,
                    "count": len(of_node.order_id),
                    "target_id": target.id if target else None,
                    "code": code,
                }
            )
        return lines

    def _is_way_changed(self, version) -> bool:
        """Whether a node that the order has passed is another one in ``version``."""
        self.ensure_one()
        passed = (
            self.sudo()
            .workitem_ids.filtered(
                lambda item: (
                    item.state == "done"
                    and item.node_id.version_id == item.order_id.workflow_version_id
                )
            )
            .node_id
        )
        after = version._get_signatures()
        before = self.sudo().workflow_version_id._get_signatures()
        return any(
            before.get(node.element_id) != after.get(node.element_id) for node in passed
        )

    def _migrate_workflow(self, version, mapping):
        """Move the orders to ``version``.

        :param mapping: ``{id of the node where tokens are: id of the node to go to}``;
            must name every place that :meth:`_plan_migration` gives
        """
        lines = self._plan_migration(version)
        unmapped = [line for line in lines if not mapping.get(line["node_id"])]
        if unmapped:
            nodes = self.env["service.workflow.node"].browse(
                [line["node_id"] for line in unmapped]
            )
            raise UserError(
                self.env._(
                    "Say where the orders in these tasks go: %(tasks)s.",
                    tasks=", ".join(node.name or node.element_id for node in nodes),
                )
            )
        graph = version._get_graph()
        if any(target not in graph.nodes for target in mapping.values()):
            raise UserError(self.env._("A target is not of the chosen version."))
        names = [order.workflow_version_id.display_name for order in self]
        run = WorkflowRun(self)
        run.migrate(version, mapping)
        changed = run.settle(result=version.display_name)
        run.keep_assignments()
        self._log_event(
            "migrated", names=[f"{name} → {version.display_name}" for name in names]
        )
        self._after_workflow(changed)
        return True


class ServiceWorkflowVersion(models.Model):
    _inherit = "service.workflow.version"

    def _get_signatures(self) -> dict[str, tuple]:
        """What each element is and where its flows lead, for comparing versions."""
        self.ensure_one()
        version = self.sudo()  # sudo: service.workflow.flow: compared, not shown
        ways: dict[str, list] = {}
        for flow in version.flow_ids:
            way = (flow.element_id, flow.target_id.element_id)
            ways.setdefault(flow.source_id.element_id, []).append(way)
        return {
            node.element_id: (node.kind, tuple(sorted(ways.get(node.element_id, ()))))
            for node in version.node_ids
        }
