import unittest

from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.service_management.engine import territory

PLACES = st.dictionaries(
    st.integers(0, 500),
    st.tuples(st.floats(-60, 60), st.floats(-170, 170)),
    max_size=60,
)


class TestTerritory(unittest.TestCase):
    @given(PLACES, st.integers(1, 20))
    def test_each_visit_is_in_one_part_of_bounded_size(self, places, limit):
        parts = territory.split(places, limit)
        self.assertEqual(sorted(key for part in parts for key in part), sorted(places))
        self.assertTrue(all(0 < len(part) <= limit for part in parts))

    def test_two_towns_are_two_territories(self):
        places = {n: (31.0 + n / 1000, 121.0) for n in range(5)}
        places |= {n: (31.0 + n / 1000, 125.0) for n in range(5, 10)}
        parts = territory.split(places, 5)
        self.assertEqual(
            sorted(map(sorted, parts)), [list(range(5)), list(range(5, 10))]
        )

    def test_a_territory_needs_room(self):
        with self.assertRaises(ValueError):
            territory.split({}, 0)

    @given(PLACES, st.integers(1, 20), st.integers(0, 12))
    def test_everybody_works_in_one_part(self, places, limit, count):
        parts = territory.split(places, limit)
        if not parts:
            return
        people = {f"p{n}": (0.0, float(n)) for n in range(count)} | {"x": None}
        tied = {"x": 0}
        shares = territory.share(parts, places, people, tied)
        self.assertEqual(sorted(key for part in shares for key in part), sorted(people))
        self.assertIn("x", shares[0])
