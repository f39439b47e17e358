"""Orders, points and their limits: what `assignment` chooses between.

`Market` answers what a plan costs and how far it keeps to the limits, `Room` what is
left while orders are placed one by one. Both are plain bookkeeping; the choosing is
done elsewhere.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field, replace

# What a slot costs that a least share asks for and nobody takes.
SHORT = 50.0

Key = Hashable


@dataclass(frozen=True, slots=True)
class Slice:
    """So many orders (``None``: any number) that cost so much more each."""

    count: int | None
    cost: float = 0.0


@dataclass(frozen=True, slots=True)
class Order:
    """An order and what it would cost at each point that may have it.

    ``kind`` is what limits by kind speak of (a service type), ``rows`` by point what
    its limits by row speak of (a row of its coverage), ``hours`` what it takes of a
    point's day. ``current`` is the point it was promised to before, ``locked`` the
    one it must go to (which need not be among the options).
    """

    key: Key
    options: Mapping[Key, float]
    penalty: float
    kind: Key | None = None
    hours: float = 0.0
    current: Key | None = None
    locked: Key | None = None
    rows: Mapping[Key, Key] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Point:
    """How much a point can still take: by slice, by kind and by row (those not named:
    any number), in hours (``None``: any), and its shares of the orders of this run.

    ``slot_cost`` is what an ordinary slot costs, for the price of one more.
    """

    key: Key
    slices: tuple[Slice, ...] = (Slice(None),)
    kinds: Mapping[Key, int] = field(default_factory=dict)
    rows: Mapping[Key, int] = field(default_factory=dict)
    hours: float | None = None
    group: Key | None = None
    least: int = 0
    most: int | None = None
    bid: float = 0.0
    slot_cost: float = 0.0


@dataclass(frozen=True, slots=True)
class Group:
    """A set of points with a share of their own, such as own centres or partners."""

    key: Key
    least: int = 0
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """The answer. ``choices``: the point of each order, ``None`` where nobody has it.

    ``cost`` is what the plan costs without bids and the wish to stay; ``prices`` what
    one more ordinary slot of a point would save, ``kind_prices`` the same for a (point,
    kind) with both limits raised; neither knows of hours. ``short`` says by how much
    least shares are missed. ``gap`` is 0 for a proven optimum, else what the plan costs
    above it at most.
    """

    choices: Mapping[Key, Key | None]
    cost: float
    prices: Mapping[Key, float]
    kind_prices: Mapping[tuple[Key, Key], float]
    short: Mapping[Key, int]
    gap: float
    solver: str


class Market:
    """The problem without its locked orders, whose room is taken out beforehand."""

    def __init__(self, orders, points, groups=(), stay=0.0):
        self.all_orders = list(orders)
        self.points = {point.key: point for point in points}
        self.groups = {group.key: group for group in groups}
        self.stay = stay
        self.locked = {
            order.key: order.locked
            for order in self.all_orders
            if order.locked is not None
        }
        self.orders = [order for order in self.all_orders if order.locked is None]
        self.left = dict(self.points)
        self.left_groups = dict(self.groups)
        for order in self.all_orders:
            if order.locked in self.left:
                self._take_out(order)

    def _take_out(self, order):
        point = self.left[order.locked]
        kinds = dict(point.kinds)
        if order.kind in kinds:
            kinds[order.kind] = max(kinds[order.kind] - 1, 0)
        rows = dict(point.rows)
        if (row := order.rows.get(order.locked)) in rows:
            rows[row] = max(rows[row] - 1, 0)
        slices = list(point.slices)
        if slices and slices[0].count is not None:
            count = slices[0].count - 1
            slices[:1] = [replace(slices[0], count=count)] if count > 0 else []
        hours = point.hours
        self.left[point.key] = replace(
            point,
            slices=tuple(slices),
            kinds=kinds,
            rows=rows,
            hours=None if hours is None else max(hours - order.hours, 0.0),
            least=max(point.least - 1, 0),
            most=None if point.most is None else max(point.most - 1, 0),
        )
        if group := self.left_groups.get(point.group):
            self.left_groups[group.key] = replace(
                group,
                least=max(group.least - 1, 0),
                most=None if group.most is None else max(group.most - 1, 0),
            )

    def get_cost(self, choices) -> float:
        total = 0.0
        counts = Counter(choices.values())
        for order in self.all_orders:
            chosen = choices[order.key]
            if chosen is None:
                total += order.penalty
            else:
                # Where it was not even a candidate nobody can say: as if left out
                total += order.options.get(chosen, order.penalty)
        for key, point in self.points.items():
            left = counts[key]
            for slot in point.slices:
                taken = left if slot.count is None else min(slot.count, left)
                total += taken * slot.cost
                left -= taken
        return total + SHORT * sum(self.get_short(choices).values())

    def get_short(self, choices) -> dict:
        counts = Counter(choices.values())
        short = {}
        for key, point in self.points.items():
            if counts[key] < point.least:
                short[key] = point.least - counts[key]
        for key, group in self.groups.items():
            count = sum(
                counts[point.key]
                for point in self.points.values()
                if point.group == key
            )
            if count < group.least:
                short[key] = group.least - count
        return short

    def get_full_cost(self, choices) -> float:
        """The cost that the flow counts: with bids, the wish to stay and least shares,
        and without the locked orders."""
        counts = Counter(choices.values())
        total = 0.0
        for order in self.orders:
            chosen = choices[order.key]
            if chosen is None:
                total += order.penalty
                continue
            total += order.options[chosen] + self.left[chosen].bid
            if chosen == order.current:
                total -= self.stay
        for key, point in self.left.items():
            left = counts[key]
            for slot in split_slices(point.slices, point.least):
                taken = left if slot.count is None else min(slot.count, left)
                total += taken * slot.cost
                left -= taken
        for key, group in self.left_groups.items():
            inside = sum(
                counts[point.key] for point in self.left.values() if point.group == key
            )
            total -= SHORT * min(inside, group.least)
        return total

    def list_crowded(self, choices) -> list[tuple]:
        """(point, orders, limit) of each kind and row that has too many."""
        inside: dict[tuple, list[Order]] = defaultdict(list)
        for order in self.orders:
            point = self.left.get(choices[order.key])
            if point is None:
                continue
            if order.kind in point.kinds:
                inside[point.key, "kinds", order.kind].append(order)
            if (row := order.rows.get(point.key)) in point.rows:
                inside[point.key, "rows", row].append(order)
        return [
            (key, orders, getattr(self.left[key], name)[part])
            for (key, name, part), orders in inside.items()
            if len(orders) > getattr(self.left[key], name)[part]
        ]

    def get_hours_over(self, choices) -> dict:
        """Hours given minus hours there, of each point whose hours are limited."""
        hours: dict[Key, float] = defaultdict(float)
        for order in self.orders:
            hours[choices[order.key]] += order.hours
        return {
            key: hours[key] - point.hours
            for key, point in self.left.items()
            if point.hours is not None
        }


class Room:
    """What is left of each point while orders are placed one by one."""

    def __init__(self, market: Market):
        self.market = market
        self.counts: Counter = Counter()
        self.kinds: Counter = Counter()
        self.rows: Counter = Counter()
        self.hours: dict[Key, float] = defaultdict(float)
        self.groups: Counter = Counter()

    def has_room(self, order: Order, key: Key) -> bool:
        point = self.market.left.get(key)
        if point is None:
            return False
        count = self.counts[key]
        if point.most is not None and count >= point.most:
            return False
        if self.get_cost(key) is None:
            return False
        if self.kinds[key, order.kind] >= point.kinds.get(order.kind, float("inf")):
            return False
        row = order.rows.get(key)
        if self.rows[key, row] >= point.rows.get(row, float("inf")):
            return False
        if (
            point.hours is not None
            and self.hours[key] + order.hours > point.hours + 1e-9
        ):
            return False
        group = self.market.left_groups.get(point.group)
        return not (
            group and group.most is not None and self.groups[group.key] >= group.most
        )

    def get_cost(self, key: Key) -> float | None:
        """Slice and bid of the next order at the point; ``None``: it is full."""
        point = self.market.left[key]
        count = self.counts[key]
        for slot in point.slices:
            if slot.count is None or count < slot.count:
                return slot.cost + point.bid
            count -= slot.count
        return None

    def get_option_cost(self, order: Order, key: Key) -> float:
        """What the order would cost at the point as its next one (infinite: full)."""
        slot = self.get_cost(key)
        if slot is None:
            return float("inf")
        stays = self.market.stay if key == order.current else 0.0
        return order.options[key] + slot - stays

    def move(self, order: Order, source: Key | None, target: Key | None):
        if source is not None:
            self.take(order, source, -1)
        if target is not None:
            self.take(order, target)

    def take(self, order: Order, key: Key, sign: int = 1):
        self.counts[key] += sign
        self.kinds[key, order.kind] += sign
        self.rows[key, order.rows.get(key)] += sign
        self.hours[key] += sign * order.hours
        self.groups[self.market.left[key].group] += sign


def split_slices(slices, least):
    """The slices with a bonus on the first ``least`` orders, which stay convex."""
    for slot in slices:
        size = least if slot.count is None else min(slot.count, least)
        if size:
            yield Slice(size, slot.cost - SHORT)
            least -= size
        if slot.count is None:
            yield slot
        elif slot.count > size:
            yield Slice(slot.count - size, slot.cost)
