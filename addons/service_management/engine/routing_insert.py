"""Where a job fits into the routes, what that costs, and how it gets in and out."""

import numpy as np

from .routing_route import (
    BREAK,
    EPS,
    JOB,
    NEVER,
    add_node,
    jit,
    join,
    join_suffix,
    lateness,
    next_random,
    price,
    rebuild,
)


@jit
def rate(tables, routes, t, v, k, q, duration, early, dist):
    """What a finished insertion adds to the cost of route ``t``."""
    if duration > tables.most[t] + EPS:
        return NEVER
    cost = price(tables, t, duration, early, dist) - routes.bare[t]
    if tables.has_due:
        cost += tables.weights[3] * lateness(tables, routes, t, early, v, k, q)
    return cost + tables.extra[t, tables.job[v]]


@jit
def find_place(
    tables, routes, random, blink, j, from_t, until_t, from_v, until_v, best
):
    """The cheapest place of job ``j``, if cheaper than ``best[0]``.

    Over the routes ``from_t`` to ``until_t`` and the nodes ``from_v`` to ``until_v``
    of its windows. ``best`` gets cost, route, node, position to stand behind, position
    of the depot to stand behind (-1: the depot stays as it is).
    """
    kind, node, length = tables.kind, routes.node, routes.length
    travel, minutes, low, high = tables.travel, tables.minutes, tables.low, tables.high
    pre, suf, real, way = routes.pre, routes.suf, routes.real, routes.dist
    count = tables.parts.shape[1]
    w = tables.weights
    work, far, overtime, balance, fixed = w[0], w[1], w[2], w[4], w[5]
    for t in range(from_t, until_t):
        if not tables.able[t, j]:
            continue
        if blink > 0.0 and next_random(random) < blink:
            continue
        n = length[t]
        depot_at = routes.depot_at[t]
        own = tables.carried[t, j]
        for p in range(count):
            if routes.used[t, p] + tables.parts[j, p] > tables.stock[t, p] + EPS:
                own = False
        behind_depot = depot_at >= 0 and tables.at_depot[t, j]
        from_k = 0 if own else depot_at
        until_k = n - 1 if depot_at < 0 or behind_depot else depot_at
        if not own and not behind_depot:
            until_k = from_k
        offset = tables.extra[t, j] - routes.bare[t] + fixed - work * tables.pause[t]
        shift_end, most = tables.shift_end[t], tables.most[t]
        for v in range(from_v, until_v):
            length_v, low_v, high_v = minutes[v], low[v], high[v]
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
                if duration < 0.0 or duration > most + EPS:
                    continue
                cost = offset + work * duration
                if far > 0.0:
                    dist = way[t, n - 1] - travel[here, there]
                    cost += far * (dist + travel[here, v] + travel[v, there])
                over = early + duration - shift_end
                if over > 0.0:
                    cost += overtime * over
                if balance > 0.0:
                    hours = (duration - tables.pause[t]) / 60.0
                    cost += balance * hours * hours
                if cost >= best[0]:
                    continue
                if tables.has_due:
                    cost += w[3] * lateness(tables, routes, t, early, v, k, -1)
                if cost < best[0]:
                    best[0] = cost
                    best[1] = t
                    best[2] = v
                    best[3] = k
                    best[4] = -1
            if not own and tables.depot[t] >= 0 and tables.at_depot[t, j]:
                try_with_depot(tables, routes, t, v, best)


@jit
def try_with_depot(tables, routes, t, v, best):
    """As ``find_place`` for a job that needs the depot before it: the depot's stop is
    added, or moved to the front of the job."""
    n = routes.length[t]
    depot = tables.depot[t]
    depot_at = routes.depot_at[t]
    last = n - 1 if depot_at < 0 else depot_at
    for q in range(last):
        # What stands behind the depot must find its parts there.
        a = routes.node[t, q]
        here = routes.real[t, q]
        duration, early, late = add_node(
            tables,
            here,
            routes.pre[t, q, 0],
            routes.pre[t, q, 1],
            routes.pre[t, q, 2],
            depot,
        )
        if duration < 0.0:
            break
        if not depot_serves(tables, routes, t, q + 1, last):
            continue
        dist = routes.dist[t, q] + tables.travel[here, depot]
        here = depot
        for k in range(q, last):
            if k > q:
                a = routes.node[t, k]
                if tables.kind[a] == BREAK:
                    duration, early, late = join(
                        duration,
                        early,
                        late,
                        0.0,
                        tables.minutes[a],
                        tables.low[a],
                        tables.high[a],
                    )
                else:
                    dist += tables.travel[here, a]
                    duration, early, late = add_node(
                        tables, here, duration, early, late, a
                    )
                    here = a
                if duration < 0.0:
                    break
            segment = add_node(tables, here, duration, early, late, v)
            if segment[0] < 0.0:
                continue
            done = dist + tables.travel[here, v]
            place = v
            late_from = k + 1
            fits = True
            duration_2, early_2, late_2 = segment
            if depot_at >= 0:
                # The rest up to the old depot, which falls away.
                for m in range(k + 1, depot_at):
                    a = routes.node[t, m]
                    if tables.kind[a] == BREAK:
                        duration_2, early_2, late_2 = join(
                            duration_2,
                            early_2,
                            late_2,
                            0.0,
                            tables.minutes[a],
                            tables.low[a],
                            tables.high[a],
                        )
                    else:
                        done += tables.travel[place, a]
                        duration_2, early_2, late_2 = add_node(
                            tables, place, duration_2, early_2, late_2, a
                        )
                        place = a
                    if duration_2 < 0.0:
                        fits = False
                        break
                late_from = depot_at + 1
            if not fits:
                continue
            segment = join_suffix(
                tables, routes, t, late_from, place, duration_2, early_2, late_2
            )
            if segment[0] < 0.0:
                continue
            m = late_from
            while tables.kind[routes.node[t, m]] == BREAK:
                m += 1
            done += tables.travel[place, routes.node[t, m]]
            done += routes.dist[t, n - 1] - routes.dist[t, m]
            cost = rate(tables, routes, t, v, k, q, segment[0], segment[1], done)
            if cost < best[0]:
                best[0] = cost
                best[1] = t
                best[2] = v
                best[3] = k
                best[4] = q


@jit
def depot_serves(tables, routes, t, start, end):
    """Whether the depot has what the jobs of positions ``start`` to ``end`` need."""
    for k in range(start, end):
        a = routes.node[t, k]
        if tables.kind[a] == JOB and not tables.at_depot[t, tables.job[a]]:
            return False
    return True


@jit
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


@jit
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
    need = np.zeros(parts)
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
    for q in range(earliest, latest):
        here = routes.real[t, q]
        duration, early, late = add_node(
            tables,
            here,
            routes.pre[t, q, 0],
            routes.pre[t, q, 1],
            routes.pre[t, q, 2],
            depot,
        )
        if duration < 0.0:
            break
        duration, early, late = join_suffix(
            tables, routes, t, q + 1, depot, duration, early, late
        )
        if duration < 0.0:
            continue
        m = q + 1
        while tables.kind[node[t, m]] == BREAK:
            m += 1
        there = node[t, m]
        dist = (
            routes.dist[t, n - 1]
            - tables.travel[here, there]
            + tables.travel[here, depot]
            + tables.travel[depot, there]
        )
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


@jit
def take_out(tables, routes, t, out):
    """Remove the jobs marked in ``out`` from route ``t``."""
    node = routes.node
    m = 0
    for k in range(routes.length[t]):
        a = node[t, k]
        if tables.kind[a] == JOB and out[tables.job[a]]:
            continue
        node[t, m] = a
        m += 1
    routes.length[t] = m
    rebuild(tables, routes, t)
    if routes.depot_at[t] >= 0:
        place_depot(tables, routes, t)
