"""Readiness: who should stand by, and until when, for requests that nobody knows yet.

Possible requests are drawn from those that are known: needs, length and window of one
at the place of another (``draw_requests``). Whoever could answer one on top of all that
he has to do covers it (``may_answer``). One that nobody covers is refused the more
likely the narrower its window is (``get_risk``); each technician who covers it lowers
that to ``BUSY``, because another request may take him before. Technicians who have the
time are sent to the depot, which has tools and parts of every kind, as long as the
refusals that this is expected to save are worth more than the work that it costs
(``choose_standby``).

It takes up multiple scenarios (Bent and Van Hentenryck, 2004), each of one request.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random

from .crew import has_own_skills
from .routing_model import Job, Key, Resource

# Probability that a technician who could answer is taken when he is asked.
BUSY = 0.3
# Minutes for which somebody may be asked to stand by.
TERMS = (30.0, 60.0, 90.0, 120.0, 180.0, 240.0)


@dataclass(frozen=True, slots=True)
class Request:
    """A request that may come: what it asks for, where, and when it becomes known.

    ``risk``: how likely it is to be refused where nobody can answer it as he is; the
    wider its window, the more others can be moved for it.
    """

    job: Job
    place: int
    moment: float
    risk: float = 1.0


@dataclass(frozen=True, slots=True)
class Errand:
    """A stop that lies ahead: left for at ``leave``, begun at ``start`` and no later
    than ``latest``; ``free`` to go on from it, though he stays until ``stays``.
    ``fetches``: everything is there."""

    place: int
    leave: float
    start: float
    free: float
    latest: float
    fetches: bool = False
    stays: float = 0.0


@dataclass(frozen=True, slots=True)
class Ahead:
    """What lies ahead of a technician, who is free at ``free``.

    ``ways``: minutes from where he is then to each place. ``parts``: what is left when
    everything planned is done. ``fetched``: he was at the depot. ``is_out``: his time
    counts already, else ``since`` is from when on it counts if he is sent out now.
    ``is_waiting``: he is not on the way to the first of his errands yet.
    """

    resource: Resource
    free: float
    ways: Sequence[float]
    parts: dict
    errands: tuple[Errand, ...] = ()
    fetched: bool = False
    is_out: bool = False
    since: float = 0.0
    is_waiting: bool = True


@dataclass(frozen=True, slots=True)
class Standby:
    """Somebody at the depot from ``start`` (there by then) until ``until``: what it
    costs in minutes of work, the numbers of the requests that nobody could answer
    without it, and of those that others could, if they are not taken by then."""

    start: float
    until: float
    cost: float
    answers: frozenset[int]
    seconds: frozenset[int] = frozenset()


def draw_requests(
    jobs: Sequence[Job], now: float, to_depot, count: int, random: Random
) -> list[Request]:
    """Requests that may come from now on.

    A request is expected to become known at any moment before its window opens at which
    it can still be done from the depot within its window, one as likely as the other.

    :param to_depot: minutes between the depot and each place
    :return: ``count`` requests, fewer where hardly any can come still
    """
    found, tries = [], 0
    usual = sum(to_depot) / len(to_depot)
    while len(found) < count and tries < count * 20:
        tries += 1
        job, other = random.choice(jobs), random.choice(jobs)
        low, high = random.choice(job.windows)
        last = min(low, high - to_depot[other.place] - job.minutes)
        moment = random.uniform(0.0, max(last, 0.0))
        if last > 0.0 and moment >= now:
            risk = get_risk(low, high, usual)
            held = replace(job, windows=((low, high),))
            found.append(Request(held, other.place, moment, risk))
    return found


def get_risk(low: float, high: float, usual: float) -> float:
    """How likely a request is to be refused where nobody can answer it as he is.

    :param usual: how long it has to be open for others to be moved for one in two
    """
    return 1.0 / (1.0 + ((high - low) / usual) ** 2)


def may_answer(ahead: Ahead, request: Request, minutes) -> bool:
    """Whether a technician can answer a request and do all that lies ahead of him."""
    resource, job = ahead.resource, request.job
    if not has_own_skills(resource, job):
        return False
    low, high = job.windows[0]
    moment, place, depot = request.moment, request.place, resource.depot_place
    ready = ahead.fetched or (
        job.tools <= resource.tools
        and all(ahead.parts.get(part, 0.0) >= n for part, n in job.parts.items())
    )
    ways, free = ahead.ways, ahead.free
    there = minutes[place]
    home = Errand(resource.end_place, free, 1e9, 1e9, resource.shift[1])
    if ahead.errands:
        final = ahead.errands[-1]
        home = replace(home, leave=max(final.free, final.stays))
    for errand in (*ahead.errands, home):
        if errand.start > moment:
            target = minutes[errand.place]
            begin, share = max(moment, free), 0.0
            if moment > errand.leave:
                way = ways[errand.place]
                begin = moment
                share = min(1.0, (moment - errand.leave) / way) if way else 1.0
            if ready:
                way = (1.0 - share) * ways[place] + share * target[place]
            elif depot is None:
                return False
            else:
                way = (1.0 - share) * ways[depot] + share * target[depot]
                way += resource.depot_minutes + minutes[depot][place]
            begin = max(begin + way, low)
            if begin <= high and begin + job.minutes + there[errand.place] <= (
                errand.latest
            ):
                return True
        ready = ready or errand.fetches
        ways, free = minutes[errand.place], errand.free
    return False


def find_answers(
    people: Sequence[Ahead], requests: Sequence[Request], minutes
) -> dict[Key, set[int]]:
    """The numbers of the requests that each technician can answer as he is."""
    return {
        ahead.resource.key: {
            n
            for n, request in enumerate(requests)
            if may_answer(ahead, request, minutes)
        }
        for ahead in people
    }


def get_risks(requests: Sequence[Request], answers: dict[Key, set[int]]) -> list[float]:
    """How likely each request is to be refused as things are.

    :param answers: of ``find_answers``
    """
    risk = [request.risk for request in requests]
    for covered in answers.values():
        for n in covered:
            risk[n] *= BUSY
    return risk


def choose_standby(
    people: Sequence[Ahead],
    requests: Sequence[Request],
    answers: dict[Key, set[int]],
    minutes,
    now: float,
    worth: float,
) -> dict[Key, float]:
    """Who should stand by at the depot, and until when.

    :param answers: of ``find_answers``
    :param worth: minutes of work that it is worth to answer one of these requests
    """
    risk = get_risks(requests, answers)
    options = []
    for ahead in people:
        for until, cost, standing in _list_options(ahead, minutes, now):
            gained = [
                n
                for n, request in enumerate(requests)
                if n not in answers[ahead.resource.key]
                and may_answer(standing, request, minutes)
            ]
            if gained:
                options.append((ahead.resource.key, until, cost, gained))
    chosen = {}
    while True:
        best, most = None, 0.0
        for option in options:
            key, __, cost, gained = option
            if key in chosen:
                continue
            gain = worth * (1.0 - BUSY) * sum(risk[n] for n in gained) - cost
            if gain > most:
                best, most = option, gain
        if best is None:
            return chosen
        key, until, __, gained = best
        chosen[key] = until
        for n in gained:
            risk[n] *= BUSY


def _list_options(ahead, minutes, now):
    """(until, minutes of work more, what lies ahead then) of standing by."""
    depot = ahead.resource.depot_place
    if depot is None:
        return
    back = minutes[depot][ahead.resource.end_place]
    last = ahead.resource.shift[1] - back
    for term in TERMS:
        until = min(now + term, last)
        standing, cost = _stand(ahead, depot, minutes, until)
        if standing is not None:
            yield until, cost, standing
        if until >= last:
            return


def _stand(ahead, depot, minutes, until):
    """What lies ahead of a technician who stands by whenever he has time."""
    errands, cost, done = list(ahead.errands), 0.0, False
    arrival = ahead.free + ahead.ways[depot]
    if errands:
        first = errands[0]
        leave = first.start - minutes[depot][first.place]
        if ahead.is_waiting and arrival <= min(leave, until):
            stand = Errand(depot, ahead.free, arrival, arrival, leave, fetches=True)
            errands[0] = replace(first, leave=leave)
            errands.insert(0, stand)
            cost += 0.0 if ahead.is_out else first.leave - ahead.free
            done = True
        final = errands[-1]
        arrival = final.free + minutes[final.place][depot]
    home = ahead.resource.end_place
    if arrival < until:
        leave = errands[-1].free if errands else ahead.free
        errands.append(
            Errand(depot, leave, arrival, arrival, until, fetches=True, stays=until)
        )
        finish = until + minutes[depot][home]
        if errands[:-1]:
            final = errands[-2]
            cost += finish - (final.free + minutes[final.place][home])
        elif ahead.is_out:
            cost += finish - (ahead.free + ahead.ways[home])
        else:
            cost += finish - ahead.since
        done = True
    if not done:
        return None, 0.0
    return replace(ahead, errands=tuple(errands)), cost


def stand_by(ahead: Ahead, minutes, until: float) -> Ahead:
    """What lies ahead of somebody who stands by until a moment, as far as he can."""
    return _stand(ahead, ahead.resource.depot_place, minutes, until)[0] or ahead


def explain_standby(
    people: Sequence[Ahead],
    requests: Sequence[Request],
    answers: dict[Key, set[int]],
    minutes,
    chosen: dict[Key, float],
) -> dict[Key, Standby]:
    """What each of the chosen is good for, those named first before the others.

    :param answers: of ``find_answers``, of everybody
    :param chosen: of ``choose_standby``
    """
    by_key = {ahead.resource.key: ahead for ahead in people}
    open_requests = set(range(len(requests))).difference(*answers.values())
    found = {}
    for key, until in chosen.items():
        ahead = by_key[key]
        depot = ahead.resource.depot_place
        standing, cost = _stand(ahead, depot, minutes, until)
        gained = frozenset(
            n
            for n, request in enumerate(requests)
            if n not in answers[key] and may_answer(standing, request, minutes)
        )
        arrivals = {errand.start for errand in standing.errands if errand.fetches}
        start = min(arrivals - {errand.start for errand in ahead.errands})
        found[key] = Standby(
            start, until, cost, gained & open_requests, gained - open_requests
        )
        open_requests -= gained
    return found
