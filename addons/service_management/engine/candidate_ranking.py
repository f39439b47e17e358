"""Which service point should have an order, and why - without a database.

Rules, in this order:

1. Hard rules. A point that breaks one is refused, and the answer says which:
   ``suspended``, ``area``, ``type``, ``category``, ``level``, ``skill``,
   ``capacity``, ``declined`` (it refused this order or let its offer expire).
2. Objectives. Every point that is left gets a cost, the weighted sum of terms that
   each lie between 0 (best) and 1 (worst): ``priority``, ``distance``, ``load``,
   ``satisfaction``, ``parts``, ``continuity``. The cheapest is ranked first; equal
   costs are ranked by key, so that the same facts give the same answer.

A term whose fact is unknown costs one half: not knowing is neither good nor bad.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

# Farther than this (km) is as bad as it gets; the scale of the distance term.
FAR_KM = 60.0
# The coverage priority (1 = first choice) that is as bad as it gets.
LAST_PRIORITY = 20

DEFAULT_WEIGHTS: Mapping[str, float] = {
    "priority": 3.0,
    "distance": 3.0,
    "load": 2.0,
    "satisfaction": 2.0,
    "parts": 1.0,
    "continuity": 1.0,
}
UNKNOWN = 0.5
EARTH_RADIUS_KM = 6371.0088


@dataclass(frozen=True, slots=True)
class Candidate:
    """Facts about one point for one order.

    ``refused`` is the coverage's own refusal (``area``, ``type``, ``category``,
    ``level``, ``suspended``) or ``None``. ``capacity`` 0 means unlimited; ``load``
    counts the orders of the day that the point already has. ``satisfaction`` lies in
    0..1, ``distance_km`` is ``None`` while unknown, ``has_parts`` ``None`` where no
    part is needed yet.
    """

    key: int
    refused: str | None = None
    priority: int = 10
    capacity: int = 0
    load: int = 0
    qualified: bool = True
    declined: bool = False
    satisfaction: float | None = None
    distance_km: float | None = None
    has_parts: bool | None = None
    knows_asset: bool = False


@dataclass(frozen=True, slots=True)
class Reason:
    """One line of the explanation: a code, the fact behind it, what it cost."""

    code: str
    value: float | int | str | bool | None = None
    cost: float = 0.0


@dataclass(frozen=True, slots=True)
class Ranked:
    """A candidate with its place (1 = chosen first, ``None`` = refused) and why."""

    candidate: Candidate
    rank: int | None
    cost: float | None
    reasons: tuple[Reason, ...] = field(default_factory=tuple)

    @property
    def eligible(self) -> bool:
        return self.rank is not None


def rank(
    candidates: Iterable[Candidate], weights: Mapping[str, float] | None = None
) -> list[Ranked]:
    """All candidates, the eligible ones by rising cost, then the refused ones.

    :param weights: by objective; ``DEFAULT_WEIGHTS`` where nothing is given
    """
    weights = DEFAULT_WEIGHTS if weights is None else weights
    eligible, refused = [], []
    for candidate in candidates:
        reason = refuse(candidate)
        if reason:
            refused.append(Ranked(candidate, None, None, (reason,)))
        else:
            reasons = explain(candidate, weights)
            cost = round(sum(reason.cost for reason in reasons), 6)
            eligible.append((cost, candidate.key, candidate, reasons))
    eligible.sort(key=lambda entry: entry[:2])
    ranked = [
        Ranked(candidate, place, cost, reasons)
        for place, (cost, __, candidate, reasons) in enumerate(eligible, start=1)
    ]
    refused.sort(key=lambda entry: entry.candidate.key)
    return ranked + refused


def refuse(candidate: Candidate) -> Reason | None:
    """The first hard rule that the candidate breaks, or ``None``."""
    if candidate.refused:
        return Reason(candidate.refused)
    if not candidate.qualified:
        return Reason("skill")
    if candidate.capacity and candidate.load >= candidate.capacity:
        return Reason("capacity", f"{candidate.load}/{candidate.capacity}")
    if candidate.declined:
        return Reason("declined")
    return None


def explain(candidate: Candidate, weights: Mapping[str, float]) -> tuple[Reason, ...]:
    """The terms of the candidate's cost, each with the fact it was computed from."""
    terms = (
        ("priority", candidate.priority, _share(candidate.priority, LAST_PRIORITY)),
        (
            "distance",
            _rounded(candidate.distance_km),
            _share(candidate.distance_km, FAR_KM),
        ),
        ("load", candidate.load, _load(candidate)),
        (
            "satisfaction",
            candidate.satisfaction,
            UNKNOWN if candidate.satisfaction is None else 1 - candidate.satisfaction,
        ),
        (
            "parts",
            candidate.has_parts,
            UNKNOWN if candidate.has_parts is None else float(not candidate.has_parts),
        ),
        ("continuity", candidate.knows_asset, float(not candidate.knows_asset)),
    )
    return tuple(
        Reason(code, value, round(weights.get(code, 0.0) * share, 6))
        for code, value, share in terms
    )


def _share(value: float | None, worst: float) -> float:
    return UNKNOWN if value is None else min(max(value / worst, 0.0), 1.0)


def _load(candidate: Candidate) -> float:
    if candidate.capacity:
        return candidate.load / candidate.capacity
    # No limit is known: every order more weighs a little less than the one before
    return candidate.load / (candidate.load + 10)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)


def great_circle_km(
    first: tuple[float, float] | None, second: tuple[float, float] | None
) -> float | None:
    """Distance in km between two (latitude, longitude) pairs in degrees (haversine).

    ``None`` where a place is unknown; (0, 0) is what Odoo stores for unknown.
    """
    if not first or not second or first == (0.0, 0.0) or second == (0.0, 0.0):
        return None
    lat_1, lon_1, lat_2, lon_2 = map(math.radians, (*first, *second))
    chord = (
        math.sin((lat_2 - lat_1) / 2) ** 2
        + math.cos(lat_1) * math.cos(lat_2) * math.sin((lon_2 - lon_1) / 2) ** 2
    )
    return 2 * EARTH_RADIUS_KM * math.asin(math.sqrt(min(chord, 1.0)))
