"""Warranty terms and the decision for the day of a fault, without a database.

A term is a kind of cost (labour, parts, travel) with a first and a last covered day.
Terms are frozen once from the months a product promises; deciding reads only them,
so a later edit of the product can never change an answer that was given.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

KINDS = ("labour", "parts", "travel")


@dataclass(frozen=True, slots=True)
class Term:
    """One kind of cost covered from ``start`` to ``end``, both days included."""

    kind: str
    start: date
    end: date


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether a kind is covered on a day, and the code of the reason.

    Codes: ``covered``, ``ended``, ``not_started``, ``no_term``, ``no_date``.
    ``term`` is the term the reason speaks of, if any.
    """

    kind: str
    covered: bool
    code: str
    term: Term | None = None


def freeze_terms(months: Mapping[str, int], start: date | None) -> list[Term]:
    """Terms of a product promising ``months`` by kind, from the day ``start``.

    Twelve months from 1 March 2026 end on 28 February 2027. Without a start day
    nothing can be promised: the answer is empty, not a guess.
    """
    if not start:
        return []
    return [
        Term(
            kind,
            start,
            start + relativedelta(months=months[kind]) - timedelta(days=1),
        )
        for kind in KINDS
        if months.get(kind, 0) > 0
    ]


def decide(terms: Iterable[Term], day: date | None) -> dict[str, Decision]:
    """Decision by kind for the ``day`` of the fault.

    With several terms of a kind (an extension), any that holds the day covers;
    otherwise the reason names the term that ended last.
    """
    by_kind: dict[str, list[Term]] = {kind: [] for kind in KINDS}
    for term in terms:
        by_kind[term.kind].append(term)
    return {kind: _decide_kind(kind, by_kind[kind], day) for kind in KINDS}


def _decide_kind(kind: str, terms: list[Term], day: date | None) -> Decision:
    if not terms:
        return Decision(kind, False, "no_term")
    last = max(terms, key=lambda term: term.end)
    if not day:
        return Decision(kind, False, "no_date", last)
    for term in terms:
        if term.start <= day <= term.end:
            return Decision(kind, True, "covered", term)
    if day < min(term.start for term in terms):
        return Decision(
            kind, False, "not_started", min(terms, key=lambda term: term.start)
        )
    return Decision(kind, False, "ended", last)


def summarise(decisions: Mapping[str, Decision]) -> str:
    """``none`` (nothing is known), ``in``, ``partial`` or ``out``."""
    if all(decision.code == "no_term" for decision in decisions.values()):
        return "none"
    covered = [decision.covered for decision in decisions.values()]
    if all(covered):
        return "in"
    return "partial" if any(covered) else "out"


def as_data(decisions: Mapping[str, Decision]) -> list[dict]:
    """The decisions as plain values to be stored: kind, code, first and last day."""
    return [
        {
            "kind": decision.kind,
            "code": decision.code,
            "start": decision.term and decision.term.start.isoformat(),
            "end": decision.term and decision.term.end.isoformat(),
        }
        for decision in decisions.values()
    ]
