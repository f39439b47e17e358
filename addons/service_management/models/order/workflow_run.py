"""One movement of the workflows of any number of orders, from rows to rows."""

import ast
import functools
import logging
from collections import defaultdict
from datetime import timedelta

import psycopg2

from odoo.exceptions import ConcurrencyError, UserError
from odoo.fields import Domain
from odoo.tools import SQL
from odoo.tools.safe_eval import safe_eval

from odoo.addons.service_management.engine import bpmn, token_engine
from odoo.addons.service_management.engine.expression import (
    OPERATIONS,
    read_expression,
)
from odoo.addons.service_management.engine.token_engine import Failure, Token

_logger = logging.getLogger(__name__)

# What comes from another transaction: the whole is tried again, nothing is parked.
CONCURRENCY_ERRORS = (
    ConcurrencyError,
    psycopg2.errors.DeadlockDetected,
    psycopg2.errors.LockNotAvailable,
    psycopg2.errors.SerializationFailure,
)
ITEM_KINDS = {
    bpmn.USER_TASK: "task",
    bpmn.TIMER: "timer",
    bpmn.MESSAGE: "message",
    bpmn.BOUNDARY: "limit",
    bpmn.CALL: "call",
    bpmn.PARALLEL: "join",
    bpmn.INCLUSIVE: "join",
}
# Nobody's to do: the engine waits.
WAITING_KINDS = ("limit", "call", "join")
CLOSED_STATES = ("closed", "cancelled")
# Steps that the buttons of offers and visits complete.
DOMAIN_STEPS = ("register", "dispatch", "answer", "plan", "visit")
RUNNING = "service_workflow_running"


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


class WorkflowRun:
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

    def choose(self, graph, node, tokens):
        """The flows that hold, for each token: one of an exclusive gateway."""
        orders = self.orders.browse([token.instance for token in tokens])
        answers: list = [() for __ in tokens]
        undecided = set(range(len(tokens)))
        for flow_id in node.outgoing:
            if flow_id == node.default or not undecided:
                continue
            holds = self.evaluate(graph.flows[flow_id], orders)
            for place in sorted(undecided):
                answer = holds[tokens[place].instance]
                if isinstance(answer, Failure):
                    answers[place] = answer
                elif answer:
                    answers[place] = (*answers[place], flow_id)
                else:
                    continue
                if isinstance(answer, Failure) or node.kind == bpmn.EXCLUSIVE:
                    undecided.discard(place)
        return answers

    def perform(self, graph, element, tokens):
        attrs = element.attrs
        if not any(
            attrs.get(key)
            for key in ("action_id", "template_id", "child_type_id", "set")
        ):
            return [None] * len(tokens)
        orders = self.orders.browse([token.instance for token in tokens])
        errors = self._try_actions(
            element, orders.with_context(**{RUNNING: tuple(orders.ids)})
        )
        return [errors.get(token.instance) for token in tokens]

    # Conditions and actions

    def evaluate(self, flow, orders) -> dict:
        """Order id → whether the flow's condition holds, or a Failure."""
        text = flow.condition
        if not text:
            return dict.fromkeys(orders.ids, True)
        if text.startswith("["):
            domain = Domain(ast.literal_eval(text))
            return self._each(orders, lambda some: self._hold_domain(some, domain))
        expression = _read_expression(text)
        return self._each(
            orders, lambda some: {o.id: self._hold(o, expression) for o in some}
        )

    def _each(self, orders, decide) -> dict:
        """Decide for all at once; where that fails, one by one."""
        try:
            return decide(orders)
        except CONCURRENCY_ERRORS:
            raise
        except Exception as error:
            if len(orders) == 1:
                return {orders.id: self._failure(error)}
            answers = {}
            for order in orders:
                answers |= self._each(order, decide)
            return answers

    def _hold_domain(self, orders, domain) -> dict:
        found = set(orders.filtered_domain(domain).ids)
        return {order_id: order_id in found for order_id in orders.ids}

    def _hold(self, order, expression) -> bool:
        """Evaluate over plain values: no record is within reach."""
        moment = order._get_moment()
        values = {**OPERATIONS, "now": moment, "today": moment.date()}
        for name, path in expression.paths.items():
            values[name] = _get_plain(order, path)
        return bool(safe_eval(expression.source, values))

    def _try_actions(self, element, orders) -> dict[int, Failure]:
        """Do what the element asks for, each in a savepoint; who failed, and why."""
        one_by_one = bool(element.attrs.get("action_id")) or len(orders) == 1
        if not one_by_one and not self._try(lambda: self._act(element, orders)):
            return {}
        errors = {}
        for order in orders:
            failure = self._try(lambda order=order: self._act(element, order))
            if failure:
                errors[order.id] = failure
        return errors

    def _try(self, work) -> Failure | None:
        try:
            with self.env.cr.savepoint():
                work()
                self.env.flush_all()
            return None
        except CONCURRENCY_ERRORS:
            raise
        except Exception as error:
            return self._failure(error)

    def _act(self, element, orders):
        attrs = element.attrs
        if attrs.get("set"):
            unknown = attrs["set"].keys() - set(self.version._get_settable_fields())
            if unknown:
                raise UserError(
                    self.env._(
                        "A flow cannot set these fields: %(fields)s.",
                        fields=", ".join(sorted(unknown)),
                    )
                )
            orders.write(attrs["set"])
        if attrs.get("child_type_id"):
            orders._create_child_orders(attrs["child_type_id"])
        if attrs.get("template_id"):
            template = orders.env["mail.template"].browse(attrs["template_id"])
            template.send_mail_batch(orders.ids)
        if attrs.get("action_id"):
            action = orders.env["ir.actions.server"].browse(attrs["action_id"])
            if not action._filter_for_workflows():
                raise UserError(
                    self.env._(
                        "The action '%(action)s' may not be used in workflows: ask an "
                        "administrator.",
                        action=action.name,
                    )
                )
            for order in orders:
                action.with_context(
                    active_model=order._name, active_id=order.id, active_ids=order.ids
                ).run()

    def _failure(self, error) -> Failure:
        if isinstance(error, UserError):
            return Failure(str(error.args[0]) if error.args else str(error))
        _logger.warning("A workflow could not go on", exc_info=error)
        text = str(error).strip().split("\n", 1)[0]
        return Failure(f"{type(error).__name__}: {text}")

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

    # Writing

    def settle(self, state=None, result=None):
        """Move until all rests, and write it down.

        :param state: the state that the domain has brought the orders to; without
            it the state follows from the nodes that were entered
        :return: ``{new state: orders}`` of orders whose state the workflow changed
        """
        self._guard_parallel_work()
        effects = self.engine.run()
        opened, ended = _compress(effects)
        self._end_items(ended, state, result)
        changed = self._set_stages(effects, state)
        self._open_items(opened, effects)
        self._log_jumps()
        self._pause(opened, ended)
        self._note_errors(opened, ended)
        return changed

    def _guard_parallel_work(self):
        """Whoever ends one branch does not see that another ends its own right now,
        and both would wait at the join for ever. A row that both write lets the
        second fail to serialise, and run again after the first."""
        ids = [
            order_id
            for order_id, tokens in self.of_order.items()
            if sum(not token.is_timer for token in tokens) > 1
        ]
        if ids:
            self.env.cr.execute(
                SQL(
                    "UPDATE service_order "
                    "SET workflow_turn = COALESCE(workflow_turn, 0) + 1 "
                    "WHERE id IN %s",
                    tuple(sorted(ids)),
                )
            )

    def _end_items(self, ended, state, result):
        """Write the ends of rows; grouped, since most are the same."""
        groups = defaultdict(list)
        for effect in ended:
            token = effect.token
            order = self.by_id[token.instance]
            cancelled = effect.how == token_engine.CANCELLED or state == "cancelled"
            groups[(order._get_moment(), cancelled)].append(token.ref)
        for item in self.loose:
            key = (item.order_id._get_moment(), state == "cancelled")
            groups[key].append(item.id)
        for (moment, cancelled), ids in groups.items():
            self.items.browse(ids).write(
                {
                    "state": "cancelled" if cancelled else "done",
                    "done_at": moment,
                    "done_by_id": self.env.uid,
                    "result": result or False,
                }
            )
        # The next item may be of the same step: the database must know these ended
        self.items.flush_model(["state"])

    def _set_stages(self, effects, state) -> dict:
        """Stage of each order from the nodes it entered, or from ``state``."""
        stages: dict[int, int] = {}
        finished = set()
        for effect in effects:
            if isinstance(effect, token_engine.Finished):
                finished.add(effect.instance)
            node = None
            if isinstance(effect, token_engine.Opened) and not effect.token.is_timer:
                node = None if effect.token.error else self.get_node(effect.token)
            elif isinstance(effect, token_engine.Passed):
                node = self.get_graph(effect.graph).nodes[effect.node]
            if node is None or not node.attrs["stage_id"]:
                continue
            if state is None or node.attrs["state"] == state:
                stages[_get_instance(effect)] = node.attrs["stage_id"]
        Stage = self.env["service.stage"]
        if state is not None:
            default = Stage._get_by_state(state).id
            stages = {
                order_id: stages.get(order_id, default) for order_id in self.by_id
            }
        states = Stage._get_states_by_id()
        for order_id in finished:
            if states.get(stages.get(order_id)) not in CLOSED_STATES:
                stages[order_id] = Stage._get_by_state("closed").id
        return self._write_stages(stages, states, state)

    def _write_stages(self, stages, states, state) -> dict:
        by_stage = defaultdict(list)
        changed = defaultdict(list)
        for order_id, stage_id in stages.items():
            order = self.by_id[order_id]
            if order.stage_id.id != stage_id:
                by_stage[stage_id].append(order_id)
            if order.state != states[stage_id] and states[stage_id] != state:
                changed[states[stage_id]].append(order_id)
        changed = {key: self.orders.browse(ids) for key, ids in changed.items()}
        for new_state, orders in changed.items():
            orders._before_state(new_state)
        for stage_id, ids in by_stage.items():
            self.orders.browse(ids).write({"stage_id": stage_id})
        return changed

    def _open_items(self, opened, effects):
        """Rows for the tokens that rest; those they hang on first."""
        self._deadlines = _Deadlines(self, opened)
        passed = [
            self._prepare_passed(effect)
            for effect in effects
            if isinstance(effect, token_engine.Passed)
            and self.get_graph(effect.graph).nodes[effect.node].kind
            == bpmn.SERVICE_TASK
        ]
        if passed:
            self.items.create(passed)
        rest = list(opened)
        while rest:
            batch = [t for t in rest if t.parent is None or t.parent.ref is not None]
            if not batch:
                break
            rest = [token for token in rest if token not in set(batch)]
            rows = self.items.create([self._prepare_item(token) for token in batch])
            for token, row in zip(batch, rows, strict=True):
                token.ref = row.id
        self._wake_timers(opened)

    def _prepare_item(self, token) -> dict:
        order, node = self.by_id[token.instance], self.get_node(token)
        kind = "error" if token.error else ITEM_KINDS.get(node.kind, "automatic")
        is_task = kind == "task"
        vals = order._prepare_workitem_vals(node if is_task else None)
        return vals | {
            "kind": kind,
            "state": "waiting" if kind in WAITING_KINDS else "open",
            "node_id": node.id,
            "flow_id": token.flow or False,
            "parent_id": token.parent.ref if token.parent else False,
            "error": self._say(token.error),
            "pending_flow_id": token.pending or False,
            "deadline": self._deadlines.get(token, node),
        }

    def _prepare_passed(self, effect) -> dict:
        order = self.by_id[effect.instance]
        moment = order._get_moment()
        return order._prepare_workitem_vals(None) | {
            "kind": "automatic",
            "state": "done",
            "node_id": effect.node,
            "flow_id": effect.flow or False,
            "deadline": moment,
            "done_at": moment,
            "done_by_id": self.env.uid,
        }

    def _wake_timers(self, opened):
        moments = {
            self._deadlines.get(token, self.get_node(token)).replace(second=0)
            + timedelta(minutes=1)
            for token in opened
            if not token.error
            and self.get_node(token).kind in (bpmn.TIMER, bpmn.BOUNDARY)
        }
        if moments:
            # sudo: ir.cron: timers wake the background job that fires them
            cron = self.env.ref("service_management.cron_workflow_timers").sudo()
            cron._trigger(at=sorted(moments))

    def _log_jumps(self):
        if not self.jumped:
            return
        Node = self.env["service.workflow.node"]
        nodes = Node.browse({node for __, *pair in self.jumped for node in pair})
        names = {node.id: node.name or node.element_id for node in nodes}
        orders = self.orders.browse([order_id for order_id, __, __ in self.jumped])
        orders._log_event(
            "moved",
            names=[f"{names[old]} → {names[new]}" for __, old, new in self.jumped],
        )

    def _pause(self, opened, ended):
        """Clocks stand still while an order rests at a node that pauses them."""
        for tokens, hook in (
            ([effect.token for effect in ended], "_resume_clocks"),
            (opened, "_pause_clocks"),
        ):
            groups = defaultdict(list)
            for token in tokens:
                pauses = self.get_node(token).attrs["pauses"]
                if pauses and not token.error:
                    groups[(token.node, pauses)].append(token.instance)
            for (node_id, pauses), ids in groups.items():
                orders = self.orders.browse(ids)
                if hasattr(orders, hook):
                    name = self.env["service.workflow.node"].browse(node_id).name or ""
                    metrics = None if "all" in pauses else list(pauses)
                    getattr(orders, hook)(name, metrics)

    def _note_errors(self, opened, ended):
        """Park who failed with the sentence; free who goes on."""
        failed = {token.instance: token for token in opened if token.error}
        for order_id, token in failed.items():
            order = self.by_id[order_id]
            order.workflow_error = self._say(token.error)
            order._log_event("workflow_error", name=self._say(token.error))
        freed = {effect.token.instance for effect in ended if effect.token.error}
        still = {
            token.instance
            for token in self.tokens.values()
            if token.error and not any(token is effect.token for effect in ended)
        }
        free = self.orders.browse(freed - failed.keys() - still)
        free.filtered("workflow_error").write({"workflow_error": False})

    def _say(self, code) -> str | bool:
        texts = {
            "endless_loop": self.env._("The workflow runs in a loop that never waits."),
            "no_way": self.env._("No condition holds and there is no default flow."),
            "unknown_workflow": self.env._("The called workflow is not published."),
            "too_deep": self.env._("Workflows call each other too deeply."),
        }
        return texts.get(code, code) or False


class _Deadlines:
    """By when the tokens that open should have gone on, in one go."""

    def __init__(self, run, opened):
        self.run = run
        self.hours: dict[float, dict] = {}
        wanted = defaultdict(set)
        for token in opened:
            node = run.get_node(token)
            if not (node.seconds and not token.error):
                wanted[node.attrs["hours"]].add(token.instance)
        for hours, ids in wanted.items():
            self.hours[hours] = run.orders.browse(ids)._get_workitem_deadlines(hours)

    def get(self, token, node):
        order = self.run.by_id[token.instance]
        if node.seconds and not token.error:
            return order._get_moment() + timedelta(seconds=node.seconds)
        own = None
        if node.kind == bpmn.USER_TASK and not token.error:
            own = order._get_step_deadline(node.attrs["step"])
        return own or self.hours[node.attrs["hours"]][order.id]


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


def _get_instance(effect) -> int:
    if isinstance(effect, token_engine.Opened):
        return effect.token.instance
    return effect.instance


def _compress(effects):
    """Tokens that opened and stay, rows that ended: what came and went is nothing."""
    opened: dict[Token, None] = {}
    ended = []
    for effect in effects:
        if isinstance(effect, token_engine.Opened):
            opened[effect.token] = None
        elif isinstance(effect, token_engine.Ended):
            if effect.token in opened:
                del opened[effect.token]
            elif effect.token.ref is not None:
                ended.append(effect)
    return list(opened), ended


@functools.lru_cache(maxsize=1000)
def _read_expression(text):
    return read_expression(text)


def _get_plain(record, path):
    """The plain value at the end of ``path``: never a record."""
    for name in path:
        field = record._fields[name]
        value = record[name]
        if not field.relational:
            return (
                value
                if value or field.type in ("integer", "float", "boolean")
                else ("" if field.type in ("char", "text", "selection") else None)
            )
        record = value
    if field.type == "many2one":
        return record.id or None
    return tuple(record.ids)
