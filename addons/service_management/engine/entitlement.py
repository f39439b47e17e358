"""What a contract still owes, and what covers a request, without a database.

An entitlement promises a quantity (visits, calls, hours) in each of its periods. What
happens to it is a ledger of entries; what is left is the sum of their changes:

==========  ========  ====================================================
kind        change    meaning
==========  ========  ====================================================
grant       + n       a period opens, or a manager adds to it
carry       ± n       unused quantity moves to the next period
reserve     - n       promised to a request
release     + n       the request came to nothing
consume     ± n       the work is done: used less (+) or more (-) than promised
overage     0         used beyond the quota, at a price
expire      - n       unused when the period ended
==========  ========  ====================================================

Quantities are counted in hundredths, so that a sum of decimals is exact: 0.1 + 0.2 is
0.3 here. No function lets a balance fall below zero; the database holds the same rule.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

# Months of a period; None: the whole contract is one period.
PERIOD_MONTHS = {"contract": None, "year": 12, "quarter": 3, "month": 1}
# A fault that the warranty pays for takes nothing from these.
WARRANTY_KINDS = frozenset({"on_site", "remote"})
MAX_PERIODS = 1200


def exact(quantity: float) -> float:
    """``quantity`` to the hundredth, the unit the ledger is kept in."""
    return round(quantity, 2) + 0.0


@dataclass(frozen=True, slots=True)
class Period:
    """The ``index``-th period of an entitlement, both days included."""

    index: int
    start: date
    end: date


def split_periods(start: date, end: date, length: str) -> list[Period]:
    """Periods of ``length`` (a key of ``PERIOD_MONTHS``) that fill ``start``..``end``.

    They count from the contract's first day: monthly from 31 January begin on
    31 January, 28 February, 31 March. The last one ends with the contract, however
    short that makes it.
    """
    months = PERIOD_MONTHS[length]
    if end < start:
        return []
    if months is None:
        return [Period(0, start, end)]
    periods = []
    for index in range(MAX_PERIODS):
        first = start + relativedelta(months=months * index)
        if first > end:
            break
        following = start + relativedelta(months=months * (index + 1))
        periods.append(Period(index, first, min(following - timedelta(days=1), end)))
    return periods


@dataclass(frozen=True, slots=True)
class Entry:
    """A row to be added: what happened to how much, and what it does to the balance."""

    kind: str
    quantity: float
    change: float


def balance(entries: Iterable[Entry]) -> float:
    """What is left: the sum of all changes."""
    return exact(sum(round(entry.change * 100) for entry in entries) / 100)


def grant(quantity: float) -> Entry:
    return Entry("grant", exact(quantity), exact(quantity))


def reserve(left: float, quantity: float, allow_overage: bool) -> list[Entry]:
    """Promise ``quantity`` with ``left`` in the period; empty when it is refused.

    With overage allowed, what is left is taken first and only the rest is charged.
    """
    quantity = exact(quantity)
    if quantity <= left:
        return [Entry("reserve", quantity, -quantity)]
    if not allow_overage:
        return []
    taken = max(exact(left), 0.0)
    entries = [Entry("overage", exact(quantity - taken), 0.0)]
    if taken:
        entries.insert(0, Entry("reserve", taken, -taken))
    return entries


def release(reserved: float) -> list[Entry]:
    """Give back what a request held."""
    reserved = exact(reserved)
    return [Entry("release", reserved, reserved)] if reserved else []


def consume(reserved: float, used: float, left: float) -> list[Entry]:
    """Settle a promise of ``reserved`` by the ``used`` quantity, with ``left`` free.

    Less than promised gives the rest back; more takes from what is left and, beyond
    that, is overage: work that was done cannot be refused any more.
    """
    reserved, used = exact(reserved), exact(used)
    from_quota = min(used, exact(reserved + max(left, 0.0)))
    entries = []
    if reserved or from_quota:
        entries.append(Entry("consume", from_quota, exact(reserved - from_quota)))
    if used > from_quota:
        entries.append(Entry("overage", exact(used - from_quota), 0.0))
    return entries


@dataclass(frozen=True, slots=True)
class Closing:
    """What becomes of the unused quantity when a period ends."""

    expired: float
    carried: float


def close_period(
    left: float, rolls_over: bool, limit: float = 0.0, has_next: bool = True
) -> Closing:
    """Unused quantity rolls over to the next period, up to ``limit`` (0: all of it).

    After the last period, or where nothing rolls over, it expires.
    """
    left = max(exact(left), 0.0)
    if not rolls_over or not has_next:
        return Closing(left, 0.0)
    carried = min(left, exact(limit)) if limit else left
    return Closing(exact(left - carried), carried)


# Coverage


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked for.

    ``kinds`` are the kinds of entitlement that would do, the best first; none means
    that this service counts against no quota. ``category_ids`` are the product
    category and all above it, ``fault_ids`` the fault codes named.
    """

    kinds: tuple[str, ...]
    day: date
    quantity: float = 1.0
    type_id: int | None = None
    asset_id: int | None = None
    category_ids: frozenset[int] = frozenset()
    fault_ids: frozenset[int] = frozenset()
    in_warranty: bool = False


@dataclass(frozen=True, slots=True)
class Cover:
    """One entitlement in one period, as far as a decision needs it.

    Empty ``type_ids`` or ``asset_ids`` mean all. ``left`` is what the period's ledger
    says; it is ignored where ``unlimited``.
    """

    key: int
    period: int
    kind: str
    start: date
    end: date
    left: float
    unlimited: bool = False
    type_ids: frozenset[int] = frozenset()
    asset_ids: frozenset[int] = frozenset()
    excluded_category_ids: frozenset[int] = frozenset()
    excluded_fault_ids: frozenset[int] = frozenset()
    overage: bool = False
    price: float = 0.0
    preferred: bool = True


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a cover does or does not serve. ``left`` is what was free at that moment.

    Codes: ``covered``, ``unlimited``, ``overage``, ``used_up``, ``excluded_product``,
    ``excluded_fault``, ``other_asset``, ``other_type``; without a cover:
    ``not_needed``, ``warranty``, ``no_contract``, ``no_entitlement``.
    """

    code: str
    key: int | None = None
    left: float = 0.0


@dataclass(frozen=True, slots=True)
class Decision:
    """What covers a request.

    ``state``: ``covered``, ``overage``, ``refused`` (used up, nothing may be charged
    beyond it), ``excluded``, ``none``, ``warranty`` or ``not_needed``. ``quantity`` is
    taken from the quota, ``over`` is charged at ``price`` in all.
    """

    state: str
    reasons: tuple[Reason, ...]
    cover: Cover | None = None
    quantity: float = 0.0
    over: float = 0.0
    price: float = 0.0


def decide(
    request: Request, covers: Sequence[Cover], left: Mapping[int, float] | None = None
) -> Decision:
    """Which of ``covers`` serves ``request``, with the reason for each.

    Rules, in this order:

    - A service without a kind counts against nothing; a fault in warranty takes
      nothing from the quotas of ``WARRANTY_KINDS``.
    - Only covers whose period holds the day count; the asset and the service type must
      be covered and neither product nor fault excluded.
    - A better kind before a lesser one; within a kind the contract that was chosen,
      then without limit, then whatever ends first, for it would be lost first.
    - Nobody pays while an entitlement of a lesser kind is left; only then the cheapest
      overage is offered.

    :param left: period → what is left now, over ``Cover.left``
    """
    if not request.kinds:
        return Decision("not_needed", (Reason("not_needed"),))
    if request.in_warranty and request.kinds[0] in WARRANTY_KINDS:
        return Decision("warranty", (Reason("warranty"),))
    if not covers:
        return Decision("none", (Reason("no_contract"),))
    left = left or {}
    reasons: list[Reason] = []
    payable: list[Cover] = []
    for cover in _in_order(request, covers):
        free = left.get(cover.period, cover.left)
        code = _check(request, cover, free)
        reasons.append(Reason(code, cover.key, free))
        if code in ("covered", "unlimited"):
            quantity = exact(request.quantity)
            return Decision(
                "covered", _best_first(reasons), cover=cover, quantity=quantity
            )
        if code == "used_up" and cover.overage:
            payable.append(cover)
    if payable:
        return _decide_overage(request, payable, reasons, left)
    codes = {reason.code for reason in reasons}
    if "used_up" in codes:
        return Decision("refused", tuple(reasons))
    if codes & {"excluded_product", "excluded_fault"}:
        return Decision("excluded", tuple(reasons))
    return Decision("none", (Reason("no_entitlement"), *reasons))


def _in_order(request: Request, covers: Sequence[Cover]) -> list[Cover]:
    rank = {kind: number for number, kind in enumerate(request.kinds)}
    return sorted(
        (
            cover
            for cover in covers
            if cover.kind in rank and cover.start <= request.day <= cover.end
        ),
        key=lambda cover: (
            rank[cover.kind],
            not cover.preferred,
            not cover.unlimited,
            cover.end,
            cover.key,
        ),
    )


def _check(request: Request, cover: Cover, left: float) -> str:
    if cover.asset_ids and request.asset_id not in cover.asset_ids:
        return "other_asset"
    if cover.type_ids and request.type_id not in cover.type_ids:
        return "other_type"
    if cover.excluded_category_ids & request.category_ids:
        return "excluded_product"
    if cover.excluded_fault_ids & request.fault_ids:
        return "excluded_fault"
    if cover.unlimited:
        return "unlimited"
    return "covered" if exact(request.quantity) <= exact(left) else "used_up"


def _best_first(reasons: list[Reason]) -> tuple[Reason, ...]:
    return (reasons[-1], *reasons[:-1])


def _decide_overage(request, payable, reasons, left) -> Decision:
    def charge(cover):
        free = max(left.get(cover.period, cover.left), 0.0)
        over = exact(request.quantity - free)
        return exact(over * cover.price), over, free

    cover = min(payable, key=lambda cover: (charge(cover)[0], cover.key))
    price, over, free = charge(cover)
    return Decision(
        "overage",
        (Reason("overage", cover.key, free), *reasons),
        cover=cover,
        quantity=exact(free),
        over=over,
        price=price,
    )


def allocate(
    requests: Iterable[tuple[Request, Sequence[Cover]]],
    left: MutableMapping[int, float] | None = None,
) -> list[Decision]:
    """Decide many requests one after the other on the same quotas.

    What the first takes is gone for the next, so that a batch promises exactly what
    the requests one by one would have been promised.

    :param left: period → what is left; changed in place
    """
    left = {} if left is None else left
    decisions = []
    for request, covers in requests:
        decision = decide(request, covers, left)
        cover = decision.cover
        if cover and not cover.unlimited:
            free = left.get(cover.period, cover.left)
            left[cover.period] = exact(free - decision.quantity)
        decisions.append(decision)
    return decisions
