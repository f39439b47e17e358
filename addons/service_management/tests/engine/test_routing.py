"""Planning of visits: every plan is looked at by the independent checker."""

import itertools
import math
from dataclasses import replace
from unittest import TestCase

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.addons.service_management.engine import (
    routing,
    routing_check,
    routing_tables,
)
from odoo.addons.service_management.engine.routing import (
    Job,
    Problem,
    Resource,
    Stop,
    Weights,
)

DAY = (480.0, 1020.0)
FEW = 60  # iterations: enough to plan well, few enough for many problems


def make_matrix(points):
    """Minutes between points of a plane: a kilometre a minute."""
    return [[math.dist(a, b) for b in points] for a in points]


@st.composite
def problems(draw):
    """A day with everything that the model knows, small enough for many of them."""
    count = draw(st.integers(1, 4))
    size = draw(st.integers(0, 8))
    places = count + size + 1
    points = draw(
        st.lists(
            st.tuples(st.integers(0, 60), st.integers(0, 60)),
            min_size=places,
            max_size=places,
        )
    )
    number = st.integers(0, 2)
    resources = []
    for t in range(count):
        start = draw(st.sampled_from([420.0, 480.0, 540.0]))
        resources.append(
            Resource(
                key=100 + t,
                shift=(start, start + draw(st.sampled_from([240.0, 480.0]))),
                start_place=t,
                end_place=draw(st.sampled_from([t, count + size])),
                breaks=draw(st.sampled_from([(), ((600.0, 780.0, 30.0),)])),
                skills={1: draw(number), 2: draw(number)},
                tools=frozenset(draw(st.sets(st.integers(1, 2)))),
                parts={1: float(draw(number))},
                max_minutes=draw(st.sampled_from([None, 300.0])),
                overtime_minutes=draw(st.sampled_from([0.0, 60.0])),
                depot_place=draw(st.sampled_from([None, count + size])),
                depot_minutes=10.0,
                depot_tools=draw(st.sampled_from([None, frozenset([1])])),
                depot_parts=draw(st.sampled_from([None, frozenset()])),
            )
        )
    jobs = []
    for n in range(size):
        begin = draw(st.sampled_from([480.0, 600.0, 720.0]))
        windows = ((begin, begin + draw(st.sampled_from([0.0, 60.0, 240.0]))),)
        if draw(st.booleans()):
            windows += ((begin + 300.0, begin + 360.0),)
        locked = None
        if draw(st.integers(0, 9)) == 0:
            locked = ((100 + draw(st.integers(0, count - 1)),), begin)
        jobs.append(
            Job(
                key=n,
                place=draw(st.sampled_from([count + n] * 9 + [None]))
                if not locked
                else count + n,
                minutes=draw(st.sampled_from([15.0, 60.0, 120.0])),
                windows=windows,
                due=draw(st.sampled_from([None, begin + 30.0])),
                skills=draw(st.sampled_from([{}, {1: 1}, {1: 2, 2: 1}])),
                tools=frozenset(draw(st.sampled_from([(), (1,), (2,)]))),
                parts=draw(st.sampled_from([{}, {1: 1.0}, {2: 1.0}])),
                penalty=draw(st.sampled_from([20.0, 1000.0])),
                allowed=draw(st.sampled_from([None, None, frozenset([100, 101])])),
                preferred=draw(st.sampled_from([{}, {100: -10.0}, {101: 30.0}])),
                crew=draw(st.sampled_from([1, 1, 1, 2])),
                one_of=frozenset(draw(st.sampled_from([(), (1,)]))),
                after=tuple(draw(st.sets(st.integers(0, n - 1), max_size=1)))
                if n
                else (),
                locked=locked,
            )
        )
    return Problem(
        resources,
        jobs,
        make_matrix(points),
        Weights(
            travel=draw(st.sampled_from([0.0, 0.5])),
            balance=draw(st.sampled_from([0.0, 5.0])),
            fixed=draw(st.sampled_from([0.0, 20.0])),
        ),
    )


class TestRouting(TestCase):
    def _solve(self, problem, **kwargs):
        plan = routing.solve(problem, **{"iterations": FEW, **kwargs})
        self.assertEqual(routing_check.check(problem, plan), [])
        return plan

    def _make(self, jobs, resources=None, points=None, **weights):
        points = points or [(0, 0), (10, 0), (20, 0), (30, 0)]
        resources = resources or [Resource(1, DAY, 0, 0)]
        return Problem(resources, jobs, make_matrix(points), Weights(**weights))

    @settings(max_examples=150, deadline=None)
    @given(problems(), st.integers(0, 5))
    def test_every_plan_passes_the_checker(self, problem, seed):
        plan = self._solve(problem, seed=seed)
        again = self._solve(problem, seed=seed)
        self.assertEqual(plan.routes, again.routes)
        # Whoever is left out has a reason
        self.assertTrue(all(plan.left_out.values()))
        # A plan is a start for the next one, which is no worse
        later = self._solve(problem, seed=seed, start=plan, iterations=1)
        if not any(job.crew > 1 or job.after for job in problem.jobs):
            self.assertLessEqual(later.cost, plan.cost + 1e-6)

    @settings(max_examples=60, deadline=None)
    @given(problems())
    def test_a_slot_can_be_booked_as_it_is_told(self, problem):
        jobs = [
            job
            for job in problem.jobs
            if job.crew == 1 and not job.after and not job.locked
        ]
        problem = replace(problem, jobs=jobs[1:])
        if not jobs:
            return
        plan = self._solve(problem)
        for slot in routing.best_slots(problem, plan, jobs[0]):
            fixed = [
                replace(
                    job,
                    allowed=frozenset(
                        key
                        for key, route in plan.routes.items()
                        if any(stop.job == job.key for stop in route)
                    ),
                    penalty=1e6,
                )
                for job in jobs[1:]
                if job.key not in plan.left_out
            ]
            booked = replace(
                jobs[0],
                windows=((slot.start, slot.start),),
                allowed=frozenset(slot.resources),
                penalty=1e6,
            )
            whole = replace(problem, jobs=[*fixed, booked])
            answer = self._solve(whole, start=plan, iterations=400)
            self.assertNotIn(booked.key, answer.left_out)

    def test_small_days_are_planned_at_the_least_cost(self):
        points = [(0, 0), (9, 3), (17, 8), (4, 14), (12, 19), (1, 7)]
        jobs = [
            Job(n, n, 30.0, ((480.0, 560.0 + 70.0 * n),), penalty=1e5)
            for n in range(1, 6)
        ]
        problem = self._make(jobs, points=points)
        matrix = problem.minutes

        def walk(order):
            best = math.inf
            # every start of a fine grid, so that waiting is never counted wrongly
            for start in range(480, 700):
                clock, place, late = float(start), 0, False
                for n in order:
                    clock = max(clock + matrix[place][n], 480.0)
                    late = late or clock > jobs[n - 1].windows[0][1]
                    clock, place = clock + 30.0, n
                if not late:
                    best = min(best, clock + matrix[place][0] - start)
            return best

        least = min(walk(order) for order in itertools.permutations(range(1, 6)))
        plan = self._solve(problem, iterations=300)
        self.assertAlmostEqual(plan.cost, least, places=6)

    def test_levels_tools_and_parts_decide_who_goes(self):
        people = [
            Resource(1, DAY, 0, 0, skills={7: 1}, tools=frozenset([5]), parts={3: 1}),
            Resource(2, DAY, 0, 0, skills={7: 3}),
        ]
        jobs = [
            Job(1, 1, 30.0, (DAY,), skills={7: 2}),
            Job(2, 2, 30.0, (DAY,), tools=frozenset([5])),
            Job(3, 3, 30.0, (DAY,), parts={3: 1}),
            Job(4, 3, 30.0, (DAY,), skills={7: 4}),
            Job(5, 3, 30.0, (DAY,), parts={3: 2}),
            Job(6, 3, 30.0, (DAY,), tools=frozenset([6])),
            Job(7, None, 30.0, (DAY,)),
            Job(8, 3, 30.0, ((0.0, 60.0),)),
            Job(9, 3, 30.0, (DAY,), allowed=frozenset([3])),
            Job(10, 3, 30.0, (DAY,), crew=3),
            Job(11, 3, 30.0, (DAY,), after=(4,)),
        ]
        plan = self._solve(self._make(jobs, people))
        self.assertEqual(
            plan.left_out,
            {
                4: "skill",
                5: "part",
                6: "tool",
                7: "position",
                8: "shift",
                9: "allowed",
                10: "crew",
                11: "after",
            },
        )

    def test_what_is_missing_is_fetched_once_and_before(self):
        person = Resource(1, DAY, 0, 0, depot_place=1, depot_minutes=15.0)
        jobs = [
            Job(1, 2, 30.0, (DAY,), parts={3: 1}),
            Job(2, 3, 30.0, (DAY,), tools=frozenset([5])),
        ]
        plan = self._solve(self._make(jobs, [person]))
        kinds = [stop.kind for stop in plan.routes[1]]
        self.assertEqual(kinds, ["depot", "job", "job"])

    def test_a_crew_meets_and_is_missed_alone(self):
        people = [Resource(1, DAY, 0, 0), Resource(2, DAY, 3, 3)]
        job = Job(1, 1, 60.0, (DAY,), crew=2)
        plan = self._solve(self._make([job], people))
        starts = {stop.start for route in plan.routes.values() for stop in route}
        self.assertEqual(len(plan.routes), 2)
        self.assertEqual(len(starts), 1)
        plan = self._solve(self._make([job], people[:1]))
        self.assertEqual(plan.left_out, {1: "crew"})

    def test_what_comes_after_waits_for_it(self):
        people = [Resource(1, DAY, 0, 0), Resource(2, DAY, 3, 3)]
        jobs = [
            Job(1, 1, 60.0, ((600.0, 700.0),), allowed=frozenset([1])),
            Job(2, 2, 60.0, (DAY,), allowed=frozenset([2]), after=(1,)),
        ]
        plan = self._solve(self._make(jobs, people))
        self.assertGreaterEqual(plan.routes[2][0].start, plan.routes[1][0].end)

    def test_a_visit_is_left_out_when_it_costs_more_than_its_penalty(self):
        jobs = [
            Job(1, 1, 30.0, (DAY,), penalty=500.0),
            Job(2, 3, 30.0, (DAY,), penalty=10.0),
        ]
        plan = self._solve(self._make(jobs))
        self.assertEqual(plan.left_out, {2: "price"})
        full = [Job(n, 1, 200.0, (DAY,), penalty=500.0) for n in range(4)]
        plan = self._solve(self._make(full))
        self.assertEqual(list(plan.left_out.values()), ["full"] * 2)

    def test_locked_visits_are_facts_whatever_they_break(self):
        jobs = [
            Job(1, 1, 60.0, (DAY,), locked=((1,), 500.0)),
            Job(2, 3, 60.0, (DAY,), locked=((1,), 530.0), skills={9: 1}),
            Job(3, 2, 30.0, (DAY,)),
        ]
        plan = self._solve(self._make(jobs))
        starts = {stop.job: stop.start for stop in plan.routes[1]}
        self.assertEqual((starts[1], starts[2]), (500.0, 530.0))
        self.assertNotIn(3, plan.left_out)

    def test_a_changed_person_costs_and_so_few_change(self):
        points = [(0, 0), (0, 1), (10, 0), (10, 1)]
        people = [Resource(1, DAY, 0, 0), Resource(2, DAY, 2, 2)]
        jobs = [Job(1, 1, 30.0, (DAY,)), Job(2, 3, 30.0, (DAY,))]
        crossed = routing.Plan(
            routes={
                1: (Stop(2, 500.0, 500.0, 530.0),),
                2: (Stop(1, 500.0, 500.0, 530.0),),
            },
            left_out={},
            cost=0.0,
            terms={},
        )
        for change, kept in ((0.0, False), (100.0, True)):
            problem = self._make(jobs, people, points, change=change)
            plan = routing.solve(problem, iterations=FEW, start=crossed)
            self.assertEqual([s.job for s in plan.routes[1]] == [2], kept, change)

    def test_breaks_are_kept_and_cost_nothing(self):
        person = Resource(1, DAY, 0, 0, breaks=((700.0, 740.0, 30.0),))
        jobs = [Job(n, n, 90.0, (DAY,)) for n in (1, 2, 3)]
        with_break = self._solve(self._make(jobs, [person]))
        without = self._solve(self._make(jobs))
        self.assertAlmostEqual(with_break.cost, without.cost, places=6)

    def test_a_way_that_no_break_leaves_room_for_fits_into_no_day(self):
        person = Resource(1, DAY, 0, 0, breaks=((720.0, 720.0, 60.0),))
        for way, minutes, reason in (
            (190.0, 40.0, ""),
            # There before noon, but not done, nor back if begun after it
            (180.0, 90.0, "shift"),
            (245.0, 10.0, "shift"),
        ):
            job = Job(1, 1, minutes, (DAY,))
            problem = self._make([job], [person], [(0, 0), (way, 0)])
            with self.subTest(way=way, minutes=minutes):
                self.assertEqual(routing_tables.find_reason(problem, job), reason)
                self.assertEqual(
                    self._solve(problem).left_out, {1: reason} if reason else {}
                )

    def test_most_minutes_are_those_of_visits_not_of_the_way(self):
        person = Resource(
            1, DAY, 0, 0, breaks=((700.0, 740.0, 30.0),), max_minutes=120.0
        )
        far = [(0, 0), (100, 0), (110, 0), (120, 0)]
        late = ((900.0, DAY[1]),)
        jobs = [Job(n, n, 60.0, late if n == 2 else (DAY,)) for n in (1, 2, 3)]
        plan = self._solve(self._make(jobs, [person], far))
        self.assertEqual(len(plan.left_out), 1)
        locked = [replace(job, locked=((1,), 800.0 + 70 * job.key)) for job in jobs]
        plan = self._solve(
            self._make([*locked, Job(4, 0, 15.0, (DAY,))], [person], far)
        )
        self.assertEqual(plan.left_out.keys(), {4})

    def test_nothing_to_do_and_nobody_there(self):
        self.assertEqual(self._solve(self._make([])).routes, {})
        problem = replace(self._make([Job(1, 1, 30.0, (DAY,))]), resources=[])
        self.assertEqual(self._solve(problem).left_out, {1: "allowed"})


class TestCheck(TestCase):
    """The checker refuses what is wrong: one broken plan of each kind."""

    def setUp(self):
        super().setUp()
        person = Resource(
            1, DAY, 0, 0, breaks=((700.0, 740.0, 30.0),), max_minutes=90.0
        )
        other = Resource(2, DAY, 0, 0)
        jobs = [
            Job(1, 1, 60.0, ((500.0, 560.0),), due=510.0),
            Job(2, 2, 60.0, (DAY,), skills={1: 1}, allowed=frozenset([2])),
            Job(3, 3, 60.0, (DAY,), tools=frozenset([1]), parts={1: 1.0}),
            Job(4, 1, 60.0, (DAY,), crew=2),
            Job(5, 1, 60.0, (DAY,), after=(1,)),
            Job(6, 1, 60.0, (DAY,), locked=((1,), 600.0)),
        ]
        points = [(0, 0), (10, 0), (20, 0), (30, 0)]
        self.problem = Problem([person, other], jobs, make_matrix(points))

    def _check(self, routes, left=None, start=480.0, finish=1000.0):
        planned = {stop.job for route in routes.values() for stop in route}
        left = (
            {job.key: "price" for job in self.problem.jobs if job.key not in planned}
            if left is None
            else left
        )
        plan = routing.Plan(
            routes=routes,
            left_out=left,
            cost=0.0,
            terms={},
            start=dict.fromkeys(routes, start),
            finish=dict.fromkeys(routes, finish),
        )
        return {code for code, *__ in routing_check.check(self.problem, plan)}

    def test_each_broken_rule_is_found(self):
        one = Stop(1, 500.0, 500.0, 560.0)
        for codes, routes in (
            ({"travel"}, {2: (replace(one, start=485.0),)}),
            ({"window"}, {2: (replace(one, start=570.0, end=630.0),)}),
            ({"minutes"}, {2: (replace(one, end=540.0),)}),
            ({"break"}, {1: (one,)}),
            ({"long"}, {1: (one, replace(one, job=6, start=600.0, end=660.0))}),
            ({"skill", "allowed"}, {1: (Stop(2, 600.0, 600.0, 660.0),)}),
            ({"tool", "part"}, {2: (Stop(3, 600.0, 600.0, 660.0),)}),
            ({"crew"}, {2: (Stop(4, 600.0, 600.0, 660.0),)}),
            ({"after"}, {2: (Stop(5, 600.0, 600.0, 660.0),)}),
            ({"locked"}, {1: (Stop(6, 650.0, 650.0, 710.0),)}),
            ({"twice"}, {1: (one,), 2: (one,)}),
            ({"unknown"}, {3: (one,)}),
            ({"unknown"}, {2: (Stop(77, 600.0, 600.0, 660.0),)}),
            ({"cost"}, {2: (one,)}),
        ):
            with self.subTest(codes=codes):
                self.assertLessEqual(codes, self._check(routes))
        self.assertIn("shift", self._check({2: (one,)}, start=400.0))
        self.assertIn("shift", self._check({2: (one,)}, finish=1100.0))
        self.assertIn("travel", self._check({2: (one,)}, finish=561.0))
        self.assertIn("lost", self._check({2: (one,)}, left={}))
        self.assertIn("both", self._check({2: (one,)}, left={1: "price"}))


class TestJustInTime(TestCase):
    """A visit that is exactly in time is planned, whatever rounding makes of it."""

    def _make(self, travel, minutes, slack=0.0):
        matrix = [[0.0, travel], [travel, 0.0]]
        begin = 480.0
        # All of the shift, and not a minute more: there, the visit, and back
        end = begin + travel + minutes + travel + slack
        resource = Resource(key=1, shift=(begin, end), start_place=0, end_place=0)
        job = Job(key=10, place=1, minutes=minutes, windows=((begin, end),))
        problem = Problem(minutes=matrix, resources=(resource,), jobs=(job,))
        return problem, job

    @settings(max_examples=200, deadline=None)
    @given(
        st.floats(0.1, 90.0, allow_nan=False), st.floats(1.0, 240.0, allow_nan=False)
    )
    def test_a_visit_that_fills_the_shift_is_not_hopeless(self, travel, minutes):
        problem, job = self._make(travel, minutes)
        self.assertEqual(routing_tables.find_reason(problem, job), "")

    def test_sums_that_floating_point_makes_too_long(self):
        # 480.0 + 0.1 is after 482.9 - (2.7 + 0.1): the guard of a millionth decides
        found = 0
        for tenth in range(1, 60):
            for length in range(1, 60):
                travel, minutes = tenth / 10, length / 10
                problem, job = self._make(travel, minutes)
                __, end = problem.resources[0].shift
                found += 480.0 + travel > end - (minutes + travel)
                self.assertEqual(routing_tables.find_reason(problem, job), "")
        self.assertGreater(found, 0, "the cases say something about rounding")

    def test_a_second_too_late_is_hopeless(self):
        problem, job = self._make(30.0, 60.0, slack=-1 / 60)
        self.assertEqual(routing_tables.find_reason(problem, job), "shift")
