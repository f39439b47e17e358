"""What an incident log promised, read from which of its incidents it calls in time.

A log says of each incident whether its promise was kept (``made_sla``), not what was
promised. The promise is fitted: for each priority the limit that calls the fewest
incidents of a training half wrongly, for a clock that ends when the work is done and
for one that ends when the incident is closed; the better of the two ends is taken.
The other half says how well that holds.

Time counts around the clock: the log does not say in which hours it measured.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

ENDS = ("closed", "done")
# The least that can be promised; what a priority gets that is called late always
LEAST = 60
DAY = 86_400


@dataclass(frozen=True, slots=True)
class Sample:
    """An incident: its priority, whether the log says it was in time, and seconds from
    its opening to each end."""

    priority: str
    made: bool
    seconds: dict[str, int]


@dataclass(frozen=True, slots=True)
class Promise:
    """The fitted end and limits in seconds by priority.

    ``shares``: for each end, the part of the training half that its limits call right.
    """

    end: str
    limits: dict[str, int]
    shares: dict[str, float] = field(default_factory=dict)


def get_sample(incident) -> Sample | None:
    """An ``itsm_log.Incident`` that is closed and of which the log says how it went."""
    moments = {"done": None, "closed": None}
    for action in incident.get_actions():
        if action.kind == "done":
            moments["done"] = action.moment
        elif action.kind == "close":
            moments["closed"] = action.moment
    if incident.made_sla is None or not incident.is_closed or not all(moments.values()):
        return None
    return Sample(
        incident.priority,
        incident.made_sla,
        {
            end: max(int((moment - incident.opened_at).total_seconds()), 0)
            for end, moment in moments.items()
        },
    )


def fit_promise(samples: Sequence[Sample]) -> Promise | None:
    """The promise that calls the fewest ``samples`` wrongly; ``None`` without any."""
    if not samples:
        return None
    fitted = {}
    for end in ENDS:
        groups = defaultdict(list)
        for sample in samples:
            groups[sample.priority].append((sample.seconds[end], sample.made))
        found = {priority: find_limit(group) for priority, group in groups.items()}
        wrong = sum(errors for __, errors in found.values())
        fitted[end] = (wrong, {key: limit for key, (limit, __) in found.items()})
    best = min(ENDS, key=lambda end: fitted[end][0])
    shares = {end: 1 - fitted[end][0] / len(samples) for end in ENDS}
    return Promise(best, fitted[best][1], shares)


def find_limit(group: Iterable[tuple[int, bool]]) -> tuple[int, int]:
    """``(limit, errors)``: up to ``limit`` seconds are in time; half-way between the
    last that is and the first that is not, in whole minutes, at least one."""
    amounts = sorted(group)
    errors = least = sum(made for __, made in amounts)
    limit = LEAST
    for place, (seconds, made) in enumerate(amounts):
        errors += -1 if made else 1
        following = amounts[place + 1][0] if place + 1 < len(amounts) else seconds
        if following == seconds and place + 1 < len(amounts):
            continue
        if errors < least:
            least = errors
            limit = max((seconds + following) // 120 * 60, LEAST)
            if limit < seconds:
                limit += 60
    return limit, least


def explain(sample: Sample, promise: Promise, met: bool) -> str:
    """Why our clock says otherwise than the log: a code, empty where they agree."""
    if met == sample.made:
        return ""
    limit = promise.limits[sample.priority]
    seconds = sample.seconds[promise.end]
    if limit <= LEAST:
        return "priority_late"
    if abs(seconds - limit) <= 3 * DAY:
        return "near_limit"
    return "far_beyond" if sample.made else "far_below"
