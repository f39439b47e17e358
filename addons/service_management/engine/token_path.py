"""Which elements of a process a token went through, told from where it rested.

Tokens leave a row only where they rest (a task, a timer). Between two rests they pass
gateways and automatic tasks at once; a drawing of the way should show these too.
"""

from collections.abc import Iterable

from .bpmn import END, RESTING, START, TERMINATE, Graph


def find_passed(
    graph: Graph, rested: Iterable, arrivals: Iterable, has_ended: bool = False
) -> set:
    """Ids of the flows and nodes between the places where tokens rested.

    :param rested: nodes where a token rested or rests
    :param arrivals: flows by which tokens came to these nodes: they are certain
    :param has_ended: no token is left; the end is shown if only one can be meant

    Ways are followed back from each arrival, through nodes where nothing rests, to
    the places left before. Where several lead to one merge and each of their places
    was visited, all are shown: the rows do not tell them apart.
    """
    rested = {node_id for node_id in rested if node_id in graph.nodes}
    certain = {flow_id for flow_id in arrivals if flow_id in graph.flows}
    passed = set(certain)
    queue = [graph.flows[flow_id].source for flow_id in certain]
    while queue:
        node_id = queue.pop()
        if node_id in passed or _is_resting(graph, node_id):
            continue
        passed.add(node_id)
        for flow_id in graph.nodes[node_id].incoming:
            if _comes_from(graph, flow_id, rested):
                passed.add(flow_id)
                queue.append(graph.flows[flow_id].source)
    return passed | (_find_end(graph, rested) if has_ended else set())


def _is_resting(graph: Graph, node_id) -> bool:
    return graph.nodes[node_id].kind in RESTING


def _comes_from(graph: Graph, flow_id, rested: set) -> bool:
    """Whether the flow can have been taken by a token that left one of ``rested``."""
    seen, queue = set(), [graph.flows[flow_id].source]
    while queue:
        node_id = queue.pop()
        if node_id in rested or graph.nodes[node_id].kind == START:
            return True
        if node_id not in seen and not _is_resting(graph, node_id):
            seen.add(node_id)
            queue += [graph.flows[f].source for f in graph.nodes[node_id].incoming]
    return False


def _find_end(graph: Graph, rested: set) -> set:
    """The last piece of the way, if it can lead from ``rested`` to one end only."""
    ways = []
    for node_id in rested:
        ways += _ways_to_ends(graph, node_id, ())
    if len({way[-1] for way in ways}) != 1:
        return set()
    return {element for way in ways for element in way}


def _ways_to_ends(graph: Graph, node_id, way: tuple) -> list[tuple]:
    """Flows and nodes from a node to each end before the next rest."""
    ways = []
    for flow_id in graph.nodes[node_id].outgoing:
        target = graph.flows[flow_id].target
        kind = graph.nodes[target].kind
        if kind in (END, TERMINATE):
            ways.append((*way, flow_id, target))
        elif kind not in RESTING and target not in way:
            ways += _ways_to_ends(graph, target, (*way, flow_id, target))
    return ways
