"""Warranty: promises, frozen terms and the decision for a fault, without a database.

A *line* is what a template promises for a kind of cost (labour, parts, travel),
for everything or for one component group only. Registering an asset turns lines into
*terms*: a first and a last covered day each. Deciding reads only terms, so a later
edit of a template can never change an answer that was given.

>>> dates = Dates(install=date(2026, 3, 1))
>>> [line] = [Line("parts", 12)]
>>> term = freeze(line, dates)
>>> term.start, term.end
(datetime.date(2026, 3, 1), datetime.date(2027, 2, 28))
>>> decide([term], date(2026, 5, 1))["parts"].code
'covered'
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache

from dateutil.relativedelta import relativedelta

KINDS = ("labour", "parts", "travel")
# Which dates begin a term, the first one that is known
BASES = {
    "use": ("install", "delivery", "sale"),
    "installation": ("install",),
    "delivery": ("delivery",),
    "sale": ("sale",),
    "manufacture": ("manufacture",),
}
# Codes of decisions that a further fact may turn
OPEN_CODES = ("no_date", "no_start", "component", "documents")
_NOTHING: frozenset = frozenset()


@dataclass(frozen=True, slots=True)
class Dates:
    """What is known of the life of an asset before its first fault."""

    install: date | None = None
    delivery: date | None = None
    sale: date | None = None
    manufacture: date | None = None


@dataclass(frozen=True, slots=True)
class Component:
    """A group of components with terms of its own, such as compressors.

    A fault touches it by the section of the fault library, or by a spare part whose
    product category (or one above it) is in ``categories``.
    """

    key: int
    sections: frozenset[int] = _NOTHING
    categories: frozenset[int] = _NOTHING
    label: object = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Exclusion:
    """What is not covered: found by a person, or by what the fault says of itself.

    ``scope`` is ``all`` kinds of cost or ``parts`` alone; ``faults`` are codes of
    the fault library, ``categories`` those of spare parts, ``companies`` excludes
    assets that a company uses.
    """

    code: str
    scope: str = "all"
    faults: frozenset[int] = _NOTHING
    categories: frozenset[int] = _NOTHING
    companies: bool = False
    label: object = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Line:
    """``months`` promised for a kind; with ``cap`` above zero the term begins at the
    latest that many months after manufacture, sold by then or not."""

    kind: str
    months: int
    basis: str = "use"
    cap: int = 0
    component: Component | None = None


@dataclass(frozen=True, slots=True)
class Term:
    """One kind of cost covered from ``start`` to ``end``, both days included.

    ``until`` ends it earlier (the asset has a new owner). Terms of one ``source`` were
    promised together: there, what is said of a component takes the place of what is
    said of everything. With ``strict`` nothing is promised before the ``documents``
    are there.
    """

    kind: str
    start: date
    end: date
    component: Component | None = None
    exclusions: tuple[Exclusion, ...] = ()
    documents: tuple[str, ...] = ()
    strict: bool = False
    until: date | None = None
    source: str = ""
    key: int | None = None

    @property
    def last(self) -> date:
        return min(self.end, self.until) if self.until else self.end


@dataclass(frozen=True, slots=True)
class Fault:
    """What is known when somebody asks who pays.

    ``parts`` holds for each spare part the ids of its category and those above it;
    ``found`` the codes of exclusions that a person established, ``documents`` the
    codes of those that were shown.
    """

    day: date | None
    sections: frozenset[int] = _NOTHING
    faults: frozenset[int] = _NOTHING
    parts: tuple[frozenset[int], ...] = ()
    found: frozenset[str] = _NOTHING
    documents: frozenset[str] = _NOTHING
    is_company: bool = False

    @property
    def is_located(self) -> bool:
        return bool(self.sections or self.parts)


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether a kind is covered, and the code of the reason.

    Codes: ``covered``; ``ended``, ``not_started``, ``transferred`` (ended with the
    change of the owner), ``excluded``, ``other_component`` (only components that
    are not concerned are covered); ``no_term`` (nothing was promised); and what waits
    for a fact: ``no_date`` of the fault, ``no_start`` of the term, ``documents`` that
    are missing, ``component`` (a component is still covered, and nobody has said yet
    where the fault is).

    ``term`` is the term the reason speaks of, ``missing`` the documents still to be
    shown, ``open`` the terms that cover if their component is concerned.
    """

    kind: str
    covered: bool
    code: str
    term: Term | None = None
    missing: tuple[str, ...] = ()
    exclusion: Exclusion | None = None
    open: tuple[Term, ...] = ()

    @property
    def answer(self) -> str:
        """``covered``, ``not_covered``, ``unknown`` or ``no_term``."""
        return answer(self.code)


def answer(code: str) -> str:
    """What a code means for whoever has to pay."""
    if code in ("covered", "no_term"):
        return code
    return "unknown" if code in OPEN_CODES else "not_covered"


# From promises to terms


def get_start(line: Line, dates: Dates, today: date | None = None) -> date | None:
    """The first covered day of ``line``, or ``None`` while it is not known."""
    return get_begin(line.basis, line.cap, dates, today)


def get_begin(
    basis: str, cap: int, dates: Dates, today: date | None = None
) -> date | None:
    """The day from which ``basis`` counts, no later than ``cap`` months after
    manufacture; ``None`` while it is not known.

    The cap begins the term of what has never been sold only when it is reached by
    ``today``: until then the real day may still come.
    """
    for name in BASES[basis]:
        start = getattr(dates, name)
        if start:
            break
    else:
        start = None
    if not cap or not dates.manufacture:
        return start
    latest = dates.manufacture + relativedelta(months=cap)
    if start:
        return min(start, latest)
    return latest if today and latest <= today else None


@lru_cache(maxsize=20_000)
def get_end(start: date, months: int) -> date:
    """Twelve months from 1 March 2026 end on 28 February 2027."""
    return start + relativedelta(months=months) - timedelta(days=1)


def freeze(line: Line, dates: Dates, today: date | None = None) -> Term | None:
    """The term that ``line`` promises; without a start nothing, not a guess."""
    return begin(line, get_start(line, dates, today))


def begin(line: Line, start: date | None) -> Term | None:
    """The term of ``line`` from ``start`` on; without a start nothing."""
    if not start or line.months <= 0:
        return None
    return Term(line.kind, start, get_end(start, line.months), line.component)


def extend(line: Line, terms: Iterable[Term], day: date) -> Term | None:
    """The term that a sold extension adds after the last one of the same kind.

    It begins the day after the last term of the same component (else of everything)
    ends, or on ``day`` where that has passed already or nothing was promised before.
    """
    if line.months <= 0:
        return None
    # A term that ended before it began was not sold after all
    same = [
        term for term in terms if term.kind == line.kind and term.last >= term.start
    ]
    own = [term for term in same if term.component == line.component]
    before = own or [term for term in same if not term.component]
    start = max([day, *(term.last + timedelta(days=1) for term in before)])
    return Term(line.kind, start, get_end(start, line.months), line.component)


def get_cut(rule: str, months: int, day: date) -> date | None:
    """The last covered day after the owner changed on ``day``; ``None`` if none.

    Rules: ``follows`` the asset, ``ends`` at the transfer, ``months`` more at most,
    only with ``consent`` (ends until somebody consents).
    """
    if rule in ("ends", "consent"):
        return day - timedelta(days=1)
    if rule == "months":
        return get_end(day, months) if months > 0 else day - timedelta(days=1)
    return None


# The decision


def decide(terms: Iterable[Term], fault, pending: Iterable[str] = ()) -> dict:
    """Decision by kind for a :class:`Fault`, or for the day of one.

    1. Of what was promised together, a term for the component that is concerned
       takes the place of those for everything.
    2. Any running term covers, unless it excludes what was found.
    3. Else a running term of a component leaves it open, until it is known where
       the fault is.
    4. Else the reason names the term that ended last, or begins first.

    :param pending: kinds of lines whose start is not known yet
    """
    if not isinstance(fault, Fault):
        fault = Fault(fault)
    by_kind: dict[str, list[Term]] = {kind: [] for kind in KINDS}
    for term in terms:
        by_kind[term.kind].append(term)
    waiting = set(pending)
    return {
        kind: _decide_kind(kind, by_kind[kind], fault, kind in waiting)
        for kind in KINDS
    }


def _decide_kind(kind: str, terms: list[Term], fault: Fault, pending) -> Decision:
    if not terms:
        return Decision(kind, False, "no_start" if pending else "no_term")
    if not fault.day:
        return Decision(kind, False, "no_date", max(terms, key=lambda term: term.last))
    concerned, others = _select(terms, fault)
    running = [term for term in concerned if term.start <= fault.day <= term.last]
    if running:
        return max((_look_at(kind, term, fault) for term in running), key=_rank)
    open_terms = tuple(term for term in others if term.start <= fault.day <= term.last)
    if open_terms and not fault.is_located:
        first = max(open_terms, key=lambda term: term.last)
        return Decision(kind, False, "component", first, open=open_terms)
    if not concerned:
        if pending:
            return Decision(kind, False, "no_start")
        last = max(others, key=lambda term: term.last)
        return Decision(kind, False, "other_component", last)
    if fault.day < min(term.start for term in concerned):
        first = min(concerned, key=lambda term: term.start)
        return Decision(kind, False, "not_started", first)
    last = max(concerned, key=lambda term: (term.end >= fault.day, term.last))
    code = "transferred" if last.start <= fault.day <= last.end else "ended"
    return Decision(kind, False, code, last)


def _select(terms: list[Term], fault: Fault) -> tuple[list[Term], list[Term]]:
    """(terms that speak of this fault, terms of components that it may not touch)."""
    sources: dict[str, list[Term]] = {}
    for term in terms:
        sources.setdefault(term.source, []).append(term)
    concerned, others = [], []
    for together in sources.values():
        own = [term for term in together if _touches(term.component, fault)]
        concerned += own or [term for term in together if not term.component]
        others += [term for term in together if term.component and term not in own]
    return concerned, others


def _touches(component: Component | None, fault: Fault) -> bool:
    return component is not None and bool(
        component.sections & fault.sections
        or any(component.categories & part for part in fault.parts)
    )


def _look_at(kind: str, term: Term, fault: Fault) -> Decision:
    """What a running term says: excluded, wanting documents, or covered."""
    for exclusion in term.exclusions:
        if _excludes(exclusion, kind, fault):
            return Decision(kind, False, "excluded", term, exclusion=exclusion)
    missing = tuple(code for code in term.documents if code not in fault.documents)
    if missing and term.strict:
        return Decision(kind, False, "documents", term, missing)
    return Decision(kind, True, "covered", term, missing)


def _excludes(exclusion: Exclusion, kind: str, fault: Fault) -> bool:
    if exclusion.scope == "parts" and kind != "parts":
        return False
    return bool(
        exclusion.code in fault.found
        or exclusion.faults & fault.faults
        or (exclusion.companies and fault.is_company)
        # Of several parts one may be a consumable: then it alone is not covered
        or (
            exclusion.categories
            and fault.parts
            and all(exclusion.categories & part for part in fault.parts)
        )
    )


def _rank(decision: Decision) -> tuple:
    order = ("excluded", "documents", "covered")
    return (order.index(decision.code), not decision.missing, decision.term.last)


def summarise(decisions: Mapping[str, Decision]) -> str:
    """``none`` (nothing is known), ``in``, ``partial`` or ``out``."""
    codes = [decision.code for decision in decisions.values()]
    if all(code in ("no_term", "no_date", "no_start") for code in codes):
        return "none"
    if all(code == "covered" for code in codes):
        return "in"
    is_open = any(code in ("covered", "component", "documents") for code in codes)
    return "partial" if is_open else "out"


def as_data(decisions: Mapping[str, Decision]) -> list[dict]:
    """The decisions as plain values to be stored.

    :return: ``{kind, code, start, end}`` each and, where it matters, ``term`` (its
        key), ``component``, ``exclusion`` (labels), ``missing`` (codes of documents)
        and ``open`` (``{component, end}`` of what may still cover)
    """
    return [_as_data(decision) for decision in decisions.values()]


def _as_data(decision: Decision) -> dict:
    term = decision.term
    data = {
        "kind": decision.kind,
        "code": decision.code,
        "start": term and term.start.isoformat(),
        "end": term and term.last.isoformat(),
    }
    if term and term.key:
        data["term"] = term.key
    if term and term.component:
        data["component"] = term.component.label
    if decision.exclusion:
        data["exclusion"] = decision.exclusion.label or decision.exclusion.code
    if decision.missing:
        data["missing"] = list(decision.missing)
    if decision.open:
        data["open"] = [
            {"component": term.component.label, "end": term.last.isoformat()}
            for term in decision.open
        ]
    return data
