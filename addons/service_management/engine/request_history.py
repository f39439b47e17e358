"""Requests that may come during the rest of a day, drawn from those of days before.

    requests, expected = draw(past, days=40, now=600, end=1080, count=100,
                              random=Random(1))

As many are expected as came on such days at such hours, on average. What one asks for
is put at the place of another, at about the hour at which it came; how long it can wait
is its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random

from .readiness import Request, get_risk
from .routing_model import Job

# A request comes within so many minutes of the hour of one before
SPREAD = 30.0
# Of those that can wait so many minutes and that nobody can answer as he is, others can
# be moved for one in two
HALF = 120.0


@dataclass(frozen=True, slots=True)
class Past:
    """A request that came at ``moment`` (minutes of its day) and had to be begun within
    ``patience`` minutes. The windows of ``job`` count for nothing."""

    job: Job
    place: int
    moment: float
    patience: float


def draw(
    past: Sequence[Past],
    days: int,
    now: float,
    end: float,
    count: int,
    random: Random,
) -> tuple[list[Request], float]:
    """Possible requests between ``now`` and ``end``, and how many are to be expected.

    :param past: what came on ``days`` days that were like this one
    :return: ``count`` requests, or none where none came at such hours
    """
    later = [one for one in past if now <= one.moment < end]
    if not later or days <= 0:
        return [], 0.0
    requests = []
    for __ in range(count):
        asked, other = random.choice(later), random.choice(later)
        moment = asked.moment + random.uniform(-SPREAD, SPREAD)
        moment = min(max(moment, now), end)
        latest = moment + asked.patience
        requests.append(
            Request(
                replace(asked.job, windows=((moment, latest),)),
                other.place,
                moment,
                get_risk(moment, latest, HALF),
            )
        )
    return requests, len(later) / days
