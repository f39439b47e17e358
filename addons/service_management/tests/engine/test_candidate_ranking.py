from dataclasses import replace
from unittest import TestCase

from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.service_management.engine import candidate_ranking as ranking
from odoo.addons.service_management.engine.candidate_ranking import Candidate

candidates = st.lists(
    st.builds(
        Candidate,
        key=st.integers(1, 10_000),
        refused=st.sampled_from([None, None, None, "type", "category", "level"]),
        priority=st.integers(0, 30),
        capacity=st.integers(0, 5),
        load=st.integers(0, 6),
        qualified=st.booleans(),
        declined=st.booleans(),
        satisfaction=st.none() | st.floats(0, 1),
        distance_km=st.none() | st.floats(0, 500),
        has_parts=st.none() | st.booleans(),
        knows_asset=st.booleans(),
    ),
    max_size=30,
    unique_by=lambda candidate: candidate.key,
)


class TestCandidateRanking(TestCase):
    def assertRefused(self, candidate, code):
        (ranked,) = ranking.rank([candidate])
        self.assertFalse(ranked.eligible)
        self.assertEqual([reason.code for reason in ranked.reasons], [code])

    def test_every_hard_rule_refuses_with_its_code(self):
        for code in ("suspended", "area", "type", "category", "level"):
            self.assertRefused(Candidate(1, refused=code), code)
        self.assertRefused(Candidate(1, qualified=False), "skill")
        self.assertRefused(Candidate(1, capacity=2, load=2), "capacity")
        self.assertRefused(Candidate(1, declined=True), "declined")

    def test_a_full_point_says_how_full(self):
        (ranked,) = ranking.rank([Candidate(1, capacity=2, load=3)])
        self.assertEqual(ranked.reasons[0].value, "3/2")

    def test_no_limit_is_never_full(self):
        (ranked,) = ranking.rank([Candidate(1, capacity=0, load=1000)])
        self.assertTrue(ranked.eligible)

    def test_each_objective_alone_decides(self):
        base = Candidate(
            2, capacity=10, satisfaction=0.5, distance_km=20, has_parts=False
        )
        better = (
            replace(base, key=9, priority=1),
            replace(base, key=9, distance_km=1),
            replace(replace(base, load=0), key=9, satisfaction=0.9),
            replace(base, key=9, has_parts=True),
            replace(base, key=9, knows_asset=True),
        )
        for candidate in better:
            first = ranking.rank([base, candidate])[0]
            self.assertEqual(first.candidate.key, 9, candidate)

    def test_less_loaded_point_comes_first(self):
        busy = Candidate(1, capacity=4, load=3)
        idle = Candidate(2, capacity=4, load=0)
        self.assertEqual(ranking.rank([busy, idle])[0].candidate.key, 2)

    def test_weights_change_the_order(self):
        near = Candidate(1, distance_km=1, satisfaction=0.1)
        good = Candidate(2, distance_km=50, satisfaction=1.0)
        self.assertEqual(
            ranking.rank([near, good], {"distance": 1})[0].candidate.key, 1
        )
        self.assertEqual(
            ranking.rank([near, good], {"satisfaction": 1})[0].candidate.key, 2
        )

    def test_great_circle_of_a_known_pair(self):
        beijing, shanghai = (39.9042, 116.4074), (31.2304, 121.4737)
        self.assertAlmostEqual(
            ranking.great_circle_km(beijing, shanghai), 1067, delta=2
        )
        self.assertIsNone(ranking.great_circle_km(beijing, (0.0, 0.0)))
        self.assertIsNone(ranking.great_circle_km(None, beijing))

    @given(candidates)
    def test_everyone_is_answered_once_and_refused_come_last(self, given_candidates):
        ranked = ranking.rank(given_candidates)
        self.assertEqual(
            sorted(entry.candidate.key for entry in ranked),
            sorted(candidate.key for candidate in given_candidates),
        )
        places = [entry.rank for entry in ranked if entry.eligible]
        self.assertEqual(places, list(range(1, len(places) + 1)))
        flags = [entry.eligible for entry in ranked]
        self.assertEqual(flags, sorted(flags, reverse=True))
        costs = [entry.cost for entry in ranked if entry.eligible]
        self.assertEqual(costs, sorted(costs))
        for entry in ranked:
            self.assertTrue(entry.reasons)
            self.assertEqual(entry.eligible, ranking.refuse(entry.candidate) is None)

    @given(candidates)
    def test_the_order_of_the_input_does_not_matter(self, given_candidates):
        self.assertEqual(
            ranking.rank(given_candidates), ranking.rank(given_candidates[::-1])
        )

    @given(candidates)
    def test_the_cost_is_the_sum_of_its_reasons(self, given_candidates):
        for entry in ranking.rank(given_candidates):
            if entry.eligible:
                total = sum(reason.cost for reason in entry.reasons)
                self.assertAlmostEqual(entry.cost, total, places=5)
