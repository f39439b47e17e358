"""What a telephone system reports of a call - read and checked, no database.

Networks repeat and overtake: an event may come twice, and hanging up before answering.
So a call is never moved from state to state; what is known of it follows from the
set of the events received.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

EVENTS = ("ringing", "answered", "hung_up", "missed")
DIRECTIONS = ("in", "out")
TEXTS = {
    "provider": 32,
    "call_id": 128,
    "event": 16,
    "direction": 8,
    "from": 64,
    "to": 64,
    "extension": 32,
    "agent": 128,
}
FIELDS = (*TEXTS, "at")
REQUIRED = ("call_id", "event")
CLOCK_SKEW = timedelta(hours=1)
_CONTROL = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Problem:
    """Why an event cannot be taken: ``field``, ``code`` and the value."""

    field: str
    code: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class CtiEvent:
    """One event; ``caller`` and ``callee`` are numbers as the system wrote them.

    ``extension`` and ``agent`` (a login) say whose telephone it is about; ``at`` is
    UTC without zone.
    """

    provider: str
    call_id: str
    event: str
    direction: str
    caller: str
    callee: str
    extension: str
    agent: str
    at: datetime

    @property
    def number(self) -> str:
        """The customer's number."""
        return self.caller if self.direction == "in" else self.callee

    @property
    def line(self) -> str:
        """Our own end of the line."""
        return self.callee if self.direction == "in" else self.caller

    @property
    def own_extension(self) -> str:
        """Whose telephone: said outright, else our end of the line."""
        return self.extension or self.line


def read_event(
    data: Mapping[str, object], now: datetime
) -> tuple[CtiEvent | None, list[Problem]]:
    """The event in ``data``, or everything that is wrong with it.

    :param now: UTC without zone; the time of events that name none, and of those
        from a clock that runs more than an hour ahead
    """
    problems, texts = [], {}
    for name, value in data.items():
        if name not in FIELDS:
            problems.append(Problem(str(name)[:64], "unknown_field"))
        elif name in TEXTS and value not in (None, False, ""):
            if isinstance(value, bool) or not isinstance(value, str | int):
                problems.append(Problem(name, "not_text"))
                continue
            text = _CONTROL.sub("", str(value)).strip()
            if len(text) > TEXTS[name]:
                problems.append(Problem(name, "too_long"))
            elif text:
                texts[name] = text
    wrong = {problem.field for problem in problems}
    problems += [
        Problem(name, "missing")
        for name in REQUIRED
        if name not in texts and name not in wrong
    ]
    for name, allowed in (("event", EVENTS), ("direction", DIRECTIONS)):
        if name in texts and texts[name] not in allowed:
            problems.append(Problem(name, "unknown", texts[name]))
    at = _read_moment(data.get("at"), now)
    if at is None:
        problems.append(Problem("at", "not_a_date", str(data.get("at"))[:64]))
    if problems:
        return None, problems
    return (
        CtiEvent(
            provider=texts.get("provider", "cti"),
            call_id=texts["call_id"],
            event=texts["event"],
            direction=texts.get("direction", "in"),
            caller=texts.get("from", ""),
            callee=texts.get("to", ""),
            extension=texts.get("extension", ""),
            agent=texts.get("agent", ""),
            at=at,
        ),
        [],
    )


def _read_moment(value, now):
    if value in (None, False, ""):
        return now
    try:
        moment = datetime.fromisoformat(value)
        if moment.tzinfo:
            moment = moment.astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        return None
    moment = moment.replace(tzinfo=None, microsecond=0)
    return now if moment > now + CLOCK_SKEW else moment


def call_state(events: Collection[str]) -> str:
    """Where a call is, whatever order its events came in.

    >>> call_state({"hung_up", "ringing"}), call_state({"hung_up", "answered"})
    ('missed', 'ended')
    """
    if "answered" in events:
        return "ended" if "hung_up" in events else "answered"
    if "hung_up" in events or "missed" in events:
        return "missed"
    return "ringing"
