from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from odoo.addons.service_management.engine import bpmn

from .workflow_answers import CONCURRENCY_ERRORS
from .workflow_run import DOMAIN_STEPS, WorkflowRun
from .workitem_values import read_value

TIMER_BATCH = 100
# A timer that cannot fire is tried again after this many minutes.
TIMER_RETRY = 60
# What a person completes with a button of the workflow.
COMPLETABLE_KINDS = ("task", "message")
# Actors whom the workflow names: their items do not follow the order's owner.
NAMED_ACTORS = ("role", "team", "creator_manager")


class ServiceWorkitem(models.Model):
    _inherit = "service.workitem"

    order_id = fields.Many2one(
        "service.order", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        related="order_id.company_id", store=True, precompute=True, index=True
    )

    _open_step_uniq = models.UniqueIndex(
        "(order_id, step) WHERE state = 'open' AND step NOT IN ('task', 'resolve')",
        "The order already has this work item open.",
    )

    # Completing

    def action_complete(self, flow_id=None, values=None, reason=None):
        """Complete the items by a flow of their task.

        :param int flow_id: the flow that was chosen; may be left out where a task
            has one
        :param dict values: fields of the order that the task asks for, and
            ``checklist``, the numbers of the lines that were ticked
        :param str reason: why, where the flow asks for a reason
        :raise UserError: naming each field that is missing, or who has to act
        """
        self.check_access("read")
        # sudo: service.workitem, service.order: who may act, and what a task lets
        # them write, is checked item by item
        items_sudo = self.sudo()
        values = dict(values or {})
        done = []
        for item_sudo, item in zip(items_sudo, self, strict=True):
            flow = item._choose_flow(flow_id)
            item_sudo._fill(flow, values, reason)
            done.append((item_sudo, flow))
        run = WorkflowRun(items_sudo.order_id)
        for item_sudo, flow in done:
            run.leave(item_sudo, flow.id)
        changed = run.settle(result=reason)
        items_sudo._log_each(
            "task_done",
            [item._describe_completion(flow, reason) for item, flow in done],
        )
        items_sudo.order_id._after_workflow(changed)
        return True

    def _log_each(self, kind, names):
        """An event on the order of each item, in one go; one order may be there
        twice."""
        orders = self.env["service.order"].browse(item.order_id.id for item in self)
        orders._log_event(kind, names=names)

    def _choose_flow(self, flow_id) -> bpmn.Flow:
        """The flow to take; refused to those who may not."""
        self.ensure_one()
        item_sudo = self.sudo()  # sudo: service.workitem: read access was checked
        if item_sudo.state != "open" or item_sudo.kind not in COMPLETABLE_KINDS:
            raise UserError(
                self.env._("'%(task)s' is not open any more.", task=item_sudo.name)
            )
        if not self._is_actor():
            raise AccessError(
                self.env._(
                    "'%(task)s' of %(order)s is not yours to do.",
                    task=item_sudo.name,
                    order=item_sudo.order_id.display_name,
                )
            )
        flows = self._get_flows()
        if flow_id is None and len(flows) == 1:
            return flows[0]
        for flow in flows:
            if flow.id == flow_id:
                return flow
        raise UserError(
            self.env._(
                "This is not possible now for '%(task)s' of %(order)s.",
                task=item_sudo.name,
                order=item_sudo.order_id.display_name,
            )
        )

    def _get_available_flows(self):
        """Flows by which the user may complete the item now: its buttons."""
        self.ensure_one()
        flows = self.env["service.workflow.flow"]
        item_sudo = self.sudo()  # sudo: service.workitem: who may act is checked
        if item_sudo.state != "open" or item_sudo.kind not in COMPLETABLE_KINDS:
            return flows
        if not self._is_actor():
            return flows
        return flows.browse([flow.id for flow in self._get_flows()])

    def _get_flows(self) -> list[bpmn.Flow]:
        """Flows whose roles and guard let the user go on.

        Flows that an operation of the product follows (an offer, a visit) have
        their buttons there.
        """
        self.ensure_one()
        item_sudo = self.sudo()  # sudo: service.workitem: guards read the order
        graph, node = item_sudo._get_place()
        if node.kind == bpmn.MESSAGE:
            return [graph.flows[flow_id] for flow_id in node.outgoing]
        run = WorkflowRun(item_sudo.order_id, is_new=True)
        flows = []
        for flow_id in node.outgoing:
            flow = graph.flows[flow_id]
            if flow.attrs["signal"] and node.attrs["step"] in DOMAIN_STEPS:
                continue
            if flow.attrs["roles"] and not self._has_role(flow.attrs["roles"]):
                continue
            order = item_sudo.order_id
            if run.evaluate(flow, order)[order.id] is True:
                flows.append(flow)
        return flows

    def _get_place(self):
        """``(graph, node)`` of the item."""
        self.ensure_one()
        graph = self.node_id.version_id._get_graph()
        return graph, graph.nodes[self.node_id.id]

    def _follows_owner(self) -> bool:
        """Whether the item is the work of whoever owns the order."""
        self.ensure_one()
        return not self.point_id and self.node_id.actor not in NAMED_ACTORS

    # What a page shows

    def _as_action(self) -> dict:
        """The task with its buttons, for the order's form (readonly)."""
        self.ensure_one()
        flows = self._get_available_flows()
        item_sudo = self.sudo()  # sudo: service.workitem: the user acts on it
        graph, node = item_sudo._get_place()
        return {
            "item_id": self.id,
            "name": self.name,
            "step": self.step,
            "deadline": fields.Datetime.to_string(self.deadline),
            "late": self.is_late,
            "checklist": list(node.attrs["checklist"]),
            "checked": self.checked or [],
            "attachments": max(
                node.attrs["attachments"] - item_sudo._count_attachments(node), 0
            ),
            "flows": [
                {
                    "id": flow.id,
                    "name": flow._get_button(),
                    "reason": flow.reason_required,
                    "fields": list(item_sudo._get_required(node, graph.flows[flow.id])),
                }
                for flow in flows
            ],
        }

    def _as_place(self) -> dict:
        """Where a token is, for the order's diagram (superuser's)."""
        self.ensure_one()
        actor = self.user_id or self.technician_id or self.point_id or self.team_id
        return {
            "element_id": self.node_id.element_id,
            "item_id": self.id,
            "name": self.name,
            "actor": actor.display_name,
            "since": fields.Datetime.to_string(self.create_date),
            "deadline": fields.Datetime.to_string(self.deadline),
            "late": self.is_late,
        }

    # Who may act

    def _has_role(self, roles) -> bool:
        user = self.env.user
        return self.env.su or any(
            user.has_group(f"service_management.group_service_{role}") for role in roles
        )

    def _is_actor(self) -> bool:
        """Whether the user may complete the item: whoever it was given to, whom the
        node names, and service managers."""
        self.ensure_one()
        if self._has_role(("manager",)):
            return True
        user = self.env.user
        item = self.sudo()  # sudo: service.workitem: who acts is what is checked
        if item.user_id == user or item.technician_id.user_id == user:
            return True
        attrs = item._get_place()[1].attrs
        if attrs["actor"] == "role":
            return self._has_role((attrs["role"],))
        if attrs["actor"] == "creator_manager":
            return item.team_id.leader_id == user
        if item.point_id:
            mine = item.point_id in user._get_own_service_points()
            return mine or self._has_role(("dispatcher",))
        team = item.team_id
        if attrs["actor"] == "team" and (team.member_ids or team.leader_id):
            return user in team.member_ids | team.leader_id
        return self._has_role(("agent",)) or user in team.member_ids | team.leader_id

    # What is needed

    def _get_required(self, node, flow=None) -> tuple[str, ...]:
        """Fields of the order that must be filled to leave by ``flow``."""
        names = node.attrs["required"]
        finishes = flow is not None and flow.attrs["signal"] == "done"
        if finishes and "outcome" not in (*names, *flow.attrs["set"]):
            return (*names, "outcome")
        return names

    def _fill(self, flow, values, reason):
        """Write what the task asks for (superuser's; who acts was checked)."""
        self.ensure_one()
        node = self._get_place()[1]
        allowed = self._get_required(node, flow)
        ticked = values.get("checklist")
        unknown = values.keys() - {"checklist", *allowed}
        if unknown:
            raise UserError(
                self.env._(
                    "'%(task)s' does not ask for: %(fields)s.",
                    task=self.name,
                    fields=", ".join(sorted(unknown)),
                )
            )
        order = self.order_id.sudo(False)
        given = {
            name: read_value(order, name, values[name])
            for name in allowed
            if name in values
        }
        if given:
            self.order_id.write(given)
        if ticked is not None:
            lines = range(len(node.attrs["checklist"]))
            self.checked = [number for number in ticked if number in lines]
        if flow.attrs["reason"] and not (reason or "").strip():
            raise UserError(
                self.env._(
                    "'%(button)s' needs a reason.", button=self._get_button(flow)
                )
            )
        self._check_filled(node, flow)

    def _check_filled(self, node, flow=None):
        """Name each thing that is missing."""
        missing = self._list_missing(node, flow)
        if missing:
            raise UserError(
                self.env._(
                    "To finish '%(task)s' of %(order)s, these are missing: "
                    "%(missing)s.",
                    task=self.name,
                    order=self.order_id.display_name,
                    missing=", ".join(missing),
                )
            )

    def _list_missing(self, node, flow=None) -> list[str]:
        self.ensure_one()
        order = self.order_id
        names = [n for n in self._get_required(node, flow) if not order[n]]
        labels = order.fields_get(names, ["string"]) if names else {}
        missing = [labels[name]["string"] for name in names if name in labels]
        ticked = set(self.checked or ()) if node.attrs["checklist"] else ()
        missing += [
            line
            for number, line in enumerate(node.attrs["checklist"])
            if number not in ticked
        ]
        lacking = node.attrs["attachments"] - self._count_attachments(node)
        if lacking > 0:
            missing.append(self.env._("%(count)s attachments", count=lacking))
        return missing

    def _count_attachments(self, node) -> int:
        if not node.attrs["attachments"]:
            return 0
        # sudo: ir.attachment: how many an order has, for whoever acts on it
        return (
            self.env["ir.attachment"]
            .sudo()
            .search_count(
                [
                    ("res_model", "=", "service.order"),
                    ("res_id", "=", self.order_id.id),
                    ("res_field", "=", False),
                ]
            )
        )

    def _get_button(self, flow) -> str:
        return self.env["service.workflow.flow"].sudo().browse(flow.id)._get_button()

    def _describe_completion(self, flow, reason) -> str:
        parts = [f"{self.name}: {self._get_button(flow)}", reason or ""]
        return " · ".join(part for part in parts if part)

    # Timers

    @api.model
    def _cron_timers(self):
        self.env["service.job"]._run("workflow_timers", self._fire_due)

    @api.model
    def _fire_due(self):
        """Let the timers that are due go on; one bad order stops no other."""
        cron = self.env["ir.cron"]
        count = self.sudo().search_count(self._get_due_domain())
        left = cron._commit_progress(remaining=count)
        while left > 0:
            items = self._lock_due(TIMER_BATCH)
            if not items:
                break
            try:
                with self.env.cr.savepoint():
                    items._fire()
                    self.env.flush_all()
            except CONCURRENCY_ERRORS:
                raise
            except Exception:
                self.env.invalidate_all(flush=False)
                for item in items:
                    item._fire_one()
            left = cron._commit_progress(len(items))

    @api.model
    def _get_due_domain(self):
        return [
            ("kind", "in", ("timer", "limit")),
            ("state", "in", ("open", "waiting")),
            ("deadline", "<=", fields.Datetime.now()),
        ]

    @api.model
    def _lock_due(self, limit):
        """Due timers that no other worker has in hand."""
        self.env["service.workitem"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT id FROM service_workitem
                 WHERE kind IN ('timer', 'limit') AND state IN ('open', 'waiting')
                   AND deadline <= %(now)s
                 ORDER BY deadline, id LIMIT %(limit)s FOR UPDATE SKIP LOCKED
                """,
                now=fields.Datetime.now(),
                limit=limit,
            )
        )
        # sudo: service.workitem: the background job acts for nobody
        return self.sudo().browse(row[0] for row in rows)

    def _fire(self):
        """The time of these timers has come."""
        run = WorkflowRun(self.order_id)
        names = [item.name or "" for item in self]
        for item in self:
            # An earlier timer of the same order may have ended this one
            if item.id in run.tokens:
                run.leave_if_there(item)
        changed = run.settle()
        self._log_each("timer", names)
        self.order_id._after_workflow(changed)

    def _fire_one(self):
        try:
            with self.env.cr.savepoint():
                self._fire()
                self.env.flush_all()
        except CONCURRENCY_ERRORS:
            raise
        except Exception as error:
            self.env.invalidate_all(flush=False)
            self.order_id._park(self, error)
            self.deadline = fields.Datetime.add(
                fields.Datetime.now(), minutes=TIMER_RETRY
            )
