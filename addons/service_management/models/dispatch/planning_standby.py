"""Who is ready for what is not known yet: on call, or waiting at a place.

A resource of the engine has one shift. A standby before or after it is another resource
(its key is negative) that only urgent orders may use, and only where it is worth it.

Whoever waits at a place within the shift starts from there; what can be made by others
is left to them.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from odoo import models

from odoo.addons.service_management.engine import routing

from .service_technician import take_out

# What begins now begins so many minutes from now: somebody has to be told first
NOTICE = timedelta(minutes=10)
# Minutes of driving that calling somebody out is worth to avoid
CALL_OUT_COST = 60.0
# What begins on standby may end after it
OVERTIME_MINUTES = 180.0
# Minutes of work that a visit must save before somebody who waits is sent to it
KEPT_COST = 60.0


@dataclass(frozen=True, slots=True)
class Watch:
    """A time on call: of whom (id), from, until (naive UTC)."""

    key: int
    technician: int
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Wait:
    """A time of waiting at a service point, within the shift (naive UTC)."""

    point: models.Model
    start: datetime
    end: datetime


class Watches:
    """The standbys of a day, leaves taken out; two queries.

    ``waits``: who waits at a place, by technician id; the others are on call beside
    their shifts.

    :param facts: ``PlanningFacts`` with technicians and shifts
    """

    def __init__(self, facts):
        self.by_key = {}
        self.by_technician = {}
        self.waits = {}
        rows = facts.env["service.standby"].search_fetch(
            [
                ("technician_id", "in", facts.technicians.ids),
                ("start", "<", facts.end),
                ("end", ">", facts.begin),
            ],
            ["technician_id", "start", "end", "place_id"],
            order="start, id",
        )
        people = rows.technician_id
        away = people._get_leaves(people.resource_id, facts.begin, facts.end)
        for row in rows:
            technician = row.technician_id
            span = (max(row.start, facts.begin), min(row.end, facts.end))
            gone = away[technician.resource_id.id]
            if row.place_id:
                for part in take_out([span], gone):
                    wait = Wait(row.place_id, *part)
                    self.waits.setdefault(technician.id, []).append(wait)
                continue
            shift = facts.shifts.get(technician.id) or ()
            taken = [(shift[0][0], shift[-1][1])] if shift else []
            for start, end in take_out([span], taken + gone):
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

    def get_wait(self, technician_id: int, moment: datetime) -> Wait | None:
        """Where the technician waits at a moment."""
        for wait in self.waits.get(technician_id, ()):
            if wait.start <= moment < wait.end:
                return wait
        return None

    def get_waiting(self, since: datetime | None) -> set:
        """Ids of the technicians who wait somewhere at ``since`` or later."""
        return {
            key
            for key, waits in self.waits.items()
            if since is None or waits[-1].end > since
        }


def make_wait_jobs(facts, resources, minutes) -> list[routing.Job]:
    """Where those are who wait now and were at work before: a fixed stop of no length
    that tells the engine, as long as the day as it is planned has room for it.

    Their keys are negative: no task of the day. Who was nowhere before simply starts
    from there, see ``PlanningFacts``.
    """
    if not facts.now:
        return []
    moment = facts.now + NOTICE
    now = facts.to_minutes(moment)
    jobs = []
    for resource in resources:
        wait = facts.watches.get_wait(resource.key, moment)
        place = wait and facts.get_wait_place(wait)
        if not place:
            continue
        since, until, was_at_work = facts.to_minutes(wait.start), now, False
        for task, start in facts.get_stops(resource.key):
            if start <= now:
                was_at_work = True
                there = start + task.minutes + minutes[task.place][place]
                since = max(since, there)
            else:
                until = min(until, start - minutes[place][task.place])
        if was_at_work and since <= until:
            key = -len(jobs) - 1
            fixed = (until, until)
            locked = ((resource.key,), until)
            jobs.append(routing.Job(key, place, 0.0, (fixed,), locked=locked))
    return jobs
