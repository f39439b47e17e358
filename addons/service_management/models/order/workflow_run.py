"""One movement of the workflows of any number of orders, from rows to rows."""

from collections import defaultdict

from odoo.exceptions import UserError

from odoo.addons.service_management.engine import bpmn, token_engine
from odoo.addons.service_management.engine.token_engine import Token

from .workflow_answers import RUNNING, WorkflowAnswers
from .workflow_rows import CLOSED_STATES, WorkflowRows

# Steps that the buttons of offers and visits complete.
DOMAIN_STEPS = ("register", "dispatch", "answer", "plan", "visit")


def find_way_of_filing(graph) -> str | None:
    """The flow behind the first task, where that only says that the request is in."""
    first = graph.nodes[graph.flows[graph.start.outgoing[0]].target]
    attrs = first.attrs
    asks = any(attrs[key] for key in ("required", "checklist", "attachments"))
    if attrs["step"] != "register" or asks:
        return None
    for flow_id in first.outgoing:
        flow = graph.flows[flow_id]
        if flow.attrs["signal"] == "new":
            return None if flow.condition else flow_id
    return None


class WorkflowRun(WorkflowAnswers, WorkflowRows):
    """Loads the tokens of orders, moves them, and writes what came of it.

    A run costs a number of queries that does not grow with its orders, and only one
    runs at a time in a transaction: an action of a flow may not move its order.

    :param orders: the orders, of any versions
    :param is_new: whether they have no work items yet (saves the look)
    """

    def __init__(self, orders, is_new=False):
        # sudo: service.order, service.workitem: people act through transitions,
        # which check for themselves who may
        self.orders = orders.sudo()
        self.env = self.orders.env
        self.by_id = {order.id: order for order in self.orders}
        self.version = self.env["service.workflow.version"]
        self.items = self.env["service.workitem"]
        self._graphs: dict[int, bpmn.Graph] = {}
        self.tokens: dict[int, Token] = {}
        self.of_order: dict[int, list[Token]] = defaultdict(list)
        # Items without a place in a workflow, of before there were any
        self.loose = self.items.browse()
        self.jumped: list[tuple[int, int, int]] = []
        self.moved: list[tuple[Token, int]] = []
        if not is_new:
            self._load()
        self.engine = token_engine.Run(
            self.get_graph, self, self.tokens.values(), self.find_called
        )

    # What the engine asks for

    def get_graph(self, version_id: int) -> bpmn.Graph:
        if version_id not in self._graphs:
            self._graphs[version_id] = self.version.browse(version_id)._get_graph()
        return self._graphs[version_id]

    def find_called(self, workflow_id) -> int | None:
        return self.env["service.workflow"]._get_published_id(workflow_id)

    # Loading

    def _load(self):
        rows = self.items.search_fetch(
            [
                ("order_id", "in", list(self.by_id)),
                ("state", "in", ("open", "waiting")),
            ],
            ["order_id", "node_id", "flow_id", "parent_id", "kind", "state", "error"],
            order="id",
        )
        for item in rows:
            if not item.node_id:
                continue
            order = self.by_id[item.order_id.id]
            self.tokens[item.id] = Token(
                instance=order.id,
                graph=self._find_graph(order, item.node_id.id),
                node=item.node_id.id,
                flow=item.flow_id.id or None,
                error=item.error or "",
                pending=item.pending_flow_id.id or None if item.error else None,
                is_timer=item.kind == "limit",
                ref=item.id,
            )
        for item in rows:
            token = self.tokens.get(item.id)
            if token:
                token.parent = self.tokens.get(item.parent_id.id)
                self.of_order[token.instance].append(token)
        self.loose = rows.filtered(lambda item: not item.node_id)

    def _find_graph(self, order, node_id) -> int:
        """The version that a node is of: the order's own, or a called one."""
        own = order.workflow_version_id.id
        if own and node_id in self.get_graph(own).nodes:
            return own
        return self.env["service.workflow.node"].browse(node_id).version_id.id

    def get_node(self, token) -> bpmn.Node:
        return self.get_graph(token.graph).nodes[token.node]

    # What happens

    def start(self):
        for order in self.orders:
            self.engine.start(order.id, order.workflow_version_id.id)

    def file(self):
        """New orders set out behind the task that completes a request."""
        for order in self.orders:
            flow = find_way_of_filing(self.get_graph(order.workflow_version_id.id))
            self.engine.restart(order.id, order.workflow_version_id.id, flow)

    def signal(self, state):
        """What happened to the orders brought them to ``state``: their tokens follow
        the flow that says so, or go to the node that stands for it."""
        running = self.env.context.get(RUNNING, ())
        for order in self.orders:
            if order.id in running:
                raise UserError(
                    self.env._(
                        "An action of a workflow cannot move its own order: draw a "
                        "flow instead."
                    )
                )
            if state == "cancelled":
                self.engine.cancel(order.id)
            elif not self._follow(order, state):
                self._jump(order, state)

    def find_signal(self, order, state):
        """(token, flows) of the first open task with flows for ``state``."""
        for token in self.of_order[order.id]:
            node = self.get_node(token)
            if node.kind != bpmn.USER_TASK or token.error:
                continue
            flows = self.get_graph(token.graph).flows
            ways = [
                flows[flow_id]
                for flow_id in node.outgoing
                if flows[flow_id].attrs["signal"] == state
            ]
            if ways:
                return token, ways
        return None, []

    def _follow(self, order, state) -> bool:
        token, ways = self.find_signal(order, state)
        if token is None:
            return False
        for way in ways:
            if not way.condition or order._is_replayed():
                break
            holds = self.evaluate(way, order)[order.id]
            if holds is True:
                break
        else:
            raise UserError(self._describe_guard(token, ways))
        if not order._is_replayed():
            self.browse_item(token)._check_filled(self.get_node(token))
        self.engine.leave(token, way.id)
        return True

    def _describe_guard(self, token, ways) -> str:
        item = self.browse_item(token)
        button = self.env["service.workflow.flow"].browse(ways[0].id)._get_button()
        return self.env._(
            "%(order)s: the condition of '%(button)s' does not hold in '%(task)s'.",
            order=item.order_id.display_name,
            button=button,
            task=item.name,
        )

    def _jump(self, order, state):
        """To the first node that stands for the state; an order is never left
        without a task."""
        version = order.workflow_version_id.id
        if not version:
            return
        graph = self.get_graph(version)
        tokens = self.of_order[order.id]
        if state in CLOSED_STATES:
            self.engine.cancel(order.id)
            return
        target = find_target(graph, state)
        if target is None and not tokens:
            target = find_target(graph, None)
        if target is None:
            return
        mover = self._find_mover(tokens)
        if mover is not None and mover.node != target.id:
            self.jumped.append((order.id, mover.node, target.id))
        self.engine.jump(order.id, version, target.id, mover)

    def _find_mover(self, tokens) -> Token | None:
        """The one thread that the domain moves: the only task, or the only one that
        an operation of the product completes."""
        tasks = [token for token in tokens if not token.is_timer and not token.error]
        if len(tasks) == 1:
            return tasks[0]
        own = [
            token
            for token in tasks
            if self.get_node(token).attrs["step"] in (*DOMAIN_STEPS, "confirm")
        ]
        return own[0] if len(own) == 1 else None

    def leave(self, item, flow_id=None):
        self.engine.leave(self.tokens[item.id], flow_id)

    def browse_item(self, token):
        """The row of a token; rows of a run are read together."""
        return self.items.browse(token.ref).with_prefetch(self.tokens)

    def leave_if_there(self, item):
        """Like ``leave``, unless what happened before in this run has ended it."""
        token = self.tokens.get(item.id)
        if token is not None and self.engine.is_resting(token):
            self.engine.leave(token)

    def restart(self, order):
        """The order sets out on its version anew: a draft at the start, a request
        that is registered right after that."""
        version = order.workflow_version_id.id
        graph = self.get_graph(version)
        flow = graph.start.outgoing[0]
        first = graph.nodes[graph.flows[flow].target]
        if order.state != "draft" and first.attrs["step"] == "register":
            ways = sorted(
                first.outgoing, key=lambda f: graph.flows[f].attrs["signal"] != "new"
            )
            flow = ways[0]
        self.engine.restart(order.id, version, flow)

    def migrate(self, version, mapping):
        """Every token of the orders' own versions goes to its place in another."""
        flows = {flow.element_id: flow.id for flow in version.sudo().flow_ids}
        Flow = self.env["service.workflow.flow"]
        for order in self.orders:
            tokens = [t for t in self.of_order[order.id] if t.parent is None]
            self.engine.cancel(order.id)
            order.workflow_version_id = version
            for token in tokens:
                target = mapping[token.node]
                flow = token.flow and flows.get(Flow.browse(token.flow).element_id)
                self.moved.append((token, target))
                self.engine.place(order.id, version.id, target, flow or None)

    def keep_assignments(self):
        """Who had a task before a migration has it still, until the same time."""
        fresh = self.items.search(
            [("order_id", "in", list(self.by_id)), ("state", "=", "open")]
        ).grouped(lambda item: (item.order_id.id, item.node_id.id))
        names = ("user_id", "team_id", "point_id", "technician_id")
        for token, target in self.moved:
            item = fresh.get((token.instance, target))
            old = self.items.browse(token.ref)
            if item and old.kind == "task" and old.node_id.actor == item.node_id.actor:
                vals = {name: old[name].id for name in names}
                item.write({**vals, "deadline": old.deadline})

    def retry(self):
        """Tokens that failed try again; whether there were any."""
        failed = [token for token in self.tokens.values() if token.error]
        for token in failed:
            self.engine.retry(token)
        return bool(failed)


def find_target(graph, state) -> bpmn.Node | None:
    """The first node on the way where an order in ``state`` waits; for ``None`` the
    first task after registration."""
    ordered = sorted(graph.nodes.values(), key=lambda n: graph.order.get(n.id, 10**6))
    resting = [
        n for n in ordered if n.kind in (bpmn.USER_TASK, bpmn.TIMER, bpmn.MESSAGE)
    ]
    if state is None:
        later = [node for node in resting if node.attrs["step"] != "register"]
        return next(iter(later or resting), None)
    found = [node for node in resting if node.attrs["state"] == state]
    own = [node for node in found if node.attrs["step"] != "task"]
    return next(iter(own or found), None)
