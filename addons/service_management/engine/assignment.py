"""All waiting orders to service points at once, at the least cost, without a database.

The model is a flow through a network, so its optimum is exact and found in a fraction
of a second for 4,000 orders and 660 points (`min_cost_flow`)::

    order -- 1, cost --> (point, row) -- limit --> (point, kind) -- limit --> point
    point -- slices --> group --> out
    order -- 1, penalty --> out              (nobody is given the order)

- A point takes orders in *slices*, each dearer than the one before: the calm part of
  its capacity, the rest, overtime. Convex, so that the flow stays exact, and enough to
  spread the work.
- A *share* is a least and a greatest number of orders of a point or of a group of
  points. The greatest is a limit. The least is paid for: what is short of it costs
  ``SHORT`` an order, so that a share that cannot be reached does no harm and is told.
- A *locked* order is fixed: it takes its room first, even where there is none.
- An order that was promised to a point before stays there unless the change is worth
  more than ``stay``: plans do not flap.
- A *bid* is what a slot of the point is expected to be worth later in the day; it is
  paid on top of the cost while orders still come in, see `fade`.

Hours. Where a point's day is limited in hours and orders differ in length, this is no
flow any more. If the flow keeps to the hours all the same, it is the optimum; else
`assignment_hours` finds a plan that does, and ``gap`` says how far, at most, it is from
the optimum. The same goes for limits by row and by kind of a point where neither holds
the other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from . import min_cost_flow as flow
from .assignment_hours import fit_hours, is_too_long, thin_out
from .assignment_model import (
    Group,
    Key,
    Market,
    Order,
    Plan,
    Point,
    Room,
    Slice,
    split_slices,
)

# Costs are counted in ten-thousandths: whole numbers, on which both solvers agree.
PRECISION = 10_000


def make_slices(
    capacity: int,
    load: int = 0,
    *,
    busy: float = 0.0,
    overtime: int = 0,
    overtime_cost: float = 0.0,
    calm_share: float = 0.8,
) -> tuple[Slice, ...]:
    """The slices of a point that takes ``capacity`` orders a day and has ``load``.

    Up to ``calm_share`` of the capacity costs nothing, the rest ``busy`` an order, and
    ``overtime`` orders beyond it ``overtime_cost``. Capacity 0 means without a limit.
    """
    if not capacity:
        return (Slice(None),)
    sizes = (
        (int(capacity * calm_share), 0.0),
        (capacity - int(capacity * calm_share), busy),
        (overtime, max(overtime_cost, busy)),
    )
    slices = []
    for size, cost in sizes:
        taken = min(size, load)
        load -= taken
        if size > taken:
            slices.append(Slice(size - taken, cost))
    return tuple(slices)


def fade(bids: Mapping[Key, float], share_left: float) -> dict[Key, float]:
    """Bids for what is left of the day: worth all in the morning, nothing at night."""
    share = min(max(share_left, 0.0), 1.0)
    return {key: price * share for key, price in bids.items() if price * share > 0}


def average(days: Sequence[Mapping[Key, float]]) -> dict[Key, float]:
    """Bids from earlier days: the mean of their prices; a day without one counts 0."""
    total: dict[Key, float] = defaultdict(float)
    for prices in days:
        for key, price in prices.items():
            total[key] += price
    return {key: price / len(days) for key, price in total.items()}


def solve(
    orders: Sequence[Order],
    points: Iterable[Point],
    groups: Iterable[Group] = (),
    *,
    stay: float = 0.0,
    prices: bool = True,
    solver: str | None = None,
) -> Plan:
    """The cheapest plan; how it is found is said at the top.

    :param stay: what a change of the ``current`` point must be worth at least
    :param prices: whether ``prices`` are wanted; they cost as much again
    """
    market = Market(orders, points, groups, stay)
    solver = solver or flow.find_solver()
    graph = _Graph(market, market.orders)
    flows = flow.solve(graph.network, solver)
    choices = graph.read_choices(flows)
    gap = 0.0
    bound = graph.network.get_cost(flows) / PRECISION
    if not is_too_long(market, choices):
        if graph.crosses and market.list_crowded(choices):
            choices, gap = thin_out(market, choices, bound)
    else:

        def solve_at(hour_prices):
            priced = _Graph(market, market.orders, hour_prices)
            answer = flow.solve(priced.network, solver)
            return priced.read_choices(answer), priced.network.get_cost(
                answer
            ) / PRECISION

        choices, gap = fit_hours(market, choices, bound, solve_at)
    worth, kind_worth = graph.measure_prices(flows) if prices else ({}, {})
    choices |= market.locked
    return Plan(
        choices,
        market.get_cost(choices),
        worth,
        kind_worth,
        market.get_short(choices),
        gap,
        solver,
    )


def choose_greedily(
    orders: Sequence[Order], points: Iterable[Point], groups: Iterable[Group] = ()
) -> Plan:
    """What choosing for one order after the other comes to: the cheapest point that has
    room, by cost, slice and bid, as long as that is less than the penalty."""
    market = Market(orders, points, groups)
    room = Room(market)
    choices: dict[Key, Key | None] = {}
    for order in market.orders:
        best = min(
            (
                (cost + room.get_cost(key), number, key)
                for number, (key, cost) in enumerate(order.options.items())
                if room.has_room(order, key)
            ),
            default=None,
        )
        chosen = best[2] if best and best[0] < order.penalty else None
        choices[order.key] = chosen
        if chosen is not None:
            room.take(order, chosen)
    choices |= market.locked
    return Plan(
        choices,
        market.get_cost(choices),
        {},
        {},
        market.get_short(choices),
        float("inf"),
        "greedy",
    )


def get_cost(
    orders: Sequence[Order],
    points: Iterable[Point],
    choices: Mapping[Key, Key | None],
    groups: Iterable[Group] = (),
) -> float:
    """What a plan costs: options, slices, penalties and missed least shares."""
    return Market(orders, points, groups).get_cost(choices)


class _Graph:
    """The network of some orders of a market: built, and read back."""

    def __init__(self, market: Market, orders, hour_prices=None):
        self.orders = orders
        self.market = market
        self.hour_prices = hour_prices or {}
        wanted = dict.fromkeys(
            key
            for order in orders
            for key in order.options
            if key in market.left and market.left[key].slices
        )
        self.points = [market.left[key] for key in wanted]
        kinds: dict[tuple, None] = {}
        for order in orders:
            for key in order.options:
                if key in wanted and order.kind in market.left[key].kinds:
                    kinds[key, order.kind] = None
        start = len(orders)
        self._choose_rows(orders, wanted, kinds)
        # Every arc goes to a higher node: kinds in front of rows, rows, other kinds
        front = dict.fromkeys(pair for pair in kinds if pair in self.kind_outs)
        self.kind_nodes = {pair: start + at for at, pair in enumerate(front)}
        start += len(front)
        self.row_nodes = {pair: start + at for at, pair in enumerate(self.row_outs)}
        start += len(self.row_outs)
        behind = [pair for pair in kinds if pair not in front]
        self.kind_nodes |= {pair: start + at for at, pair in enumerate(behind)}
        start += len(behind)
        self.point_nodes = {key: start + at for at, key in enumerate(wanted)}
        start += len(wanted)
        groups = dict.fromkeys(
            point.group for point in self.points if point.group in market.left_groups
        )
        self.group_nodes = {key: start + at for at, key in enumerate(groups)}
        start += len(groups)
        self.network = flow.Network([1] * len(orders) + [0] * (start - len(orders) + 1))
        self._add_orders()
        self._add_points()
        self._add_groups()

    def _choose_rows(self, orders, wanted, kinds):
        """Where the limit of each (point, row) stands: in front of the limit of a kind
        that all its orders have, behind the limits of kinds that only it has; where the
        two cross the limit of the kind is left out for its orders."""
        inside: dict[tuple, set] = {}
        outside: dict[tuple, set] = {}
        for order in orders:
            for key in order.options:
                if key not in wanted:
                    continue
                row = order.rows.get(key)
                kind = order.kind if (key, order.kind) in kinds else None
                if row in self.market.left[key].rows:
                    inside.setdefault((key, row), set()).add(kind)
                if kind is not None:
                    outside.setdefault((key, kind), set()).add(
                        row if row in self.market.left[key].rows else None
                    )
        # (point, row): the kind behind it, or None: the point
        self.row_outs: dict[tuple, Key | None] = {}
        # (point, kind): the row behind it
        self.kind_outs: dict[tuple, Key] = {}
        self.crosses = False
        for (key, row), own in inside.items():
            (only,) = own if len(own) == 1 else (None,)
            self.row_outs[key, row] = only
            for kind in own - {None, only}:
                if outside[key, kind] == {row}:
                    self.kind_outs[key, kind] = row
                else:
                    self.crosses = True

    def _get_head(self, key, order):
        """The node that stands first before the point for this order."""
        row = (key, order.rows.get(key))
        kind = (key, order.kind)
        if row not in self.row_nodes:
            return self.kind_nodes.get(kind, self.point_nodes[key])
        if kind in self.kind_outs:
            return self.kind_nodes[kind]
        return self.row_nodes[row]

    def _add_orders(self):
        network = self.network
        self.first_arcs = []
        self.arc_points: list[Key | None] = []
        add, append = network.add, self.arc_points.append
        left = self.market.left
        point_nodes, hour_prices = self.point_nodes, self.hour_prices
        for node, order in enumerate(self.orders):
            self.first_arcs.append(len(self.arc_points))
            for key, cost in order.options.items():
                point_node = point_nodes.get(key)
                if point_node is None:
                    continue
                point = left[key]
                if point.hours is not None and order.hours > point.hours + 1e-9:
                    continue
                cost += point.bid
                if hour_prices:
                    cost += hour_prices.get(key, 0.0) * order.hours
                if key == order.current:
                    cost -= self.market.stay
                head = self._get_head(key, order)
                add(node, head, 1, round(cost * PRECISION))
                append(key)
            add(node, network.sink, 1, round(order.penalty * PRECISION))
            append(None)
        self.first_arcs.append(len(self.arc_points))

    def _add_points(self):
        many = len(self.orders)
        for (key, kind), node in self.kind_nodes.items():
            limit = self.market.left[key].kinds[kind]
            if not limit:
                continue
            row = self.kind_outs.get((key, kind))
            out = self.point_nodes[key] if row is None else self.row_nodes[key, row]
            self.network.add(node, out, limit, 0)
        for (key, row), node in self.row_nodes.items():
            limit = self.market.left[key].rows[row]
            if limit:
                kind = self.row_outs[key, row]
                out = self.kind_nodes.get((key, kind), self.point_nodes[key])
                self.network.add(node, out, limit, 0)
        for point in self.points:
            node = self.point_nodes[point.key]
            out = self.group_nodes.get(point.group, self.network.sink)
            room = many if point.most is None else min(point.most, many)
            for slot in split_slices(point.slices, point.least):
                count = room if slot.count is None else min(slot.count, room)
                if count:
                    self.network.add(node, out, count, round(slot.cost * PRECISION))
                room -= count

    def _add_groups(self):
        many = len(self.orders)
        for key, node in self.group_nodes.items():
            group = self.market.left_groups[key]
            room = many if group.most is None else min(group.most, many)
            for slot in split_slices((Slice(None),), group.least):
                count = room if slot.count is None else min(slot.count, room)
                if count:
                    self.network.add(
                        node, self.network.sink, count, round(slot.cost * PRECISION)
                    )
                room -= count

    def read_choices(self, flows) -> dict:
        choices = {}
        for number, order in enumerate(self.orders):
            first, last = self.first_arcs[number], self.first_arcs[number + 1]
            choices[order.key] = self.arc_points[flows.index(1, first, last)]
        return choices

    def measure_prices(self, flows) -> tuple[dict, dict]:
        """What one more slot saves, by point and by (point, kind), where it does."""
        prices: dict[Key, float] = {}
        kind_prices: dict[tuple, float] = {}
        network = self.network
        for out in (network.sink, *self.group_nodes.values()):
            mine = {
                point.key
                for point in self.points
                if self.group_nodes.get(point.group, network.sink) == out
            }
            if not mine:
                continue
            distances = flow.measure_from(network, flows, out)
            for key in mine:
                point = self.market.left[key]
                distance = distances[self.point_nodes[key]]
                if worth := _get_worth(distance, point.slot_cost):
                    prices[key] = worth
            for (key, kind), node in self.kind_nodes.items():
                if key in mine:
                    cost = self.market.left[key].slot_cost
                    if worth := _get_worth(distances[node], cost):
                        kind_prices[key, kind] = worth
        return prices, kind_prices


def _get_worth(distance, cost) -> float:
    if distance is None:
        return 0.0
    return max(-(distance + round(cost * PRECISION)), 0) / PRECISION
