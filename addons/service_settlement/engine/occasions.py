"""Whether work was done on a holiday, on a weekend or at night.

The week, the worked days and the holidays are those of a working calendar, so that a
worked weekend (调休) is no weekend and a day off that was moved is a holiday.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

SATURDAY = 5


def get_times(
    moment: datetime,
    week: Sequence = (),
    days: Mapping[date, Sequence] | None = None,
    leaves: Iterable[tuple[datetime, datetime]] = (),
    night: tuple[float, float] = (22.0, 6.0),
) -> tuple[str, ...]:
    """Of ``holiday``, ``weekend`` and ``night`` those that hold for a local moment.

    :param moment: local time without a zone
    :param week: windows of each weekday from Monday on, of one week or of two that
        take turns; without any window Saturday and Sunday are the weekend
    :param days: windows of single days instead of those of their weekday
    :param leaves: local (start, end) of public holidays
    :param night: first and last hour of the night; equal hours: there is none

    >>> get_times(datetime(2026, 2, 14, 23, 0))
    ('weekend', 'night')
    >>> worked = {date(2026, 2, 14): ((540, 1020),)}
    >>> get_times(datetime(2026, 2, 14, 10, 0), days=worked)
    ()
    """
    found = []
    own = (days or {}).get(moment.date())
    if not own and any(start <= moment < end for start, end in leaves):
        found.append("holiday")
    if not own and _is_weekend(moment, week):
        found.append("weekend")
    if _is_night(moment, *night):
        found.append("night")
    return tuple(found)


def _is_weekend(moment: datetime, week: Sequence) -> bool:
    if not any(week):
        return moment.weekday() >= SATURDAY
    # Week 0 of two is the one that the working calendar calls first
    turn = (moment.date().toordinal() - 1) // 7 % (len(week) // 7)
    return not week[turn * 7 + moment.weekday()]


def _is_night(moment: datetime, start: float, end: float) -> bool:
    hour = moment.hour + moment.minute / 60
    if start <= end:
        return start <= hour < end
    return hour >= start or hour < end
