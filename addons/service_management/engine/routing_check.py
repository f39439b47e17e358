"""Is a plan of visits right? An independent look that shares no code with the search.

``check`` walks through every route with the problem's own words and lists whatever
breaks a rule: each violation is (code, technician, job, what was found).
"""

from __future__ import annotations

from collections import defaultdict

TOLERANCE = 1e-4


def check(problem, plan) -> list[tuple]:
    """Every broken rule of ``plan``; empty where there is none.

    Codes: ``unknown``, ``twice``, ``lost`` (neither planned nor left out), ``both``,
    ``allowed``, ``skill``, ``tool``, ``part``, ``window``, ``travel``, ``minutes``,
    ``shift``, ``long``, ``break``, ``crew``, ``after``, ``locked``, ``cost``.

    Between two locked visits travel is not asked for, nor is the shift around them:
    they were promised by people who knew better.
    """
    jobs = {job.key: job for job in problem.jobs}
    people = {resource.key: resource for resource in problem.resources}
    found: list[tuple] = []
    visits = defaultdict(list)
    for key, route in plan.routes.items():
        resource = people.get(key)
        if resource is None:
            found.append(("unknown", key, None, "technician"))
            continue
        for stop in route:
            if stop.kind != "job":
                continue
            if stop.job not in jobs:
                found.append(("unknown", key, stop.job, "job"))
            else:
                visits[stop.job].append((key, stop))
        known = [s for s in route if s.kind != "job" or s.job in jobs]
        found += _check_times(problem, plan, resource, known, jobs)
        found += _check_needs(resource, known, jobs)
    found += _check_cover(plan, jobs, visits)
    found += _check_ties(jobs, visits)
    found += _check_crews(plan, jobs, people, visits)
    found += _check_cost(problem, plan, people, jobs, visits)
    return found


def _check_times(problem, plan, resource, route, jobs):
    """The clock of one technician's day, stop by stop."""
    key = resource.key
    clock, place = plan.start[key], resource.start_place
    before_locked = any_locked = False
    for stop in route:
        job = jobs.get(stop.job)
        is_locked = bool(job and job.locked)
        target, way = _get_way(problem, resource, place, stop, job)
        if stop.start < clock + way - TOLERANCE and not (is_locked and before_locked):
            yield "travel", key, stop.job, (clock, way, stop.start)
        yield from _check_stop(resource, stop, job)
        clock, place = stop.end, target
        any_locked = any_locked or is_locked
        before_locked = is_locked or (before_locked and stop.kind == "break")
    back = clock + problem.minutes[place][resource.end_place]
    if plan.finish[key] < back - TOLERANCE:
        yield "travel", key, None, (clock, back, plan.finish[key])
    yield from _check_work(resource, route, jobs)
    held = [stop for stop in route if stop.kind == "break"]
    if route and not any_locked:
        yield from _check_day(resource, plan.start[key], plan.finish[key])
        if len(held) != len(resource.breaks):
            yield "break", key, None, len(held)
    for stop, (earliest, latest, length) in zip(
        held, sorted(resource.breaks), strict=False
    ):
        if (
            not earliest - TOLERANCE <= stop.start <= latest + TOLERANCE
            or abs(stop.end - stop.start - length) > TOLERANCE
        ):
            yield "break", key, None, stop.start


def _get_way(problem, resource, place, stop, job):
    """Where a stop is, and the minutes to it from ``place``; breaks are anywhere."""
    if stop.kind == "break":
        return place, 0.0
    target = resource.depot_place if stop.kind == "depot" else job.place
    return target, problem.minutes[place][target]


def _check_stop(resource, stop, job):
    """Length, window and lock of one stop."""
    key = resource.key
    if job is None:
        length = resource.depot_minutes if stop.kind == "depot" else None
    elif job.locked:
        keys, moment = job.locked
        if key not in keys or abs(stop.start - moment) > TOLERANCE:
            yield "locked", key, stop.job, stop.start
        return
    else:
        length = job.minutes
        if not any(
            low - TOLERANCE <= stop.start <= high + TOLERANCE
            for low, high in job.windows
        ):
            yield "window", key, stop.job, stop.start
    if length is not None and abs(stop.end - stop.start - length) > TOLERANCE:
        yield "minutes", key, stop.job, stop.end - stop.start


def _check_day(resource, start, finish):
    begin, end = resource.shift
    if start < begin - TOLERANCE:
        yield "shift", resource.key, None, start
    if finish > end + resource.overtime_minutes + TOLERANCE:
        yield "shift", resource.key, None, finish


def _check_work(resource, route, jobs):
    """Locked jobs may be too many by themselves; then there is no other."""
    planned = [jobs[stop.job] for stop in route if stop.job in jobs]
    work = sum(job.minutes for job in planned)
    most = resource.max_minutes
    if most is None or all(job.locked for job in planned):
        return
    if work > most + TOLERANCE:
        yield "long", resource.key, None, work


def _check_needs(resource, route, jobs):
    """Who is allowed and able; tools and parts as they are used up."""
    left = dict(resource.parts)
    fetched = False
    for stop in route:
        fetched = fetched or stop.kind == "depot"
        job = jobs.get(stop.job)
        if job is None or job.locked:
            continue
        if job.allowed is not None and resource.key not in job.allowed:
            yield "allowed", resource.key, job.key, None
        together = job.crew > 1
        yield from _check_skills(resource, job, job.one_of if together else ())
        for tool in () if together else job.tools - resource.tools:
            if not fetched or not _is_named(tool, resource.depot_tools):
                yield "tool", resource.key, job.key, tool
        for part, quantity in stop.parts if together else job.parts.items():
            if not fetched:
                left[part] = left.get(part, 0.0) - quantity
                if left[part] < -TOLERANCE:
                    yield "part", resource.key, job.key, part
            elif not _is_named(part, resource.depot_parts):
                yield "part", resource.key, job.key, part


def _check_skills(resource, job, others):
    for skill, level in job.skills.items():
        if skill not in others and resource.skills.get(skill, -1) < level:
            yield "skill", resource.key, job.key, skill


def _check_crews(plan, jobs, people, visits):
    """What the people of a crew have to bring together: each tool, each part, and the
    skills that one of them is enough for."""
    for key, here in visits.items():
        job = jobs[key]
        if job.crew == 1 or job.locked:
            continue
        for skill in job.one_of & job.skills.keys():
            if all(
                people[who].skills.get(skill, -1) < job.skills[skill]
                for who, __ in here
            ):
                yield "skill", here[0][0], key, skill
        for tool in job.tools:
            if not any(
                tool in people[who].tools
                or (
                    _is_named(tool, people[who].depot_tools)
                    and any(
                        other.kind == "depot" and other.start < stop.start
                        for other in plan.routes[who]
                    )
                )
                for who, stop in here
            ):
                yield "tool", here[0][0], key, tool
        for part, quantity in job.parts.items():
            brought = sum(dict(stop.parts).get(part, 0.0) for __, stop in here)
            if brought < quantity - TOLERANCE:
                yield "part", here[0][0], key, part


def _is_named(thing, names):
    return names is None or thing in names


def _check_cover(plan, jobs, visits):
    for key, job in jobs.items():
        here = visits.get(key, [])
        if key in plan.left_out:
            if here:
                yield "both", here[0][0], key, plan.left_out[key]
        elif not here:
            yield "lost", None, key, None
        else:
            wanted = len(job.locked[0]) if job.locked else job.crew
            if len(here) > wanted:
                yield "twice", here[0][0], key, len(here)
            elif len(here) < wanted:
                yield "crew", here[0][0], key, len(here)
            if len({who for who, __ in here}) < len(here):
                yield "twice", here[0][0], key, "one person"
    for key in plan.left_out:
        if key not in jobs:
            yield "unknown", None, key, "left out"


def _check_ties(jobs, visits):
    for key, here in visits.items():
        starts = [stop.start for __, stop in here]
        if max(starts) - min(starts) > TOLERANCE:
            yield "crew", here[0][0], key, starts
        for other in jobs[key].after if not jobs[key].locked else ():
            if other not in jobs:
                continue
            ends = [stop.end for __, stop in visits.get(other, ())]
            if not ends:
                yield "after", here[0][0], key, other
            elif min(starts) < max(ends) - TOLERANCE:
                yield "after", here[0][0], key, (other, max(ends), min(starts))


def _check_cost(problem, plan, people, jobs, visits):
    """The cost anew, from the stops alone."""
    weights = problem.weights
    total = sum(job.penalty for key, job in jobs.items() if not visits.get(key))
    for key, route in plan.routes.items():
        if key not in people or not route:
            continue
        resource = people[key]
        pause = sum(entry[2] for entry in resource.breaks)
        work = plan.finish[key] - plan.start[key] - pause
        total += weights.work * work + weights.fixed
        total += weights.balance * (work / 60) ** 2
        total += weights.overtime * max(0.0, plan.finish[key] - resource.shift[1])
        place = resource.start_place
        for stop in route:
            if stop.kind == "break" or (stop.kind == "job" and stop.job not in jobs):
                continue
            target = (
                resource.depot_place if stop.kind == "depot" else jobs[stop.job].place
            )
            total += weights.travel * problem.minutes[place][target]
            place = target
            if stop.kind == "job":
                job = jobs[stop.job]
                total += job.preferred.get(key, 0.0)
                if job.due is not None:
                    total += weights.late * max(0.0, stop.start - job.due)
        total += weights.travel * problem.minutes[place][resource.end_place]
    # The way between locked visits may be shorter than the matrix says.
    if weights.travel and any(job.locked for job in jobs.values()):
        return
    if abs(total - plan.cost) > 1e-3 * max(1.0, abs(total)):
        yield "cost", None, None, (total, plan.cost)
