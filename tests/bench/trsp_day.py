"""A day of technicians during which requests come in, planned anew at each of them.

The engine plans what lies ahead; this file plays the day: a technician leaves home as
late as the shortest day allows, which keeps him free for what comes in, then begins
each visit as early as he can and sets out for it in time. From the first request on
that finds no place at once the day is a tight one: he leaves home a little (``EARLY``)
before he must and goes on at once, and waits where he gets to. Whoever is on the way,
or waits for a visit to begin, is sent elsewhere from where he is only where a request
would be refused otherwise. A request that finds no place when it comes in is tried
again for some minutes (``AGAIN``) and then refused for good; one that was accepted is
served.

After each planning, and now and then between two of them, those who have time and are
worth it (``engine.readiness``) go to the depot and stand by for what is not known yet.
Of that the day knows what the papers say, that half of the requests are known in the
morning, and the requests that came so far. Plans that cost nearly the same differ in
the room that they leave for it, which counts when one is chosen.

Working time is from the first departure to the last return, so time at home between
two trips counts. Times are the instance's, and a minute is one unit of way.
"""

import math
import time
from dataclasses import dataclass, field, replace
from heapq import heapify, heappop, heappush
from random import Random

from odoo.addons.service_management.engine.readiness import (
    Ahead,
    Errand,
    choose_standby,
    draw_requests,
    find_answers,
    get_risks,
)
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
# Of an event's time: at first; then for going on, so many times, to the plan that
# leaves most room, or, where somebody would be refused, for one with all ways open.
FIRST_TRY, REST, TIMES = 0.3, 0.6, 3
# How often a request that found no place is tried again, and minutes between.
AGAIN, PAUSE = 12, 0.25
# Minutes between leaving home and having to, on a tight day.
EARLY = 20.0
# Requests drawn to choose who stands by; minutes of work that it is worth not to refuse
# one; minutes that a visit must save for somebody who stands by to be sent.
DRAWN, WORTH, KEPT = 100, 250.0, 60.0
# How often in a day who stands by is thought over without a request.
LOOKS = 16
# Moments this near are the same.
SAME = 1e-9


@dataclass
class Technician:
    """Where a technician is, since when he is free, and what he has done."""

    resource: Resource
    place: int | tuple[float, float]  # a number of the matrix, or between places
    left: float | None = None  # first departure
    free: float = 0.0
    leg: tuple | None = None  # (place, end) of the stop that he is on the way to
    is_home: bool = True
    has_fetched: bool = False
    used: dict = field(default_factory=dict)
    done: list = field(default_factory=list)
    ahead: list = field(default_factory=list)  # (kind, job key)
    stands: float = 0.0  # until when he stands by at the depot


@dataclass
class Day:
    """What came of a day."""

    worked: float
    refused: list
    seconds: list  # CPU seconds of each planning
    plan: Plan  # as it was driven


def play_day(
    problem,
    points,
    arrivals,
    *,
    seed=1,
    first_seconds=5.0,
    event_seconds=0.4,
    foresees=False,
):
    """Play a day.

    :param points: (x, y) of each place
    :param arrivals: when each job becomes known, negative before the day
    :param foresees: whether one who waits, or has not left home, may have set out for a
        request before it is known, once he is asked: the published plans do
        (``trsp.find_foreseen``). Nobody stands by then.
    """
    player = _Player(problem, points, arrivals, seed, event_seconds, foresees)
    return player.play(first_seconds)


def follow_orders(problem, points, arrivals, orders, early=EARLY):
    """Play a day that was planned by others, each setting out for what is known only.

    Everyone makes his stops in the given order. A new request is put where it belongs,
    whoever is on the way to what follows is sent there at once, and it is refused where
    he or somebody after it would be late.

    :param orders: see ``trsp.read_published_orders``
    :param early: how long before he must each leaves home, minutes
    """
    return _Follower(problem, points, arrivals, orders, early).play(0.0)


class _Player:
    early = EARLY

    def __init__(
        self, problem, points, arrivals, seed=0, event_seconds=0.0, foresees=False
    ):
        self.problem, self.points = problem, points
        self.jobs = {job.key: job for job in problem.jobs}
        self.arrivals = arrivals
        self.seed, self.event_seconds = seed, event_seconds
        self.foresees = foresees
        self.people = [
            Technician(resource, resource.start_place) for resource in problem.resources
        ]
        self.open = {key for key, moment in arrivals.items() if moment < 0}
        self.promised = set()
        self.known = set(self.open)
        self.refused, self.seconds, self.events = [], [], []
        self.waiting = {}  # how often each that found no place was tried
        self.is_tight = False
        self.tries = 0
        self.now = 0.0  # the last planning
        self.random = Random(seed)
        # Half of a day's requests are known in the morning
        self.total = 2 * len(self.open)

    def play(self, first_seconds):
        self._plan(0.0, first_seconds)
        end = max(person.resource.shift[1] for person in self.people)
        moments = {moment for moment in self.arrivals.values() if moment >= 0}
        looks = {end * n / LOOKS for n in range(1, LOOKS)} - moments
        self.events = [*moments, *looks]
        heapify(self.events)
        while self.events:
            now = heappop(self.events)
            while self.events and self.events[0] == now:
                heappop(self.events)
            self.drive(now)
            new = {key for key, at in self.arrivals.items() if at == now}
            if new or self.waiting:
                self.open |= new
                self.known |= new
                self._plan(now, self.event_seconds)
            else:
                self.now = now
                self._stand_by(now, self._draw(now))
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
        requests = self._draw(now)
        if self.waiting:
            plan, kept = self._solve(now, seconds, keeps_legs=False)
        else:
            plan, kept = self._find(now, seconds, requests)
        left = {key for key in plan.left_out if key >= 0}
        if not left & self.promised:
            self.people = self._follow(plan, kept)
        else:
            # What was promised holds: the plan stays as it is
            left = self.open - self.promised
        self.promised |= self.open - left
        self._let_wait(left, now)
        self._stand_by(now, requests)
        self.seconds.append(time.process_time() - begun)

    def _find(self, now, seconds, requests):
        """A plan, and the keys of those who go on to where they are on the way to."""
        plan, kept = self._solve(now, seconds * FIRST_TRY, keeps_legs=True)
        missing = self._count_left(plan)
        if missing:
            self.is_tight = True
            again, freed = self._solve(now, seconds * REST, keeps_legs=False)
            if self._count_left(again) < missing:
                return again, freed
            return plan, kept
        plans = [plan]
        for __ in range(TIMES):
            again, __ = self._solve(now, seconds * REST / TIMES, True, plans[-1])
            if not self._count_left(again):
                plans.append(again)
        return min(plans, key=lambda one: self._weigh(one, kept, requests)), kept

    def _weigh(self, plan, kept, requests):
        """What a plan costs, with what it costs to refuse what may come."""
        if not requests:
            return plan.cost
        people = [self._tell_ahead(person) for person in self._follow(plan, kept)]
        answers = find_answers(people, requests, self.problem.minutes)
        risks = get_risks(requests, answers)
        return plan.cost + self._get_worth(requests) * sum(risks)

    def _get_worth(self, requests):
        """Minutes of work that it is worth not to refuse one of the drawn requests."""
        return WORTH * (self.total - len(self.known)) / len(requests)

    def _draw(self, now):
        """Requests that may come still."""
        if self.foresees or self.total <= len(self.known):
            return []
        known = [self.jobs[key] for key in sorted(self.known)]
        depot = self.people[0].resource.depot_place
        return draw_requests(
            known, now, self.problem.minutes[depot], DRAWN, self.random
        )

    def _let_wait(self, left, now):
        """Try again for what found no place, in a moment and for so long."""
        tried, self.waiting = self.waiting, {}
        for key in sorted(left):
            count = tried.get(key, 0)
            if count < AGAIN and now + PAUSE <= self.jobs[key].windows[0][1]:
                self.waiting[key] = count + 1
            else:
                self.refused.append(key)
                self.open.discard(key)
        if self.waiting:
            heappush(self.events, now + PAUSE)

    def _follow(self, plan, kept):
        """The technicians with a plan ahead of them; those who are ``kept`` go on to
        where they are on the way to."""
        people = []
        for person in self.people:
            key = person.resource.key
            stops = [
                (stop.kind, stop.job)
                for stop in plan.routes.get(key, ())
                if stop.job is None or stop.job >= 0
            ]
            if key in kept:
                people.append(replace(person, ahead=person.ahead[:1] + stops))
            else:
                people.append(replace(person, ahead=stops, leg=None))
        return people

    def _solve(self, now, seconds, keeps_legs, start=None):
        """A plan, and the keys of those who go on to where they are on the way to."""
        begun = time.process_time()
        self.tries += 1
        people, kept = self.people, set()
        if keeps_legs:
            people = [self._arrive(person) for person in people]
            kept = {person.resource.key for person in self.people if person.leg}
        ahead = self._look_ahead(people, now)
        plan = solve(
            ahead,
            seed=self.seed + self.tries,
            cpu_seconds=seconds - (time.process_time() - begun),
            start=start or self._get_rest(people),
        )
        return plan, kept

    def _arrive(self, person):
        """The technician as he will be after the stop that he is on the way to."""
        if not person.leg:
            return person
        place, end = person.leg
        kind, key = person.ahead[0]
        used = dict(person.used)
        if kind == "job" and not person.has_fetched:
            self._use_parts(used, key)
        return replace(
            person,
            place=place,
            free=end,
            used=used,
            has_fetched=person.has_fetched or kind == "depot",
            ahead=person.ahead[1:],
        )

    @staticmethod
    def _count_left(plan):
        return sum(key >= 0 for key in plan.left_out)

    def _look_ahead(self, people, now):
        """What is to be planned now: whoever is between places is at one of his own."""
        underway = {
            before.ahead[0][1]
            for before, person in zip(self.people, people, strict=True)
            if before is not person
        }
        minutes = [list(row) for row in self.problem.minutes]
        resources, markers = [], []
        for person in people:
            place = person.place
            if isinstance(place, tuple):
                ways = [math.dist(place, point) for point in self.points]
                for row, way in zip(minutes, ways, strict=False):
                    row.append(way)
                place = len(minutes)
                minutes.append([*ways, *[0.0] * (place - len(ways) + 1)])
                for row in minutes[len(ways) : -1]:
                    row.append(0.0)
            resource, marker = self._look_at(person, place)
            resources.append(resource)
            if marker:
                markers.append(marker)
        # Whoever is back already has been idle since: sending him out again counts it.
        idle = {
            person.resource.key: max(0.0, now - person.free)
            for person in people
            if person.left is not None and person.is_home
        }
        for person in people:
            if person.stands > now:
                key = person.resource.key
                idle[key] = idle.get(key, 0.0) + KEPT
        jobs = [
            replace(
                self.jobs[key],
                penalty=PROMISED if key in self.promised else NEW,
                preferred=idle,
            )
            for key in sorted(self.open - underway)
        ]
        return Problem(resources, [*jobs, *markers], minutes, self.problem.weights)

    def _look_at(self, person, place):
        """The technician as one who starts here and now, and, once he is out, a fixed
        visit of no length that makes his time count from now on."""
        resource = person.resource
        free = self._get_free(person)
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
            start_place=place,
            parts=parts,
            tools=tools,
            depot_place=depot,
        )
        if person.left is None or person.is_home:
            return seen, None
        marker = Job(
            -resource.key,
            place,
            0.0,
            ((free, free),),
            locked=((resource.key,), free),
        )
        return seen, marker

    def _get_rest(self, people):
        """What is left of the plan before, as a plan to begin with."""
        routes = {}
        for person in people:
            stops = self._time_stops(person)
            if stops:
                routes[person.resource.key] = tuple(
                    Stop(job, start, start, end, kind=kind)
                    for kind, job, __, start, end in stops
                )
        return Plan(routes=routes, left_out={}, cost=0.0, terms={})

    # Standing by

    def _stand_by(self, now, requests):
        """Choose who stands by at the depot for requests that may come."""
        for person in self.people:
            person.stands = 0.0
        if not requests:
            return
        people = [self._tell_ahead(person) for person in self.people]
        minutes = self.problem.minutes
        answers = find_answers(people, requests, minutes)
        worth = self._get_worth(requests)
        chosen = choose_standby(people, requests, answers, minutes, now, worth)
        for person in self.people:
            person.stands = chosen.get(person.resource.key, 0.0)

    def _tell_ahead(self, person):
        """What lies ahead of a technician while he does not stand by."""
        resource = person.resource
        place, free, stops = person.place, self._get_free(person), []
        timed = self._time_stops(person)
        used = dict(person.used)
        latest, following = resource.shift[1], resource.end_place
        for kind, key, leave, start, end in reversed(timed):
            target, __, high, length = self._get_target(resource, kind, key)
            back = self.problem.minutes[target][following]
            latest = min(high, latest - back - length)
            stops.append(Errand(target, leave, start, end, latest, kind == "depot"))
            following = target
            if kind == "job" and not person.has_fetched:
                self._use_parts(used, key)
        stops.reverse()
        if isinstance(place, tuple):
            ways = [math.dist(place, point) for point in self.points]
        else:
            ways = self.problem.minutes[place]
        is_out = person.left is not None and not person.is_home
        return Ahead(
            resource,
            free,
            ways,
            {part: n - used.get(part, 0.0) for part, n in resource.parts.items()},
            tuple(stops),
            person.has_fetched,
            is_out,
            person.free if person.left is not None else free,
            is_waiting=person.leg is None,
        )

    def _stand(self, person, until):
        """Go to the depot and wait there; whether that is all until then."""
        resource = person.resource
        depot = resource.depot_place
        leave = max(person.free, self.now)
        way = self._get_way(person.place, depot)
        arrival = leave + way
        limit = person.stands
        if person.ahead:
            __, __, __, start, __ = self._time_stops(person)[0]
            target, *__ = self._get_target(resource, *person.ahead[0])
            limit = min(limit, start - self.problem.minutes[depot][target])
        if arrival > limit or leave >= until:
            return False
        if person.left is None:
            person.left = leave
        if arrival > until:
            self._go_towards(person, depot, leave, until)
            return True
        if not person.has_fetched:
            person.has_fetched = True
            person.done.append(Stop(None, arrival, arrival, arrival, kind="depot"))
            person.ahead = [stop for stop in person.ahead if stop[0] != "depot"]
        person.place, person.is_home = depot, False
        person.free = min(limit, until)
        return limit >= until

    # Driving

    def _get_free(self, person):
        """From when on he can set out."""
        now = 0.0 if self.foresees else self.now
        return max(now, person.free, person.resource.shift[0])

    def _get_way(self, place, target):
        if isinstance(place, tuple):
            return math.dist(place, self.points[target])
        return self.problem.minutes[place][target]

    def _time_stops(self, person):
        """(kind, job, leaving for it, start, end) of what lies ahead.

        As early as possible for whoever is out. From home as late as it may be for the
        same end of the day, and what follows with it; on a tight day see ``_begin``.
        """
        resource = person.resource
        clock = self._get_free(person)
        here, stops = person.place, []
        for kind, key in person.ahead:
            target, low, high, length = self._get_target(resource, kind, key)
            way = self._get_way(here, target)
            start = max(clock + way, low)
            clock = start + length
            stops.append((kind, key, way, start, high, length))
            here = target
        latest = clock
        timed = []
        for kind, key, way, start, high, length in reversed(stops):
            if person.left is None:
                start = max(start, min(high, latest - length))
            latest = start - way
            timed.append((kind, key, latest, start, start + length))
        timed.reverse()
        if timed and self.is_tight:
            timed[0] = self._begin(person, timed[0])
        return timed

    def _begin(self, person, stop):
        """The next stop as it is driven to on a tight day."""
        kind, key, leave, start, end = stop
        way, length = start - leave, end - start
        free = self._get_free(person)
        if person.left is None:
            __, low, __, __ = self._get_target(person.resource, kind, key)
            free = max(free, leave - self.early)
            start = max(free + way, low)
        return kind, key, free, start, start + length

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
            if person.stands and person.leg is None and self._stand(person, until):
                return
            kind, key, leave, start, end = self._time_stops(person)[0]
            if leave >= until - SAME:
                return
            if person.left is None:
                person.left = leave
            target, *__ = self._get_target(person.resource, kind, key)
            if start >= until - SAME:
                self._go_towards(person, target, leave, until)
                person.leg = target, end
                return
            arrival = leave + self._get_way(person.place, target)
            person.done.append(Stop(key, arrival, start, end, kind=kind))
            person.place, person.free, person.is_home = target, end, False
            person.leg = None
            person.ahead.pop(0)
            if kind == "depot":
                person.has_fetched = True
                continue
            self.open.discard(key)
            if not person.has_fetched:
                self._use_parts(person.used, key)
        if person.stands and self._stand(person, until):
            return
        if person.left is not None and not person.is_home and person.free < until:
            home = person.resource.end_place
            leave = max(person.free, self.now)
            back = leave + self._get_way(person.place, home)
            if back > until:
                self._go_towards(person, home, leave, until)
            else:
                person.place, person.free, person.is_home = home, back, True

    def _go_towards(self, person, target, leave, until):
        """On the way at ``until``, or waiting there; he may be sent elsewhere."""
        way = self._get_way(person.place, target)
        person.free, person.is_home = until, False
        if leave + way <= until:
            person.place = target
            return
        share = (until - leave) / way
        here = person.place
        x, y = here if isinstance(here, tuple) else self.points[here]
        to_x, to_y = self.points[target]
        person.place = (x + share * (to_x - x), y + share * (to_y - y))

    def _use_parts(self, used, key):
        for part, quantity in self.jobs[key].parts.items():
            used[part] = used.get(part, 0.0) + quantity

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


class _Follower(_Player):
    """Drives orders that are given."""

    def __init__(self, problem, points, arrivals, orders, early):
        super().__init__(problem, points, arrivals)
        self.orders, self.early, self.is_tight = orders, early, True

    def _plan(self, now, seconds):
        self.now = now
        for person in self.people:
            for key in self.orders.get(person.resource.key, ()):
                if key in self.open and key not in self.promised:
                    self._promise(person, key)
        left = self.open - self.promised
        self.refused += sorted(left)
        self.open -= left

    def _promise(self, person, key):
        before = person.ahead, person.leg
        self.promised.add(key)
        person.ahead = self._list_ahead(person)
        if person.ahead[:1] != before[0][:1]:
            person.leg = None
        if not self._is_in_time(person):
            person.ahead, person.leg = before
            self.promised.discard(key)

    def _list_ahead(self, person):
        stops = []
        for key in self.orders[person.resource.key]:
            if key in self.jobs:
                if key in self.open and key in self.promised:
                    stops.append(("job", key))
            elif not person.has_fetched:
                stops.append(("depot", None))
        return stops

    def _is_in_time(self, person):
        resource, place, clock = person.resource, person.place, 0.0
        for kind, key, __, start, end in self._time_stops(person):
            place, __, high, __ = self._get_target(resource, kind, key)
            clock = end
            if start > high + SAME:
                return False
        return clock + self._get_way(place, resource.end_place) <= (
            resource.shift[1] + SAME
        )

    def _draw(self, now):
        return []


def time_plan(problem, orders):
    """A plan from the order of stops alone, each day as short as it can be.

    :param orders: keys of jobs by technician's key (as text), 0 the depot
    """
    player = _Player(problem, None, {})
    for person in player.people:
        keys = orders.get(str(person.resource.key), [])
        person.ahead = [("job", key) if key else ("depot", None) for key in keys]
    player.drive(NEVER)
    planned = {key for keys in orders.values() for key in keys}
    plan = player.get_plan()
    left = {job.key: "price" for job in problem.jobs if job.key not in planned}
    return replace(plan, left_out=left)
