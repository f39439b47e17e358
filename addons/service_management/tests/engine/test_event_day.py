from datetime import datetime, timedelta
from unittest import TestCase

from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.service_management.engine.event_day import lay_out

OPENING = datetime(2024, 1, 13, 9)
CLOSING = datetime(2024, 1, 13, 17)
HALF_HOUR = timedelta(minutes=30)


class TestEventDay(TestCase):
    def test_first_person_first_then_further_ones(self):
        places = lay_out(17, [[]], OPENING, CLOSING, HALF_HOUR)
        self.assertEqual([place.person for place in places], [0] * 16 + [1])
        self.assertEqual(places[15].end, CLOSING)

    def test_day_shorter_than_a_job_is_refused(self):
        with self.assertRaises(ValueError):
            lay_out(1, [], OPENING, OPENING + HALF_HOUR / 2, HALF_HOUR)

    @given(
        st.integers(0, 60),
        st.lists(
            st.lists(st.tuples(st.integers(0, 600), st.integers(1, 90)), max_size=6),
            max_size=3,
        ),
    )
    def test_nobody_is_booked_twice(self, count, booked):
        busy = [
            [
                (
                    OPENING + timedelta(minutes=start),
                    OPENING + timedelta(minutes=start + length),
                )
                for start, length in person
            ]
            for person in booked
        ]
        places = lay_out(count, busy, OPENING, CLOSING, HALF_HOUR)
        self.assertEqual(len(places), count)
        taken = {number: list(times) for number, times in enumerate(busy)}
        for place in places:
            times = taken.setdefault(place.person, [])
            self.assertTrue(OPENING <= place.start < place.end <= CLOSING)
            self.assertFalse(
                any(since < place.end and until > place.start for since, until in times)
            )
            times.append((place.start, place.end))
