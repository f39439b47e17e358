"""A repair moves what it must: properties on random days, and a day by hand."""

from dataclasses import replace
from unittest import TestCase

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.addons.service_management.engine import routing, routing_check
from odoo.addons.service_management.engine.routing import (
    Job,
    Problem,
    Resource,
    Stop,
    Weights,
)
from odoo.addons.service_management.engine.routing_repair import loss

from .test_routing import FEW, make_matrix, problems

WEIGHTS = Weights(travel=0.5, overtime=2.0, late=3.0, balance=2.0, change=60.0)


def get_starts(plan):
    """(start, people) of each visit."""
    starts = {}
    for key, stops in plan.routes.items():
        for stop in stops:
            if stop.kind == "job":
                start, people = starts.get(stop.job, (stop.start, set()))
                starts[stop.job] = (start, people | {key})
    return starts


class TestRoutingRepair(TestCase):
    @settings(max_examples=60, deadline=None)
    @given(problems(), st.integers(0, 7))
    def test_a_repair_is_a_right_plan_and_loses_no_more_than_a_free_one(
        self, problem, extra
    ):
        jobs = [job for job in problem.jobs if job.key != extra]
        before = routing.solve(replace(problem, jobs=jobs), seed=1, iterations=FEW)
        plan = routing.repair(problem, before, seed=1, iterations=FEW)
        self.assertEqual(routing_check.check(problem, plan), [])
        free = routing.solve(problem, seed=1, iterations=FEW, start=before)
        self.assertLessEqual(loss(problem, plan), loss(problem, free) + 1e-6)

    @settings(max_examples=30, deadline=None)
    @given(problems())
    def test_a_day_to_which_nothing_happened_stays_as_it_is(self, problem):
        before = routing.solve(problem, seed=1, iterations=FEW)
        jobs = [job for job in problem.jobs if job.key not in before.left_out]
        plan = routing.repair(
            replace(problem, jobs=jobs), before, seed=1, iterations=FEW
        )
        if loss(problem, before) == loss(problem, plan) == 0:
            self.assertEqual(get_starts(plan), get_starts(before))

    def _make_day(self, due):
        """Two technicians with three visits each, and one that comes in."""
        points = [(0, 0)] + [(10 * n, 0) for n in range(1, 7)] + [(5, 0)]
        resources = [Resource(key, (480.0, 1020.0), 0, 0) for key in (1, 2)]
        routes, jobs = {1: [], 2: []}, []
        for n in range(6):
            key, start = 1 + n % 2, 540.0 + 120.0 * (n // 2)
            jobs.append(Job(n, n + 1, 60.0, ((start - 120, start + 120),)))
            routes[key].append(Stop(n, start, start, start + 60.0))
        jobs.append(Job(6, 7, 60.0, ((480.0, 1000.0),), due=due, penalty=9600.0))
        start = routing.Plan(
            {key: tuple(stops) for key, stops in routes.items()}, {6: "price"}, 0.0, {}
        )
        return Problem(resources, jobs, make_matrix(points), WEIGHTS), start

    def test_where_there_is_room_nobody_moves(self):
        problem, start = self._make_day(due=None)
        plan = routing.repair(problem, start, seed=1, iterations=200)
        self.assertFalse(plan.left_out)
        after = get_starts(plan)
        for job, (begin, people) in get_starts(start).items():
            self.assertEqual(after[job], (begin, people))

    def test_a_deadline_moves_one_technicians_visits_and_no_others(self):
        problem, start = self._make_day(due=490.0)
        plan = routing.repair(problem, start, seed=1, iterations=200)
        after, before = get_starts(plan), get_starts(start)
        self.assertLessEqual(after[6][0], 490.0)
        (busy,) = after[6][1]
        for job, (begin, people) in before.items():
            self.assertEqual(after[job][1], people)
            if busy not in people:
                self.assertEqual(after[job][0], begin)
