"""What ties the routes of several technicians together: crews, and jobs after others.

The kernel looks at one route at a time and does not know of them: both are held still
while it searches, and moved between its rounds.

- A crew meets at a moment: each of its technicians has the job there and then. Between
  rounds moment and technicians are chosen anew, the cheapest for the routes of then
  who bring together what the job asks for.
- A job that must come after another: the two are parted by a moment, before which one
  must end and behind which the other may start. It moves within the time between them.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from . import crew as crews
from .routing_route import EPS, NEVER, next_random, rebuild
from .routing_tables import read_route

# Moments at which a crew may meet are this far apart (minutes).
GRID = 15.0


class Ties:
    """The part of a search (``routing_search``) that holds and moves the ties.

    Of the search it knows the jobs (``jobs``, ``chained``, ``crews``, ``copies_of``),
    the columns of parts (``columns``),
    the tables with the times (``low``, ``high``) and the people (``able``) that they
    have without ties, the routes, and how a job gets into one (``find``, ``put``).
    """

    # Jobs after others

    def _get_times(self, key):
        """(start, end) of a planned job, or ``None``."""
        for number in self.copies_of.get(key, ()):
            t = int(self.route_of[number])
            if t < 0:
                return None
            for stop in read_route(
                self.problem, self.copies, self.tables, self.routes, t
            )[0]:
                if stop.job == key:
                    return stop.start, stop.end
        return None

    def _drop_orphans(self):
        """Take out jobs whose predecessor is not planned (any longer)."""
        dropped = True
        while dropped:
            dropped = False
            for job in self.chained:
                numbers = self.copies_of[job.key]
                if any(self.route_of[number] >= 0 for number in numbers) and any(
                    self._get_times(key) is None
                    for key in job.after
                    if key in self.jobs
                ):
                    self._take_out(numbers)
                    dropped = True

    def _hold_chains(self):
        """Part each job from those that it must follow by a moment between them."""
        if not self.chained:
            return
        self._choose_moments()
        keys = {key for job in self.chained for key in (job.key, *job.after)}
        for key in keys & self.jobs.keys():
            job = self.jobs[key]
            if job.crew == 1 and not job.locked:
                (number,) = self.copies_of[key]
                self._narrow(job, number)
        for t in range(len(self.routes.length)):
            rebuild(self.tables, self.routes, t)

    def _choose_moments(self):
        """Until when the first must be done, from when on the second may start; who
        has to wait because the first is not planned."""
        self.latest, self.earliest, self.orphans = {}, {}, set()
        for job in self.chained:
            mine = self._get_times(job.key)
            for key in job.after:
                if key not in self.jobs:
                    continue
                other = self._get_times(key)
                if other is None:
                    self.orphans.add(job.key)
                    continue
                moment = other[1]
                if mine is not None:
                    between = max(0.0, mine[0] - other[1])
                    moment += next_random(self.random) * between
                self.latest[key] = min(self.latest.get(key, np.inf), moment)
                self.earliest[job.key] = max(
                    self.earliest.get(job.key, -np.inf), moment
                )

    def _narrow(self, job, number):
        tables = self.tables
        tables.able[:, number] = self.able[:, number]
        if job.key in self.orphans:
            tables.able[:, number] = False
        for v in range(tables.first[number], tables.last[number]):
            low = max(self.low[v], self.earliest.get(job.key, -np.inf))
            high = min(self.high[v], self.latest.get(job.key, np.inf) - job.minutes)
            if low > high + EPS:
                low, high = np.inf, -np.inf
            tables.low[v], tables.high[v] = low, high

    # Crews

    def _place_crews(self):
        for job in sorted(self.crews, key=lambda job: (-job.penalty, job.key)):
            self._place_crew(job)

    def _place_crew(self, job):
        """Bring the technicians of a crew together where and when it costs least."""
        numbers = self.copies_of[job.key]
        times = self._get_times(job.key)
        self._take_out(numbers)
        for number in numbers:
            self.tables.fixed[number] = False
            self.tables.able[:, number] = False
        if job.key in self.orphans:
            return
        found = []
        for moment in self._list_moments(job, times):
            crew = crews.choose(
                self._list_members(job, numbers[0], moment),
                job.crew,
                crews.list_needs(job),
            )
            if crew and crew.cost < job.penalty * job.crew:
                found.append((crew.cost, moment, crew))
        found.sort(key=lambda entry: entry[:2])
        for __, moment, crew in found:
            if self._put_crew(numbers, moment, crew):
                return

    def _list_moments(self, job, times) -> list[float]:
        """When the crew may meet: where it did, and on the grid."""
        low = self.earliest.get(job.key, -np.inf)
        high = self.latest.get(job.key, np.inf) - job.minutes
        moments = [times[0]] if times else []
        for begin, end in job.windows:
            begin, end = max(begin, low), min(end, high)
            if begin <= end:
                moments += np.arange(begin, end + 1e-9, GRID).tolist() + [end]
        return moments

    def _list_members(self, job, probe, moment):
        """Who could be there at that moment, at which cost, with what."""
        tables = self.tables
        node = int(tables.first[probe])
        tables.low[node] = tables.high[node] = moment
        column = self.columns
        for t in np.flatnonzero(self.able[:, probe]):
            resource = self.problem.resources[t]
            left = {
                part: tables.stock[t, column[part]] - self.routes.used[t, column[part]]
                for part in job.parts
            }
            brings = crews.list_brought(replace(resource, parts=left), job)
            fetches = crews.list_fetched(resource, job)
            self._set_share(t, probe, brings={}, is_fetching=False)
            cost = self._get_cost(t, probe)
            fetch_cost = crews.NEVER
            if fetches and cost < crews.NEVER:
                self._set_share(t, probe, brings={}, is_fetching=True)
                fetch_cost = self._get_cost(t, probe)
            if cost < crews.NEVER:
                yield crews.Member(int(t), cost, brings, fetches, fetch_cost)
            self._set_share(t, probe, brings={}, is_fetching=False)

    def _get_cost(self, t, number) -> float:
        best = np.zeros(5)
        best[0] = NEVER
        self.tables.able[t, number] = True
        self.find(t, number, best)
        self.tables.able[t, number] = False
        return float(best[0]) if best[0] < NEVER else crews.NEVER

    def _set_share(self, t, number, brings, is_fetching):
        """Ask technician ``t`` for this share of what a crew brings."""
        tables = self.tables
        column = self.columns
        tables.parts[number] = 0.0
        parts = {thing: n for (kind, thing), n in brings.items() if kind == "part"}
        for part, quantity in parts.items():
            tables.parts[number, column[part]] = quantity
        resource = self.problem.resources[t]
        tables.carried[t, number] = not is_fetching
        # Behind the depot's stop parts come from there
        tables.at_depot[t, number] = is_fetching or all(
            resource.depot_parts is None or part in resource.depot_parts
            for part in parts
        )
        self.copies[number] = replace(
            self.copies[number], parts=tuple(sorted(parts.items()))
        )

    def _put_crew(self, numbers, moment, crew) -> bool:
        """Have the crew meet; whether everybody's day holds what he or she brings."""
        tables = self.tables
        places = []
        for number, member, share in zip(
            numbers, crew.members, crew.shares, strict=True
        ):
            t, node = member.key, int(tables.first[number])
            tables.low[node] = tables.high[node] = moment
            self._set_share(t, number, share, member is crew.fetcher)
            best = np.zeros(5)
            best[0] = NEVER
            tables.able[t, number] = True
            self.find(t, number, best)
            places.append((t, number, best))
        if any(best[0] >= NEVER for *__, best in places):
            for number in numbers:
                tables.able[:, number] = False
            return False
        for t, number, best in places:
            tables.fixed[number] = True
            self.put(t, number, best)
        return True
