"""Whether a process can get stuck: every way through it is tried, with the token
engine itself.

The classic mistake is a parallel join behind a choice: it waits for a branch that was
never taken. Structure alone does not show it, so the markings that can be reached are
explored, up to a limit; what people, timers, messages and conditions may decide is
tried in each way. Called workflows count as one step.
"""

from itertools import combinations

from . import bpmn, token_engine
from .bpmn import Graph, Node
from .token_engine import Token

MAX_MARKINGS = 1500
_CALLED = "called"


class _MoreChoices(Exception):
    def __init__(self, options):
        super().__init__()
        self.options = options


class _Script:
    """A host that decides as the script says, and asks when it has run out."""

    def __init__(self, script):
        self.script = list(script)

    def choose(self, graph, node, tokens):
        return [self._next(_list_options(node)) for __ in tokens]

    def _next(self, options):
        if not self.script:
            raise _MoreChoices(options)
        return self.script.pop(0)

    def perform(self, graph, element, tokens):
        return [None] * len(tokens)


def _list_options(node: Node) -> list[tuple[str, ...]]:
    flows = list(node.outgoing)
    if node.kind == bpmn.EXCLUSIVE or len(flows) > 4:
        return [(flow,) for flow in flows]
    chosen = [flow for flow in flows if flow != node.default]
    options = [
        some
        for size in range(1, len(chosen) + 1)
        for some in combinations(chosen, size)
    ]
    return [*options, (node.default,)] if node.default else options


def _make_called() -> Graph:
    flow = bpmn.Flow("f", "s", "e")
    start = Node("s", bpmn.START, outgoing=("f",))
    end = Node("e", bpmn.END, incoming=("f",))
    return Graph("called", "", {"s": start, "e": end}, {"f": flow})


Marking = tuple[tuple[str, str], ...]


def find_stuck(graph: Graph, limit: int = MAX_MARKINGS) -> set[str]:
    """Ids of joins where an instance can come to wait for nothing.

    Only for graphs without structural problems. Beyond ``limit`` markings the search
    stops: what was found until then is right, what was not may still be there.
    """
    graphs = {"g": graph, _CALLED: _make_called()}
    stuck: set[str] = set()
    seen: set[Marking] = set()
    queue = _explore(graphs, (), None)
    while queue and len(seen) < limit:
        marking = queue.pop()
        if marking in seen:
            continue
        seen.add(marking)
        actions = _list_actions(graph, marking)
        if marking and not actions:
            stuck.update(node for node, __ in marking)
        for action in actions:
            queue += _explore(graphs, marking, action)
    return stuck


def _list_actions(graph: Graph, marking: Marking) -> set[tuple[str, str]]:
    """(node, flow) of each way in which something may go on."""
    return {
        (node_id, flow)
        for node_id, __ in marking
        if graph.nodes[node_id].kind in bpmn.RESTING
        for flow in graph.nodes[node_id].outgoing
    }


def _explore(graphs, marking: Marking, action) -> list[Marking]:
    """The markings that one action leads to, one for each way to decide."""
    found, scripts = [], [()]
    while scripts:
        script = scripts.pop()
        tokens = _make_tokens(graphs["g"], marking)
        run = token_engine.Run(
            graphs.__getitem__, _Script(script), tokens, lambda code: _CALLED
        )
        if action is None:
            run.start(1, "g")
        else:
            node, flow = action
            token = next(token for token in tokens if token.node == node)
            run.leave(token, flow)
        try:
            effects = run.run()
        except _MoreChoices as more:
            scripts += [(*script, option) for option in more.options]
            continue
        rest = token_engine.apply_effects(tokens, effects)
        if not any(token.error for token in rest):
            found.append(tuple(sorted((t.node, t.flow or "") for t in rest)))
    return found


def _make_tokens(graph: Graph, marking: Marking) -> list[Token]:
    tokens = [Token(1, "g", node, flow or None) for node, flow in marking]
    hosted = set()
    for token in tokens:
        node = graph.nodes[token.node]
        if node.kind == bpmn.BOUNDARY:
            token.is_timer = True
            token.parent = next(
                host
                for host in tokens
                if host.node == node.host and (node.id, id(host)) not in hosted
            )
            hosted.add((node.id, id(token.parent)))
    return tokens
