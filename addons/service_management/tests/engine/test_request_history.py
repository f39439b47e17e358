from random import Random
from unittest import TestCase

from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.service_management.engine.request_history import Past, draw
from odoo.addons.service_management.engine.routing import Job


def make_past(number, place, moment, patience=120.0):
    return Past(Job(number, place, 30.0, ()), place, moment, patience)


pasts = st.lists(
    st.builds(
        make_past,
        st.integers(1, 9),
        st.integers(0, 2),
        st.integers(0, 1439).map(float),
        st.integers(0, 600).map(float),
    ),
    max_size=8,
)


class TestRequestHistory(TestCase):
    def test_as_many_are_expected_as_came_at_such_hours(self):
        past = [make_past(n, 1, 60.0 * n) for n in range(8, 18)]
        __, expected = draw(past, 4, 720.0, 1080.0, 10, Random(1))
        self.assertEqual(expected, 6 / 4)

    def test_what_one_asks_at_the_place_of_another(self):
        past = [make_past(1, 1, 600.0, 60.0), make_past(2, 2, 610.0, 90.0)]
        requests, __ = draw(past, 1, 0.0, 1440.0, 200, Random(1))
        pairs = {(one.job.key, one.place) for one in requests}
        self.assertEqual(pairs, {(1, 1), (1, 2), (2, 1), (2, 2)})

    def test_the_less_it_can_wait_the_riskier(self):
        past = [make_past(1, 1, 600.0, 30.0), make_past(2, 1, 600.0, 300.0)]
        requests, __ = draw(past, 1, 0.0, 1440.0, 50, Random(1))
        risks = {one.job.key: one.risk for one in requests}
        self.assertGreater(risks[1], risks[2])

    def test_nothing_comes_where_nothing_came(self):
        late = [make_past(1, 1, 300.0)]
        for past, days in (([], 20), (late, 20), (late, 0)):
            drawn = draw(past, days, 600.0, 1080.0, 50, Random(1))
            self.assertEqual(drawn, ([], 0.0))

    @given(pasts, st.integers(1, 60), st.integers(0, 1439), st.integers(1, 600))
    def test_each_comes_within_the_day_and_waits_as_one_did(
        self, past, days, now, length
    ):
        end = float(now + length)
        requests, expected = draw(past, days, now, end, 20, Random(7))
        later = [one for one in past if now <= one.moment < end]
        self.assertEqual(len(requests), 20 if later else 0)
        self.assertEqual(expected, len(later) / days)
        waits = {(one.job.key, one.patience) for one in later}
        for request in requests:
            low, high = request.job.windows[0]
            self.assertTrue(now <= request.moment <= end)
            self.assertEqual(low, request.moment)
            self.assertIn(request.place, {one.place for one in later})
            self.assertTrue(
                any(
                    key == request.job.key and abs(high - low - patience) < 1e-6
                    for key, patience in waits
                )
            )
        again, __ = draw(past, days, now, end, 20, Random(7))
        self.assertEqual(requests, again)
