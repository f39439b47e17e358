"""The inner loop of visit planning: ruin a few routes, rebuild them, keep what is good.

Slack induction by string removals (Christiaens and Vanden Berghe, 2020) under simulated
annealing. A route is a row of node numbers; every prefix and suffix of it is kept as a
segment of three numbers, so that one insertion is tested in constant time:

``duration``  minutes from leaving the first node to being done at the last one
``early``     the earliest start that reaches this duration
``late``      the latest start that is still in time everywhere

(Vidal, Crainic, Gendreau, Prins 2013, without time warp: no late route is ever kept.)

Plain functions over numpy arrays: compiled where numba is installed, else interpreted
as they are. ``Tables`` says what the arrays mean; times and travel are minutes.
"""

import os
from typing import NamedTuple

import numpy as np

try:
    if os.environ.get("SERVICE_ROUTING_INTERPRETED"):
        raise ImportError("interpreted on request")
    from numba import njit
except ImportError:
    COMPILED = False

    def _jit(function):
        return function
else:
    COMPILED = True
    _jit = njit(cache=True, nogil=True)

JOB, END, DEPOT, BREAK = 0, 1, 2, 3
EPS = 1e-6
NEVER = 1e17
# A random number generator of our own: the same plan compiled and interpreted.
RANDOM_FACTOR = 48271
RANDOM_MODULUS = 2147483647


class Tables(NamedTuple):
    """What does not change during a search.

    Nodes are the windows of jobs, then for each resource its start, its end and its
    depot, then breaks.
    """

    # of nodes
    kind: np.ndarray  # JOB, END, DEPOT or BREAK
    job: np.ndarray  # the job of a window, -1
    minutes: np.ndarray
    low: np.ndarray
    high: np.ndarray
    due: np.ndarray
    travel: np.ndarray  # node × node
    # of jobs
    first: np.ndarray  # first and one past the last window
    last: np.ndarray
    penalty: np.ndarray
    parts: np.ndarray  # job × part
    near: np.ndarray  # job × other jobs, nearest first
    keys: np.ndarray  # orders in which jobs are inserted × job
    fixed: np.ndarray  # not taken out
    # of resources
    able: np.ndarray  # resource × job: skills and whatever else is asked for
    carried: np.ndarray  # resource × job: has the tools with it
    at_depot: np.ndarray  # resource × job: the depot has what is missing
    stock: np.ndarray  # resource × part
    extra: np.ndarray  # resource × job: cost of a choice that is not preferred
    depot: np.ndarray  # depot node, -1
    shift_end: np.ndarray  # what lies behind is overtime
    most: np.ndarray  # longest duration
    pause: np.ndarray  # minutes of its breaks, which cost nothing
    # of the plan
    weights: np.ndarray  # work, travel, overtime, late, balance, fixed
    has_due: bool


class Routes(NamedTuple):
    """The routes of a plan and what is known of each prefix and suffix."""

    node: np.ndarray  # resource × position
    length: np.ndarray
    cost: np.ndarray
    bare: np.ndarray  # cost without preferences
    jobs: np.ndarray  # number of jobs
    depot_at: np.ndarray  # position, -1
    used: np.ndarray  # resource × part: used before the depot
    real: np.ndarray  # the node whose place one is at: breaks have none
    dist: np.ndarray  # travel of the prefix
    pre: np.ndarray  # resource × position × (duration, early, late)
    suf: np.ndarray


def make_routes(starts, parts, size):
    """Empty routes; ``starts`` are the nodes of each resource, from start to end."""
    count = len(starts)
    routes = Routes(
        node=np.zeros((count, size), np.int64),
        length=np.zeros(count, np.int64),
        cost=np.zeros(count),
        bare=np.zeros(count),
        jobs=np.zeros(count, np.int64),
        depot_at=np.full(count, -1, np.int64),
        used=np.zeros((count, parts)),
        real=np.zeros((count, size), np.int64),
        dist=np.zeros((count, size)),
        pre=np.zeros((count, size, 3)),
        suf=np.zeros((count, size, 3)),
    )
    for t, nodes in enumerate(starts):
        routes.node[t, : len(nodes)] = nodes
        routes.length[t] = len(nodes)
    return routes


@_jit
def next_random(state):
    """A number in [0, 1) from the generator in ``state[0]``."""
    state[0] = state[0] * RANDOM_FACTOR % RANDOM_MODULUS
    return state[0] / RANDOM_MODULUS


@_jit
def join(duration, early, late, travel, duration_2, early_2, late_2):
    """Two segments one after the other; a negative duration where it is too late."""
    delta = duration + travel
    if early + delta > late_2 + EPS:
        return -1.0, 0.0, 0.0
    wait = early_2 - delta - late
    if wait < 0.0:
        wait = 0.0
    start = early_2 - delta
    if early > start:
        start = early
    end = late_2 - delta
    if late < end:
        end = late
    if end < start - wait:
        end = start - wait
    return delta + wait + duration_2, start - wait, end


@_jit
def join_suffix(tables, routes, t, k, here, duration, early, late):
    """A segment that ends at node ``here``, and the route from position ``k`` on."""
    while tables.kind[routes.node[t, k]] == BREAK:
        b = routes.node[t, k]
        duration, early, late = join(
            duration,
            early,
            late,
            0.0,
            tables.minutes[b],
            tables.low[b],
            tables.high[b],
        )
        if duration < 0.0:
            return duration, early, late
        k += 1
    return join(
        duration,
        early,
        late,
        tables.travel[here, routes.node[t, k]],
        routes.suf[t, k, 0],
        routes.suf[t, k, 1],
        routes.suf[t, k, 2],
    )


@_jit
def add_node(tables, here, duration, early, late, v):
    """A segment that ends at ``here``, and a node with a place behind it."""
    return join(
        duration,
        early,
        late,
        tables.travel[here, v],
        tables.minutes[v],
        tables.low[v],
        tables.high[v],
    )


@_jit
def price(tables, t, duration, early, dist):
    """Cost of a route by its segment and its travel, without lateness."""
    w = tables.weights
    work = duration - tables.pause[t]
    cost = w[0] * work + w[1] * dist + w[5]
    over = early + duration - tables.shift_end[t]
    if over > 0.0:
        cost += w[2] * over
    if w[4] > 0.0:
        cost += w[4] * work * work / 3600.0
    return cost


@_jit
def lateness(tables, routes, t, start, v, k, q):
    """Minutes after their due times of a route's jobs, left at ``start``.

    With node ``v`` behind position ``k``, and the depot behind ``q`` where it is not
    negative; ``v`` negative: the route as it is.
    """
    total = 0.0
    clock = start
    here = routes.node[t, 0]
    n = routes.length[t]
    for position in range(n):
        for step in range(3):
            if step == 0:
                a = routes.node[t, position]
                if q >= 0 and tables.kind[a] == DEPOT:
                    continue
            elif step == 1:
                if q != position:
                    continue
                a = tables.depot[t]
            else:
                if v < 0 or k != position:
                    continue
                a = v
            if tables.kind[a] == BREAK:
                if clock < tables.low[a]:
                    clock = tables.low[a]
                clock += tables.minutes[a]
                continue
            if not (position == 0 and step == 0):
                clock += tables.travel[here, a]
            here = a
            if clock < tables.low[a]:
                clock = tables.low[a]
            if clock > tables.due[a]:
                total += clock - tables.due[a]
            clock += tables.minutes[a]
    return total


@_jit
def rebuild(tables, routes, t):
    """Segments, cost and part use of route ``t`` anew; whether it is in time."""
    n = routes.length[t]
    node, pre, suf = routes.node, routes.pre, routes.suf
    a = node[t, 0]
    pre[t, 0, 0] = tables.minutes[a]
    pre[t, 0, 1] = tables.low[a]
    pre[t, 0, 2] = tables.high[a]
    routes.real[t, 0] = a
    routes.dist[t, 0] = 0.0
    for k in range(1, n):
        a = routes.real[t, k - 1]
        b = node[t, k]
        travel = 0.0
        routes.real[t, k] = a
        if tables.kind[b] != BREAK:
            travel = tables.travel[a, b]
            routes.real[t, k] = b
        routes.dist[t, k] = routes.dist[t, k - 1] + travel
        duration, early, late = join(
            pre[t, k - 1, 0],
            pre[t, k - 1, 1],
            pre[t, k - 1, 2],
            travel,
            tables.minutes[b],
            tables.low[b],
            tables.high[b],
        )
        if duration < 0.0:
            return False
        pre[t, k, 0] = duration
        pre[t, k, 1] = early
        pre[t, k, 2] = late
    for k in range(n - 1, -1, -1):
        a = node[t, k]
        if tables.kind[a] == BREAK:
            continue
        if k == n - 1:
            suf[t, k, 0] = tables.minutes[a]
            suf[t, k, 1] = tables.low[a]
            suf[t, k, 2] = tables.high[a]
            continue
        duration, early, late = join_suffix(
            tables,
            routes,
            t,
            k + 1,
            a,
            tables.minutes[a],
            tables.low[a],
            tables.high[a],
        )
        suf[t, k, 0] = duration
        suf[t, k, 1] = early
        suf[t, k, 2] = late
    routes.depot_at[t] = -1
    jobs = 0
    extra = 0.0
    for p in range(tables.parts.shape[1]):
        routes.used[t, p] = 0.0
    for k in range(1, n - 1):
        a = node[t, k]
        if tables.kind[a] == DEPOT:
            routes.depot_at[t] = k
        elif tables.kind[a] == JOB:
            j = tables.job[a]
            jobs += 1
            extra += tables.extra[t, j]
            if routes.depot_at[t] < 0:
                for p in range(tables.parts.shape[1]):
                    routes.used[t, p] += tables.parts[j, p]
    routes.jobs[t] = jobs
    bare = 0.0
    if jobs:
        early = pre[t, n - 1, 1]
        bare = price(tables, t, pre[t, n - 1, 0], early, routes.dist[t, n - 1])
        if tables.has_due:
            late = lateness(tables, routes, t, early, -1, -1, -1)
            bare += tables.weights[3] * late
    routes.bare[t] = bare
    routes.cost[t] = bare + extra
    return True


@_jit
def rate(tables, routes, t, v, k, q, duration, early, dist):
    """What a finished insertion adds to the cost of route ``t``."""
    if duration > tables.most[t] + EPS:
        return NEVER
    cost = price(tables, t, duration, early, dist) - routes.bare[t]
    if tables.has_due:
        cost += tables.weights[3] * lateness(tables, routes, t, early, v, k, q)
    return cost + tables.extra[t, tables.job[v]]


@_jit
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


@_jit
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


@_jit
def depot_serves(tables, routes, t, start, end):
    """Whether the depot has what the jobs of positions ``start`` to ``end`` need."""
    for k in range(start, end):
        a = routes.node[t, k]
        if tables.kind[a] == JOB and not tables.at_depot[t, tables.job[a]]:
            return False
    return True


@_jit
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


@_jit
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


@_jit
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


@_jit
def copy_route(source, target, t):
    """Take over route ``t`` with all that is known of it."""
    n = source.length[t]
    target.length[t] = n
    target.cost[t] = source.cost[t]
    target.bare[t] = source.bare[t]
    target.jobs[t] = source.jobs[t]
    target.depot_at[t] = source.depot_at[t]
    for p in range(source.used.shape[1]):
        target.used[t, p] = source.used[t, p]
    for k in range(n):
        target.node[t, k] = source.node[t, k]
        target.real[t, k] = source.real[t, k]
        target.dist[t, k] = source.dist[t, k]
        for c in range(3):
            target.pre[t, k, c] = source.pre[t, k, c]
            target.suf[t, k, c] = source.suf[t, k, c]


@_jit
def ruin(
    tables, routes, random, strength, string, route_of, out, pool, touched, buffer
):
    """Take strings of neighbouring jobs out of neighbouring routes.

    :return: how many jobs stand in ``pool`` now, those without a route included
    """
    jobs = len(tables.first)
    count = len(routes.length)
    waiting = 0
    planned = 0
    active = 0
    for j in range(jobs):
        out[j] = False
        if route_of[j] < 0:
            pool[waiting] = j
            waiting += 1
        else:
            planned += 1
    for t in range(count):
        touched[t] = False
        if routes.jobs[t]:
            active += 1
    if planned == 0:
        return waiting
    longest = planned / active
    if longest > string:
        longest = string
    strings = int(next_random(random) * (4.0 * strength / (1.0 + longest) - 1.0) + 1.0)
    seed = int(next_random(random) * jobs)
    ruined = 0
    for place in range(jobs):
        if ruined >= strings:
            break
        j = seed if place == 0 else tables.near[seed, place - 1]
        t = route_of[j]
        if t < 0 or touched[t]:
            continue
        n = 0
        at = 0
        for k in range(1, routes.length[t] - 1):
            a = routes.node[t, k]
            if tables.kind[a] == JOB:
                if tables.job[a] == j:
                    at = n
                buffer[n] = tables.job[a]
                n += 1
        size = longest if longest < n else n
        size = int(next_random(random) * size + 1.0)
        if size > n:
            size = n
        # Half of the strings keep a piece in their middle.
        kept = 0
        if size < n and next_random(random) < 0.5:
            kept = 1
            while size + kept < n and kept < size and next_random(random) > 0.01:
                kept += 1
        span = size + kept
        low = at - span + 1
        if low < 0:
            low = 0
        high = at if at < n - span else n - span
        start = low + int(next_random(random) * (high - low + 1))
        gap = int(next_random(random) * (size + 1)) if kept else size
        for k in range(span):
            if kept and gap <= k < gap + kept:
                continue
            i = buffer[start + k]
            if tables.fixed[i]:
                continue
            out[i] = True
            pool[waiting] = i
            waiting += 1
        touched[t] = True
        ruined += 1
    for t in range(count):
        if touched[t]:
            take_out(tables, routes, t, out)
    return waiting


@_jit
def recreate(
    tables, routes, random, blink, route_of, pool, waiting, touched, rank, best
):
    """Put the jobs of the pool where they cost least, in a random kind of order.

    A place is passed over with probability ``blink``. A job that would cost more than
    its penalty stays out.

    :return: sum of the penalties of the jobs that stay out
    """
    orders = tables.keys.shape[0]
    chosen = int(next_random(random) * (orders + 3))
    for p in range(waiting):
        rank[p] = next_random(random)
        if chosen < orders:
            rank[p] = tables.keys[chosen, pool[p]] + 1e-6 * rank[p]
    missing = 0.0
    for p in np.argsort(rank[:waiting]):
        j = pool[p]
        best[0] = NEVER
        find_place(
            tables,
            routes,
            random,
            blink,
            j,
            0,
            len(routes.length),
            tables.first[j],
            tables.last[j],
            best,
        )
        if best[0] >= tables.penalty[j]:
            route_of[j] = -1
            missing += tables.penalty[j]
            continue
        where = int(best[1])
        insert(tables, routes, where, int(best[2]), int(best[3]), int(best[4]))
        route_of[j] = where
        touched[where] = True
    return missing


@_jit
def search(
    tables, routes, best_routes, route_of, best_route_of, state, random, settings
):
    """Some iterations of ruin and recreate.

    ``state`` is (cost, best cost); ``settings`` is (iterations, first temperature,
    last temperature, jobs to take out on average, longest string, blink). The current
    plan stays in ``routes``, the best one in ``best_routes``.
    """
    count = len(routes.length)
    jobs = len(tables.first)
    iterations = int(settings[0])
    out = np.zeros(jobs, np.bool_)
    touched = np.zeros(count, np.bool_)
    pool = np.zeros(jobs, np.int64)
    buffer = np.zeros(routes.node.shape[1], np.int64)
    rank = np.zeros(jobs)
    best = np.zeros(5)
    kept_route_of = route_of.copy()
    kept = Routes(
        routes.node.copy(),
        routes.length.copy(),
        routes.cost.copy(),
        routes.bare.copy(),
        routes.jobs.copy(),
        routes.depot_at.copy(),
        routes.used.copy(),
        routes.real.copy(),
        routes.dist.copy(),
        routes.pre.copy(),
        routes.suf.copy(),
    )
    for iteration in range(iterations):
        cooling = iteration / iterations
        temperature = settings[1] * (settings[2] / settings[1]) ** cooling
        waiting = ruin(
            tables,
            routes,
            random,
            settings[3],
            settings[4],
            route_of,
            out,
            pool,
            touched,
            buffer,
        )
        cost = recreate(
            tables,
            routes,
            random,
            settings[5],
            route_of,
            pool,
            waiting,
            touched,
            rank,
            best,
        )
        for t in range(count):
            cost += routes.cost[t]
        if cost < state[0] - temperature * np.log(next_random(random)):
            state[0] = cost
            for t in range(count):
                if touched[t]:
                    copy_route(routes, kept, t)
            for p in range(waiting):
                kept_route_of[pool[p]] = route_of[pool[p]]
            if cost < state[1] - EPS:
                state[1] = cost
                for t in range(count):
                    copy_route(routes, best_routes, t)
                for j in range(jobs):
                    best_route_of[j] = route_of[j]
        else:
            for t in range(count):
                if touched[t]:
                    copy_route(kept, routes, t)
            for p in range(waiting):
                route_of[pool[p]] = kept_route_of[pool[p]]
