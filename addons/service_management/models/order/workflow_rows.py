"""What a movement of workflows writes: work items, stages, clocks, errors."""

from collections import defaultdict
from datetime import timedelta

from odoo.tools import SQL

from odoo.addons.service_management.engine import bpmn, token_engine
from odoo.addons.service_management.engine.token_engine import Token

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


class WorkflowRows:
    """Writes what came of a run, in a number of queries that does not grow.

    The run gives ``env``, ``orders``, ``by_id``, ``tokens`` and the engine.
    """

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
