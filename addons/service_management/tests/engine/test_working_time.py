from datetime import UTC, date, datetime, timedelta
from unittest import TestCase
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.addons.service_management.engine import working_time
from odoo.addons.service_management.engine.working_time import (
    ALWAYS,
    Calendar,
    merge,
    parse_windows,
    weekly,
)

OFFICE = [(9 * 60, 12 * 60), (13 * 60, 18 * 60)]
SHANGHAI = Calendar("Asia/Shanghai", weekly(dict.fromkeys(range(5), OFFICE)))
ZONES = [
    "UTC",
    "Asia/Shanghai",
    "America/New_York",
    "Europe/Berlin",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "America/Sao_Paulo",
]


class Minutes:
    """The same calendar, asked minute by minute what the wall clock shows."""

    def __init__(self, calendar, start: datetime, count: int):
        zone = ZoneInfo(calendar.zone)
        self.start = start
        self.open = [
            self._is_open(
                calendar,
                (start + timedelta(minutes=minute))
                .replace(tzinfo=UTC)
                .astimezone(zone)
                .replace(tzinfo=None, fold=0),
            )
            for minute in range(count)
        ]

    @staticmethod
    def _is_open(calendar, local: datetime) -> bool:
        day = local.date()
        if day in calendar.days:
            windows = calendar.days[day]
        else:
            week = (day.toordinal() - 1) // 7 % (len(calendar.week) // 7)
            windows = calendar.week[week * 7 + day.weekday()]
        minute = local.hour * 60 + local.minute
        return any(start <= minute < end for start, end in windows) and not any(
            start <= local < end for start, end in calendar.leaves
        )

    def index(self, moment: datetime) -> int:
        return int((moment - self.start).total_seconds() // 60)

    def elapsed(self, start: datetime, end: datetime) -> int:
        return 60 * sum(self.open[self.index(start) : max(self.index(end), 0)])

    def add(self, moment: datetime, seconds: int):
        left = seconds // 60
        for minute in range(self.index(moment), len(self.open)):
            if self.open[minute]:
                if not left:
                    return self.start + timedelta(minutes=minute)
                left -= 1
                if not left:
                    return self.start + timedelta(minutes=minute + 1)
        return None


minutes_of_day = st.integers(0, 96).map(lambda quarter: quarter * 15)
windows = st.lists(st.tuples(minutes_of_day, minutes_of_day), max_size=4).map(merge)


@st.composite
def calendars(draw, around: datetime, days: int):
    """Any week (or two), worked and closed days, leaves, in any of the zones."""
    near = st.integers(-2, days + 2).map(
        lambda day: (around + timedelta(days=day)).date()
    )
    leave = st.tuples(st.integers(-1440, days * 1440), st.integers(1, 3 * 1440)).map(
        lambda pair: (
            around + timedelta(minutes=pair[0]),
            around + timedelta(minutes=pair[0] + pair[1]),
        )
    )
    return Calendar(
        draw(st.sampled_from(ZONES)),
        tuple(draw(windows) for __ in range(draw(st.sampled_from((7, 14))))),
        draw(st.dictionaries(near, windows, max_size=3)),
        tuple(draw(st.lists(leave, max_size=2))),
    )


# Around these the zones above put their clocks forward or back, or lose a day.
STARTS = [
    datetime(2026, 3, 6),
    datetime(2026, 3, 27),
    datetime(2026, 10, 23),
    datetime(2026, 10, 30),
    datetime(2026, 4, 3),
    datetime(2011, 12, 28),
    datetime(2026, 7, 1),
]


class TestWorkingTime(TestCase):
    def test_lunch_break_does_not_count(self):
        start = datetime(2026, 3, 2, 3, 0)  # 11:00 in Shanghai
        self.assertEqual(SHANGHAI.add(start, 2 * 3600), datetime(2026, 3, 2, 6, 0))
        self.assertEqual(SHANGHAI.elapsed(start, start + timedelta(hours=3)), 7200)

    def test_holiday_and_worked_weekend(self):
        """L5: the week of a bridge day, with Saturday worked instead of Monday."""
        calendar = Calendar(
            "Asia/Shanghai",
            SHANGHAI.week,
            {date(2026, 3, 2): (), date(2026, 2, 28): OFFICE},
        )
        friday = datetime(2026, 2, 27, 9, 0)  # 17:00: one hour is left
        self.assertEqual(calendar.add(friday, 9 * 3600), datetime(2026, 2, 28, 10, 0))
        self.assertEqual(calendar.add(friday, 10 * 3600), datetime(2026, 3, 3, 2, 0))

    def test_leave_is_taken_out_of_a_window(self):
        calendar = Calendar(
            "Asia/Shanghai",
            SHANGHAI.week,
            leaves=((datetime(2026, 3, 2, 10), datetime(2026, 3, 2, 14)),),
        )
        day = datetime(2026, 3, 1, 16, 0)
        self.assertEqual(calendar.elapsed(day, day + timedelta(days=1)), 5 * 3600)

    def test_the_night_that_clocks_are_put_forward_and_back(self):
        night = Calendar("Europe/Berlin", weekly({6: [(0, 6 * 60)]}))
        for day, hours in ((date(2026, 3, 29), 5), (date(2026, 10, 25), 7)):
            start = datetime.combine(day, datetime.min.time()) - timedelta(hours=3)
            self.assertEqual(
                night.elapsed(start, start + timedelta(days=1)), hours * 3600
            )

    def test_full_days_have_no_gap_at_midnight(self):
        """L34: 24:00 is the end of the day, not a moment before it."""
        calendar = Calendar("Asia/Shanghai", weekly({d: [(0, 1440)] for d in range(7)}))
        start = datetime(2026, 1, 1)
        self.assertEqual(
            calendar.elapsed(start, start + timedelta(days=400)), 400 * 86400
        )
        self.assertEqual(calendar.add(start, 400 * 86400), start + timedelta(days=400))

    def test_windows_as_text(self):
        self.assertEqual(
            parse_windows("13:30 - 18:00，9:00–12:00"), ((540, 720), (810, 1080))
        )
        self.assertEqual(parse_windows("0:00-24:00"), ((0, 1440),))
        for wrong in ("", "9-12", "12:00-9:00", "9:00-24:30", "9:70-10:00", "nine"):
            with self.assertRaises(ValueError):
                parse_windows(wrong)

    def test_reversed_interval_is_empty(self):
        start = datetime(2026, 3, 2, 3, 0)
        for calendar in (SHANGHAI, ALWAYS):
            self.assertEqual(calendar.elapsed(start, start - timedelta(days=9)), 0)

    def test_never_open_is_never_due(self):
        closed = Calendar("UTC", weekly({}))
        self.assertTrue(closed.is_never_open)
        self.assertIsNone(closed.add(datetime(2026, 3, 2), 60))
        self.assertIsNone(closed.add(datetime(2026, 3, 2), -60))
        self.assertFalse(closed.is_working(datetime(2026, 3, 2)))

    def test_two_weeks_in_turn(self):
        calendar = Calendar("UTC", weekly({0: [(540, 600)], 7: [(600, 720)]}))
        monday = datetime(2026, 3, 2)
        amounts = [
            calendar.elapsed(
                monday + timedelta(weeks=week), monday + timedelta(weeks=week + 1)
            )
            for week in range(3)
        ]
        self.assertEqual(sorted(amounts[:2]), [3600, 7200])
        self.assertEqual(amounts[0], amounts[2])

    def test_a_closed_day_forgets_nothing_when_memory_is_full(self):
        calendar = Calendar("Asia/Shanghai", SHANGHAI.week)
        start = datetime(1980, 1, 1)
        end = start + timedelta(days=working_time.MAX_KNOWN_DAYS + 1500)
        self.assertEqual(calendar.elapsed(start, end), SHANGHAI.elapsed(start, end))
        self.assertLessEqual(len(calendar._known), working_time.MAX_KNOWN_DAYS + 1)

    @settings(max_examples=150, deadline=None)
    @given(data=st.data())
    def test_agrees_with_a_minute_by_minute_simulator(self, data):
        around = data.draw(st.sampled_from(STARTS))
        days = 6
        calendar = data.draw(calendars(around, days))
        minutes = Minutes(calendar, around, days * 1440)
        last = days * 1440 - 1
        for __ in range(8):
            first, second = (
                around + timedelta(minutes=data.draw(st.integers(0, last)))
                for __ in range(2)
            )
            self.assertEqual(
                calendar.elapsed(first, second),
                minutes.elapsed(first, second) if second > first else 0,
            )
            self.assertEqual(
                calendar.is_working(first), minutes.open[minutes.index(first)]
            )
            seconds = 60 * data.draw(st.integers(0, 2000))
            expected = minutes.add(first, seconds)
            if expected:
                self.assertEqual(calendar.add(first, seconds), expected)
                back = calendar.add(expected, -seconds)
                if seconds:
                    self.assertEqual(calendar.elapsed(back, expected), seconds)

    @given(
        start=st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)),
        seconds=st.integers(1, 10**6),
    )
    def test_what_is_added_has_elapsed(self, start, seconds):
        start = start.replace(microsecond=0)
        end = SHANGHAI.add(start, seconds)
        self.assertEqual(SHANGHAI.elapsed(start, end), seconds)
        self.assertEqual(
            SHANGHAI.elapsed(start, end - timedelta(seconds=1)), seconds - 1
        )
