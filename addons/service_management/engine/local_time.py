"""Days and hours of a place in UTC, and back.

Moments are naive UTC, as Odoo keeps them; a zone is a name such as ``Asia/Shanghai``.

>>> hours_of(date(2026, 5, 31), "Asia/Shanghai")[0]
datetime.datetime(2026, 5, 30, 16, 0)
>>> day_of(datetime(2026, 5, 30, 16, 0), "Asia/Shanghai")
datetime.date(2026, 5, 31)
"""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


def to_utc(local: datetime, zone: str) -> datetime:
    """The moment at which clocks of the zone show a time.

    A time that the clocks show twice is the first of both; one that they skip is as if
    they had not been put forward yet. So the days of a zone follow each other without
    a gap, also where clocks change at midnight.
    """
    return local.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC).replace(tzinfo=None)


def to_local(moment: datetime, zone: str) -> datetime:
    """What the clocks of the zone show at a moment (naive)."""
    return moment.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def day_of(moment: datetime, zone: str) -> date:
    """The day that it is in the zone at a moment."""
    return to_local(moment, zone).date()


def start_of(day: date, zone: str) -> datetime:
    """The moment at which a day of the zone begins."""
    return to_utc(datetime.combine(day, time.min), zone)


def hours_of(day: date, zone: str) -> tuple[datetime, datetime]:
    """When a day of the zone begins, and when the next one does."""
    return start_of(day, zone), start_of(day + timedelta(days=1), zone)
