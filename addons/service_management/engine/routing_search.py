"""The search for a plan of visits: what surrounds the kernel's inner loop."""

from __future__ import annotations

import time
from collections import defaultdict
from dataclasses import replace

import numpy as np

from .routing_insert import find_place, insert, take_out
from .routing_kernel import search
from .routing_model import Job, Plan, Problem, Slot
from .routing_route import (
    BREAK,
    NEVER,
    RANDOM_MODULUS,
    copy_route,
    make_routes,
    next_random,
    rebuild,
)
from .routing_start import take_over
from .routing_tables import (
    Copy,
    build_tables,
    find_reason,
    number_parts,
    read_plan,
    read_route,
)
from .routing_ties import Ties

# Temperatures of the annealing, as shares of the cost that planning can influence.
HOT, COLD = 0.02, 0.0003
# Jobs taken out on average, and the longest string of one route.
STRENGTH, STRING, BLINK = 10.0, 10.0, 0.01
# How often the moments of crews and of jobs after others are chosen anew.
ROUNDS = 12
# The kernel is left for a look at the clock about this often (CPU seconds).
LOOK = 0.2


def solve(
    problem: Problem,
    *,
    seed: int = 0,
    cpu_seconds: float = 1.0,
    iterations: int | None = None,
    start: Plan | None = None,
) -> Plan:
    """A plan of little cost.

    :param cpu_seconds: budget of this thread's CPU time
    :param iterations: so many instead: the plan is then the same on every machine
    :param start: a plan to begin with; ``weights.change`` keeps jobs with their people
    """
    begun = time.thread_time()
    hopeless = _find_hopeless(problem)
    jobs = [job for job in problem.jobs if job.key not in hopeless]
    if not jobs or not problem.resources:
        plan = _make_empty(problem)
        left = {job.key: "shift" for job in jobs} | hopeless
        return replace(plan, left_out=left, seed=seed)
    search = _Search(problem, jobs, seed, start)
    search.run(begun, cpu_seconds, iterations)
    plan = search.read_best()
    return replace(
        plan,
        left_out={**search.explain(), **hopeless},
        seed=seed,
        cpu_seconds=time.thread_time() - begun,
        iterations=search.iterations,
    )


def best_slots(
    problem: Problem, plan: Plan, job: Job, count: int = 3, step: float = 60.0
) -> list[Slot]:
    """The cheapest times for one more job while everything else keeps its people.

    Other visits may move within their windows. One technician is proposed several times
    only at starts that are at least ``step`` minutes apart.

    :return: by rising cost; empty where nobody can
    """
    if job.crew > 1 or find_reason(problem, job):
        return []
    sliced = replace(job, windows=tuple(_slice(job.windows, step)), after=())
    others = [
        other
        for other in problem.jobs
        if other.key != job.key and other.key not in plan.left_out
    ]
    whole = replace(problem, jobs=[*others, sliced])
    search = _Search(whole, [*others, sliced], 0, plan, construct=False)
    return search.find_slots(sliced, count, step)


def _slice(windows, step):
    for low, high in windows:
        begin = low
        while begin <= high:
            yield begin, min(high, begin + step - 1e-3)
            begin += step


def _make_empty(problem):
    left = {job.key: "shift" for job in problem.jobs}
    cost = sum(job.penalty for job in problem.jobs)
    return Plan(routes={}, left_out=left, cost=cost, terms={"left": cost})


def _find_hopeless(problem):
    """Jobs nobody can make, by reason; those that wait for one of them included."""
    hopeless = {}
    for job in problem.jobs:
        if job.locked:
            continue
        reason = find_reason(problem, job)
        if reason:
            hopeless[job.key] = reason
    grown = True
    while grown:
        grown = False
        for job in problem.jobs:
            if job.key in hopeless or job.locked:
                continue
            if any(key in hopeless for key in job.after):
                hopeless[job.key] = "after"
                grown = True
    return hopeless


class _Search(Ties):
    """One search: the tables, the routes as they are, and the best ones so far."""

    def __init__(self, problem, jobs, seed, start, construct=True):
        self.problem = problem
        self.numbers = {resource.key: t for t, resource in enumerate(problem.resources)}
        self.jobs = {job.key: job for job in jobs}
        self.copies = list(self._make_copies(jobs))
        self.copies_of = defaultdict(list)
        for number, copy in enumerate(self.copies):
            self.copies_of[copy.job.key].append(number)
        before = _get_people(start) if start else {}
        self.columns = number_parts(self.copies)
        self.tables, starts = build_tables(problem, self.copies, before)
        size = max(len(nodes) for nodes in starts) + len(self.copies) + 2
        parts = self.tables.parts.shape[1]
        self.routes = make_routes(starts, parts, size)
        self.best = make_routes(starts, parts, size)
        for routes in (self.routes, self.best):
            for t in range(len(starts)):
                rebuild(self.tables, routes, t)
        self.route_of = np.full(len(self.copies), -1, np.int64)
        self.best_route_of = self.route_of.copy()
        self.state = np.zeros(2)
        self.random = np.array([seed % (RANDOM_MODULUS - 1) + 1], np.int64)
        for __ in range(5):
            next_random(self.random)
        self.iterations = 0
        self.latest, self.earliest, self.orphans = {}, {}, set()
        self.low, self.high = self.tables.low.copy(), self.tables.high.copy()
        self.able = self.tables.able.copy()
        self.chained = [job for job in jobs if job.after and not job.locked]
        self.crews = [job for job in jobs if job.crew > 1 and not job.locked]
        for job in self.crews:
            for number in self.copies_of[job.key]:
                self.tables.able[:, number] = False
        self._hold_chains()
        self._place_fixed()
        if start:
            take_over(self, start)
        self._place_crews()
        self._measure()
        if construct:
            self._step(1, 1e-9, 1e-9, strength=0.0)
            self._renew()

    def _make_copies(self, jobs):
        for job in jobs:
            if job.locked:
                keys, moment = job.locked
                for key in keys:
                    yield Copy(job, ((moment, moment),), frozenset([key]), True)
            elif job.crew > 1:
                window = ((job.windows[0][0], job.windows[-1][1]),)
                for __ in range(job.crew):
                    yield Copy(job, window)
            else:
                yield Copy(job, tuple(job.windows))

    # Rounds

    def run(self, begun, cpu_seconds, iterations):
        """Anneal until the budget is used up."""
        control = max(self.state[1] - self._count_service(), 1.0)
        ties = bool(self.chained or self.crews)
        renewed = 0
        size = 20 if iterations is None else max(1, iterations // 50)
        while True:
            spent = time.thread_time() - begun
            done = (
                spent / cpu_seconds
                if iterations is None
                else self.iterations / iterations
            )
            if done >= 1.0:
                break
            if ties and done * ROUNDS >= renewed + 1:
                renewed += 1
                self._renew()
            if iterations is None and self.iterations:
                speed = self.iterations / max(spent, 1e-6)
                left = (cpu_seconds - spent) * speed
                size = int(max(1, min(LOOK * speed, left)))
            elif iterations is not None:
                size = min(size, iterations - self.iterations)
            ahead = min(
                1.0,
                done
                + (
                    size / iterations
                    if iterations
                    else size / max(self.iterations, 1) * done
                ),
            )
            hot, cold = (
                control * HOT * (COLD / HOT) ** share for share in (done, ahead)
            )
            self._step(size, hot, cold)
        self._renew(last=True)

    def _step(self, size, hot, cold, strength=STRENGTH):
        settings = np.array([size, hot, cold, strength, STRING, BLINK], float)
        if not strength:
            settings[3], settings[5] = 0.0, 0.0
        search(
            self.tables,
            self.routes,
            self.best,
            self.route_of,
            self.best_route_of,
            self.state,
            self.random,
            settings,
        )
        self.iterations += size

    def _count_service(self):
        """The cost that no plan can change: the service itself, and who is hopeless."""
        work = self.problem.weights.work
        return work * sum(
            copy.job.minutes
            for number, copy in enumerate(self.copies)
            if self.best_route_of[number] >= 0
        ) + sum(
            self.tables.penalty[number]
            for number in range(len(self.copies))
            if self.best_route_of[number] < 0
        )

    def _measure(self):
        """Count the cost of the routes as they are; they become the best ones."""
        cost = float(self.routes.cost.sum())
        cost += float(self.tables.penalty[self.route_of < 0].sum())
        self.state[:] = cost
        for t in range(len(self.routes.length)):
            copy_route(self.routes, self.best, t)
        self.best_route_of[:] = self.route_of

    def _go_back_to_best(self):
        for t in range(len(self.routes.length)):
            copy_route(self.best, self.routes, t)
        self.route_of[:] = self.best_route_of
        self.state[0] = self.state[1]

    def _renew(self, last=False):
        """Choose the moments of crews and chains anew, around the best plan."""
        if not (self.crews or self.chained):
            self._go_back_to_best()
            return
        self._go_back_to_best()
        self._drop_orphans()
        self._hold_chains()
        if not last:
            self._place_crews()
            self._hold_chains()
        self._measure()

    # What is fixed, and what was planned before

    def _place_fixed(self):
        """Locked jobs are facts: where they leave no time for the way, the way and the
        shift give in, and then the breaks."""
        by_route = defaultdict(list)
        for number, copy in enumerate(self.copies):
            if copy.is_fixed:
                (key,) = copy.resources
                if key in self.numbers:
                    moment = copy.windows[0][0]
                    by_route[self.numbers[key]].append((moment, number))
        for t, entries in by_route.items():
            entries.sort()
            self._make_room(t, entries)
            nodes = [int(self.tables.first[number]) for __, number in entries]
            if not self._set_route(t, nodes, keep_breaks=True):
                self._set_route(t, nodes, keep_breaks=False)
            for __, number in entries:
                self.route_of[number] = t

    def _make_room(self, t, entries):
        tables = self.tables
        route = self.routes.node[t, : self.routes.length[t]]
        first, last = int(route[0]), int(route[-1])
        previous, free = first, None
        for moment, number in entries:
            node = int(tables.first[number])
            way = tables.travel[previous, node]
            if free is None:
                tables.low[first] = min(tables.low[first], moment - way)
            else:
                if free > moment:
                    tables.minutes[previous] -= free - moment
                    free = moment
                tables.travel[previous, node] = min(way, moment - free)
            previous, free = node, moment + tables.minutes[node]
        back = free + tables.travel[previous, last]
        tables.high[last] = max(tables.high[last], back)
        tables.high[first] = max(tables.high[first], tables.low[first])

    def _set_route(self, t, nodes, keep_breaks):
        """Make a route of these nodes; breaks go where they are in time."""
        route = self.routes.node[t, : self.routes.length[t]].tolist()
        breaks = [n for n in route if self.tables.kind[n] == BREAK]
        order = [route[0], *nodes, route[-1]]
        self._write_route(t, order)
        if not rebuild(self.tables, self.routes, t):
            self._write_route(t, [route[0], route[-1]])
            rebuild(self.tables, self.routes, t)
            return False
        for node in breaks if keep_breaks else ():
            for place in range(1, len(order)):
                trial = [*order[:place], node, *order[place:]]
                self._write_route(t, trial)
                if rebuild(self.tables, self.routes, t):
                    order = trial
                    break
            else:
                self._write_route(t, [route[0], *breaks, route[-1]])
                rebuild(self.tables, self.routes, t)
                return False
        self._write_route(t, order)
        return bool(rebuild(self.tables, self.routes, t))

    def _write_route(self, t, order):
        self.routes.node[t, : len(order)] = order
        self.routes.length[t] = len(order)

    def find(self, t, number, best, v=None):
        """The cheapest place of a job in one route, in one of its windows or in all."""
        first, last = int(self.tables.first[number]), int(self.tables.last[number])
        if v is not None:
            first, last = v, v + 1
        find_place(
            self.tables,
            self.routes,
            self.random,
            0.0,
            number,
            int(t),
            int(t) + 1,
            first,
            last,
            best,
        )

    def put(self, t, number, best):
        insert(self.tables, self.routes, t, int(best[2]), int(best[3]), int(best[4]))
        self.route_of[number] = t

    def _take_out(self, numbers):
        out = np.zeros(len(self.copies), np.bool_)
        out[list(numbers)] = True
        for t in {int(self.route_of[number]) for number in numbers} - {-1}:
            if not take_out(self.tables, self.routes, t, out):
                for number in np.flatnonzero(self.route_of == t):
                    if not self.tables.fixed[number]:
                        out[number] = True
                take_out(self.tables, self.routes, t, out)
        self.route_of[out] = -1

    # Answers

    def read_best(self) -> Plan:
        self._go_back_to_best()
        return read_plan(self.problem, self.copies, self.tables, self.routes)

    def explain(self) -> dict:
        """Why each job of the search is left out.

        ``after``: what must come first is left out; ``crew``: nobody has time at once;
        ``price``: it would cost more than its penalty; ``full``: nobody has the time.
        """
        reasons = {}
        best = np.zeros(5)
        for key, job in self.jobs.items():
            numbers = self.copies_of[key]
            if all(self.route_of[number] >= 0 for number in numbers):
                continue
            if job.locked:
                reasons[key] = "allowed"
            elif key in self.orphans:
                reasons[key] = "after"
            elif job.crew > 1:
                reasons[key] = "crew"
            else:
                best[0] = NEVER
                for t in range(len(self.routes.length)):
                    self.find(t, numbers[0], best)
                reasons[key] = "price" if best[0] < NEVER else "full"
        return reasons

    def find_slots(self, job, count, step):
        number = self.copies_of[job.key][0]
        tables = self.tables
        best = np.zeros(5)
        offers = []
        for t in np.flatnonzero(tables.able[:, number]):
            for v in range(tables.first[number], tables.last[number]):
                best[0] = NEVER
                self.find(t, number, best, v)
                if best[0] < NEVER:
                    offers.append(tuple(best.tolist()))
        offers.sort()
        slots = []
        for offer in offers:
            slot = self._try_slot(job, number, offer)
            if all(
                other.resources != slot.resources
                or abs(other.start - slot.start) >= step - 1e-3
                for other in slots
            ):
                slots.append(slot)
            if len(slots) == count:
                break
        return slots

    def _try_slot(self, job, number, offer):
        t = int(offer[1])
        copy_route(self.routes, self.best, t)
        self.put(t, number, offer)
        stops, *__ = read_route(self.problem, self.copies, self.tables, self.routes, t)
        stop = next(stop for stop in stops if stop.job == job.key)
        copy_route(self.best, self.routes, t)
        self.route_of[number] = -1
        key = self.problem.resources[t].key
        return Slot((key,), stop.start, stop.end, offer[0], stop.travel)


def _get_people(plan):
    people = defaultdict(set)
    for key, stops in plan.routes.items():
        for stop in stops:
            if stop.job is not None:
                people[stop.job].add(key)
    return {job: frozenset(keys) for job, keys in people.items()}
