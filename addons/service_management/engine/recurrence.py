"""Days on which preventive work is due: a recurrence, a season, free days.

The recurrence is an iCalendar rule (RFC 5545, as ``dateutil.rrule`` reads it). Nothing
here knows a calendar of working days: callers pass a function that tells a working day.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from dateutil.rrule import rrulestr

FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
# How far a due day may move to find a working day.
MAX_SHIFT = 14
# More days than any plan has; a rule of every second would otherwise never end.
MAX_DAYS = 4000


@dataclass(frozen=True, slots=True)
class Season:
    """Months from ``first`` to ``last`` (1-12), both included; may cross the new year.

    >>> date(2026, 1, 5) in Season(11, 3), date(2026, 4, 1) in Season(11, 3)
    (True, False)
    """

    first: int
    last: int

    def __contains__(self, day: date) -> bool:
        if self.first <= self.last:
            return self.first <= day.month <= self.last
        return day.month >= self.first or day.month <= self.last


@dataclass(frozen=True, slots=True)
class Due:
    """A day of the plan: ``due`` by the rule, carried out on ``day``.

    ``day`` is ``None`` where the work is left out; ``code`` says why the two differ:
    ``moved``, ``holiday`` (left out) or ``""``.
    """

    due: date
    day: date | None
    code: str = ""


def make_rule(frequency: str, interval: int, start: date) -> str:
    """The rule for "every ``interval`` months from ``start``", and the like.

    Plain iCalendar leaves out months that lack the day: monthly from 31 January would
    skip February. Here the last day of a short month stands for it.

    >>> make_rule("MONTHLY", 3, date(2026, 1, 31))
    'FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=28,29,30,31;BYSETPOS=-1'
    """
    if frequency not in FREQUENCIES or interval < 1:
        raise ValueError(f"{frequency} {interval}")
    rule = f"FREQ={frequency};INTERVAL={interval}"
    if frequency in ("MONTHLY", "YEARLY") and start.day > 28:
        days = ",".join(str(day) for day in range(28, start.day + 1))
        if frequency == "YEARLY":
            rule += f";BYMONTH={start.month}"
        rule += f";BYMONTHDAY={days};BYSETPOS=-1"
    return rule


def check_rule(rule: str, start: date) -> None:
    """Raise ``ValueError`` with the reason unless ``rule`` is a rule of whole days."""
    text = rule.upper()
    if any(part in text for part in ("SECONDLY", "MINUTELY", "HOURLY")):
        raise ValueError(rule)
    try:
        rrulestr(rule, dtstart=datetime.combine(start, time.min))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ValueError(str(error)) from error


def get_due_days(
    rule: str,
    start: date,
    first: date,
    last: date,
    season: Season | None = None,
) -> Iterator[date]:
    """Days from ``first`` to ``last`` on which a plan since ``start`` is due."""
    found = rrulestr(rule, dtstart=datetime.combine(start, time.min))
    before = datetime.combine(max(first, start), time.min) - timedelta(days=1)
    for number, moment in enumerate(found.xafter(before)):
        day = moment.date()
        if day > last or number > MAX_DAYS:
            return
        if day >= first and (season is None or day in season):
            yield day


def place(
    due: date, is_working: Callable[[date], bool], holidays: str, after: date
) -> Due:
    """Where work that is due on a free day goes.

    :param holidays: ``next`` or ``previous`` working day, ``skip`` the work, or
        ``ignore`` that the day is free
    :param after: the earliest day the work may move to
    """
    if holidays == "ignore" or is_working(due):
        return Due(due, due)
    if holidays == "skip":
        return Due(due, None, "holiday")
    step = timedelta(days=1 if holidays == "next" else -1)
    day = due
    for __ in range(MAX_SHIFT):
        day += step
        if day < after:
            break
        if is_working(day):
            return Due(due, day, "moved")
    return Due(due, None, "holiday")
