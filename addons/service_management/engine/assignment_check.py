"""Whether a plan of `assignment` keeps to every limit, counted anew and in words.

Shares no code with what makes the plans, so that tests and benchmarks can trust it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from .assignment_model import Group, Key, Order, Point


def find_violations(
    orders: Sequence[Order],
    points: Iterable[Point],
    choices: Mapping[Key, Key | None],
    groups: Iterable[Group] = (),
) -> list[str]:
    """One sentence for each limit that is broken; none for a good plan.

    Locked orders may take more than there is, but leave nothing to others then.
    """
    points = list(points)
    broken = list(_check_orders(orders, choices))
    for point in points:
        inside = [order for order in orders if choices[order.key] == point.key]
        broken += _check_point(point, inside)
    for group in groups:
        keys = {point.key for point in points if point.group == group.key}
        inside = [order for order in orders if choices[order.key] in keys]
        broken += _check_limit(f"group {group.key}", inside, group.most)
    return broken


def _check_orders(orders, choices) -> Iterator[str]:
    for order in orders:
        chosen = choices[order.key]
        if order.locked is not None:
            if chosen != order.locked:
                yield f"{order.key} is locked to {order.locked}, not {chosen}"
        elif chosen is not None and chosen not in order.options:
            yield f"{order.key} may not go to {chosen}"


def _check_point(point, inside) -> Iterator[str]:
    sizes = [part.count for part in point.slices]
    if None not in sizes:
        yield from _check_limit(point.key, inside, sum(sizes))
    yield from _check_limit(f"share of {point.key}", inside, point.most)
    for kind, limit in point.kinds.items():
        of_kind = [order for order in inside if order.kind == kind]
        yield from _check_limit(f"{kind} of {point.key}", of_kind, limit)
    for row, limit in point.rows.items():
        of_row = [order for order in inside if order.rows.get(point.key) == row]
        yield from _check_limit(f"row {row} of {point.key}", of_row, limit)
    yield from _check_limit(
        f"hours of {point.key}", inside, point.hours, lambda order: order.hours
    )


def _check_limit(name, inside, limit, size=lambda order: 1) -> Iterator[str]:
    if limit is None or all(order.locked is not None for order in inside):
        return
    used = sum(map(size, inside))
    if used > limit + 1e-6:
        yield f"{name}: {used} of {limit}"
