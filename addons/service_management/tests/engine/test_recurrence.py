import unittest
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.service_management.engine import recurrence as engine
from odoo.addons.service_management.engine.recurrence import Due, Season

days = st.dates(date(2020, 1, 1), date(2032, 12, 31))


def weekday(day):
    return day.weekday() < 5


class TestRecurrence(unittest.TestCase):
    def _days(self, frequency, interval, start, last, **vals):
        rule = engine.make_rule(frequency, interval, start)
        return list(engine.get_due_days(rule, start, start, last, **vals))

    def test_short_months_are_not_left_out(self):
        self.assertEqual(
            self._days("MONTHLY", 1, date(2026, 1, 31), date(2026, 4, 30)),
            [
                date(2026, 1, 31),
                date(2026, 2, 28),
                date(2026, 3, 31),
                date(2026, 4, 30),
            ],
        )
        self.assertEqual(
            self._days("YEARLY", 1, date(2024, 2, 29), date(2026, 12, 31)),
            [date(2024, 2, 29), date(2025, 2, 28), date(2026, 2, 28)],
        )

    def test_a_season_may_cross_the_new_year(self):
        found = self._days(
            "MONTHLY", 1, date(2026, 1, 15), date(2026, 12, 31), season=Season(11, 2)
        )
        self.assertEqual([day.month for day in found], [1, 2, 11, 12])

    def test_a_rule_of_hours_or_nonsense_is_refused(self):
        for rule in ("FREQ=SECONDLY", "FREQ=HOURLY;INTERVAL=2", "every day", "FREQ=X"):
            with self.assertRaises(ValueError):
                engine.check_rule(rule, date(2026, 1, 1))
        with self.assertRaises(ValueError):
            engine.make_rule("MONTHLY", 0, date(2026, 1, 1))

    def test_free_days(self):
        saturday, start = date(2026, 3, 7), date(2026, 1, 1)
        for holidays, expected in (
            ("next", Due(saturday, date(2026, 3, 9), "moved")),
            ("previous", Due(saturday, date(2026, 3, 6), "moved")),
            ("skip", Due(saturday, None, "holiday")),
            ("ignore", Due(saturday, saturday)),
        ):
            self.assertEqual(engine.place(saturday, weekday, holidays, start), expected)
        self.assertIsNone(
            engine.place(saturday, weekday, "previous", saturday).day,
            "never before today",
        )
        self.assertIsNone(engine.place(saturday, lambda day: False, "next", start).day)

    @given(
        days,
        st.sampled_from(engine.FREQUENCIES),
        st.integers(1, 12),
        st.integers(0, 700),
        st.integers(0, 400),
    )
    def test_any_window_of_a_plan_is_a_part_of_the_whole(
        self, start, frequency, interval, offset, length
    ):
        """Looking ahead from any day finds the same days as from the start."""
        rule = engine.make_rule(frequency, interval, start)
        first = start + timedelta(days=offset)
        last = first + timedelta(days=length)
        whole = list(engine.get_due_days(rule, start, start, last))
        part = list(engine.get_due_days(rule, start, first, last))
        self.assertEqual(part, [day for day in whole if day >= first])
        self.assertEqual(len(set(whole)), len(whole))
        self.assertEqual(whole[:1], [start])

    @given(days, st.integers(1, 12), st.integers(1, 12))
    def test_a_day_is_in_a_season_or_in_its_complement(self, day, first, last):
        before, after = (last % 12) + 1, (first - 2) % 12 + 1
        if before == first:
            self.assertIn(day, Season(first, last))
        else:
            self.assertNotEqual(
                day in Season(first, last), day in Season(before, after)
            )
