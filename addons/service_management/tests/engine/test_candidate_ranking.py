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
        type_capacity=st.integers(0, 4),
        type_load=st.integers(0, 4),
        hours_capacity=st.sampled_from((0.0, 4.0, 8.0)),
        hours_load=st.floats(0, 8),
        hours=st.floats(0, 3),
        equipped=st.booleans(),
        first_time_fix=st.none() | st.floats(0, 1),
        late=st.none() | st.floats(0, 1),
        parts=st.none() | st.floats(0, 1),
        continuity=st.sampled_from((None, *ranking.CONTINUITY)),
        tariff=st.none() | st.floats(0, 900),
        dearest=st.just(900.0),
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
        self.assertRefused(Candidate(1, equipped=False), "tool")
        self.assertRefused(Candidate(1, manned=False), "crew")
        self.assertRefused(Candidate(1, declined=True), "declined")
        self.assertRefused(
            Candidate(1, type_capacity=2, type_load=2, capacity=9), "capacity_type"
        )
        self.assertRefused(
            Candidate(1, hours_capacity=8, hours_load=7, hours=1.5), "capacity_hours"
        )

    def test_hours_that_just_fit_are_no_reason_to_refuse(self):
        (ranked,) = ranking.rank(
            [Candidate(1, hours_capacity=8, hours_load=6.5, hours=1.5)]
        )
        self.assertTrue(ranked.eligible)

    def test_hours_of_one_service_type_are_a_limit_of_their_own(self):
        day = {"hours_capacity": 8, "hours_load": 2, "hours": 2}
        full, free = ranking.rank(
            [
                Candidate(1, **day, type_hours_capacity=3, type_hours_load=2),
                Candidate(2, **day, type_hours_capacity=4, type_hours_load=2),
            ]
        )[::-1]
        self.assertEqual(full.reasons[0], ranking.Reason("capacity_type_hours", "4/3"))
        self.assertTrue(free.eligible)

    def test_who_is_designated_comes_before_who_served_before_who_installed(self):
        codes = (None, "installed", "served", "designated")
        ranked = ranking.rank(
            Candidate(key, continuity=code) for key, code in enumerate(codes)
        )
        self.assertEqual([one.candidate.continuity for one in ranked], [*codes[::-1]])

    def test_what_is_known_of_nobody_decides_nothing_and_is_not_told(self):
        ranked = ranking.rank([Candidate(1), Candidate(2, distance_km=5.0)])
        for one in ranked:
            codes = [reason.code for reason in one.reasons]
            self.assertIn("distance", codes)
            self.assertNotIn("tariff", codes)
            self.assertNotIn("parts", codes)

    def test_one_lucky_repair_does_not_make_the_best_point(self):
        lucky = ranking.shrink(1, 1, 0.8)
        proven = ranking.shrink(95, 100, 0.8)
        self.assertLess(lucky, proven)
        self.assertAlmostEqual(ranking.shrink(0, 0, 0.8), 0.8)

    def test_a_full_point_says_how_full(self):
        (ranked,) = ranking.rank([Candidate(1, capacity=2, load=3)])
        self.assertEqual(ranked.reasons[0].value, "3/2")

    def test_no_limit_is_never_full(self):
        (ranked,) = ranking.rank([Candidate(1, capacity=0, load=1000)])
        self.assertTrue(ranked.eligible)

    def test_each_objective_alone_decides(self):
        base = Candidate(
            2,
            capacity=10,
            load=5,
            satisfaction=0.5,
            distance_km=20,
            parts=0.0,
            first_time_fix=0.7,
            late=0.2,
            tariff=80.0,
            dearest=100.0,
        )
        better = (
            replace(base, key=9, priority=1),
            replace(base, key=9, distance_km=1),
            replace(base, key=9, load=4),
            replace(base, key=9, satisfaction=0.6),
            replace(base, key=9, first_time_fix=0.8),
            replace(base, key=9, late=0.1),
            replace(base, key=9, parts=0.5),
            replace(base, key=9, continuity="installed"),
            replace(base, key=9, tariff=60.0),
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
