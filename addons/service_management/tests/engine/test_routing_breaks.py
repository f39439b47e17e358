from unittest import TestCase

from odoo.addons.service_management.engine import routing, routing_check, travel


class TestRoutingBreaks(TestCase):
    """A break is held where the stop before was: taking that stop out may lengthen the
    way behind it, and no route may be kept that does not fit any more."""

    def _make_problem(self, seed):
        places = [(31.23, 121.47)] + [
            (31.23 + ((n * 37 + seed * 11) % 29) / 111, 121.47 - ((n * 17) % 23) / 95)
            for n in range(12)
        ]
        minutes = [
            [float(-(-value // 1)) for value in line] for line in travel.matrix(places)
        ]
        people = [
            routing.Resource(
                key=key,
                shift=(480, 1020),
                start_place=0,
                end_place=0,
                breaks=((720, 720, 60),),
            )
            for key in range(3)
        ]
        jobs = [
            routing.Job(key=n, place=n + 1, minutes=60, windows=((0, 1440),), due=1920)
            for n in range(12)
        ]
        return routing.Problem(people, jobs, minutes, routing.Weights(travel=0.5))

    def test_days_with_a_fixed_break_stay_within_the_shift(self):
        for seed in range(6):
            problem = self._make_problem(seed)
            plan = routing.solve(problem, seed=seed, iterations=400)
            with self.subTest(seed=seed):
                self.assertEqual(routing_check.check(problem, plan), [])
