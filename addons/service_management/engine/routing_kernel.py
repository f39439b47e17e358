"""The inner loop of visit planning: ruin a few routes, rebuild them, keep what is good.

Slack induction by string removals (Christiaens and Vanden Berghe, 2020) under simulated
annealing, over the routes of ``routing_route``.
"""

import numpy as np

from .routing_insert import find_place, insert, take_out
from .routing_jit import jit, lean
from .routing_route import EPS, JOB, NEVER, Routes, copy_route, next_random


@jit
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
        if touched[t] and not take_out(tables, routes, t, out):
            # It fits no more with jobs missing before a break: it begins anew
            for k in range(1, routes.length[t] - 1):
                a = routes.node[t, k]
                if tables.kind[a] != JOB or tables.fixed[tables.job[a]]:
                    continue
                out[tables.job[a]] = True
                pool[waiting] = tables.job[a]
                waiting += 1
            take_out(tables, routes, t, out)
    return waiting


@lean
def find_cheapest(tables, routes, random, blink, j, memory, best):
    """The cheapest place of job ``j`` in all routes, as ``find_place`` tells it.

    A route is passed over with probability ``blink``. What is cheapest in one route is
    kept in ``memory`` (job × route × (version, ``best``)) until the route is another
    one: most are as they were an iteration ago.
    """
    able, version = tables.able, routes.version
    first, last = tables.first[j], tables.last[j]
    best[0] = NEVER
    chosen = -1
    for t in range(len(routes.length)):
        if not able[t, j] or next_random(random) < blink:
            continue
        known = memory[j, t]
        if known[0] != version[t]:
            known[0] = version[t]
            known[1] = NEVER
            find_place(tables, routes, random, 0.0, j, t, t + 1, first, last, known[1:])
        if known[1] < best[0]:
            best[0] = known[1]
            chosen = t
    if chosen >= 0:
        for part in range(len(best)):
            best[part] = memory[j, chosen, part + 1]


@jit
def recreate(
    tables, routes, random, blink, route_of, pool, waiting, touched, rank, memory, best
):
    """Put the jobs of the pool where they cost least, in a random kind of order.

    A place is passed over with probability ``blink``. A job that would cost more than
    its penalty stays out.

    :return: sum of the penalties of the jobs that stay out
    """
    keys, penalty = tables.keys, tables.penalty
    orders = keys.shape[0]
    chosen = int(next_random(random) * (orders + 3))
    for p in range(waiting):
        rank[p] = next_random(random)
        if chosen < orders:
            rank[p] = keys[chosen, pool[p]] + 1e-6 * rank[p]
    missing = 0.0
    for p in np.argsort(rank[:waiting]):
        j = pool[p]
        find_cheapest(tables, routes, random, blink, j, memory, best)
        if best[0] >= penalty[j]:
            route_of[j] = -1
            missing += penalty[j]
            continue
        where = int(best[1])
        insert(tables, routes, where, int(best[2]), int(best[3]), int(best[4]))
        route_of[j] = where
        touched[where] = True
    return missing


@jit
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
    memory = np.zeros((jobs, count, 6))
    routes.version[:] = np.arange(1, count + 2)
    kept_route_of = route_of.copy()
    kept = Routes(
        routes.node.copy(),
        routes.length.copy(),
        routes.cost.copy(),
        routes.bare.copy(),
        routes.jobs.copy(),
        routes.work.copy(),
        routes.depot_at.copy(),
        routes.used.copy(),
        routes.need,
        routes.real.copy(),
        routes.dist.copy(),
        routes.pre.copy(),
        routes.suf.copy(),
        routes.version.copy(),
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
            memory,
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
