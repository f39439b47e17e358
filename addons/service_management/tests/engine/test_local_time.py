import unittest
from datetime import date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.service_management.engine import local_time

# Far east, far west, half an hour, and clocks that change at midnight
ZONES = (
    "Asia/Shanghai",
    "Pacific/Kiritimati",
    "Pacific/Pago_Pago",
    "Asia/Kolkata",
    "Europe/Berlin",
    "America/Havana",
    "Asia/Beirut",
)
DAYS = st.dates(date(1995, 1, 1), date(2037, 1, 1))


class TestLocalTime(unittest.TestCase):
    @given(day=DAYS, zone=st.sampled_from(ZONES), second=st.integers(0, 86399))
    def test_every_moment_lies_in_its_day_and_days_have_no_gap(self, day, zone, second):
        start, end = local_time.hours_of(day, zone)
        self.assertEqual(end, local_time.start_of(day + timedelta(days=1), zone))
        self.assertTrue(timedelta(0) < end - start <= timedelta(hours=25))
        moment = datetime.combine(day, datetime.min.time()) + timedelta(seconds=second)
        found = local_time.day_of(moment, zone)
        since, until = local_time.hours_of(found, zone)
        self.assertTrue(since <= moment < until, (found, zone))

    def test_a_midnight_that_comes_twice_begins_the_day_once(self):
        """At one in the morning the clocks of Havana go back to midnight."""
        day = date(2026, 11, 1)
        self.assertEqual(
            local_time.hours_of(day, "America/Havana"),
            (datetime(2026, 11, 1, 4), datetime(2026, 11, 2, 5)),
        )
        self.assertEqual(
            local_time.day_of(datetime(2026, 11, 1, 4, 30), "America/Havana"), day
        )

    def test_a_midnight_that_is_skipped_begins_the_day_at_one(self):
        self.assertEqual(
            local_time.hours_of(date(2026, 3, 29), "Asia/Beirut"),
            (datetime(2026, 3, 28, 22), datetime(2026, 3, 29, 21)),
        )
