"""Tokens on a graph: the rules of BPMN 2.0 (chapter 13), for many instances at once.

What happens is asked for (:meth:`Run.start`, :meth:`Run.leave`, ...), then
:meth:`Run.run` moves every token until it rests, and gives the effects: tokens that
opened, ended or failed, instances that finished. Nothing is written here; the caller
stores the effects.

Tokens of many instances move together, element by element, so that whoever answers
the questions of a run (:class:`Host`) answers them for a whole set:

- ``choose``: which flows a gateway takes;
- ``perform``: do what a service task or a flow asks for.

An answer may be a :class:`Failure`: that token rests where it is, with the error, and
no other is held up.

Rules
- exclusive gateway: one flow, the first whose condition holds, else the default;
- parallel gateway: waits for a token on each incoming flow, then one on each outgoing;
- inclusive gateway: takes all flows that hold; as a join it waits while a token
  elsewhere can still come by an incoming flow that is empty, unless that token can
  also come by one that is filled (BPMN 2.0, 13.4.3);
- end: the token is gone; terminate: so are all others of the same scope;
- call activity: the called graph runs in a scope of its own; the call ends with it;
- boundary timer: interrupting takes the host's place, otherwise a further token.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from typing import Protocol

from .bpmn import (
    CALL,
    END,
    EXCLUSIVE,
    INCLUSIVE,
    MESSAGE,
    PARALLEL,
    SERVICE_TASK,
    TERMINATE,
    TIMER,
    USER_TASK,
    Flow,
    Graph,
    Node,
)

# Moves of one instance in one run without a rest: more is a loop that never waits.
MAX_MOVES = 500
MAX_DEPTH = 8
DONE, CANCELLED, MERGED = "done", "cancelled", "merged"


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a token could not go on: a sentence for people."""

    message: str


@dataclass(eq=False, slots=True)
class Token:
    """Where one thread of an instance is.

    ``parent`` is the call that the token runs in or, of a boundary timer, its host.
    ``pending`` is the flow whose action failed: a retry takes it again. ``ref`` is
    the caller's own (a row), and the engine never looks at it.
    """

    instance: Hashable
    graph: Hashable
    node: str
    flow: str | None = None
    parent: "Token | None" = None
    error: str = ""
    pending: str | None = None
    is_timer: bool = False
    ref: object = None

    @property
    def scope(self) -> "Token | None":
        """The call token that this one runs in; ``None`` at the top."""
        return self.parent.parent if self.is_timer and self.parent else self.parent


@dataclass(frozen=True, slots=True)
class Opened:
    """The token rests now: at a task, an event, a join, or where it failed."""

    token: Token


@dataclass(frozen=True, slots=True)
class Ended:
    """The token is no more there; ``how`` is done, cancelled or merged (into a
    join)."""

    token: Token
    how: str
    flow: str | None = None


@dataclass(frozen=True, slots=True)
class Passed:
    """A service task or an end was gone through: nothing rests, but it has been."""

    instance: Hashable
    graph: Hashable
    node: str
    flow: str | None
    parent: Token | None


@dataclass(frozen=True, slots=True)
class Finished:
    """No token is left: the last went through ``node``."""

    instance: Hashable
    node: str


Effect = Opened | Ended | Passed | Finished


class Host(Protocol):
    """Whoever knows the data: answers come in the order of ``tokens``."""

    def choose(
        self, graph: Graph, node: Node, tokens: list[Token]
    ) -> list[tuple[str, ...] | Failure]: ...

    def perform(
        self, graph: Graph, element: Node | Flow, tokens: list[Token]
    ) -> list[Failure | None]: ...


class Run:
    """One movement of tokens of any number of instances.

    :param graphs: gives the :class:`Graph` of a key
    :param called: gives the graph key for a ``calledElement``, or ``None``
    """

    def __init__(
        self,
        graphs: Callable[[Hashable], Graph],
        host: Host,
        tokens: Iterable[Token] = (),
        called: Callable[[str], Hashable | None] = lambda code: None,
    ):
        self.graphs = graphs
        self.host = host
        self.called = called
        self.effects: list[Effect] = []
        self._resting: dict[Hashable, dict[Token, None]] = defaultdict(dict)
        self._live: Counter = Counter()
        self._moves: Counter = Counter()
        self._travelling: list[tuple[Token, str]] = []
        self._arriving: list[Token] = []
        self._touched: set[Hashable] = set()
        self._dead: set[tuple[Hashable, Token | None]] = set()
        self._last_node: dict[Hashable, str] = {}
        for token in tokens:
            self._resting[token.instance][token] = None
            if not token.is_timer:
                self._live[(token.instance, token.scope)] += 1

    # What happens

    def start(self, instance: Hashable, graph: Hashable):
        """Put a token on the start of the graph."""
        self._spawn(instance, graph, None)

    def leave(self, token: Token, flow: str | None = None):
        """What the token waited for has come: it goes on by ``flow`` (or its one)."""
        node = self._node(token)
        if token.is_timer:
            self._fire_boundary(token, node)
            return
        if flow is None:
            flow = token.pending or node.outgoing[0]
        self._end_boundary(token)
        self._rest_ends(token, DONE, flow)
        self._travel(self._again(token), flow)

    def retry(self, token: Token):
        """A token that failed tries again what it failed at."""
        if token.pending:
            self.leave(token, token.pending)
            return
        self._rest_ends(token, MERGED, None)
        self._arriving.append(self._again(token))

    def is_resting(self, token: Token) -> bool:
        return token in self._resting[token.instance]

    def cancel(self, instance: Hashable):
        """Every token of the instance ends."""
        for token in list(self._resting[instance]):
            if token in self._resting[instance] and token.parent is None:
                self._cancel(token)

    def jump(
        self, instance: Hashable, graph: Hashable, node: str, mover: Token | None = None
    ):
        """Go to ``node`` without a flow.

        ``mover`` goes alone if what its joins ahead wait for from other tokens is the
        same at the target; otherwise all tokens end, and what a join ahead would wait
        for in vain counts as come.
        """
        target = self.graphs(graph)
        others = target.waits_for_others(node)
        if (
            mover is not None
            and mover.parent is None
            and mover.graph == graph
            and target.waits_for_others(mover.node) == others
        ):
            self._cancel(mover)
        else:
            self.cancel(instance)
            for flow in sorted(others):
                join = target.flows[flow].target
                self._rest(self._new(instance, graph, join, flow, None))
        self._arriving.append(self._new(instance, graph, node, None, None))

    def place(self, instance: Hashable, graph: Hashable, node: str, flow: str | None):
        """A token comes to ``node`` from outside (by ``flow``, if it is a join)."""
        self._arriving.append(self._new(instance, graph, node, flow, None))

    def restart(self, instance: Hashable, graph: Hashable, flow: str):
        """Every token ends, and one sets out on ``flow`` of another graph."""
        self.cancel(instance)
        source = self.graphs(graph).flows[flow].source
        self._travel(self._new(instance, graph, source, None, None), flow)

    # Moving

    def run(self) -> list[Effect]:
        """Move until every token rests; all effects since the run was made."""
        while True:
            while self._travelling or self._arriving:
                self._step()
            if not self._open_inclusive_joins():
                break
        return self.effects

    def _step(self):
        travelling, self._travelling = self._travelling, []
        by_flow: dict[tuple, list[Token]] = defaultdict(list)
        for token, flow_id in travelling:
            by_flow[(token.graph, flow_id)].append(token)
        for (key, flow_id), tokens in by_flow.items():
            alive = [token for token in tokens if not self._is_dead(token)]
            if alive:
                self._take_flow(self.graphs(key), flow_id, alive)
        arriving, self._arriving = self._arriving, []
        by_node: dict[tuple, list[Token]] = defaultdict(list)
        for token in arriving:
            by_node[(token.graph, token.node)].append(token)
        for (key, node_id), tokens in by_node.items():
            graph = self.graphs(key)
            node = graph.nodes[node_id]
            if node.kind in (END, TERMINATE):
                # One by one: the first may end the others
                for token in self._still_good(tokens):
                    if not self._is_dead(token):
                        self._enter(graph, node, [token])
            else:
                self._enter(graph, node, self._still_good(tokens))

    def _still_good(self, tokens: list[Token]) -> list[Token]:
        good = []
        for token in tokens:
            if self._is_dead(token):
                continue
            self._moves[token.instance] += 1
            if self._moves[token.instance] > MAX_MOVES:
                self._fail(token, Failure("endless_loop"))
            else:
                good.append(token)
        return good

    def _take_flow(self, graph: Graph, flow_id: str, tokens: list[Token]):
        flow = graph.flows[flow_id]
        answers = self.host.perform(graph, flow, tokens)
        for token, answer in zip(tokens, answers, strict=True):
            if answer is not None:
                self._fail(token, answer, pending=flow_id)
                continue
            token.node, token.flow, token.pending = flow.target, flow_id, None
            self._arriving.append(token)

    def _enter(self, graph: Graph, node: Node, tokens: list[Token]):
        if node.kind == SERVICE_TASK:
            answers = self.host.perform(graph, node, tokens)
            for token, answer in zip(tokens, answers, strict=True):
                if answer is not None:
                    self._fail(token, answer)
                else:
                    self._pass(token)
                    self._travel(token, node.outgoing[0])
        elif node.kind in (EXCLUSIVE, INCLUSIVE) and len(node.outgoing) > 1:
            if node.kind == INCLUSIVE and len(node.incoming) > 1:
                for token in tokens:
                    self._rest(token)
            else:
                self._choose(graph, node, tokens)
        elif node.kind == PARALLEL or node.kind == INCLUSIVE:
            self._enter_gateway(node, tokens)
        else:
            for token in tokens:
                self._enter_one(node, token)

    def _enter_gateway(self, node: Node, tokens: list[Token]):
        """A parallel gateway, or an inclusive one that only joins."""
        for token in tokens:
            if len(node.incoming) < 2:
                self._split(token, node.outgoing)
            else:
                self._rest(token)
                if node.kind == PARALLEL:
                    self._join_parallel(node, token)

    def _enter_one(self, node: Node, token: Token):
        if node.kind in (END, TERMINATE):
            self._pass(token)
            self._end(node, token)
        elif node.kind == CALL:
            self._call(node, token)
        elif node.kind in (USER_TASK, TIMER, MESSAGE):
            self._rest(token)
            self._open_boundary(node, token)
        else:
            # Start, and exclusive gateways with one way out
            self._travel(token, node.outgoing[0])

    def _choose(self, graph: Graph, node: Node, tokens: list[Token]):
        answers = self.host.choose(graph, node, tokens)
        for token, answer in zip(tokens, answers, strict=True):
            if isinstance(answer, Failure):
                self._fail(token, answer)
            elif answer:
                self._split(token, answer)
            elif node.default:
                self._split(token, (node.default,))
            else:
                self._fail(token, Failure("no_way"))

    def _split(self, token: Token, flows: Iterable[str]):
        """One token on each flow; the first is the token itself."""
        for number, flow in enumerate(flows):
            if number:
                token = self._new(
                    token.instance, token.graph, token.node, token.flow, token.parent
                )
            self._travel(token, flow)

    # Joins

    def _waiting_at(self, node_id: str, like: Token) -> dict[str, list[Token]]:
        """Tokens at a join of the scope of ``like``, by the flow they came by."""
        by_flow: dict[str, list[Token]] = defaultdict(list)
        for token in self._resting[like.instance]:
            if (
                token.node == node_id
                and token.graph == like.graph
                and token.parent is like.parent
                and not token.error
            ):
                by_flow[token.flow].append(token)
        return by_flow

    def _merge(self, arrived: dict[str, list[Token]]) -> Token:
        """One token of each flow becomes one."""
        first, *others = (tokens[0] for tokens in arrived.values())
        self._rest_ends(first, MERGED, None)
        for token in others:
            self._rest_ends(token, MERGED, None)
            self._live[(token.instance, token.scope)] -= 1
        return self._again(first)

    def _join_parallel(self, node: Node, token: Token):
        arrived = self._waiting_at(node.id, token)
        if all(flow in arrived for flow in node.incoming):
            wanted = {flow: arrived[flow] for flow in node.incoming}
            self._split(self._merge(wanted), node.outgoing)

    def _open_inclusive_joins(self) -> bool:
        """Whether a join opened: only when nothing else moves can that be known."""
        opened = False
        touched, self._touched = self._touched, set()
        for instance in touched:
            for token in list(self._resting[instance]):
                if token not in self._resting[instance] or token.error:
                    continue
                graph = self.graphs(token.graph)
                node = graph.nodes[token.node]
                if node.kind != INCLUSIVE or len(node.incoming) < 2:
                    continue
                arrived = self._waiting_at(node.id, token)
                if self._is_still_coming(graph, node, token, set(arrived)):
                    continue
                merged = self._merge(arrived)
                opened = True
                if len(node.outgoing) > 1:
                    self._choose(graph, node, [merged])
                else:
                    self._split(merged, node.outgoing)
        return opened

    def _is_still_coming(self, graph, node, like, filled: set[str]) -> bool:
        empty = set(node.incoming) - filled
        for other in self._resting[like.instance]:
            if other.is_timer or other.graph != like.graph:
                continue
            if other.scope is not like.scope or other.node == node.id:
                continue
            ahead = graph.flows_ahead(other.node, without=node.id)
            if not ahead.isdisjoint(empty) and ahead.isdisjoint(filled):
                return True
        return False

    # Scopes

    def _call(self, node: Node, token: Token):
        key = self.called(node.called)
        depth, scope = 0, token.parent
        while scope is not None:
            depth, scope = depth + 1, scope.parent
        if key is None:
            self._fail(token, Failure("unknown_workflow"))
        elif depth >= MAX_DEPTH:
            self._fail(token, Failure("too_deep"))
        else:
            self._rest(token)
            self._open_boundary(node, token)
            self._spawn(token.instance, key, token)

    def _end(self, node: Node, token: Token):
        self._last_node[token.instance] = node.id
        scope = token.scope
        self._live[(token.instance, scope)] -= 1
        if node.kind == TERMINATE:
            self._cancel_scope(token.instance, scope)
        self._close_scope(token.instance, scope)

    def _cancel_scope(self, instance, scope: Token | None):
        for other in list(self._resting[instance]):
            if other in self._resting[instance] and other.parent is scope:
                self._cancel(other)
        # Those on their way are dropped at their next move
        self._dead.add((instance, scope))
        self._live[(instance, scope)] = 0

    def _is_dead(self, token: Token) -> bool:
        if not self._dead:
            return False
        scope = token.scope
        while (token.instance, scope) not in self._dead:
            if scope is None:
                return False
            scope = scope.scope
        return True

    def _close_scope(self, instance, scope: Token | None):
        if self._live[(instance, scope)] > 0:
            return
        if scope is None:
            for token in list(self._resting[instance]):
                self._rest_ends(token, CANCELLED, None)
            self.effects.append(Finished(instance, self._last_node.get(instance, "")))
        elif scope in self._resting[instance]:
            self.leave(scope)

    # Timers on a task

    def _open_boundary(self, node: Node, token: Token):
        for boundary in node.boundary:
            timer = Token(
                token.instance,
                token.graph,
                boundary,
                parent=token,
                is_timer=True,
            )
            self._rest(timer)

    def _end_boundary(self, host: Token):
        for token in list(self._resting[host.instance]):
            if token.is_timer and token.parent is host:
                self._rest_ends(token, CANCELLED, None)

    def _fire_boundary(self, timer: Token, node: Node):
        host = timer.parent
        flow = node.outgoing[0]
        self._rest_ends(timer, DONE, flow)
        if host is None:
            return
        going = self._new(timer.instance, timer.graph, node.id, None, host.parent)
        if node.interrupting:
            self._cancel(host)
        self._travel(going, flow)

    # Tokens come, rest and go

    def _node(self, token: Token) -> Node:
        return self.graphs(token.graph).nodes[token.node]

    def _new(self, instance, graph, node, flow, parent) -> Token:
        token = Token(instance, graph, node, flow, parent)
        self._live[(instance, parent)] += 1
        return token

    def _again(self, token: Token) -> Token:
        """The same thread, going on: what rested keeps its place in the history."""
        return Token(token.instance, token.graph, token.node, token.flow, token.parent)

    def _spawn(self, instance, graph, parent):
        start = self.graphs(graph).start
        self._arriving.append(self._new(instance, graph, start.id, None, parent))

    def _travel(self, token: Token, flow: str):
        self._touched.add(token.instance)
        self._travelling.append((token, flow))

    def _rest(self, token: Token):
        self._resting[token.instance][token] = None
        self._touched.add(token.instance)
        self.effects.append(Opened(token))

    def _rest_ends(self, token: Token, how: str, flow: str | None):
        if self._resting[token.instance].pop(token, 0) is None:
            self._touched.add(token.instance)
            self.effects.append(Ended(token, how, flow))

    def _fail(self, token: Token, failure: Failure, pending: str | None = None):
        token.error = failure.message
        token.pending = pending
        self._rest(token)

    def _pass(self, token: Token):
        self.effects.append(
            Passed(token.instance, token.graph, token.node, token.flow, token.parent)
        )

    def _cancel(self, token: Token):
        """End a token with all that hangs on it: its timers, the scope of a call."""
        for other in list(self._resting[token.instance]):
            if other in self._resting[token.instance] and other.parent is token:
                self._cancel(other)
        self._rest_ends(token, CANCELLED, None)
        self._dead.add((token.instance, token))
        if not token.is_timer:
            self._live[(token.instance, token.scope)] -= 1


def apply_effects(tokens: Iterable[Token], effects: Iterable[Effect]) -> list[Token]:
    """The tokens that rest after ``effects``: what a caller without rows needs."""
    resting = dict.fromkeys(tokens)
    for effect in effects:
        if isinstance(effect, Opened):
            resting[effect.token] = None
        elif isinstance(effect, Ended):
            resting.pop(effect.token, None)
    return list(resting)
