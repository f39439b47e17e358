"""Where a job fits into the routes, what that costs, and how it gets in and out."""

from .routing_jit import lean
from .routing_route import (
    BREAK,
    EPS,
    JOB,
    NEVER,
    join,
    lateness,
    next_random,
    price,
    rebuild,
)


@lean
def rate(tables, routes, t, v, k, q, duration, early, dist):
    """What a finished insertion adds to the cost of route ``t``."""
    cost = price(tables, t, duration, early, dist) - routes.bare[t]
    if tables.has_due:
        cost += tables.weights[3] * lateness(tables, routes, t, early, v, k, q)
    return cost + tables.extra[t, tables.job[v]]


@lean
def find_place(
    tables, routes, random, blink, j, from_t, until_t, from_v, until_v, best
):
    """The cheapest place of job ``j``, if cheaper than ``best[0]``.

    Over the routes ``from_t`` to ``until_t`` and the nodes ``from_v`` to ``until_v``
    of its windows. ``best`` gets cost, route, node, position to stand behind, position
    of the depot to stand behind (-1: the depot stays as it is).
    """
    # Arrays are taken out of their tuples once: that costs more than a place does.
    kind, node, length = tables.kind, routes.node, routes.length
    travel, minutes, low, high = tables.travel, tables.minutes, tables.low, tables.high
    pre, suf, real, way = routes.pre, routes.suf, routes.real, routes.dist
    able, carried, at_depot = tables.able, tables.carried, tables.at_depot
    parts, stock, used = tables.parts, tables.stock, routes.used
    depots, depots_at = tables.depot, routes.depot_at
    extra, bare, pause = tables.extra, routes.bare, tables.pause
    shift_ends = tables.shift_end
    worked, most = routes.work, tables.most
    has_due = tables.has_due
    count = parts.shape[1]
    w = tables.weights
    work, far, overtime, balance, fixed = w[0], w[1], w[2], w[4], w[5]
    for t in range(from_t, until_t):
        if not able[t, j]:
            continue
        if blink > 0.0 and next_random(random) < blink:
            continue
        n = length[t]
        depot_at = depots_at[t]
        own = carried[t, j]
        for p in range(count):
            if used[t, p] + parts[j, p] > stock[t, p] + EPS:
                own = False
        behind_depot = depot_at >= 0 and at_depot[t, j]
        from_k = 0 if own else depot_at
        until_k = n - 1 if depot_at < 0 or behind_depot else depot_at
        if not own and not behind_depot:
            until_k = from_k
        offset = extra[t, j] - bare[t] + fixed - work * pause[t]
        shift_end, room = shift_ends[t], most[t] - worked[t] + EPS
        for v in range(from_v, until_v):
            length_v, low_v, high_v = minutes[v], low[v], high[v]
            if length_v > room:
                continue
            for k in range(from_k, until_k):
                here = real[t, k]
                duration, early, late = join(
                    pre[t, k, 0],
                    pre[t, k, 1],
                    pre[t, k, 2],
                    travel[here, v],
                    length_v,
                    low_v,
                    high_v,
                )
                if duration < 0.0:
                    break
                m = k + 1
                while kind[node[t, m]] == BREAK:
                    b = node[t, m]
                    if duration >= 0.0:
                        duration, early, late = join(
                            duration, early, late, 0.0, minutes[b], low[b], high[b]
                        )
                    m += 1
                if duration < 0.0:
                    continue
                there = node[t, m]
                duration, early, late = join(
                    duration,
                    early,
                    late,
                    travel[v, there],
                    suf[t, m, 0],
                    suf[t, m, 1],
                    suf[t, m, 2],
                )
                if duration < 0.0:
                    continue
                cost = offset + work * duration
                if far > 0.0:
                    dist = way[t, n - 1] - travel[here, there]
                    cost += far * (dist + travel[here, v] + travel[v, there])
                over = early + duration - shift_end
                if over > 0.0:
                    cost += overtime * over
                if balance > 0.0:
                    hours = (duration - pause[t]) / 60.0
                    cost += balance * hours * hours
                if cost >= best[0]:
                    continue
                if has_due:
                    cost += w[3] * lateness(tables, routes, t, early, v, k, -1)
                if cost < best[0]:
                    best[0] = cost
                    best[1] = t
                    best[2] = v
                    best[3] = k
                    best[4] = -1
            if not own and depots[t] >= 0 and at_depot[t, j]:
                try_with_depot(tables, routes, t, v, best)


@lean
def try_with_depot(tables, routes, t, v, best):
    """As ``find_place`` for a job that needs the depot before it: the depot's stop is
    added, or moved to the front of the job."""
    kind, node, travel = tables.kind, routes.node, tables.travel
    minutes, low, high = tables.minutes, tables.low, tables.high
    pre, suf, real, way = routes.pre, routes.suf, routes.real, routes.dist
    length_v, low_v, high_v = minutes[v], low[v], high[v]
    depot = tables.depot[t]
    depot_at = routes.depot_at[t]
    n = routes.length[t]
    last = n - 1 if depot_at < 0 else depot_at
    # Behind the depot everything must find its parts there.
    first = last
    while first > 1:
        a = node[t, first - 1]
        if kind[a] == JOB and not tables.at_depot[t, tables.job[a]]:
            break
        first -= 1
    for q in range(first - 1, last):
        here = real[t, q]
        duration, early, late = join(
            pre[t, q, 0],
            pre[t, q, 1],
            pre[t, q, 2],
            travel[here, depot],
            minutes[depot],
            low[depot],
            high[depot],
        )
        if duration < 0.0:
            break
        dist = way[t, q] + travel[here, depot]
        here = depot
        for k in range(q, last):
            if k > q:
                a = node[t, k]
                step = 0.0
                if kind[a] != BREAK:
                    step = travel[here, a]
                    here = a
                dist += step
                duration, early, late = join(
                    duration, early, late, step, minutes[a], low[a], high[a]
                )
                if duration < 0.0:
                    break
            duration_2, early_2, late_2 = join(
                duration, early, late, travel[here, v], length_v, low_v, high_v
            )
            if duration_2 < 0.0:
                continue
            done = dist + travel[here, v]
            place = v
            m = k + 1
            # On to the old depot, which falls away, and over breaks.
            while m < n:
                a = node[t, m]
                if kind[a] == BREAK:
                    step = 0.0
                elif m < depot_at:
                    step = travel[place, a]
                    place = a
                elif m == depot_at:
                    m += 1
                    continue
                else:
                    break
                done += step
                if duration_2 >= 0.0:
                    duration_2, early_2, late_2 = join(
                        duration_2, early_2, late_2, step, minutes[a], low[a], high[a]
                    )
                m += 1
            if duration_2 < 0.0:
                continue
            there = node[t, m]
            duration_2, early_2, late_2 = join(
                duration_2,
                early_2,
                late_2,
                travel[place, there],
                suf[t, m, 0],
                suf[t, m, 1],
                suf[t, m, 2],
            )
            if duration_2 < 0.0:
                continue
            done += travel[place, there] + way[t, n - 1] - way[t, m]
            cost = rate(tables, routes, t, v, k, q, duration_2, early_2, done)
            if cost < best[0]:
                best[0] = cost
                best[1] = t
                best[2] = v
                best[3] = k
                best[4] = q


@lean
def insert(tables, routes, t, v, k, q):
    """Put node ``v`` behind position ``k``; the depot behind ``q`` unless negative."""
    node = routes.node
    n = routes.length[t]
    if q >= 0 and routes.depot_at[t] >= 0:
        for m in range(routes.depot_at[t], n - 1):
            node[t, m] = node[t, m + 1]
        n -= 1
    for m in range(n, k + 1, -1):
        node[t, m] = node[t, m - 1]
    node[t, k + 1] = v
    n += 1
    if q >= 0:
        for m in range(n, q + 1, -1):
            node[t, m] = node[t, m - 1]
        node[t, q + 1] = tables.depot[t]
        n += 1
    routes.length[t] = n
    rebuild(tables, routes, t)
    if routes.depot_at[t] >= 0:
        place_depot(tables, routes, t)


@lean
def place_depot(tables, routes, t):
    """Put the depot's stop of route ``t`` where it costs least, or drop it."""
    node = routes.node
    old = routes.depot_at[t]
    n = routes.length[t]
    for m in range(old, n - 1):
        node[t, m] = node[t, m + 1]
    n -= 1
    routes.length[t] = n
    rebuild(tables, routes, t)
    # The depot comes before the first job that cannot be done without it, and behind
    # the last one that it has nothing for.
    latest = n - 1
    earliest = 0
    parts = tables.parts.shape[1]
    need = routes.need
    for p in range(parts):
        need[p] = 0.0
    for k in range(1, n - 1):
        a = node[t, k]
        if tables.kind[a] != JOB:
            continue
        j = tables.job[a]
        short = not tables.carried[t, j]
        for p in range(parts):
            need[p] += tables.parts[j, p]
            if need[p] > tables.stock[t, p] + EPS:
                short = True
        if short and k < latest:
            latest = k
        if not tables.at_depot[t, j]:
            earliest = k
    if latest == n - 1:
        return
    best = NEVER
    place = -1
    depot = tables.depot[t]
    kind, travel, minutes = tables.kind, tables.travel, tables.minutes
    low, high = tables.low, tables.high
    pre, suf, real, way = routes.pre, routes.suf, routes.real, routes.dist
    for q in range(earliest, latest):
        here = real[t, q]
        duration, early, late = join(
            pre[t, q, 0],
            pre[t, q, 1],
            pre[t, q, 2],
            travel[here, depot],
            minutes[depot],
            low[depot],
            high[depot],
        )
        if duration < 0.0:
            break
        m = q + 1
        while kind[node[t, m]] == BREAK:
            a = node[t, m]
            if duration >= 0.0:
                duration, early, late = join(
                    duration, early, late, 0.0, minutes[a], low[a], high[a]
                )
            m += 1
        if duration < 0.0:
            continue
        there = node[t, m]
        duration, early, late = join(
            duration,
            early,
            late,
            travel[depot, there],
            suf[t, m, 0],
            suf[t, m, 1],
            suf[t, m, 2],
        )
        if duration < 0.0:
            continue
        dist = way[t, n - 1] - travel[here, there]
        dist += travel[here, depot] + travel[depot, there]
        cost = price(tables, t, duration, early, dist)
        if tables.has_due:
            cost += tables.weights[3] * lateness(tables, routes, t, early, -1, -1, q)
        if cost < best:
            best = cost
            place = q
    if place < 0:
        place = old - 1
    for m in range(n, place + 1, -1):
        node[t, m] = node[t, m - 1]
    node[t, place + 1] = depot
    routes.length[t] = n + 1
    rebuild(tables, routes, t)


@lean
def take_out(tables, routes, t, out):
    """Remove the jobs marked in ``out`` from route ``t``; whether it is in time then.

    Without a job before a break the way behind the break may be longer.
    """
    node = routes.node
    m = 0
    for k in range(routes.length[t]):
        a = node[t, k]
        if tables.kind[a] == JOB and out[tables.job[a]]:
            continue
        node[t, m] = a
        m += 1
    routes.length[t] = m
    fits = rebuild(tables, routes, t)
    if fits and routes.depot_at[t] >= 0:
        place_depot(tables, routes, t)
        fits = rebuild(tables, routes, t)
    return fits
