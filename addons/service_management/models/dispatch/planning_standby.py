"""Who is on call outside working hours, as technicians of the engine's own.

A resource of the engine has one shift. A standby before or after it is another resource
(its key is negative) that only urgent orders may use, and only where it is worth it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from .service_technician import take_out

# Minutes of driving that calling somebody out is worth to avoid
CALL_OUT_COST = 60.0
# What begins on standby may end after it
OVERTIME_MINUTES = 180.0


@dataclass(frozen=True, slots=True)
class Watch:
    """A time on call: of whom (id), from, until (naive UTC)."""

    key: int
    technician: int
    start: datetime
    end: datetime


class Watches:
    """The standbys of a day beside the shifts, leaves taken out; two queries.

    :param facts: ``PlanningFacts`` with technicians and shifts
    """

    def __init__(self, facts):
        self.by_key = {}
        self.by_technician = {}
        rows = facts.env["service.standby"].search_fetch(
            [
                ("technician_id", "in", facts.technicians.ids),
                ("start", "<", facts.end),
                ("end", ">", facts.begin),
            ],
            ["technician_id", "start", "end"],
            order="start, id",
        )
        people = rows.technician_id
        away = people._get_leaves(people.resource_id, facts.begin, facts.end)
        for row in rows:
            technician = row.technician_id
            shift = facts.shifts.get(technician.id) or ()
            taken = [(shift[0][0], shift[-1][1])] if shift else []
            spans = take_out(
                [(max(row.start, facts.begin), min(row.end, facts.end))],
                taken + away[technician.resource_id.id],
            )
            for start, end in spans:
                watch = Watch(-len(self.by_key) - 1, technician.id, start, end)
                self.by_key[watch.key] = watch
                self.by_technician.setdefault(technician.id, []).append(watch)

    def get_key(self, technician_id: int, moment: datetime) -> int:
        """Who a visit of the technician at a moment is made by, for the engine."""
        for watch in self.by_technician.get(technician_id, ()):
            if watch.start <= moment < watch.end:
                return watch.key
        return technician_id

    def get_technician_id(self, key: int) -> int:
        watch = self.by_key.get(key)
        return watch.technician if watch else key

    def get_keys(self, technicians) -> set:
        """The keys of all standbys of some technicians."""
        return {
            watch.key
            for technician in technicians
            for watch in self.by_technician.get(technician.id, ())
        }

    def get_shift(self, watch: Watch, now: datetime | None, notice: timedelta):
        """What is left of a standby: nobody is called out into the past."""
        start = max(watch.start, now + notice) if now else watch.start
        return (start, watch.end) if start < watch.end else None
