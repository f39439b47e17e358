from dataclasses import replace
from itertools import product
from unittest import TestCase, skipUnless

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.addons.service_management.engine import assignment, min_cost_flow
from odoo.addons.service_management.engine.assignment import (
    Group,
    Order,
    Point,
    Slice,
    choose_greedily,
    fade,
    make_slices,
    solve,
)
from odoo.addons.service_management.engine.assignment_check import find_violations

# Quarters: costs of a few digits, so that sums agree to the last one
quarters = st.integers(0, 40).map(lambda number: number / 4)
KEYS = "abc"
SOLVERS = [min_cost_flow.OWN]
if min_cost_flow.Graph is not None:
    SOLVERS.append(min_cost_flow.LIBRARY)


@st.composite
def markets(draw, with_hours=False, crossing=False):
    """A few orders, three points, two groups: small enough to try every plan.

    Rows of a point hold orders of one kind, or all of them, unless they may cross.
    """
    orders = []
    for number in range(draw(st.integers(1, 5))):
        kind = draw(st.sampled_from("xy"))
        rows = ["all"] if crossing else [f"{kind}1", f"{kind}2"]
        orders.append(
            Order(
                number,
                draw(st.dictionaries(st.sampled_from(KEYS), quarters, max_size=3)),
                penalty=draw(st.integers(8, 60)) / 4 + 5,
                kind=kind,
                hours=draw(st.sampled_from((0.5, 1.0, 2.0))) if with_hours else 0.0,
                # Everything that the last point does is of one row
                rows={
                    **draw(
                        st.dictionaries(
                            st.sampled_from(KEYS[:-1]), st.sampled_from(rows)
                        )
                    ),
                    KEYS[-1]: "all",
                },
            )
        )
    points = [
        Point(
            key,
            slices=make_slices(
                draw(st.integers(0, 4)), busy=0.5, overtime=draw(st.integers(0, 1))
            ),
            kinds=draw(st.dictionaries(st.just("x"), st.integers(0, 2))),
            rows=draw(
                st.dictionaries(
                    st.sampled_from(("x1", "x2", "y1", "all")), st.integers(0, 2)
                )
            ),
            hours=draw(st.sampled_from((None, 1.0, 2.5))) if with_hours else None,
            group=draw(st.sampled_from(("own", "partner", None))),
            least=draw(st.integers(0, 2)),
            most=draw(st.none() | st.integers(1, 3)),
        )
        for key in KEYS
    ]
    points = [
        point if point.most is None or point.least <= point.most else point
        for point in points
    ]
    groups = [
        Group(key, draw(st.integers(0, 2)), draw(st.none() | st.integers(2, 4)))
        for key in ("own", "partner")
    ]
    return orders, points, groups


def try_everything(orders, points, groups):
    """The cost of the cheapest plan that keeps to the limits."""
    best = float("inf")
    for plan in product(*([*order.options, None] for order in orders)):
        choices = dict(zip((order.key for order in orders), plan, strict=True))
        if not find_violations(orders, points, choices, groups):
            best = min(best, assignment.get_cost(orders, points, choices, groups))
    return best


class TestAssignment(TestCase):
    @settings(max_examples=200, deadline=None)
    @given(markets())
    def test_both_solvers_find_what_trying_everything_finds(self, market):
        orders, points, groups = market
        best = try_everything(orders, points, groups)
        for solver in SOLVERS:
            plan = solve(orders, points, groups, solver=solver)
            self.assertEqual(
                find_violations(orders, points, plan.choices, groups), [], solver
            )
            self.assertAlmostEqual(plan.cost, best, places=6, msg=solver)
            self.assertEqual(plan.gap, 0.0)

    @settings(max_examples=100, deadline=None)
    @given(markets())
    def test_the_price_of_a_slot_is_what_one_more_saves(self, market):
        orders, points, groups = market
        points = [replace(point, least=0, most=None) for point in points]
        plan = solve(orders, points, groups)
        for number, point in enumerate(points):
            wider = list(points)
            wider[number] = replace(point, slices=(Slice(1, 0.0), *point.slices))
            saved = plan.cost - solve(orders, wider, groups).cost
            self.assertAlmostEqual(plan.prices.get(point.key, 0.0), saved, places=6)

    @settings(max_examples=100, deadline=None)
    @given(markets(), st.lists(st.sampled_from((*KEYS, None)), min_size=5, max_size=5))
    def test_locked_orders_stay_and_others_keep_to_what_is_left(self, market, locks):
        orders, points, groups = market
        locked = [
            Order(o.key, o.options, o.penalty, o.kind, locked=lock, rows=o.rows)
            for o, lock in zip(orders, locks, strict=False)
        ]
        plans = [solve(locked, points, groups, solver=solver) for solver in SOLVERS]
        for plan in plans:
            self.assertEqual(find_violations(locked, points, plan.choices, groups), [])
            self.assertAlmostEqual(plan.cost, plans[0].cost, places=6)

    @settings(max_examples=150, deadline=None)
    @given(markets(crossing=True))
    def test_crossing_limits_are_kept_and_the_gap_is_not_understated(self, market):
        orders, points, groups = market
        best = try_everything(orders, points, groups)
        plan = solve(orders, points, groups)
        self.assertEqual(find_violations(orders, points, plan.choices, groups), [])
        self.assertLessEqual(plan.cost - best, plan.gap + 1e-3)

    def test_a_row_is_full_and_another_of_the_same_point_is_not(self):
        orders = [
            Order(n, {"a": 0.0}, penalty=5.0, rows={"a": "near"} if n < 3 else {})
            for n in range(5)
        ]
        for solver in SOLVERS:
            plan = solve(orders, [Point("a", rows={"near": 1})], solver=solver)
            served = [n for n in range(5) if plan.choices[n]]
            self.assertEqual((len(served), served[-2:]), (3, [3, 4]))

    @settings(max_examples=150, deadline=None)
    @given(markets(with_hours=True))
    def test_hours_are_kept_and_the_gap_is_not_understated(self, market):
        orders, points, groups = market
        best = try_everything(orders, points, groups)
        plan = solve(orders, points, groups)
        self.assertEqual(find_violations(orders, points, plan.choices, groups), [])
        self.assertGreaterEqual(plan.cost, best - 1e-6)
        self.assertLessEqual(plan.cost - best, plan.gap + 1e-3)

    @settings(max_examples=100, deadline=None)
    @given(markets())
    def test_greedy_keeps_to_the_limits_and_is_never_cheaper(self, market):
        orders, points, groups = market
        greedy = choose_greedily(orders, points, groups)
        self.assertEqual(find_violations(orders, points, greedy.choices, groups), [])
        plan = solve(orders, points, groups)
        self.assertLessEqual(plan.cost, greedy.cost + 1e-6)

    def test_the_first_come_does_not_take_what_another_needs(self):
        orders = [
            Order("near both", {"a": 1.0, "b": 1.5}, 10.0),
            Order("near a only", {"a": 1.0}, 10.0),
        ]
        points = [Point(key, make_slices(1)) for key in "ab"]
        greedy = choose_greedily(orders, points)
        self.assertEqual(greedy.choices, {"near both": "a", "near a only": None})
        plan = solve(orders, points)
        self.assertEqual(plan.choices, {"near both": "b", "near a only": "a"})
        self.assertEqual((greedy.cost, plan.cost), (11.0, 2.5))
        self.assertEqual(plan.prices, {"a": 0.5})

    def test_who_matters_most_is_served_where_not_all_can_be(self):
        orders = [Order(penalty, {"a": 1.0}, penalty) for penalty in (20.0, 90.0, 40.0)]
        plan = solve(orders, [Point("a", make_slices(2))])
        self.assertEqual(plan.choices, {20.0: None, 90.0: "a", 40.0: "a"})
        self.assertEqual(plan.prices, {"a": 19.0})

    def test_a_busy_point_leaves_work_to_a_calm_one(self):
        orders = [Order(number, {"a": 1.0, "b": 1.3}, 50.0) for number in range(10)]
        points = [Point(key, make_slices(10, busy=0.5)) for key in "ab"]
        plan = solve(orders, points)
        self.assertEqual(list(plan.choices.values()).count("a"), 8)

    def test_no_change_for_less_than_it_is_worth(self):
        order = Order(1, {"a": 1.2, "b": 1.0}, 9.0, current="a")
        points = [Point(key, make_slices(1)) for key in "ab"]
        self.assertEqual(solve([order], points).choices, {1: "b"})
        self.assertEqual(solve([order], points, stay=0.3).choices, {1: "a"})
        self.assertEqual(solve([order], points, stay=0.1).choices, {1: "b"})

    def test_a_bid_keeps_a_slot_for_who_comes_later(self):
        order = Order(1, {"a": 1.0, "b": 1.4}, 9.0)
        for hour, chosen in ((1.0, "b"), (0.5, "b"), (0.1, "a")):
            bids = fade({"a": 1.0}, hour)
            points = [Point(key, make_slices(1), bid=bids.get(key, 0)) for key in "ab"]
            self.assertEqual(solve([order], points).choices, {1: chosen}, hour)

    def test_shares_of_a_group_are_kept_and_missed_ones_told(self):
        orders = [Order(number, {"a": 1.0, "b": 2.0}, 50.0) for number in range(4)]
        points = [
            Point("a", make_slices(0), group="own"),
            Point("b", make_slices(0), group="partner"),
        ]
        plan = solve(orders, points, [Group("partner", least=1)])
        self.assertEqual(list(plan.choices.values()).count("b"), 1)
        plan = solve(orders, points, [Group("own", most=1)])
        self.assertEqual(list(plan.choices.values()).count("a"), 1)
        plan = solve(orders, points, [Group("partner", least=9)])
        self.assertEqual(plan.short, {"partner": 5})

    def test_nothing_to_do(self):
        for solver in SOLVERS:
            plan = solve([], [Point("a", make_slices(2))], solver=solver)
            self.assertEqual((plan.choices, plan.cost, plan.prices), ({}, 0.0, {}))

    def test_slices_of_a_point_that_has_orders_already(self):
        self.assertEqual(make_slices(0, 7), (Slice(None),))
        self.assertEqual(
            make_slices(10, 3, busy=1.0, overtime=2, overtime_cost=4.0),
            (Slice(5, 0.0), Slice(2, 1.0), Slice(2, 4.0)),
        )
        self.assertEqual(make_slices(10, 11, busy=1.0, overtime=2), (Slice(1, 1.0),))
        self.assertEqual(make_slices(10, 10), ())

    @skipUnless(min_cost_flow.Graph is not None, "pylmcf is not installed")
    @settings(max_examples=30, deadline=None)
    @given(st.integers(0, 10_000))
    def test_both_solvers_agree_on_larger_markets(self, seed):
        orders, points = make_city(seed, 60, 12)
        plans = [solve(orders, points, solver=solver) for solver in SOLVERS]
        self.assertAlmostEqual(plans[0].cost, plans[1].cost, places=6)
        self.assertEqual(plans[0].prices, plans[1].prices)
        for plan in plans:
            self.assertEqual(find_violations(orders, points, plan.choices), [])


def make_city(seed, order_count, point_count):
    """Orders and points on a map, with a little more room than orders."""
    import random

    chance = random.Random(seed)
    places = [(chance.random(), chance.random()) for __ in range(point_count)]
    room = [chance.randint(1, 1 + 2 * order_count // point_count) for __ in places]
    points = [
        Point(key, make_slices(size, busy=0.3, overtime=1, overtime_cost=1.0))
        for key, size in enumerate(room)
    ]
    orders = []
    for number in range(order_count):
        x, y = chance.random(), chance.random()
        options = {
            key: 10 * ((x - place[0]) ** 2 + (y - place[1]) ** 2) ** 0.5
            for key, place in enumerate(places)
            if chance.random() < 0.6
        }
        penalty = chance.choice((20.0, 30.0, 50.0))
        orders.append(Order(number, options, penalty, chance.choice("xyz")))
    return orders, points
