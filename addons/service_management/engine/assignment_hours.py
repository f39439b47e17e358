"""Plans that keep to the hours of the points, where orders differ in length, and to
limits that cross each other.

This is the generalized assignment problem and NP-hard. Hours get prices (Lagrangian
relaxation; Fisher, Management Science 27, 1981): a round is a flow in which every cost
counts its hours at the price of the point. Its optimum, less the price of all hours
there are, is a bound that no plan can beat. What is too long in it is moved where it
costs least an hour. The prices follow the hours over or left (a subgradient step of
Polyak's length).

Limits by kind and by row that cross (each has orders that the other has not) are no
flow either: the flow is without those by kind, and what is too many is moved as well.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable

from .assignment_model import Key, Market, Order, Room

# Rounds of prices, and how near to the bound is near enough.
ROUNDS = 12
NEAR = 0.001
# Hours are compared with this much tolerance.
TINY = 1e-9


def is_too_long(market: Market, choices) -> bool:
    return any(over > TINY for over in market.get_hours_over(choices).values())


def thin_out(market: Market, choices: dict, bound: float) -> tuple[dict, float]:
    """A plan that keeps to crossing limits, and what it is above the optimum at most.

    :param choices: the optimum without some limits by kind, ``bound`` its cost
    """
    plan = _shorten(market, choices)
    return plan, max(market.get_full_cost(plan) - bound, 0.0)


def fit_hours(
    market: Market,
    choices: dict,
    bound: float,
    solve_at: Callable[[dict[Key, float]], tuple[dict, float]],
) -> tuple[dict, float]:
    """A plan that keeps to the hours, and what it costs above the optimum at most.

    :param choices: the optimum without hours, ``bound`` its cost
    :param solve_at: the optimum and its cost with prices an hour, by point
    """
    best, best_cost = choices, float("inf")
    value = bound
    prices: dict[Key, float] = {}
    for number in range(ROUNDS):
        plan = _shorten(market, choices)
        cost = market.get_full_cost(plan)
        if cost < best_cost:
            best, best_cost = plan, cost
        if number == ROUNDS - 1 or best_cost - bound <= NEAR * abs(best_cost):
            break
        over = market.get_hours_over(choices)
        norm = sum(
            hours * hours for key, hours in over.items() if hours > 0 or prices.get(key)
        )
        if not norm:
            break
        step = max(best_cost - value, 0.0) / norm
        for key, hours in over.items():
            prices[key] = max(prices.get(key, 0.0) + step * hours, 0.0)
        choices, cost = solve_at(prices)
        value = cost - sum(
            price * market.left[key].hours for key, price in prices.items()
        )
        bound = max(bound, value)
    return best, max(best_cost - bound, 0.0)


def _shorten(market: Market, choices: dict) -> dict:
    """Move what is too long, then give the orders that are better off elsewhere, and
    those that nobody has, the room that is left."""
    choices = dict(choices)
    room = Room(market)
    by_point: dict[Key, list[Order]] = defaultdict(list)
    for order in market.orders:
        if choices[order.key] is not None:
            room.take(order, choices[order.key])
            by_point[choices[order.key]].append(order)
    for key, inside, limit in market.list_crowded(choices):
        own = [order for order in inside if choices[order.key] == key]
        while len(own) > limit:
            __, target, order = min(
                ((*_find_best(room, order, key), order) for order in own),
                key=lambda move: move[0],
            )
            own.remove(order)
            by_point[key].remove(order)
            room.move(order, key, target)
            choices[order.key] = target
    for key, over in market.get_hours_over(choices).items():
        own = [order for order in by_point[key] if order.hours > 0]
        while over > TINY:
            moves = [(*_find_best(room, order, key), order) for order in own]
            # The loss an hour; what is longer than needed counts as much as needed
            loss, target, order = min(
                moves, key=lambda move: move[0] / min(move[2].hours, over)
            )
            over -= order.hours
            own.remove(order)
            room.move(order, key, target)
            choices[order.key] = target
    for order in sorted(market.orders, key=lambda order: -order.penalty):
        chosen = choices[order.key]
        loss, target = _find_best(room, order, chosen)
        if loss < -TINY:
            room.move(order, chosen, target)
            choices[order.key] = target
    return choices


def _find_best(room: Room, order: Order, chosen) -> tuple[float, Key | None]:
    """The best other place: what it would cost more than the chosen one, and which."""
    room.move(order, chosen, None)
    best, target = order.penalty, None
    for key in order.options:
        if key != chosen and room.has_room(order, key):
            cost = room.get_option_cost(order, key)
            if cost < best:
                best, target = cost, key
    now = order.penalty if chosen is None else room.get_option_cost(order, chosen)
    room.move(order, None, chosen)
    return best - now, target
