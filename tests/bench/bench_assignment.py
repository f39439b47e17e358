"""Orders to service points: 4,000 x 660 with capacities.

First the engine alone, its optimum checked by SciPy's HiGHS where that is installed, an
independent solver and no part of the product; then a day of orders as they come in,
against the optimum of whoever knew the whole day in the morning; then the same with
records: read, solved, and offered through the ORM.
"""

import math
import sys
import time
from collections import Counter
from dataclasses import replace

from assignment_world import CATEGORIES, TOWNS, TYPES, Region

from odoo.addons.service_management.engine import assignment, min_cost_flow
from odoo.addons.service_management.engine.assignment_check import find_violations

# The online policy: so many orders at a time, of which the last so many may move.
STEP = 50
MOVABLE = 1000
STAY = 0.05
# Kilometres to degrees, near Shanghai
ORIGIN = (30.5, 120.5)


def bench_engine(env):
    "Assignment, engine"
    region = Region()
    orders = region.make_orders(region.make_day(70))
    points = region.make_points()
    pairs = sum(len(order.options) for order in orders)
    yield
    for solver in (min_cost_flow.LIBRARY, min_cost_flow.OWN):
        if solver == min_cost_flow.LIBRARY and min_cost_flow.Graph is None:
            print("Assignment: pylmcf is not installed", file=sys.stderr)
            continue
        start = time.process_time()
        plan = assignment.solve(orders, points, prices=False, solver=solver)
        used = time.process_time() - start
        yield len(orders), f"{pairs:,} pairs, {solver}", used, 0, used
    assert not find_violations(orders, points, plan.choices)
    start = time.process_time()
    assignment.solve(orders, points)
    used = time.process_time() - start
    yield len(orders), "with what one more slot is worth", used, 0, used
    optimum = _solve_with_highs(orders, points)
    if optimum is not None:
        agrees = math.isclose(optimum, plan.cost, rel_tol=1e-6)
        yield 1, f"optimum {plan.cost:.2f}, HiGHS {optimum:.2f}: equal {agrees}"
        assert agrees
    greedy = assignment.choose_greedily(orders, points)
    lost = list(greedy.choices.values()).count(None)
    label = f"one by one {greedy.cost / plan.cost:.3f} x, {lost} not served"
    yield len(orders), label


def bench_online(env):
    "Assignment, online"
    region = Region()
    earlier = []
    for seed in (71, 72, 73):
        orders = region.make_orders(region.make_day(seed))
        earlier.append(assignment.solve(orders, region.make_points()).prices)
    bids = assignment.average(earlier)
    days = [region.make_orders(region.make_day(seed)) for seed in (81, 82, 83)]
    best = [assignment.solve(day, region.make_points(), prices=False) for day in days]
    yield
    for name, policy in (
        ("one by one", lambda day: _dispatch_greedily(region, day, {})),
        ("one by one, bids", lambda day: _dispatch_greedily(region, day, bids)),
        ("every 50, 1,000 may move", lambda day: _dispatch_online(region, day, {})),
        (
            "every 50, 1,000 may move, bids",
            lambda day: _dispatch_online(region, day, bids),
        ),
    ):
        ratios, moves = [], 0
        for day, plan in zip(days, best, strict=True):
            choices, moved = policy(day)
            assert not find_violations(day, region.make_points(), choices)
            cost = assignment.get_cost(day, region.make_points(), choices)
            ratios.append(cost / plan.cost)
            moves += moved
        mean = sum(ratios) / len(ratios)
        label = (
            f"{name}: {mean:.4f} x clairvoyant (worst {max(ratios):.4f}), {moves} moves"
        )
        yield 3 * len(days[0]), label


def _dispatch_greedily(region, day, bids):
    """One order after the other, each to its cheapest point that has room."""
    left = {
        key: sum(part.count for part in assignment.make_slices(point["capacity"]))
        for key, point in enumerate(region.points)
    }
    choices = {}
    for number, order in enumerate(day):
        share = 1 - number / len(day)
        best = min(
            (
                (cost + share * bids.get(key, 0.0), key)
                for key, cost in order.options.items()
                if left[key]
            ),
            default=None,
        )
        choices[order.key] = None
        if best and best[0] < order.penalty:
            choices[order.key] = best[1]
            left[best[1]] -= 1
    return choices, 0


def _dispatch_online(region, day, bids):
    """The product's policy: the orders of each step with the last movable ones."""
    choices, moves = {}, 0
    for start in range(0, len(day), STEP):
        end = start + STEP
        first = max(0, end - MOVABLE)
        taken = Counter(
            choices[order.key]
            for order in day[:first]
            if choices[order.key] is not None
        )
        faded = assignment.fade(bids, 1 - end / len(day))
        orders = [
            replace(order, current=choices.get(order.key)) for order in day[first:end]
        ]
        plan = assignment.solve(
            orders, region.make_points(faded, taken), stay=STAY, prices=False
        )
        moves += sum(
            order.current is not None and plan.choices[order.key] != order.current
            for order in orders
        )
        choices |= plan.choices
    return choices, moves


def _solve_with_highs(orders, points):
    """The optimum of the same problem as a linear programme; None without SciPy."""
    try:
        import numpy
        from scipy import sparse
        from scipy.optimize import linprog
    except ImportError:
        print("Assignment: SciPy is not installed, no second opinion", file=sys.stderr)
        return None
    numbers = {point.key: number for number, point in enumerate(points)}
    rows, columns, costs = [], [], []
    for row, order in enumerate(orders):
        for key, cost in order.options.items():
            rows.append(row)
            columns.append(numbers[key])
            costs.append(cost)
    count = len(costs)
    size = count + len(orders)
    ones = numpy.ones
    served = sparse.csr_matrix(
        (
            ones(size),
            (rows + list(range(len(orders))), range(size)),
        ),
        shape=(len(orders), size),
    )
    used = sparse.csr_matrix(
        (ones(count), (columns, range(count))), shape=(len(points), size)
    )
    answer = linprog(
        costs + [order.penalty for order in orders],
        A_ub=used,
        b_ub=[sum(part.count for part in point.slices) for point in points],
        A_eq=served,
        b_eq=ones(len(orders)),
        bounds=(0, 1),
        method="highs",
    )
    assert answer.success, answer.message
    return float(answer.fun)


def bench_records(env):
    "Assignment, records"
    region = Region()
    orders = _make_records(env, region, region.make_day(70))
    env.flush_all()
    env.invalidate_all()
    run = env["service.dispatch.run"].create({})
    yield
    run._compute_proposal()
    env.flush_all()
    yield len(orders), "order read, ranked, solved, proposed"
    run._apply()
    env.flush_all()
    yield len(orders), "order offered"
    offered = len(orders.filtered(lambda order: order.state == "offered"))
    assert offered == run.proposed_count, (offered, run.proposed_count)
    label = (
        f"one by one {run.greedy_cost / run.cost:.3f} x, "
        f"{run.unserved_count} not served"
    )
    yield offered, label


def _make_records(env, region, day):
    """The region as areas, points, coverage, customers and waiting orders."""
    china = env.ref("base.cn")
    types = env["service.type"].create(
        [{"name": f"Bench {n}", "code": f"bench_{n}"} for n in range(TYPES)]
    )
    categories = env["product.category"].create(
        [{"name": f"Bench {n}"} for n in range(CATEGORIES)]
    )
    areas = env["service.area"].create(
        [
            {
                "name": f"Town {n}",
                "code": f"BT{n}",
                "level": "city",
                "country_id": china.id,
            }
            for n in range(TOWNS)
        ]
    )
    partners = env["res.partner"].create(
        [
            {"name": f"Bench {n}", "is_company": True, **_locate(point["at"])}
            for n, point in enumerate(region.points)
        ]
    )
    points = env["service.point"].create(
        [
            {
                "name": partner.name,
                "code": f"BA{n}",
                "partner_id": partner.id,
                "daily_capacity": point["capacity"],
                "satisfaction": point["satisfaction"],
                "auto_accept": False,
            }
            for n, (partner, point) in enumerate(
                zip(partners, region.points, strict=True)
            )
        ]
    )
    env["service.coverage"].create(
        [
            {
                "point_id": record.id,
                "area_id": areas[number].id,
                "type_ids": [(6, 0, [types[n].id for n in point["types"]])],
                "category_ids": [
                    (6, 0, [categories[n].id for n in point["categories"]])
                ],
                "priority": point["priority"],
            }
            for record, point in zip(points, region.points, strict=True)
            for number, town in enumerate(region.towns)
            if math.dist(town, point["at"]) * 1.3 <= 50
        ]
    )
    customers = env["res.partner"].create(
        [
            {
                "name": f"Customer {n}",
                "service_area_id": areas[order["town"]].id,
                **_locate(order["at"]),
            }
            for n, order in enumerate(day)
        ]
    )
    return env["service.order"]._create_from_channel(
        [
            {
                "channel": "api",
                "source_key": f"assignment-{n}",
                "partner_id": customer.id,
                "type_id": types[order["type"]].id,
                "category_id": categories[order["category"]].id,
                "priority": order["priority"],
                "description": "It does not spin.",
            }
            for n, (order, customer) in enumerate(zip(day, customers, strict=True))
        ]
    )


def _locate(place):
    return {
        "partner_latitude": ORIGIN[0] + place[1] / 111.0,
        "partner_longitude": ORIGIN[1] + place[0] / 95.0,
    }
