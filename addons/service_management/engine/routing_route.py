"""Routes of visit planning: rows of nodes, and what is known of each part of them.

Every prefix and suffix of a route is kept as a segment of three numbers, so that one
insertion is tested in constant time:

``duration``  minutes from leaving the first node to being done at the last one
``early``     the earliest start that reaches this duration
``late``      the latest start that is still in time everywhere

(Vidal, Crainic, Gendreau, Prins 2013, without time warp: no late route is ever kept.)

Plain functions over numpy arrays: compiled where numba is installed, else interpreted
as they are. ``Tables`` says what the arrays mean; times and travel are minutes.
"""

from typing import NamedTuple

import numpy as np

from .routing_jit import inlined, lean

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
    most: np.ndarray  # minutes of jobs together
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
    work: np.ndarray  # their minutes
    depot_at: np.ndarray  # position, -1
    used: np.ndarray  # resource × part: used before the depot
    need: np.ndarray  # part: to count with
    real: np.ndarray  # the node whose place one is at: breaks have none
    dist: np.ndarray  # travel of the prefix
    pre: np.ndarray  # resource × position × (duration, early, late)
    suf: np.ndarray
    version: np.ndarray  # another number for other nodes; the last counts them


def make_routes(starts, parts, size):
    """Empty routes; ``starts`` are the nodes of each resource, from start to end."""
    count = len(starts)
    routes = Routes(
        node=np.zeros((count, size), np.int64),
        length=np.zeros(count, np.int64),
        cost=np.zeros(count),
        bare=np.zeros(count),
        jobs=np.zeros(count, np.int64),
        work=np.zeros(count),
        depot_at=np.full(count, -1, np.int64),
        used=np.zeros((count, parts)),
        need=np.zeros(parts),
        real=np.zeros((count, size), np.int64),
        dist=np.zeros((count, size)),
        pre=np.zeros((count, size, 3)),
        suf=np.zeros((count, size, 3)),
        version=np.zeros(count + 1, np.int64),
    )
    for t, nodes in enumerate(starts):
        routes.node[t, : len(nodes)] = nodes
        routes.length[t] = len(nodes)
    return routes


@inlined
def next_random(state):
    """A number in [0, 1) from the generator in ``state[0]``."""
    state[0] = state[0] * RANDOM_FACTOR % RANDOM_MODULUS
    return state[0] / RANDOM_MODULUS


@inlined
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


@lean
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


@lean
def lateness(tables, routes, t, start, v, k, q):
    """Minutes after their due times of a route's jobs, left at ``start``.

    With node ``v`` behind position ``k``, and the depot behind ``q`` where it is not
    negative; ``v`` negative: the route as it is.
    """
    kind, node, low, due = tables.kind, routes.node, tables.low, tables.due
    minutes, travel = tables.minutes, tables.travel
    total = 0.0
    clock = start
    here = node[t, 0]
    n = routes.length[t]
    for position in range(n):
        for step in range(3):
            if step == 0:
                a = node[t, position]
                if q >= 0 and kind[a] == DEPOT:
                    continue
            elif step == 1:
                if q != position:
                    continue
                a = tables.depot[t]
            else:
                if v < 0 or k != position:
                    continue
                a = v
            if kind[a] == BREAK:
                if clock < low[a]:
                    clock = low[a]
                clock += minutes[a]
                continue
            if not (position == 0 and step == 0):
                clock += travel[here, a]
            here = a
            if clock < low[a]:
                clock = low[a]
            if clock > due[a]:
                total += clock - due[a]
            clock += minutes[a]
    return total


@lean
def rebuild(tables, routes, t):
    """Segments, cost and part use of route ``t`` anew; whether it is in time."""
    # Arrays are taken out of their tuples once: that costs more than a stop does.
    kind, travel, minutes = tables.kind, tables.travel, tables.minutes
    low, high = tables.low, tables.high
    node, pre, suf, real, way = (
        routes.node,
        routes.pre,
        routes.suf,
        routes.real,
        routes.dist,
    )
    n = routes.length[t]
    routes.version[-1] += 1
    routes.version[t] = routes.version[-1]
    here = node[t, 0]
    duration, early, late = minutes[here], low[here], high[here]
    dist = 0.0
    for k in range(n):
        if k:
            b = node[t, k]
            if kind[b] == BREAK:
                step = 0.0
            else:
                step = travel[here, b]
                here = b
            dist += step
            duration, early, late = join(
                duration, early, late, step, minutes[b], low[b], high[b]
            )
            if duration < 0.0:
                return False
        pre[t, k, 0] = duration
        pre[t, k, 1] = early
        pre[t, k, 2] = late
        real[t, k] = here
        way[t, k] = dist
    there = n - 1
    b = node[t, there]
    suf[t, there, 0] = minutes[b]
    suf[t, there, 1] = low[b]
    suf[t, there, 2] = high[b]
    for k in range(n - 2, -1, -1):
        a = node[t, k]
        if kind[a] == BREAK:
            continue
        duration, early, late = minutes[a], low[a], high[a]
        for m in range(k + 1, there):
            b = node[t, m]
            duration, early, late = join(
                duration, early, late, 0.0, minutes[b], low[b], high[b]
            )
        duration, early, late = join(
            duration,
            early,
            late,
            travel[a, node[t, there]],
            suf[t, there, 0],
            suf[t, there, 1],
            suf[t, there, 2],
        )
        suf[t, k, 0] = duration
        suf[t, k, 1] = early
        suf[t, k, 2] = late
        there = k
    count_route(tables, routes, t)
    return True


@lean
def count_route(tables, routes, t):
    """What a route in time costs, and which parts it uses before its depot."""
    kind, node, parts = tables.kind, routes.node, tables.parts
    n = routes.length[t]
    count = parts.shape[1]
    depot_at = -1
    jobs = 0
    work = 0.0
    extra = 0.0
    for p in range(count):
        routes.used[t, p] = 0.0
    for k in range(1, n - 1):
        a = node[t, k]
        if kind[a] == DEPOT:
            depot_at = k
        elif kind[a] == JOB:
            j = tables.job[a]
            jobs += 1
            work += tables.minutes[a]
            extra += tables.extra[t, j]
            if depot_at < 0:
                for p in range(count):
                    routes.used[t, p] += parts[j, p]
    bare = 0.0
    if jobs:
        early = routes.pre[t, n - 1, 1]
        bare = price(tables, t, routes.pre[t, n - 1, 0], early, routes.dist[t, n - 1])
        if tables.has_due:
            late = lateness(tables, routes, t, early, -1, -1, -1)
            bare += tables.weights[3] * late
    routes.depot_at[t] = depot_at
    routes.jobs[t] = jobs
    routes.work[t] = work
    routes.bare[t] = bare
    routes.cost[t] = bare + extra


@lean
def copy_route(source, target, t):
    """Take over route ``t`` with all that is known of it."""
    n = source.length[t]
    target.length[t] = n
    target.cost[t] = source.cost[t]
    target.bare[t] = source.bare[t]
    target.jobs[t] = source.jobs[t]
    target.work[t] = source.work[t]
    target.depot_at[t] = source.depot_at[t]
    target.version[t] = source.version[t]
    for p in range(source.used.shape[1]):
        target.used[t, p] = source.used[t, p]
    for k in range(n):
        target.node[t, k] = source.node[t, k]
        target.real[t, k] = source.real[t, k]
        target.dist[t, k] = source.dist[t, k]
        for c in range(3):
            target.pre[t, k, c] = source.pre[t, k, c]
            target.suf[t, k, c] = source.suf[t, k, c]
