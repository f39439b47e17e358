"""Audit log of an IT service desk (ServiceNow export) as incidents with their steps.

One row is the state of one incident at one moment. The rows of an incident need not
follow one another in the file; what happened is read from them by their count of
modifications, then by time:

- New: the request is registered, on the day it was opened.
- Active and the states of waiting: somebody works on it.
- Resolved: the work is done. Closed: closed, after being done.
- A row that leads back from Resolved or Closed and is later, or whose count of
  reopenings has grown since, reopens the request.

A row that changes no state is a note of what it changes: group, person, priority,
what is waited for. ``?`` says that a value is not known.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from .log_file import LogFile, Reason, Record, Refusal

KIND = "itsm"
REQUIRED_COLUMNS = frozenset(
    {"number", "incident_state", "opened_at", "sys_updated_at", "caller_id"}
)
UNKNOWN = "?"
# What a state of the log means for a request.
TARGETS = {
    "new": "new",
    "active": "in_progress",
    "in progress": "in_progress",
    "on hold": "in_progress",
    "resolved": "done",
    "closed": "closed",
}
PRIORITIES = {"1": "3", "2": "2", "3": "1", "4": "0", "5": "0"}
NOTED = (
    ("incident_state", "state"),
    ("assignment_group", "group"),
    ("assigned_to", "assignee"),
    ("priority", "priority"),
)
MAX_NUMBER_LENGTH = 100
FIRST_DAY = date(1970, 1, 1)
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Row:
    """The state of an incident at one moment; empty texts where not known."""

    line: int
    moment: datetime
    target: str
    state: str
    modifications: int
    reopenings: int
    group: str
    assignee: str
    priority: str
    made_sla: bool | None = None


@dataclass(frozen=True, slots=True)
class Action:
    """What a row did: ``start``, ``done``, ``close``, ``reopen`` or ``note``.

    ``changes`` are (what, from, to) of the row that did it.
    """

    kind: str
    moment: datetime
    state: str
    group: str
    changes: tuple[tuple[str, str, str], ...] = ()


@dataclass(slots=True)
class Incident:
    """One incident: what was asked for, and its rows in order."""

    number: str
    line: int
    caller: str
    opened_at: datetime
    texts: dict[str, str]
    rows: list[Row] = field(default_factory=list)

    @property
    def is_closed(self) -> bool:
        return self.rows[-1].target == "closed"

    @property
    def priority(self) -> str:
        """Priority as ours, of the last row that names one."""
        named = [row.priority for row in self.rows if row.priority]
        return PRIORITIES.get(named[-1][:1], "1") if named else "1"

    @property
    def made_sla(self) -> bool | None:
        """Whether the log says that its promise was kept; ``None`` where it does not.

        The last row's word: while an incident is open the log calls it in time.
        """
        said = [row.made_sla for row in self.rows if row.made_sla is not None]
        return said[-1] if said else None

    def get_state_changes(self) -> list[tuple[str, str, bool]]:
        """(from, to, whether it moves the request) of rows with another state.

        One that does not is an older row, or one that only says what is waited for.
        """
        changes = []
        state, reopenings, moment = "new", 0, self.opened_at
        for previous, row in zip([None, *self.rows], self.rows, strict=False):
            again = row.reopenings > reopenings
            moves = _get_moves(state, row.target, again, row.moment >= moment)
            moment, reopenings = (
                max(moment, row.moment),
                max(reopenings, row.reopenings),
            )
            if moves:
                state = row.target
            before = previous.state if previous else "New"
            if before != row.state:
                changes.append((before, row.state, bool(moves) or row.target == state))
        return changes

    def get_known(self, name: str) -> list[str]:
        """The known values of ``group`` or ``assignee``, row by row."""
        return [getattr(row, name) for row in self.rows if getattr(row, name)]

    def get_last(self, name: str) -> str:
        """The last known value."""
        return next(reversed(self.get_known(name)), "")

    def get_handover(self) -> tuple[str, datetime] | None:
        """The last group and since when, where the incident changed hands."""
        groups = self.get_known("group")
        if not groups or groups[0] == groups[-1]:
            return None
        since = self.opened_at
        group = ""
        for row in self.rows:
            if row.group and row.group != group:
                group, since = row.group, max(row.moment, self.opened_at)
        return group, since

    def get_actions(self) -> list[Action]:
        """What happened, in order, never going back in time."""
        actions: list[Action] = []
        state, reopenings, previous = "new", 0, None
        moment = self.opened_at
        for row in self.rows:
            is_later = row.moment >= moment
            moment = max(moment, row.moment)
            again = row.reopenings > reopenings
            reopenings = max(reopenings, row.reopenings)
            kinds = _get_moves(state, row.target, again, is_later)
            changes = _get_changes(previous, row)
            if kinds:
                state = row.target
            elif changes:
                kinds = ["note"]
            actions += [
                Action(kind, moment, row.state, row.group, changes) for kind in kinds
            ]
            previous = row
        return actions


_MOVES = {
    ("new", "in_progress"): ["start"],
    ("new", "done"): ["done"],
    ("new", "closed"): ["done", "close"],
    ("in_progress", "done"): ["done"],
    ("in_progress", "closed"): ["done", "close"],
    ("done", "closed"): ["close"],
}
_MOVES_AGAIN = {
    "new": ["reopen"],
    "in_progress": ["reopen", "start"],
    "done": ["reopen", "done"],
    "closed": ["reopen", "done", "close"],
}


def _get_moves(state: str, target: str, again: bool, is_later: bool) -> list[str]:
    """How to come from one state to another; empty when nothing moves.

    :param again: the count of reopenings has grown since the last row
    :param is_later: the row is not older than the one before it
    """
    goes_back = target in ("new", "in_progress") or (state, target) == (
        "closed",
        "done",
    )
    if state in ("done", "closed") and (again or (goes_back and is_later)):
        return _MOVES_AGAIN[target]
    return _MOVES.get((state, target), [])


def _get_changes(previous: Row | None, row: Row) -> tuple[tuple[str, str, str], ...]:
    if previous is None:
        return ()
    return tuple(
        (name, getattr(previous, name), getattr(row, name))
        for __, name in NOTED
        if getattr(previous, name) != getattr(row, name)
    )


def is_itsm_log(columns: Iterable[str]) -> bool:
    """Whether the header is that of an incident log."""
    return set(columns) >= REQUIRED_COLUMNS


def read_incidents(
    log: LogFile, today: date
) -> tuple[list[Incident], list[Refusal], int]:
    """Incidents in the order in which they first appear, refused rows, rows in all.

    :param today: nothing happened later; a log of another time zone is a day ahead
    """
    incidents: dict[str, Incident] = {}
    refusals: list[Refusal] = []
    seen: dict[str, int] = {}
    count = 0
    for record in log.records(_is_whole):
        count += 1
        answer = record if isinstance(record, Refusal) else _parse_row(record, today)
        if isinstance(answer, Row):
            first = seen.setdefault(record.raw, record.line)
            if first != record.line:
                reason = Reason("row_twice", "", str(first))
                answer = Refusal(record.line, (reason,), record.raw)
        if isinstance(answer, Refusal):
            refusals.append(answer)
            continue
        number = record.values["number"]
        if number not in incidents:
            incidents[number] = _make_incident(record, answer)
        incidents[number].rows.append(answer)
    for incident in incidents.values():
        incident.rows.sort(key=lambda row: (row.modifications, row.moment, row.line))
    return list(incidents.values()), refusals, count


def _is_whole(values: dict[str, str]) -> bool:
    return bool(values["number"].strip() and values["incident_state"].strip())


def _make_incident(record: Record, row: Row) -> Incident:
    values = record.values
    opened_at = _parse_moment(values["opened_at"]) or row.moment
    return Incident(
        number=values["number"],
        line=record.line,
        caller=_known(values["caller_id"]),
        opened_at=opened_at,
        texts={
            name: _known(text)
            for name, text in values.items()
            if _known(text) and len(text) < 1000
        },
    )


def _parse_row(record: Record, today: date) -> Row | Refusal:
    values = record.values
    reasons: list[Reason] = []
    number = values["number"]
    if not number:
        reasons.append(Reason("missing", "number"))
    elif len(number) > MAX_NUMBER_LENGTH or not number.isprintable():
        reasons.append(Reason("not_an_id", "number", number[:MAX_NUMBER_LENGTH]))
    state = " ".join(values["incident_state"].casefold().split())
    target = "in_progress" if state.startswith("awaiting ") else TARGETS.get(state)
    if not state:
        reasons.append(Reason("missing", "incident_state"))
    elif not target:
        reasons.append(Reason("status", "incident_state", values["incident_state"]))
    moments = {}
    for column in ("opened_at", "sys_updated_at"):
        text = _known(values[column])
        moments[column] = _parse_moment(text)
        if text and not moments[column]:
            reasons.append(Reason("date", column, text))
        elif text and not FIRST_DAY <= moments[column].date() <= today + ONE_DAY:
            reasons.append(Reason("date_range", column, text))
    moment = moments["sys_updated_at"] or moments["opened_at"]
    if not moment and not reasons:
        reasons.append(Reason("missing", "sys_updated_at"))
    counts = {}
    for column in ("sys_mod_count", "reopen_count"):
        text = _known(values.get(column, ""))
        counts[column] = int(text) if re.fullmatch(r"[0-9]{1,9}", text) else 0
        if text and not re.fullmatch(r"[0-9]{1,9}", text):
            reasons.append(Reason("number", column, text))
    if reasons:
        return Refusal(record.line, tuple(reasons), record.raw)
    return Row(
        line=record.line,
        moment=moment,
        target=target,
        state=values["incident_state"],
        modifications=counts["sys_mod_count"],
        reopenings=counts["reopen_count"],
        group=_known(values.get("assignment_group", "")),
        assignee=_known(values.get("assigned_to", "")),
        priority=_known(values.get("priority", "")),
        made_sla={"true": True, "false": False}.get(values.get("made_sla", "")),
    )


def _known(text: str) -> str:
    return "" if text == UNKNOWN else text


def _parse_moment(text: str) -> datetime | None:
    """``29/2/2016 01:16`` (day first, as such logs are written) or ISO."""
    match = re.fullmatch(
        r"(\d{1,2})/(\d{1,2})/(\d{4})(?: (\d{1,2}):(\d{2})(?::(\d{2}))?)?", text
    )
    try:
        if match:
            day, month, year, hour, minute, second = (
                int(part or 0) for part in match.groups()
            )
            return datetime(year, month, day, hour, minute, second)
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}(:\d{2})?", text):
            return datetime.fromisoformat(text)
    except ValueError:
        return None
    return None
