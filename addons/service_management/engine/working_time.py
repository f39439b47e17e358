"""Working time: when a service is open, and how much of that lies between two moments.

A calendar is stated in the local time of its zone:

- weekly windows, any number a day, for one week or for two weeks in turn;
- days that replace their weekday: a worked weekend (调休) with its own windows, or a
  closed day with none;
- leaves, local times between which nobody works whatever the day says.

Moments go in and come out as datetimes in UTC without a zone, as Odoo keeps them;
amounts are whole seconds. A window holds its start and not its end. Where clocks are
put forward or back, a minute is worked exactly if the wall clock in the zone shows a
time inside a window, so that a night shift has the hours that really pass.

>>> office = Calendar("Asia/Shanghai", weekly({0: [(540, 720), (780, 1080)]}))
>>> office.add(datetime(2026, 3, 2, 3, 0), 2 * 3600)  # Monday 11:00 there
datetime.datetime(2026, 3, 2, 6, 0)
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

DAY = 86400
# A promise that needs more days than this without an hour of work is never due.
MAX_IDLE_DAYS = 1100
# Days kept in a compiled calendar before it forgets the ones it has seen.
MAX_KNOWN_DAYS = 6000

EPOCH = datetime(1970, 1, 1)
EPOCH_DAY = EPOCH.toordinal()

Windows = tuple[tuple[int, int], ...]


def weekly(windows: Mapping[int, Iterable[tuple[int, int]]]) -> tuple[Windows, ...]:
    """Seven days (14 if a key is above 6) from ``{day: [(minute, minute), ...]}``.

    Days are counted from Monday = 0; minutes from midnight, up to 1440.
    """
    count = 14 if any(day > 6 for day in windows) else 7
    return tuple(merge(windows.get(day, ())) for day in range(count))


def merge(intervals: Iterable[tuple]) -> tuple:
    """Sorted and disjoint; empty intervals are dropped, touching ones joined."""
    result: list[tuple] = []
    for start, end in sorted(intervals):
        if end <= start:
            continue
        if result and start <= result[-1][1]:
            result[-1] = (result[-1][0], max(result[-1][1], end))
        else:
            result.append((start, end))
    return tuple(result)


def parse_windows(text: str) -> Windows:
    """Windows of a day from text; ``ValueError`` if it says something else.

    >>> parse_windows("9:00-12:00, 13:30-18:00")
    ((540, 720), (810, 1080))
    """
    result = []
    for part in text.replace("，", ",").replace("–", "-").split(","):
        found = re.fullmatch(r"\s*(\d\d?):(\d\d)\s*-\s*(\d\d?):(\d\d)\s*", part)
        if not found:
            raise ValueError(part.strip())
        hour, minute, to_hour, to_minute = map(int, found.groups())
        start, end = hour * 60 + minute, to_hour * 60 + to_minute
        if minute > 59 or to_minute > 59 or not start < end <= 1440:
            raise ValueError(part.strip())
        result.append((start, end))
    return merge(result)


@dataclass(frozen=True)
class Calendar:
    """When a service is open. Immutable; remembers the days it was asked for.

    :param zone: name of an IANA time zone
    :param week: from ``weekly``; week 0 of two is the one that Odoo calls first
    :param days: ``{local date: windows}``, instead of the weekday's
    :param leaves: local (start, end) datetimes without a zone
    """

    zone: str = "UTC"
    week: tuple[Windows, ...] = ()
    days: Mapping[date, Windows] = field(default_factory=dict)
    leaves: tuple[tuple[datetime, datetime], ...] = ()
    _known: dict = field(default_factory=dict, compare=False, repr=False)

    def __post_init__(self):
        object.__setattr__(self, "leaves", merge(self.leaves))
        object.__setattr__(
            self, "days", {day: merge(windows) for day, windows in self.days.items()}
        )
        object.__setattr__(self, "_tz", ZoneInfo(self.zone))

    @property
    def is_never_open(self) -> bool:
        return not any(self.week) and not any(self.days.values())

    # What is asked

    def add(self, moment: datetime, seconds: int) -> datetime | None:
        """The first moment by which ``seconds`` of work have passed since ``moment``.

        Zero gives the first working moment at or after it, a negative number the last
        moment since which that much has passed. ``None``: never.
        """
        start = _to_seconds(moment)
        if seconds < 0:
            found = self._take(start, -seconds)
        else:
            found = self._add(start, seconds)
        return None if found is None else EPOCH + timedelta(seconds=found)

    def elapsed(self, start: datetime, end: datetime) -> int:
        """Seconds worked from ``start`` to ``end``; none if the end comes first."""
        since, until = _to_seconds(start), _to_seconds(end)
        if until <= since:
            return 0
        total = 0
        # A local day touches at most three days of UTC
        for day in range(since // DAY - 1, until // DAY + 2):
            for opened, closed in self._get_day(day):
                if opened < until and closed > since:
                    total += min(closed, until) - max(opened, since)
        return total

    def is_working(self, moment: datetime) -> bool:
        now = _to_seconds(moment)
        return any(
            opened <= now < closed
            for day in range(now // DAY - 1, now // DAY + 2)
            for opened, closed in self._get_day(day)
        )

    def windows(self, start: datetime, end: datetime) -> list[tuple]:
        """The (start, end) datetimes in UTC that are open between two moments."""
        since, until = _to_seconds(start), _to_seconds(end)
        return [
            (
                EPOCH + timedelta(seconds=max(opened, since)),
                EPOCH + timedelta(seconds=min(closed, until)),
            )
            for opened, closed in merge(
                interval
                for day in range(since // DAY - 1, until // DAY + 2)
                for interval in self._get_day(day)
            )
            if opened < until and closed > since
        ]

    # How it is found

    def _add(self, start: int, seconds: int) -> int | None:
        day, idle = start // DAY - 1, 0
        while idle < MAX_IDLE_DAYS:
            idle += 1
            for opened, closed in self._get_day(day):
                opened = max(opened, start)
                if opened >= closed:
                    continue
                if seconds <= closed - opened:
                    return opened + seconds
                seconds -= closed - opened
                idle = 0
            day += 1
        return None

    def _take(self, end: int, seconds: int) -> int | None:
        day, idle = end // DAY + 1, 0
        while idle < MAX_IDLE_DAYS:
            idle += 1
            for opened, closed in reversed(self._get_day(day)):
                closed = min(closed, end)
                if opened >= closed:
                    continue
                if seconds <= closed - opened:
                    return closed - seconds
                seconds -= closed - opened
                idle = 0
            day -= 1
        return None

    def _get_day(self, day: int) -> tuple:
        """Open seconds (UTC, since 1970) of the local date ``day`` days after 1970."""
        known = self._known.get(day)
        if known is None:
            if len(self._known) > MAX_KNOWN_DAYS:
                self._known.clear()
            known = self._known[day] = self._to_utc(day, self._get_local(day))
        return known

    def _get_local(self, day: int) -> list[tuple[int, int]]:
        """Open seconds of a local date, counted from its own midnight."""
        ordinal = day + EPOCH_DAY
        local = date.fromordinal(ordinal)
        windows = self.days.get(local)
        if windows is None:
            if not self.week:
                return []
            weeks = len(self.week) // 7
            windows = self.week[(ordinal - 1) // 7 % weeks * 7 + local.weekday()]
        result = [(start * 60, end * 60) for start, end in windows]
        if result and self.leaves:
            midnight = datetime.fromordinal(ordinal)
            for start, end in self._get_leaves(midnight):
                result = _cut(
                    result,
                    int((start - midnight).total_seconds()),
                    int((end - midnight).total_seconds()),
                )
        return result

    def _get_leaves(self, midnight: datetime) -> list[tuple[datetime, datetime]]:
        """The leaves that touch a local day; they are sorted and do not overlap."""
        after = midnight + timedelta(days=1)
        position = max(bisect_right(self.leaves, (midnight, midnight)) - 1, 0)
        result = []
        for start, end in self.leaves[position:]:
            if start >= after:
                break
            if end > midnight:
                result.append((start, end))
        return result

    def _to_utc(self, day: int, windows: list[tuple[int, int]]) -> tuple:
        if not windows:
            return ()
        midnight = day * DAY
        # Offsets lie between -12 h and +14 h: the local day is inside these two
        first, last = midnight - 14 * 3600, midnight + DAY + 12 * 3600
        offset = self._get_offset(first)
        if offset == self._get_offset(last):
            shift = midnight - offset
            return tuple((start + shift, end + shift) for start, end in windows)
        result = []
        for since, until, offset in self._get_segments(first, last):
            shift = midnight - offset
            for start, end in windows:
                opened, closed = max(start + shift, since), min(end + shift, until)
                if opened < closed:
                    result.append((opened, closed))
        return merge(result)

    def _get_segments(self, first: int, last: int) -> list[tuple[int, int, int]]:
        """(since, until, offset) of the zone between two seconds, offset constant."""
        segments = []
        since, offset = first, self._get_offset(first)
        step = first
        while step < last:
            following = min(step + 3600, last)
            after = self._get_offset(following)
            if after != offset:
                low, high = step, following
                while high - low > 1:
                    middle = (low + high) // 2
                    if self._get_offset(middle) == offset:
                        low = middle
                    else:
                        high = middle
                segments.append((since, high, offset))
                since, offset = high, after
            step = following
        segments.append((since, last, offset))
        return segments

    def _get_offset(self, second: int) -> int:
        """Seconds that the zone is ahead of UTC at a second of UTC."""
        moment = EPOCH + timedelta(seconds=second)
        local = moment.replace(tzinfo=self._tz)
        return int(self._tz.fromutc(local).utcoffset().total_seconds())


@dataclass(frozen=True)
class AlwaysOpen:
    """24 × 7: every second counts. Answers what a ``Calendar`` answers."""

    is_never_open = False

    def add(self, moment: datetime, seconds: int) -> datetime:
        return moment + timedelta(seconds=seconds)

    def elapsed(self, start: datetime, end: datetime) -> int:
        return max(_to_seconds(end) - _to_seconds(start), 0)

    def is_working(self, moment: datetime) -> bool:
        return True

    def windows(self, start: datetime, end: datetime) -> list[tuple]:
        return [(start, end)] if start < end else []


ALWAYS = AlwaysOpen()


def _to_seconds(moment: datetime) -> int:
    """Whole seconds since 1970: what Odoo keeps of a datetime."""
    delta = moment - EPOCH
    return delta.days * DAY + delta.seconds


def _cut(windows, start, end):
    """``windows`` without what lies between ``start`` and ``end``."""
    result = []
    for opened, closed in windows:
        if closed <= start or opened >= end:
            result.append((opened, closed))
            continue
        if opened < start:
            result.append((opened, start))
        if closed > end:
            result.append((end, closed))
    return result
