import math
import unittest

from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.service_management.engine import travel, travel_table

PLACES = st.tuples(
    st.floats(-80, 80, allow_nan=False), st.floats(-179, 179, allow_nan=False)
)


class TestTravel(unittest.TestCase):
    def test_known_distances(self):
        # Beijing to Shanghai: 1,068 km as the crow flies
        minutes = travel.minutes_between((39.9042, 116.4074), (31.2304, 121.4737))
        self.assertAlmostEqual(
            minutes, travel.ACCESS_MINUTES + travel.drive_minutes(1068 * 1.3), delta=3
        )

    def test_a_way_within_town(self):
        self.assertAlmostEqual(travel.drive_minutes(5), 5 / 22 * 60)
        self.assertAlmostEqual(travel.drive_minutes(8), 5 / 22 * 60 + 3 / 35 * 60)

    @given(st.lists(PLACES, min_size=2, max_size=5))
    def test_a_matrix_is_what_the_pairs_say(self, places):
        table = travel.matrix(places)
        for row, first in enumerate(places):
            self.assertEqual(table[row][row], 0)
            for column, second in enumerate(places):
                self.assertEqual(table[row][column], table[column][row])
                self.assertAlmostEqual(
                    table[row][column], travel.minutes_between(first, second)
                )

    @given(st.floats(0, 500), st.floats(0, 500))
    def test_time_grows_with_the_way_and_stops_are_no_short_cut(self, one, two):
        self.assertLessEqual(
            travel.drive_minutes(one + two),
            travel.drive_minutes(one) + travel.drive_minutes(two) + 1e-9,
        )
        self.assertLessEqual(
            travel.drive_minutes(one), travel.drive_minutes(one + two) + 1e-9
        )

    @given(st.integers(1, 60), st.integers(2, 25))
    def test_blocks_cover_the_table_once(self, count, limit):
        seen = {}
        for rows, columns in travel_table.split(count, limit):
            self.assertLessEqual(len(rows) + len(columns), max(limit, 2))
            for row in rows:
                for column in columns:
                    seen[row, column] = seen.get((row, column), 0) + 1
        self.assertEqual(len(seen), count * count)
        self.assertEqual(set(seen.values()), {1})

    def test_an_answer_of_osrm_is_read(self):
        method, path, body = travel_table.ask_osrm([(31.2, 121.4)], [(31.3, 121.5)])
        self.assertEqual((method, body), ("GET", None))
        self.assertTrue(path.startswith("/table/v1/driving/121.400000,31.200000;"))
        self.assertIn("sources=0&destinations=1", path)
        answer = {"code": "Ok", "durations": [[90.0, None]]}
        self.assertEqual(travel_table.read_osrm(answer, 1, 2), [[1.5, None]])

    def test_an_answer_of_valhalla_is_read(self):
        answer = {"sources_to_targets": [[{"time": 120}, {"time": None}]]}
        self.assertEqual(travel_table.read_valhalla(answer, 1, 2), [[2.0, None]])

    def test_other_answers_are_refused(self):
        for answer in (
            None,
            [],
            {"code": "TooBig", "message": "Too many"},
            {"code": "Ok"},
            {"code": "Ok", "durations": [[1.0]]},
            {"code": "Ok", "durations": [[1.0, "2"]]},
            {"code": "Ok", "durations": [[True, 2]]},
        ):
            with (
                self.subTest(answer=answer),
                self.assertRaises(travel_table.TableError),
            ):
                travel_table.read_osrm(answer, 1, 2)

    def test_opposite_sides_of_the_earth(self):
        minutes = travel.minutes_between((0, 0), (0, 180))
        self.assertTrue(math.isfinite(minutes))
