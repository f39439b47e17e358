"""A routing problem as arrays, and a plan read back from routes of node numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from . import crew as crews
from .routing_model import Job, Key, Plan, Problem, Resource, Stop
from .routing_route import BREAK, DEPOT, END, EPS, JOB, Tables


@dataclass(frozen=True, slots=True)
class Copy:
    """A job as the kernel sees it: one for each technician of a crew.

    ``windows`` may be narrower than the job's own: what stands before or behind it, or
    the moment at which its crew meets. ``parts`` is what this one of a crew brings.
    """

    job: Job
    windows: tuple[tuple[float, float], ...]
    resources: frozenset[Key] | None = None
    is_fixed: bool = False
    parts: tuple[tuple[int, float], ...] = ()


def has_tools(resource: Resource, job: Job) -> bool:
    return job.tools <= resource.tools


def depot_has(resource: Resource, job: Job) -> bool:
    """Whether the depot of the technician closes every gap of tools and parts."""
    if resource.depot_place is None:
        return False
    tools = resource.depot_tools
    parts = resource.depot_parts
    return (tools is None or job.tools - resource.tools <= tools) and (
        parts is None or job.parts.keys() <= parts
    )


def may_serve(resource: Resource, job: Job) -> bool:
    """Everything but time: alone, or as one of the crew that the job asks for."""
    if job.allowed is not None and resource.key not in job.allowed:
        return False
    if not crews.has_own_skills(resource, job):
        return False
    if job.crew > 1:
        return True
    return not crews.find_unmet(
        crews.list_needs(job), [crews.make_member(resource, job)]
    )


def find_reason(problem: Problem, job: Job) -> str:
    """Why nobody can make the visit on an empty day; empty: somebody could.

    In this order: ``position`` unknown; nobody ``allowed``, with the ``skill``, the
    ``tool``, the ``part``; too few for the ``crew``; no ``window`` within anybody's
    ``shift``.
    """
    if job.place is None:
        return "position"
    people = list(problem.resources)
    for code, holds in (
        ("allowed", lambda r: job.allowed is None or r.key in job.allowed),
        ("skill", lambda r: crews.has_own_skills(r, job)),
    ):
        people = [resource for resource in people if holds(resource)]
        if not people:
            return code
    reason = _find_crew_reason(job, people)
    if reason:
        return reason
    if not job.windows:
        return "window"
    fits = any(_fits_empty_day(problem, resource, job) for resource in people)
    return "" if fits else "shift"


def _fits_empty_day(problem, resource, job) -> bool:
    """Whether the technician could make the job and nothing else, breaks kept: as early
    as possible, behind so many of the breaks as it takes."""
    most = np.inf if resource.max_minutes is None else resource.max_minutes
    if job.minutes > most + EPS:
        return False
    begin, end = resource.shift
    end += resource.overtime_minutes - problem.minutes[job.place][resource.end_place]
    breaks = sorted(resource.breaks)
    for before in range(len(breaks) + 1):
        clock = _hold_breaks(begin, breaks[:before])
        clock += problem.minutes[resource.start_place][job.place]
        start = min(
            (max(clock, low) for low, high in job.windows if clock <= high + EPS),
            default=np.inf,
        )
        if _hold_breaks(start + job.minutes, breaks[before:]) <= end + EPS:
            return True
    return False


def _hold_breaks(clock, breaks) -> float:
    """When breaks are over, the first of them not begun before ``clock``."""
    for earliest, latest, length in breaks:
        if clock > latest + EPS:
            return np.inf
        clock = max(clock, earliest) + length
    return clock


def _find_crew_reason(job, people) -> str:
    """Why no crew of these people has what the job asks for."""
    needs = crews.list_needs(job)
    members = [crews.make_member(resource, job) for resource in people]
    # Kind by kind, so that what is told is what is missing
    for number, kind in enumerate(("skill", "tool", "part")):
        kinds = ("skill", "tool", "part")[: number + 1]
        asked = {need: amount for need, amount in needs.items() if need[0] in kinds}
        size = min(job.crew, len(members))
        if asked and crews.choose(members, size, asked) is None:
            return kind
    return "crew" if len(people) < job.crew else ""


def build_tables(
    problem: Problem, copies: list[Copy], before: Mapping[Key, frozenset[Key]]
) -> tuple[Tables, list[list[int]]]:
    """The arrays of the kernel, and the nodes of each resource's empty route.

    :param before: the technicians of each job in the plan that is to be kept
    """
    resources = problem.resources
    kind, owner, minutes, low, high, due, place = [], [], [], [], [], [], []

    def add_node(node_kind, job, length, window, where, late=np.inf):
        kind.append(node_kind)
        owner.append(job)
        minutes.append(length)
        low.append(window[0])
        high.append(window[1])
        due.append(late)
        place.append(where)
        return len(kind) - 1

    first, last = [], []
    for number, copy in enumerate(copies):
        first.append(len(kind))
        job = copy.job
        late = np.inf if job.due is None else job.due
        for window in copy.windows:
            add_node(JOB, number, job.minutes, window, job.place, late)
        last.append(len(kind))
    starts, depots = [], []
    for resource in resources:
        begin, end = resource.shift
        whole = (begin, end + resource.overtime_minutes)
        nodes = [add_node(END, -1, 0.0, whole, resource.start_place)]
        for earliest, latest, length in sorted(resource.breaks):
            nodes.append(add_node(BREAK, -1, length, (earliest, latest), 0))
        nodes.append(add_node(END, -1, 0.0, whole, resource.end_place))
        starts.append(nodes)
        depots.append(
            -1
            if resource.depot_place is None
            else add_node(
                DEPOT, -1, resource.depot_minutes, whole, resource.depot_place
            )
        )
    matrix = np.asarray(problem.minutes, float)
    places = np.asarray(place, np.int64)
    parts, stock = _count_parts(problem, copies)
    able, carried, at_depot, extra = _match(problem, copies, before)
    weights = problem.weights
    tables = Tables(
        kind=np.asarray(kind, np.int64),
        job=np.asarray(owner, np.int64),
        minutes=np.asarray(minutes, float),
        low=np.asarray(low, float),
        high=np.asarray(high, float),
        due=np.asarray(due, float),
        travel=np.ascontiguousarray(matrix[np.ix_(places, places)]),
        first=np.asarray(first, np.int64),
        last=np.asarray(last, np.int64),
        penalty=np.asarray(
            [1e9 if copy.is_fixed else copy.job.penalty for copy in copies], float
        ),
        parts=parts,
        near=_find_neighbours(matrix, copies),
        keys=_find_orders(problem, copies, able, carried),
        fixed=np.asarray([copy.is_fixed for copy in copies], np.bool_),
        able=able,
        carried=carried,
        at_depot=at_depot,
        stock=stock,
        extra=extra,
        depot=np.asarray(depots, np.int64),
        shift_end=np.asarray([resource.shift[1] for resource in resources], float),
        most=np.asarray(
            [
                np.inf if resource.max_minutes is None else resource.max_minutes
                for resource in resources
            ],
            float,
        ),
        pause=np.asarray(
            [sum(length for *__, length in resource.breaks) for resource in resources],
            float,
        ),
        weights=np.asarray(
            [
                weights.work,
                weights.travel,
                weights.overtime,
                weights.late,
                weights.balance,
                weights.fixed,
            ],
            float,
        ),
        has_due=any(copy.job.due is not None for copy in copies) and weights.late > 0,
    )
    return tables, starts


def number_parts(copies) -> dict:
    """The column of each part that any job asks for."""
    return {
        part: number
        for number, part in enumerate(
            sorted({part for copy in copies for part in copy.job.parts})
        )
    }


def _count_parts(problem, copies):
    """Parts that each job needs, and that each technician carries; of a crew it is not
    known before it is chosen who brings them."""
    numbers = number_parts(copies)
    need = np.zeros((len(copies), len(numbers)))
    stock = np.zeros((len(problem.resources), len(numbers)))
    for number, copy in enumerate(copies):
        # What is fixed has its parts, whoever carries them.
        known = copy.is_fixed or copy.job.crew > 1
        for part, quantity in () if known else copy.job.parts.items():
            need[number, numbers[part]] = quantity
    for t, resource in enumerate(problem.resources):
        for part, quantity in resource.parts.items():
            if part in numbers:
                stock[t, numbers[part]] = quantity
    return need, stock


def _match(problem, copies, before):
    """Who may make which job, has its tools, finds the rest at the depot; what the
    choice costs beyond time."""
    shape = (len(problem.resources), len(copies))
    able, carried, at_depot = (np.zeros(shape, np.bool_) for __ in range(3))
    extra = np.zeros(shape)
    for number, copy in enumerate(copies):
        job, fixed = copy.job, copy.is_fixed
        free = fixed or job.crew > 1
        old = before.get(job.key)
        for t, resource in enumerate(problem.resources):
            chosen = copy.resources is None or resource.key in copy.resources
            able[t, number] = chosen and (fixed or may_serve(resource, job))
            carried[t, number] = free or has_tools(resource, job)
            at_depot[t, number] = free or depot_has(resource, job)
            extra[t, number] = job.preferred.get(resource.key, 0.0)
            if old and resource.key not in old:
                extra[t, number] += problem.weights.change
    return able, carried, at_depot, extra


def _find_neighbours(matrix, copies):
    """For each job the others, nearest first."""
    places = np.asarray([copy.job.place for copy in copies], np.int64)
    near = np.zeros((len(copies), max(len(copies) - 1, 0)), np.int64)
    for number in range(len(copies)):
        order = np.argsort(matrix[places[number], places], kind="stable")
        near[number] = order[order != number]
    return near


def _find_orders(problem, copies, able, carried):
    """The orders in which jobs are put back: early first, late first, tight first,
    scarce first, far from or near to the middle of the technicians."""
    matrix = np.asarray(problem.minutes, float)
    homes = np.asarray([resource.start_place for resource in problem.resources])
    places = np.asarray([copy.job.place for copy in copies], np.int64)
    begin = np.asarray([copy.windows[0][0] for copy in copies], float)
    end = np.asarray([copy.windows[-1][1] for copy in copies], float)
    depots = [
        resource.depot_place
        for resource in problem.resources
        if resource.depot_place is not None
    ]
    middle = np.asarray(depots or homes, np.int64)
    far = matrix[np.ix_(middle, places)].mean(axis=0)
    return np.stack(
        [
            begin,
            -end,
            end - begin,
            able.sum(axis=0).astype(float),
            (able & carried).sum(axis=0).astype(float),
            -far,
            far,
        ]
    )


def read_route(problem, copies, tables, routes, t) -> tuple[list[Stop], float, float]:
    """The stops of route ``t``, when it is left for, and when it is over.

    As early as the shortest day allows.
    """
    n = int(routes.length[t])
    start = clock = float(routes.pre[t, n - 1, 1])
    here = int(routes.node[t, 0])
    stops = []
    for k in range(1, n):
        node = int(routes.node[t, k])
        kind = int(tables.kind[node])
        travel = 0.0
        if kind != BREAK:
            travel = float(tables.travel[here, node])
            here = node
        arrival = clock + travel
        begin = max(arrival, float(tables.low[node]))
        clock = begin + float(tables.minutes[node])
        if k < n - 1:
            copy = copies[int(tables.job[node])] if kind == JOB else None
            key, parts = (copy.job.key, copy.parts) if copy else (None, ())
            name = {JOB: "job", DEPOT: "depot"}.get(kind, "break")
            stops.append(Stop(key, arrival, begin, clock, travel, name, parts))
    return stops, start, clock


def read_plan(problem, copies, tables, routes, **facts) -> Plan:
    """The plan that stands in the kernel's routes; why somebody is left out is open."""
    stops, start, finish = {}, {}, {}
    for t, resource in enumerate(problem.resources):
        if routes.jobs[t]:
            route, begin, end = read_route(problem, copies, tables, routes, t)
            stops[resource.key] = tuple(route)
            start[resource.key] = begin
            finish[resource.key] = end
    planned = {stop.job for route in stops.values() for stop in route}
    terms = count_terms(problem, stops, start, finish)
    return Plan(
        routes=stops,
        left_out={
            copy.job.key: "price" for copy in copies if copy.job.key not in planned
        },
        cost=sum(terms.values()),
        terms=terms,
        start=start,
        finish=finish,
        **facts,
    )


def count_terms(problem, routes, start, finish) -> dict[str, float]:
    """The cost of a plan by kind, from its stops."""
    weights = problem.weights
    jobs = {job.key: job for job in problem.jobs}
    terms = dict.fromkeys(
        (
            "work",
            "travel",
            "overtime",
            "late",
            "balance",
            "fixed",
            "preference",
            "left",
        ),
        0.0,
    )
    planned = set()
    for resource in problem.resources:
        route = routes.get(resource.key)
        if not route:
            continue
        pause = sum(length for *__, length in resource.breaks)
        work = finish[resource.key] - start[resource.key] - pause
        home = problem.minutes[_get_last_place(problem, resource, route, jobs)][
            resource.end_place
        ]
        terms["work"] += weights.work * work
        terms["travel"] += weights.travel * (sum(s.travel for s in route) + home)
        terms["overtime"] += weights.overtime * max(
            0.0, finish[resource.key] - resource.shift[1]
        )
        terms["balance"] += weights.balance * (work / 60.0) ** 2
        terms["fixed"] += weights.fixed
        for stop in route:
            if stop.job is None:
                continue
            job = jobs[stop.job]
            planned.add(stop.job)
            terms["preference"] += job.preferred.get(resource.key, 0.0)
            if job.due is not None:
                terms["late"] += weights.late * max(0.0, stop.start - job.due)
    terms["left"] = sum(job.penalty for job in problem.jobs if job.key not in planned)
    return terms


def _get_last_place(problem, resource, route, jobs) -> int:
    for stop in reversed(route):
        if stop.kind == "job":
            return jobs[stop.job].place
        if stop.kind == "depot":
            return resource.depot_place
    return resource.start_place
