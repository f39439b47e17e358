"""The cheapest flow through a network without cycles, exactly, and what more room is
worth.

Two solvers with the same answer: LEMON's network simplex through the library
``pylmcf`` where it is installed, else successive shortest paths with node potentials
(Ahuja, Magnanti, Orlin: Network Flows, 1993, section 9.7) in plain Python. Costs and
capacities are whole numbers, so that both are exact and agree on the cost.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from dataclasses import dataclass, field

try:
    import numpy
    from pylmcf import Graph
except ImportError:  # Both are optional: without them it is slower, not different
    numpy = Graph = None

LIBRARY = "pylmcf"
OWN = "successive shortest paths"


@dataclass(slots=True)
class Network:
    """Nodes 0..n-1, of which the last is the sink; every arc goes to a higher node.

    ``supplies`` holds what enters at each node; all of it must be able to leave at the
    sink.
    """

    supplies: list[int]
    tails: list[int] = field(default_factory=list)
    heads: list[int] = field(default_factory=list)
    capacities: list[int] = field(default_factory=list)
    costs: list[int] = field(default_factory=list)

    @property
    def sink(self) -> int:
        return len(self.supplies) - 1

    def add(self, tail: int, head: int, capacity: int, cost: int) -> int:
        """Add an arc; its number."""
        self.tails.append(tail)
        self.heads.append(head)
        self.capacities.append(capacity)
        self.costs.append(cost)
        return len(self.tails) - 1

    def measure_heights(self) -> list[int | None]:
        """Distance of each node to the sink; ``None`` where no way leads there, and
        none ever will: nothing can flow through such a node."""
        heights: list[int | None] = [None] * len(self.supplies)
        heights[self.sink] = 0
        arcs = zip(self.tails, self.heads, self.capacities, self.costs, strict=True)
        for tail, head, capacity, cost in sorted(arcs, reverse=True):
            height = heights[head]
            if capacity and height is not None:
                height += cost
                if heights[tail] is None or height < heights[tail]:
                    heights[tail] = height
        return heights

    def get_cost(self, flows: Iterable[int]) -> int:
        return sum(
            flow * cost for flow, cost in zip(flows, self.costs, strict=True) if flow
        )


def find_solver() -> str:
    return OWN if Graph is None else LIBRARY


def solve(network: Network, solver: str | None = None) -> list[int]:
    """The cheapest flow, one number an arc.

    :param solver: ``LIBRARY`` or ``OWN``; the library where there is one by default
    """
    if not network.tails:
        return []
    if (solver or find_solver()) == LIBRARY:
        return _solve_with_library(network)
    return _SuccessivePaths(network).solve()


def _solve_with_library(network: Network) -> list[int]:
    tails = numpy.array(network.tails, dtype=numpy.int64)
    heads = numpy.array(network.heads, dtype=numpy.int64)
    # The library keeps arcs by their ends, and flows in that order
    order = numpy.lexsort((heads, tails))
    graph = Graph(len(network.supplies), tails[order], heads[order])
    supplies = numpy.array(network.supplies, dtype=numpy.int64)
    supplies[network.sink] -= supplies.sum()
    graph.set_node_supply(supplies)
    graph.set_edge_capacities(numpy.array(network.capacities, dtype=numpy.int64)[order])
    costs = numpy.array(network.costs, dtype=numpy.int64)
    if costs.min(initial=0) < 0:
        # The library takes no cost below zero. Reduced by the heights of its ends an
        # arc has none, and the cheapest flow is the same.
        heights = numpy.array(
            [height or 0 for height in network.measure_heights()], dtype=numpy.int64
        )
        costs = numpy.maximum(costs - heights[tails] + heights[heads], 0)
    graph.set_edge_costs(costs[order])
    graph.solve()
    flows = numpy.empty(len(order), dtype=numpy.int64)
    flows[order] = graph.result()
    return flows.tolist()


class _SuccessivePaths:
    """Sends unit after unit along the shortest residual path.

    Arc ``2k`` is arc ``k`` of the network, ``2k + 1`` the way back. ``heights`` keep
    every reduced cost ``cost - height[tail] + height[head]`` of an open arc at zero or
    above; they begin as the distance to the sink, which one sweep finds because arcs
    go to higher nodes only, so that costs below zero are allowed.
    """

    def __init__(self, network: Network):
        self.network = network
        self.heads: list[int] = []
        self.costs: list[int] = []
        self.left: list[int] = []
        self.out: list[list[int]] = [[] for _node in network.supplies]
        arcs = zip(
            network.tails,
            network.heads,
            network.capacities,
            network.costs,
            strict=True,
        )
        for number, (tail, head, capacity, cost) in enumerate(arcs):
            self.heads += (head, tail)
            self.costs += (cost, -cost)
            self.left += (capacity, 0)
            self.out[tail].append(2 * number)
            self.out[head].append(2 * number + 1)
        self.heights = network.measure_heights()

    def solve(self) -> list[int]:
        for node, supply in enumerate(self.network.supplies):
            for _unit in range(supply):
                self._send_from(node)
        return self.left[1::2]

    def _send_from(self, start: int):
        """One unit from ``start`` to the sink, by Dijkstra on reduced costs."""
        heads, costs, left, heights = self.heads, self.costs, self.left, self.heights
        sink = self.network.sink
        distances = {start: 0}
        came_by: dict[int, int] = {}
        settled: dict[int, int] = {}
        queue = [(0, start)]
        while queue:
            distance, node = heapq.heappop(queue)
            if node in settled:
                continue
            settled[node] = distance
            if node == sink:
                break
            base = distance - heights[node]
            for arc in self.out[node]:
                head = heads[arc]
                if not left[arc] or head in settled or heights[head] is None:
                    continue
                reach = base + costs[arc] + heights[head]
                if head not in distances or reach < distances[head]:
                    distances[head] = reach
                    came_by[head] = arc
                    heapq.heappush(queue, (reach, head))
        if sink not in settled:
            raise ValueError(f"What enters at node {start} cannot leave.")
        far = settled[sink]
        for node, distance in settled.items():
            heights[node] += far - distance
        node = sink
        while node != start:
            arc = came_by[node]
            left[arc] -= 1
            left[arc ^ 1] += 1
            node = heads[arc ^ 1]


def measure_from(network: Network, flows: list[int], start: int) -> list[int | None]:
    """The residual distance from ``start`` to every node: what it costs to send a unit
    from ``start`` to it through a solved network; ``None`` where no way leads.

    The cheapest flow leaves no cycle below zero, so distances exist. An arc from a node
    ``v`` to ``start`` that costs ``c`` would be worth ``-(distance of v + c)``, if that
    is above zero: exactly what one more unit of room there saves.
    """
    if numpy is None:
        return _measure_plainly(network, flows, start)
    far = numpy.iinfo(numpy.int64).max // 4
    tails = numpy.array(network.tails, dtype=numpy.int64)
    heads = numpy.array(network.heads, dtype=numpy.int64)
    costs = numpy.array(network.costs, dtype=numpy.int64)
    flow = numpy.array(flows, dtype=numpy.int64)
    ahead = flow < numpy.array(network.capacities, dtype=numpy.int64)
    back = flow > 0
    sources = numpy.concatenate((tails[ahead], heads[back]))
    targets = numpy.concatenate((heads[ahead], tails[back]))
    lengths = numpy.concatenate((costs[ahead], -costs[back]))
    order = numpy.argsort(targets, kind="stable")
    sources, targets, lengths = sources[order], targets[order], lengths[order]
    reached, firsts = numpy.unique(targets, return_index=True)
    distances = numpy.full(len(network.supplies), far, dtype=numpy.int64)
    distances[start] = 0
    for _round in range(len(network.supplies)):
        through = distances[sources]
        through = numpy.where(through < far, through + lengths, far)
        nearest = numpy.minimum.reduceat(through, firsts) if len(firsts) else through
        better = nearest < distances[reached]
        if not better.any():
            break
        distances[reached[better]] = nearest[better]
    return [int(distance) if distance < far else None for distance in distances]


def _measure_plainly(network, flows, start):
    """The same by label correcting with a queue (Bellman, Ford)."""
    out: list[list[tuple[int, int]]] = [[] for _node in network.supplies]
    arcs = zip(
        network.tails,
        network.heads,
        network.capacities,
        network.costs,
        flows,
        strict=True,
    )
    for tail, head, capacity, cost, flow in arcs:
        if flow < capacity:
            out[tail].append((head, cost))
        if flow > 0:
            out[head].append((tail, -cost))
    distances: list[int | None] = [None] * len(network.supplies)
    distances[start] = 0
    waiting = {start: None}
    while waiting:
        node = next(iter(waiting))
        del waiting[node]
        for head, cost in out[node]:
            reach = distances[node] + cost
            if distances[head] is None or reach < distances[head]:
                distances[head] = reach
                waiting[head] = None
    return distances
