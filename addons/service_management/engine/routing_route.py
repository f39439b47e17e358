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

import os
from typing import NamedTuple

import numpy as np

try:
    if os.environ.get("SERVICE_ROUTING_INTERPRETED"):
        raise ImportError("interpreted on request")
    from numba import njit
except ImportError:
    COMPILED = False

    def jit(function):
        return function
else:
    COMPILED = True
    jit = njit(cache=True, nogil=True)

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
        depot_at=np.full(count, -1, np.int64),
        used=np.zeros((count, parts)),
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


@jit
def next_random(state):
    """A number in [0, 1) from the generator in ``state[0]``."""
    state[0] = state[0] * RANDOM_FACTOR % RANDOM_MODULUS
    return state[0] / RANDOM_MODULUS


@jit
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


@jit
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


@jit
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


@jit
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


@jit
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


@jit
def rebuild(tables, routes, t):
    """Segments, cost and part use of route ``t`` anew; whether it is in time."""
    n = routes.length[t]
    node, pre, suf = routes.node, routes.pre, routes.suf
    routes.version[-1] += 1
    routes.version[t] = routes.version[-1]
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


@jit
def copy_route(source, target, t):
    """Take over route ``t`` with all that is known of it."""
    n = source.length[t]
    target.length[t] = n
    target.cost[t] = source.cost[t]
    target.bare[t] = source.bare[t]
    target.jobs[t] = source.jobs[t]
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
