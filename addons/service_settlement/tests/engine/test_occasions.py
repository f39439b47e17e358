"""Holiday, weekend and night of ``engine/occasions.py``."""

import doctest
import unittest
from datetime import date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.service_settlement.engine import occasions
from odoo.addons.service_settlement.engine.occasions import get_times

OFFICE = ((540, 1020),)
# Monday to Saturday are worked, Sunday is free
SIX_DAYS = (OFFICE,) * 6 + ((),)
SATURDAY = datetime(2026, 2, 14, 10, 0)
SUNDAY = SATURDAY + timedelta(days=1)
HOLIDAY = ((datetime(2026, 2, 16), datetime(2026, 2, 23)),)


class TestTimes(unittest.TestCase):
    def test_weekend_is_what_the_week_leaves_free(self):
        self.assertEqual(get_times(SATURDAY), ("weekend",))
        self.assertEqual(get_times(SATURDAY, SIX_DAYS), ())
        self.assertEqual(get_times(SUNDAY, SIX_DAYS), ("weekend",))

    def test_two_weeks_take_turns(self):
        long, short = (OFFICE,) * 6 + ((),), (OFFICE,) * 5 + ((), ())
        found = {
            get_times(SATURDAY + timedelta(days=7 * week), long + short)
            for week in range(2)
        }
        self.assertEqual(found, {(), ("weekend",)})

    def test_worked_day_is_no_weekend_and_no_holiday(self):
        day = datetime(2026, 2, 22, 10, 0)
        worked = {day.date(): OFFICE}
        self.assertEqual(get_times(day, leaves=HOLIDAY), ("holiday", "weekend"))
        self.assertEqual(get_times(day, days=worked, leaves=HOLIDAY), ())

    def test_holiday_on_a_working_day(self):
        monday = datetime(2026, 2, 16, 0, 0)
        self.assertEqual(get_times(monday, SIX_DAYS, leaves=HOLIDAY)[0], "holiday")
        before = monday - timedelta(minutes=1)
        self.assertNotIn("holiday", get_times(before, SIX_DAYS, leaves=HOLIDAY))

    def test_night_goes_over_midnight(self):
        for hour, night in ((21, False), (22, True), (0, True), (5, True), (6, False)):
            with self.subTest(hour):
                found = get_times(datetime(2026, 2, 11, hour), SIX_DAYS)
                self.assertEqual("night" in found, night)
        # and need not
        self.assertEqual(
            get_times(datetime(2026, 2, 11, 2), SIX_DAYS, night=(1, 4)), ("night",)
        )
        self.assertEqual(
            get_times(datetime(2026, 2, 11, 2), SIX_DAYS, night=(0, 0)), ()
        )

    @given(
        st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 31)),
        st.floats(0, 23.75),
        st.floats(0, 23.75),
    )
    def test_every_moment_is_night_or_not_once_around_the_clock(self, moment, a, b):
        inside = "night" in get_times(moment, SIX_DAYS, night=(a, b))
        outside = "night" in get_times(moment, SIX_DAYS, night=(b, a))
        if a == b:
            self.assertFalse(inside)
        else:
            self.assertNotEqual(inside, outside)

    def test_days_without_windows_are_not_worked(self):
        free = {date(2026, 2, 14): ()}
        self.assertEqual(get_times(SATURDAY, days=free), ("weekend",))


class TestDocumentation(unittest.TestCase):
    def test_examples_in_the_docstrings(self):
        self.assertEqual(doctest.testmod(occasions).failed, 0)
