"""Lays the jobs of one day one after the other, without booking anybody twice.

The first person takes jobs until the day is full or already booked, then the second,
and so on; when all are full, further people are asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

Interval = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Place:
    """A job's place in the day: whose it is (by number) and when."""

    person: int
    start: datetime
    end: datetime


def lay_out(
    count: int,
    busy: Sequence[Sequence[Interval]],
    opening: datetime,
    closing: datetime,
    duration: timedelta,
) -> list[Place]:
    """``count`` places between ``opening`` and ``closing``.

    :param busy: booked intervals of each person who is there
    :return: places in order; person ``len(busy)`` and above are people to be added

    >>> day = datetime(2024, 1, 13, 9)
    >>> [(p.person, p.start.hour) for p in lay_out(
    ...     3, [[(day, day + timedelta(hours=1))]], day, day + timedelta(hours=2),
    ...     timedelta(hours=1))]
    [(0, 10), (1, 9), (1, 10)]
    """
    if closing - opening < duration:
        raise ValueError("the day is shorter than a job")
    places: list[Place] = []
    person = 0
    while len(places) < count:
        booked = busy[person] if person < len(busy) else ()
        start = opening
        while start + duration <= closing and len(places) < count:
            end = start + duration
            if not any(since < end and until > start for since, until in booked):
                places.append(Place(person, start, end))
            start = end
        person += 1
    return places
