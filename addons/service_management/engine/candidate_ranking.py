"""Which service point should have an order, and why - without a database.

Rules, in this order:

1. Hard rules. A point that breaks one is refused, and the answer says which:
   ``suspended``, ``area``, ``type``, ``category``, ``level`` (coverage), ``document``
   (one it must have has expired), ``closed`` on that day, ``skill``, ``tool``, ``crew``
   (too few people), ``capacity`` (orders of the day), ``capacity_row`` (those that this
   row of the coverage brings), ``capacity_type`` (orders of this service type),
   ``capacity_hours``, ``capacity_type_hours`` (hours of this service type),
   ``declined`` (it refused this order or let its offer expire).
2. Objectives. Every point that is left gets a cost, the weighted sum of terms that
   each lie between 0 (best) and 1 (worst), see ``OBJECTIVES``. The cheapest is ranked
   first; equal costs are ranked by key, so that the same facts give the same answer.

A term whose fact is unknown costs one half: not knowing is neither good nor bad. A
term that is unknown for every candidate decides nothing and is left out.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from operator import mul

# Farther than this (km) is as bad as it gets; the scale of the distance term.
FAR_KM = 60.0
# The coverage priority (1 = first choice) that is as bad as it gets.
LAST_PRIORITY = 20
# How many orders of a point's own weigh as much as what is known of points like it.
PRIOR_ORDERS = 10
# What is assumed where nobody has finished an order of the kind yet.
PRIOR_SHARE = 0.8

# Each objective with its weight where a service type has none of its own.
DEFAULT_WEIGHTS: Mapping[str, float] = {
    "priority": 3.0,
    "distance": 3.0,
    "load": 2.0,
    "satisfaction": 2.0,
    "first_time_fix": 2.0,
    "parts": 1.0,
    "continuity": 1.0,
    "tariff": 1.0,
    "late": 1.0,
}
OBJECTIVES = tuple(DEFAULT_WEIGHTS)
# How far a point that does not know the asset is from one that does.
CONTINUITY = {"designated": 0.0, "served": 0.2, "installed": 0.3}
UNKNOWN = 0.5
EARTH_RADIUS_KM = 6371.0088
# Latitude and longitude in radians, cosine of the latitude
Place = tuple[float, float, float]


# Not frozen, as ``Ranked``: a batch makes several 100,000 of them, and setting fields
# of frozen ones takes three times as long.
@dataclass(slots=True)
class Candidate:
    """Facts about one point for one order.

    ``refused`` is a rule that was found broken before (coverage, documents, opening)
    or ``None``. Of ``capacity`` (orders), ``row_capacity`` (orders that the same row of
    its coverage brings, ``row``), ``type_capacity`` (orders of the type),
    ``hours_capacity`` and ``type_hours_capacity`` 0 means unlimited, and ``overtime``
    is by which part the orders may be exceeded; the loads count what the point already
    has on the day, ``hours`` is what the order takes. Shares lie in 0..1 and are
    ``None`` while unknown, so is ``distance_km``; ``parts`` is the share of the needed
    parts that the point holds, ``tariff`` what it would be paid in the company's
    currency and ``dearest`` what the dearest candidate would be. ``continuity`` is a
    key of ``CONTINUITY``.
    ``on_call``: it is closed on that day, and somebody is on standby.
    """

    key: int
    refused: str | None = None
    priority: int = 10
    capacity: int = 0
    load: int = 0
    row: int | None = None
    row_capacity: int = 0
    row_load: int = 0
    overtime: float = 0.0
    type_capacity: int = 0
    type_load: int = 0
    hours_capacity: float = 0.0
    hours_load: float = 0.0
    type_hours_capacity: float = 0.0
    type_hours_load: float = 0.0
    hours: float = 0.0
    qualified: bool = True
    equipped: bool = True
    manned: bool = True
    declined: bool = False
    on_call: bool = False
    satisfaction: float | None = None
    first_time_fix: float | None = None
    late: float | None = None
    distance_km: float | None = None
    parts: float | None = None
    continuity: str | None = None
    tariff: float | None = None
    dearest: float | None = None


@dataclass(frozen=True, slots=True)
class Reason:
    """One line of the explanation: a code, the fact behind it, what it cost."""

    code: str
    value: float | int | str | bool | None = None
    cost: float = 0.0


@dataclass(slots=True)
class Ranked:
    """A candidate with its place (1 = chosen first, ``None`` = refused) and why."""

    candidate: Candidate
    rank: int | None
    cost: float | None
    refusal: Reason | None = None
    weights: Mapping[str, float] | None = None

    @property
    def eligible(self) -> bool:
        return self.rank is not None

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """Worked out when somebody asks: of hundreds of candidates few are told of."""
        if self.refusal:
            return (self.refusal,)
        return explain(self.candidate, self.weights or DEFAULT_WEIGHTS)

    @property
    def fixed_cost(self) -> float:
        """The cost without the load, which a batch plans by itself."""
        weight = (self.weights or DEFAULT_WEIGHTS).get("load", 0.0)
        return self.cost - weight * _load(self.candidate)


def rank(
    candidates: Iterable[Candidate], weights: Mapping[str, float] | None = None
) -> list[Ranked]:
    """All candidates, the eligible ones by rising cost, then the refused ones.

    :param weights: by objective; ``DEFAULT_WEIGHTS`` where nothing is given
    """
    weights = DEFAULT_WEIGHTS if weights is None else weights
    refused, left = [], []
    for candidate in candidates:
        reason = refuse(candidate)
        if reason:
            refused.append(Ranked(candidate, None, None, reason))
        else:
            left.append(candidate)
    weights = _drop_unknown(left, weights)
    in_turn = [weights.get(code, 0.0) for code in OBJECTIVES]
    eligible = [
        (round(sum(map(mul, in_turn, _get_shares(one))), 6), one.key, one)
        for one in left
    ]
    eligible.sort(key=lambda entry: entry[:2])
    ranked = [
        Ranked(candidate, place, cost, None, weights)
        for place, (cost, __, candidate) in enumerate(eligible, start=1)
    ]
    refused.sort(key=lambda entry: entry.candidate.key)
    return ranked + refused


def refuse(candidate: Candidate) -> Reason | None:
    """The first hard rule that the candidate breaks, or ``None``."""
    if candidate.refused:
        return _get_reason(candidate.refused)
    if not candidate.qualified:
        return _get_reason("skill")
    if not candidate.equipped:
        return _get_reason("tool")
    if not candidate.manned:
        return _get_reason("crew")
    return _refuse_full(candidate) or (
        _get_reason("declined") if candidate.declined else None
    )


def _refuse_full(candidate: Candidate) -> Reason | None:
    for code, load, limit in (
        ("capacity", candidate.load, candidate.capacity),
        ("capacity_row", candidate.row_load, candidate.row_capacity),
    ):
        if limit and load >= math.floor(limit * (1 + candidate.overtime)):
            return Reason(code, f"{load}/{limit}")
    if candidate.type_capacity and candidate.type_load >= candidate.type_capacity:
        return Reason(
            "capacity_type", f"{candidate.type_load}/{candidate.type_capacity}"
        )
    for code, load, limit in (
        ("capacity_hours", candidate.hours_load, candidate.hours_capacity),
        (
            "capacity_type_hours",
            candidate.type_hours_load,
            candidate.type_hours_capacity,
        ),
    ):
        hours = load + candidate.hours
        if limit and hours > limit + 1e-9:
            return Reason(code, f"{hours:g}/{limit:g}")
    return None


@lru_cache
def _get_reason(code: str) -> Reason:
    """A reason that has nothing but its code; of a batch 100,000 have the same."""
    return Reason(code)


def explain(candidate: Candidate, weights: Mapping[str, float]) -> tuple[Reason, ...]:
    """The terms of the candidate's cost, each with the fact it was computed from."""
    facts = {
        "priority": candidate.priority,
        "distance": _rounded(candidate.distance_km, 1),
        "load": _tell_load(candidate),
        "satisfaction": _rounded(candidate.satisfaction, 3),
        "first_time_fix": _rounded(candidate.first_time_fix, 3),
        "parts": _rounded(candidate.parts, 3),
        "continuity": candidate.continuity or False,
        "tariff": _rounded(candidate.tariff, 2),
        "late": _rounded(candidate.late, 3),
    }
    reasons = tuple(
        Reason(code, facts[code], round(weights[code] * share, 6))
        for code, share in zip(OBJECTIVES, _get_shares(candidate), strict=True)
        if code in weights
    )
    return (Reason("standby", True), *reasons) if candidate.on_call else reasons


def shrink(
    good: float, count: int, prior: float, prior_orders: float = PRIOR_ORDERS
) -> float:
    """A share of few cases, drawn towards what is known of others.

    The mean of a beta distribution that begins as ``prior_orders`` cases of ``prior``
    (empirical Bayes): one lucky repair does not make a point the best.
    """
    return (good + prior_orders * prior) / (count + prior_orders)


def _get_shares(candidate: Candidate) -> tuple[float, ...]:
    """What each of ``OBJECTIVES`` comes to, 0 best and 1 worst."""
    satisfaction, fixed = candidate.satisfaction, candidate.first_time_fix
    parts, late = candidate.parts, candidate.late
    return (
        _share(candidate.priority, LAST_PRIORITY),
        _share(candidate.distance_km, FAR_KM),
        _load(candidate),
        UNKNOWN if satisfaction is None else 1 - satisfaction,
        UNKNOWN if fixed is None else 1 - fixed,
        UNKNOWN if parts is None else 1 - parts,
        CONTINUITY.get(candidate.continuity, 1.0),
        _share(candidate.tariff, candidate.dearest or 1.0),
        UNKNOWN if late is None else late,
    )


_MAY_BE_UNKNOWN = {
    "distance": "distance_km",
    "satisfaction": "satisfaction",
    "first_time_fix": "first_time_fix",
    "parts": "parts",
    "tariff": "tariff",
    "late": "late",
}


def _drop_unknown(candidates, weights) -> Mapping[str, float]:
    unknown = {
        code
        for code, name in _MAY_BE_UNKNOWN.items()
        if all(getattr(candidate, name) is None for candidate in candidates)
    }
    return {code: weight for code, weight in weights.items() if code not in unknown}


def _share(value: float | None, worst: float) -> float:
    return UNKNOWN if value is None else min(max(value / worst, 0.0), 1.0)


def _is_row_tighter(candidate: Candidate) -> bool:
    """Whether the row of the coverage is fuller than the point's day."""
    if not candidate.row_capacity or not candidate.capacity:
        return bool(candidate.row_capacity)
    return (
        candidate.row_load * candidate.capacity
        > candidate.load * candidate.row_capacity
    )


def _tell_load(candidate: Candidate) -> str | int:
    if _is_row_tighter(candidate):
        return f"{candidate.row_load}/{candidate.row_capacity}"
    if candidate.capacity:
        return f"{candidate.load}/{candidate.capacity}"
    return candidate.load


def _load(candidate: Candidate) -> float:
    if _is_row_tighter(candidate):
        return candidate.row_load / candidate.row_capacity
    if candidate.capacity:
        return candidate.load / candidate.capacity
    # No limit is known: every order more weighs a little less than the one before
    return candidate.load / (candidate.load + 10)


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)


def great_circle_km(
    first: tuple[float, float] | None, second: tuple[float, float] | None
) -> float | None:
    """Distance in km between two (latitude, longitude) pairs in degrees (haversine).

    ``None`` where a place is unknown; (0, 0) is what Odoo stores for unknown.
    """
    return get_km(locate(first), locate(second))


def locate(position: tuple[float, float] | None) -> Place | None:
    """A (latitude, longitude) pair for ``get_km``: what it needs of each of many."""
    if not position or position == (0.0, 0.0):
        return None
    latitude, longitude = map(math.radians, position)
    return latitude, longitude, math.cos(latitude)


def get_km(first: Place | None, second: Place | None) -> float | None:
    """As ``great_circle_km``, between places that were located before."""
    if not first or not second:
        return None
    lat_1, lon_1, cos_1 = first
    lat_2, lon_2, cos_2 = second
    chord = (
        math.sin((lat_2 - lat_1) / 2) ** 2
        + cos_1 * cos_2 * math.sin((lon_2 - lon_1) / 2) ** 2
    )
    return 2 * EARTH_RADIUS_KM * math.asin(math.sqrt(min(chord, 1.0)))
