"""A plan that the search begins with: its days as they are, where they still fit."""

from __future__ import annotations

import numpy as np

from .routing_insert import place_depot
from .routing_route import BREAK, DEPOT, EPS, JOB, NEVER, rebuild


def take_over(search, plan):
    """Put the jobs of a plan where they stand in it.

    A day that does not fit any longer as a whole is filled anew, job by job, with what
    still finds a place in it.
    """
    for key, stops in plan.routes.items():
        t = search.numbers.get(key)
        if t is not None and not _repeat_route(search, t, stops):
            _fill_route(search, t, stops)


def _repeat_route(search, t, stops):
    """Make route ``t`` of these stops and of what is fixed in it; whether it fits."""
    tables, routes = search.tables, search.routes
    old = routes.node[t, : routes.length[t]].tolist()
    breaks = [node for node in old if tables.kind[node] == BREAK]
    entries = [
        (float(tables.low[node]), node) for node in old if tables.kind[node] == JOB
    ]
    numbers = []
    for stop in stops:
        node = None
        if stop.kind == "depot" and tables.depot[t] >= 0:
            node = int(tables.depot[t])
        elif stop.kind == "break" and breaks:
            node = breaks.pop(0)
        elif stop.kind == "job":
            number = _find_copy(search, t, stop)
            if number is not None:
                numbers.append(number)
                node = _find_window(tables, number, stop.start)
        if node is not None:
            entries.append((stop.start, node))
    if breaks:
        return False
    entries.sort(key=lambda entry: entry[0])
    order = [old[0], *(node for __, node in entries), old[-1]]
    _write_route(routes, t, order)
    if not (
        _is_supplied(tables, t, order)
        and rebuild(tables, routes, t)
        and routes.work[t] <= tables.most[t] + EPS
    ):
        _write_route(routes, t, old)
        rebuild(tables, routes, t)
        return False
    if routes.depot_at[t] >= 0:
        place_depot(tables, routes, t)
    search.route_of[numbers] = t
    return True


def _fill_route(search, t, stops):
    best = np.zeros(5)
    for stop in stops:
        number = _find_copy(search, t, stop)
        if number is not None:
            best[0] = NEVER
            search.find(t, number, best)
            if best[0] < NEVER:
                search.put(t, number, best)


def _find_copy(search, t, stop):
    """The number of a stop's job that technician ``t`` may make and nobody has yet."""
    for number in search.copies_of.get(stop.job, ()):
        if search.route_of[number] < 0 and search.tables.able[t, number]:
            return number
    return None


def _find_window(tables, number, start):
    """The node of the first window that is not over at ``start``, else the last."""
    first, last = int(tables.first[number]), int(tables.last[number])
    for node in range(first, last):
        if start <= tables.high[node] + EPS:
            return node
    return last - 1


def _is_supplied(tables, t, order):
    """Whether tools and parts are at hand along a route with at most one depot."""
    left = tables.stock[t].copy()
    fetched = False
    for node in order:
        if tables.kind[node] == DEPOT:
            if fetched:
                return False
            fetched = True
        elif tables.kind[node] == JOB:
            j = tables.job[node]
            if fetched:
                if not tables.at_depot[t, j]:
                    return False
                continue
            left -= tables.parts[j]
            if not tables.carried[t, j] or (left < -EPS).any():
                return False
    return True


def _write_route(routes, t, order):
    routes.node[t, : len(order)] = order
    routes.length[t] = len(order)
