"""A day of technicians during which requests come in, planned anew at each of them.

The engine plans what lies ahead; this file plays the day: a technician leaves as late
as the plan allows, a leg once begun is not taken back, a request that finds no place
when it comes in is refused for good, one that was accepted is served.

Working time is from the first departure to the last return, so time at home between
two trips counts. Times are the instance's.
"""

import time
from dataclasses import dataclass, field, replace

from odoo.addons.service_management.engine.routing import (
    Job,
    Plan,
    Problem,
    Resource,
    Stop,
    solve,
)

# What refusing costs: a new request, and one that was promised.
NEW, PROMISED = 20000.0, 1000000.0
NEVER = 1e9
FAR_AHEAD = 1e-6


@dataclass
class Technician:
    """Where a technician is, since when he is free, and what he has done."""

    resource: Resource
    place: int
    left: float | None = None  # first departure
    free: float = 0.0
    is_home: bool = True
    has_fetched: bool = False
    used: dict = field(default_factory=dict)
    done: list = field(default_factory=list)
    ahead: list = field(default_factory=list)  # (kind, job key)


@dataclass
class Day:
    """What came of a day."""

    worked: float
    refused: list
    seconds: list  # CPU seconds of each planning
    plan: Plan  # as it was driven


def play_day(problem, arrivals, *, seed=1, first_seconds=5.0, event_seconds=0.4):
    """Play a day; ``arrivals``: when each job becomes known, negative before it."""
    return _Player(problem, arrivals, seed, event_seconds).play(first_seconds)


class _Player:
    def __init__(self, problem, arrivals, seed, event_seconds):
        self.problem = problem
        self.jobs = {job.key: job for job in problem.jobs}
        self.arrivals = arrivals
        self.seed, self.event_seconds = seed, event_seconds
        self.people = [
            Technician(resource, resource.start_place) for resource in problem.resources
        ]
        self.open = {key for key, moment in arrivals.items() if moment < 0}
        self.promised = set()
        self.refused, self.seconds = [], []
        self.now = 0.0  # the last planning

    def play(self, first_seconds):
        self._plan(0.0, first_seconds)
        for now in sorted({moment for moment in self.arrivals.values() if moment >= 0}):
            self.drive(now)
            self.open |= {key for key, at in self.arrivals.items() if at == now}
            self._plan(now, self.event_seconds)
        self.drive(NEVER)
        return Day(
            sum(person.free - person.left for person in self._get_out()),
            self.refused,
            self.seconds,
            self.get_plan(),
        )

    def _get_out(self):
        return [person for person in self.people if person.left is not None]

    # Planning

    def _plan(self, now, seconds):
        begun = time.process_time()
        self.now = now
        resources, markers = [], []
        for person in self.people:
            resource, marker = self._look_at(person, now)
            resources.append(resource)
            if marker:
                markers.append(marker)
        # Whoever is back already has been idle since: sending him out again counts it.
        idle = {
            person.resource.key: now - person.free
            for person in self._get_out()
            if person.is_home
        }
        jobs = [
            replace(
                self.jobs[key],
                penalty=PROMISED if key in self.promised else NEW,
                preferred=idle,
            )
            for key in sorted(self.open)
        ]
        ahead = Problem(
            resources, [*jobs, *markers], self.problem.minutes, self.problem.weights
        )
        spent = time.process_time() - begun
        plan = solve(
            ahead,
            seed=self.seed + len(self.seconds),
            cpu_seconds=seconds - spent,
            start=self._get_rest(),
        )
        for person in self.people:
            person.ahead = [
                (stop.kind, stop.job)
                for stop in plan.routes.get(person.resource.key, ())
                if stop.job is None or stop.job >= 0
            ]
        for key in plan.left_out:
            if key in self.promised:
                raise ValueError(f"promised and left out: {key}")
            if key >= 0:
                self.refused.append(key)
                self.open.discard(key)
        self.promised |= self.open
        self.seconds.append(time.process_time() - begun)

    def _look_at(self, person, now):
        """The technician as one who starts here and now, and, once he is out, a fixed
        visit of no length that makes his time count from now on."""
        resource = person.resource
        free = max(now, person.free, resource.shift[0])
        parts = {
            part: quantity - person.used.get(part, 0.0)
            for part, quantity in resource.parts.items()
        }
        tools, depot = resource.tools, resource.depot_place
        if person.has_fetched:
            tools = frozenset().union(*(job.tools for job in self.jobs.values()))
            parts = {part: NEVER for job in self.jobs.values() for part in job.parts}
            depot = None
        seen = replace(
            resource,
            shift=(min(free, resource.shift[1]), resource.shift[1]),
            start_place=person.place,
            parts=parts,
            tools=tools,
            depot_place=depot,
        )
        if person.left is None or person.is_home:
            return seen, None
        marker = Job(
            -resource.key,
            person.place,
            0.0,
            ((free, free),),
            locked=((resource.key,), free),
        )
        return seen, marker

    def _get_rest(self):
        """What is left of the plan before, as a plan to begin with."""
        routes = {}
        for person in self.people:
            stops = self._time_stops(person)
            if stops:
                routes[person.resource.key] = tuple(
                    Stop(job, start, start, end, kind=kind)
                    for kind, job, __, start, end in stops
                )
        return Plan(routes=routes, left_out={}, cost=0.0, terms={})

    # Driving

    def _time_stops(self, person):
        """(kind, job, leaving for it, start, end) of what lies ahead.

        As early as possible first; then each leg is begun as late as it may be for the
        same end of the day.
        """
        resource = person.resource
        minutes = self.problem.minutes
        clock = max(self.now, person.free, resource.shift[0])
        here, stops = person.place, []
        for kind, key in person.ahead:
            target, low, high, length = self._get_target(resource, kind, key)
            start = max(clock + minutes[here][target], low)
            clock = start + length
            stops.append([kind, key, target, start, clock, high, length])
            here = target
        latest = clock
        timed = []
        for number in range(len(stops) - 1, -1, -1):
            kind, key, target, start, __, high, length = stops[number]
            start = max(start, min(high, latest - length))
            origin = stops[number - 1][2] if number else person.place
            leave = start - minutes[origin][target]
            timed.append((kind, key, leave, start, start + length))
            latest = leave
        return timed[::-1]

    def _get_target(self, resource, kind, key):
        if kind == "depot":
            return resource.depot_place, *resource.shift, resource.depot_minutes
        job = self.jobs[key]
        return job.place, *job.windows[0], job.minutes

    def drive(self, until):
        for person in self.people:
            self._drive_one(person, until)

    def _drive_one(self, person, until):
        while person.ahead:
            kind, key, leave, *__ = self._time_stops(person)[0]
            if leave >= until - FAR_AHEAD:
                return
            self._go(person, kind, key, leave)
        if person.left is not None and not person.is_home and person.free < until:
            home = person.resource.end_place
            person.free += self.problem.minutes[person.place][home]
            person.place, person.is_home = home, True

    def _go(self, person, kind, key, leave):
        resource = person.resource
        if person.left is None:
            person.left = leave
        target, low, __, length = self._get_target(resource, kind, key)
        arrival = leave + self.problem.minutes[person.place][target]
        start = max(arrival, low)
        person.done.append(Stop(key, arrival, start, start + length, kind=kind))
        person.place, person.free, person.is_home = target, start + length, False
        person.ahead.pop(0)
        if kind == "depot":
            person.has_fetched = True
            return
        job = self.jobs[key]
        self.open.discard(key)
        if not person.has_fetched:
            for part, quantity in job.parts.items():
                person.used[part] = person.used.get(part, 0.0) + quantity

    def get_plan(self):
        out = self._get_out()
        return Plan(
            routes={person.resource.key: tuple(person.done) for person in out},
            left_out=dict.fromkeys(self.refused, "price"),
            cost=0.0,
            terms={},
            start={person.resource.key: person.left for person in out},
            finish={person.resource.key: person.free for person in out},
        )


def time_plan(problem, orders):
    """A plan from the order of stops alone, each day as short as it can be.

    :param orders: keys of jobs by technician's key (as text), 0 the depot
    """
    player = _Player(problem, {}, 0, 0.0)
    for person in player.people:
        keys = orders.get(str(person.resource.key), [])
        person.ahead = [("job", key) if key else ("depot", None) for key in keys]
    player.drive(NEVER)
    planned = {key for keys in orders.values() for key in keys}
    plan = player.get_plan()
    left = {job.key: "price" for job in problem.jobs if job.key not in planned}
    return replace(plan, left_out=left)
