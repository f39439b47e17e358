import unittest
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.service_management.engine.request_input import (
    FIELDS,
    Problem,
    read_request,
)

NOW = datetime(2026, 3, 2, 8, 0)
GOOD = {
    "key": "A-1",
    "customer_name": "Li Lei",
    "phone": 13800138000.0,
    "type": "repair",
    "description": " It leaks.\x00 ",
}


def read(**values):
    return read_request({**GOOD, **values}, NOW)


class TestRequestInput(unittest.TestCase):
    def test_texts_are_cleaned_and_cells_of_numbers_are_texts(self):
        found, problems = read()
        self.assertEqual(problems, [])
        self.assertEqual(found.description, "It leaks.")
        self.assertEqual(found.phone, "13800138000")

    def test_l32_unknown_fields_are_refused_by_name(self):
        __, problems = read(stage_id=5, internal_note="x")
        self.assertEqual(
            problems,
            [
                Problem("stage_id", "unknown_field"),
                Problem("internal_note", "unknown_field"),
            ],
        )

    def test_each_missing_field_is_named(self):
        __, problems = read_request({}, NOW)
        self.assertEqual(
            {(problem.field, problem.code) for problem in problems},
            {
                ("key", "missing"),
                ("type", "missing"),
                ("description", "missing"),
                ("customer_name", "no_customer"),
            },
        )

    def test_a_wrong_value_is_one_problem_not_two(self):
        __, problems = read(type=["repair"])
        self.assertEqual(problems, [Problem("type", "not_text", "['repair']")])

    def test_moments_are_utc_whatever_zone_they_are_written_in(self):
        for text in (
            "2026-03-01T16:30:00+08:00",
            "2026-03-01T08:30:00Z",
            "2026-03-01 08:30",
            "2026/3/1 8:30",
            "2026年3月1日 8:30",
        ):
            found, problems = read(requested_on=text)
            self.assertEqual(problems, [], text)
            self.assertEqual(found.requested_on, datetime(2026, 3, 1, 8, 30), text)

    def test_moments_without_a_zone_are_in_the_one_given(self):
        found, __ = read_request(
            {**GOOD, "requested_on": datetime(2026, 3, 1, 16, 30)},
            NOW,
            ZoneInfo("Asia/Shanghai"),
        )
        self.assertEqual(found.requested_on, datetime(2026, 3, 1, 8, 30))

    def test_days_in_the_ways_people_write_them(self):
        for value in (
            "2026-3-1".replace("-", "/"),
            "2026年3月1日",
            "2026-03-01",
            date(2026, 3, 1),
        ):
            found, problems = read(fault_date=value)
            self.assertEqual(
                (found.fault_date, problems), (date(2026, 3, 1), []), value
            )

    def test_tomorrow_after_tomorrow_and_nonsense_are_refused(self):
        for value, code in (
            ("2026-03-09", "in_future"),
            ("soon", "not_a_date"),
            (7, "not_a_date"),
            ("0001-01-01", "not_a_date"),
        ):
            __, problems = read(requested_on=value)
            self.assertEqual([problem.code for problem in problems], [code], value)

    def test_numbers_truths_and_addresses(self):
        for field, value, code in (
            ("customer_id", -1, "not_a_number"),
            ("customer_id", True, "not_a_number"),
            ("customer_id", "7 or 1=1", "not_a_number"),
            ("description", True, "not_text"),
            ("email", "nobody", "not_an_address"),
            ("key", "x" * 129, "too_long"),
        ):
            __, problems = read(**{field: value})
            self.assertEqual(
                [(problem.field, problem.code) for problem in problems], [(field, code)]
            )

    @given(
        st.dictionaries(
            st.sampled_from(FIELDS) | st.text(max_size=5),
            st.none()
            | st.booleans()
            | st.integers()
            | st.floats()
            | st.text(max_size=30)
            | st.datetimes()
            | st.lists(st.integers(), max_size=2),
            max_size=8,
        )
    )
    def test_whatever_is_sent_is_answered_and_never_raises(self, data):
        found, problems = read_request(data, NOW, UTC)
        for problem in problems:
            self.assertTrue(problem.code)
        for name in FIELDS:
            value = getattr(found, name)
            if isinstance(value, str):
                self.assertNotIn("\x00", value)

    def test_a_fingerprint_depends_on_everything_that_was_said(self):
        one, two = read()[0], read(city="Wuhan")[0]
        self.assertNotEqual(one.as_text(), two.as_text())
        self.assertEqual(one.as_text(), read()[0].as_text())
