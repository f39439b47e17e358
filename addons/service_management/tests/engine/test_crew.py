import unittest
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.service_management.engine import routing, routing_check
from odoo.addons.service_management.engine.crew import (
    NEVER,
    Asked,
    Member,
    choose,
    find_unmet,
    has_own_skills,
    list_needs,
    make_member,
)
from odoo.addons.service_management.engine.routing import Job, Problem, Resource

DAY = (480.0, 1020.0)
NEEDS = [("tool", 1), ("tool", 2), ("part", 1)]


@st.composite
def members(draw):
    amount = st.sampled_from([0.0, 1.0, 2.0])
    return [
        Member(
            key,
            cost,
            {need: draw(amount) for need in NEEDS},
            frozenset(draw(st.sets(st.sampled_from(NEEDS)))),
            cost + draw(st.sampled_from([NEVER, 0, 5])),
        )
        for key, cost in enumerate(draw(st.lists(st.integers(0, 9), max_size=7)))
    ]


def get_cheapest(people, size, needs):
    """Every crew and every fetcher, one after the other."""
    best = NEVER
    for crew in combinations(people, size):
        for fetcher in (None, *crew):
            missing = dict(needs)
            for one in crew:
                for need, amount in one.brings.items():
                    if need in missing and not (one is fetcher and need[0] == "part"):
                        missing[need] -= amount
            missing = {need for need, amount in missing.items() if amount > 0}
            if missing - set(fetcher.fetches if fetcher else ()):
                continue
            best = min(
                best,
                sum(one.fetch_cost if one is fetcher else one.cost for one in crew),
            )
    return best


class TestCrew(unittest.TestCase):
    @given(members(), st.integers(1, 3))
    def test_the_crew_is_the_cheapest_that_has_everything(self, people, size):
        needs = {("tool", 1): 1.0, ("tool", 2): 1.0, ("part", 1): 2.0}
        crew = choose(people, size, needs)
        best = get_cheapest(people, size, needs)
        self.assertEqual(crew.cost if crew else NEVER, best)
        if crew:
            self.assertFalse(find_unmet(needs, crew.members))
            for need, amount in needs.items():
                shares = [share.get(need, 0.0) for share in crew.shares]
                self.assertGreaterEqual(sum(shares), amount)
            for member, share in zip(crew.members, crew.shares, strict=True):
                for need, amount in share.items():
                    if member is crew.fetcher:
                        continue
                    self.assertLessEqual(amount, member.brings[need])

    def test_each_has_some_skills_and_one_of_them_the_others(self):
        asked = Asked(2, {1: 10.0, 2: 50.0}, one_of=frozenset([2]))
        skilled = Resource(1, DAY, 0, 0, skills={1: 10, 2: 60})
        helper = Resource(2, DAY, 0, 0, skills={1: 10, 2: 40})
        stranger = Resource(3, DAY, 0, 0, skills={2: 60})
        self.assertTrue(has_own_skills(helper, asked))
        self.assertFalse(has_own_skills(stranger, asked))
        needs = list_needs(asked)
        one, two = make_member(skilled, asked), make_member(helper, asked)
        self.assertFalse(find_unmet(needs, [one, two]))
        self.assertEqual(list(find_unmet(needs, [two, two])), [("skill", 2)])
        # A skill cannot be fetched, whatever the depot has
        away = Resource(4, DAY, 0, 0, skills={1: 10}, depot_place=0)
        self.assertTrue(find_unmet(needs, [make_member(away, asked)]))

    def test_a_hundred_people_are_enough_for_a_crew_of_five(self):
        people = [
            Member(n, float(n), {("tool", 1): 1.0} if n == 99 else {})
            for n in range(100)
        ]
        crew = choose(people, 5, {("tool", 1): 1.0})
        self.assertEqual([one.key for one in crew.members], [0, 1, 2, 3, 99])


class TestCrewInPlan(unittest.TestCase):
    """Planning keeps to the rule: one carries it, the crew has it."""

    MINUTES = [[0 if a == b else 10 for b in range(4)] for a in range(4)]

    def _solve(self, jobs, people):
        problem = Problem(people, jobs, self.MINUTES)
        plan = routing.solve(problem, iterations=200, seed=1)
        self.assertEqual(routing_check.check(problem, plan), [])
        return problem, plan

    def test_one_carries_the_tool_and_another_the_part(self):
        people = [
            Resource(1, DAY, 0, 0, tools=frozenset([5])),
            Resource(2, DAY, 0, 0, parts={7: 2}),
            Resource(3, DAY, 1, 1, parts={7: 1}),
        ]
        job = Job(1, 1, 60.0, (DAY,), crew=2, tools=frozenset([5]), parts={7: 2})
        problem, plan = self._solve([job], people)
        self.assertEqual(set(plan.routes), {1, 2}, "the nearest has too few")
        self.assertEqual(plan.routes[2][0].parts, ((7, 2),))
        # Who checks does not believe it without them
        wrong = routing.Plan(
            {1: plan.routes[1], 3: plan.routes[2]},
            {},
            plan.cost,
            {},
            {1: plan.start[1], 3: plan.start[2]},
            {1: plan.finish[1], 3: plan.finish[2]},
        )
        self.assertIn(
            "part", {code for code, *__ in routing_check.check(problem, wrong)}
        )

    def test_parts_of_two_vans_add_up_and_are_used_once(self):
        people = [Resource(n, DAY, 0, 0, parts={7: 1}) for n in (1, 2)]
        crew = Job(1, 1, 60.0, (DAY,), crew=2, parts={7: 2})
        alone = Job(2, 2, 60.0, (DAY,), parts={7: 1}, penalty=10.0)
        __, plan = self._solve([crew, alone], people)
        self.assertEqual(list(plan.left_out), [2], "both parts are used by the crew")

    def test_one_of_a_crew_fetches_what_nobody_carries(self):
        people = [
            Resource(1, DAY, 0, 0, depot_place=3, depot_minutes=5.0),
            Resource(2, DAY, 0, 0),
        ]
        job = Job(1, 1, 60.0, (DAY,), crew=2, tools=frozenset([5]), parts={7: 2})
        __, plan = self._solve([job], people)
        self.assertEqual([stop.kind for stop in plan.routes[1]], ["depot", "job"])
        self.assertEqual([stop.kind for stop in plan.routes[2]], ["job"])

    def test_the_reason_names_what_is_missing(self):
        people = [Resource(1, DAY, 0, 0), Resource(2, DAY, 0, 0)]
        wanted = {
            "skill": {"skills": {1: 1.0}, "one_of": frozenset([1])},
            "tool": {"tools": frozenset([5])},
            "part": {"parts": {7: 1}},
        }
        for code, needs in wanted.items():
            with self.subTest(code=code):
                job = Job(1, 1, 60.0, (DAY,), crew=2, **needs)
                self.assertEqual(self._solve([job], people)[1].left_out, {1: code})

    def test_a_skill_of_one_is_enough_for_a_crew(self):
        people = [
            Resource(1, DAY, 0, 0),
            Resource(2, DAY, 0, 0),
            Resource(3, DAY, 2, 2, skills={1: 5}),
        ]
        job = Job(1, 1, 60.0, (DAY,), crew=2, skills={1: 5})
        self.assertEqual(self._solve([job], people)[1].left_out, {1: "crew"})
        job = Job(1, 1, 60.0, (DAY,), crew=2, skills={1: 5}, one_of=frozenset([1]))
        self.assertIn(3, self._solve([job], people)[1].routes)
