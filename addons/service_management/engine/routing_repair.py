"""Repairing a running day: what is planned moves only where something is gained by it.

What may move grows step by step, until a plan loses no more than one in which
everything may:

1. nothing that is planned;
2. the visits of those technicians who get what is new, each with its own technician;
3. every visit, with its own technician;
4. everything, within its windows.

What a plan loses is what it leaves out and how late it is, at the problem's own prices;
minutes on the road alone move nobody.
"""

from dataclasses import replace

from .routing_model import Plan, Problem
from .routing_search import solve

TOLERANCE = 1e-6


def repair(
    problem: Problem,
    start: Plan,
    seed: int = 0,
    cpu_seconds: float = 1.0,
    iterations: int | None = None,
) -> Plan:
    """A plan with few changes against ``start``.

    :param start: the day as it is planned; visits without a stop in it are free
    :param cpu_seconds: budget for all plans that are made on the way
    :param iterations: so many for each of them instead, see ``solve``
    """
    planned = _find_planned(problem, start)
    budget = {"cpu_seconds": cpu_seconds / 4, "iterations": iterations}
    made = []

    def search(held):
        plan = solve(_hold(problem, held), seed=seed, start=start, **budget)
        made.append(plan)
        return plan

    def choose():
        free = search({})
        if not planned:
            return free
        most = loss(problem, free) + TOLERANCE
        still = search(planned)
        if loss(problem, still) <= most:
            return still
        own = search({key: (None, people) for key, (__, people) in planned.items()})
        if loss(problem, own) > most:
            return free
        touched = _find_touched(own, planned)
        few = search(
            {
                key: (None if touched & people else begin, people)
                for key, (begin, people) in planned.items()
            }
        )
        return few if loss(problem, few) <= most else own

    plan = choose()
    return replace(
        plan,
        cpu_seconds=sum(one.cpu_seconds for one in made),
        iterations=sum(one.iterations for one in made),
    )


def loss(problem: Problem, plan: Plan) -> float:
    """What a plan does not serve, and how late it serves the rest."""
    total = 0.0
    starts = {
        stop.job: stop.start
        for stops in plan.routes.values()
        for stop in stops
        if stop.kind == "job"
    }
    for job in problem.jobs:
        if job.key not in starts:
            total += job.penalty
        elif job.due is not None and not job.locked:
            total += problem.weights.late * max(0.0, starts[job.key] - job.due)
    return total


def _find_planned(problem, start) -> dict:
    """{job: (start, people)} of the visits that can stay where they are planned."""
    people: dict = {}
    starts = {}
    for key, stops in start.routes.items():
        for stop in stops:
            if stop.kind == "job":
                people.setdefault(stop.job, set()).add(key)
                starts[stop.job] = stop.start
    return {
        job.key: (starts[job.key], frozenset(people[job.key]))
        for job in problem.jobs
        if job.key in starts
        and not job.locked
        and any(low <= starts[job.key] <= high for low, high in job.windows)
    }


def _find_touched(plan, planned) -> set:
    """Whom the plan gives something that was not planned."""
    return {
        key
        for key, stops in plan.routes.items()
        for stop in stops
        if stop.kind == "job" and stop.job not in planned
    }


def _hold(problem, held):
    """The problem with visits held to their people, and to their time where given."""
    return replace(
        problem,
        jobs=[
            _hold_job(job, *held[job.key]) if job.key in held else job
            for job in problem.jobs
        ],
    )


def _hold_job(job, begin, people):
    return replace(
        job,
        windows=job.windows if begin is None else ((begin, begin),),
        allowed=people if job.allowed is None else people & job.allowed,
    )
