"""Prices a job by a tariff: exact, explainable, without a database.

A tariff is a list of lines. A line says what it pays for (its kind), on which
occasion (none: always), for which jobs it holds (its conditions; an empty condition
holds for every job) and how the amount comes about (its method). Lines of one kind
and occasion compete for one slot: one of them wins, or none.

Which lines match a job
    * service type, warranty state, grade of the point: equal, or left empty;
    * fault code: one of the codes that describe the job;
    * product category, region: the job's own or one of its parents;
    * distance: from <= km < to. A job of unknown distance is matched only by
      lines without a band (from 0 on, without end);
    * occasion: one that the job had. Of a holiday, a weekend and a night only one
      is paid, in this order; all others are paid beside each other;
    * a method that multiplies needs its figure: per km a known distance, per
      hour known hours, percent of parts a parts total that is not zero.

Which matching line wins its slot: the most specific one, compared in this
order; the first difference decides
    1. names the service type;
    2. names a fault code;
    3. names a product category, the nearest to the product first;
    4. names the warranty state;
    5. names the grade of the point;
    6. names a region, the nearest to the site first;
    7. has a distance band, the narrowest first;
    8. the lower sequence, then the lower id.

Lines of the kind ``material`` name what was used instead of the product that was
served: each used product is a slot of its own, and the line that names the product
wins before the one that names its category. They pay per unit.

Percentages of the fee count what labour and travel came to, extras left aside. A
penalty takes its amount away.

A slot for which no line matches is not owed, except plain labour: a tariff that pays
labour must say what it pays for this job, be it zero. If a line fails only because a
figure of the job is unknown, its kind cannot be priced. Both are gaps, and a quote
with a gap, or without any line, must not be paid as it stands.

>>> line = TariffLine(id=1, kind="labour", amount=Decimal("80"))
>>> job = JobFacts(type_id=3, categories=(7, 2), warranty_state="out", grade="a")
>>> price_job(job, [line], Decimal("0.01")).total
Decimal('80.00')
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property

KINDS = ("labour", "travel", "parts", "material", "other", "bonus", "penalty")
# Never left out in silence.
REQUIRED_KINDS = ("labour",)
# What percentages of the fee are counted from.
FEE_KINDS = ("labour", "travel")
METHODS = ("fixed", "per_km", "per_hour", "percent_parts", "percent_fee")
# When the work was done, how, and how it went.
TIMES = ("holiday", "weekend", "night")
OCCASIONS = (
    *TIMES,
    "urgent",
    "crew",
    "sla_met",
    "sla_missed",
    "first_time_fix",
    "survey",
    "late_report",
    "complaint",
)

ZERO, ONE, HUNDRED = Decimal(0), Decimal(1), Decimal(100)


@dataclass(frozen=True, slots=True)
class PartUse:
    """A product that was used: ``categories`` as in ``JobFacts``."""

    product_id: int
    quantity: Decimal
    categories: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class JobFacts:
    """What a price may depend on. ``None`` means unknown, never zero.

    ``categories`` is the path of the product category, the product's own first, the
    root last; ``areas`` that of the site's region. ``codes`` are the fault codes of
    the job, ``occasions`` those of ``OCCASIONS`` that it had. ``crew`` counts the
    technicians beside the first, ``score`` is the customer's answer from 1 to 5.
    """

    type_id: int | None = None
    categories: tuple[int, ...] = ()
    warranty_state: str = "none"
    grade: str | None = None
    distance: Decimal | None = None
    hours: Decimal | None = None
    parts_total: Decimal = ZERO
    areas: tuple[int, ...] = ()
    codes: tuple[int, ...] = ()
    occasions: tuple[str, ...] = ()
    crew: int = 0
    score: int | None = None
    parts: tuple[PartUse, ...] = ()


@dataclass(frozen=True, slots=True)
class TariffLine:
    """One rule of a tariff. Zero or ``None`` for the bounds means no bound.

    ``score_min`` and ``score_max`` (both included) belong to the occasion ``survey``.
    """

    id: int
    kind: str
    amount: Decimal
    method: str = "fixed"
    sequence: int = 10
    type_id: int | None = None
    category_id: int | None = None
    warranty_state: str | None = None
    grade: str | None = None
    distance_min: Decimal = ZERO
    distance_max: Decimal | None = None
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    area_id: int | None = None
    code_id: int | None = None
    occasion: str | None = None
    score_min: int = 0
    score_max: int = 0
    product_id: int | None = None

    @property
    def has_band(self) -> bool:
        return bool(self.distance_min or self.distance_max)

    @property
    def slot(self) -> tuple[str, str]:
        """What the line competes for."""
        return (self.kind, "time" if self.occasion in TIMES else self.occasion or "")


@dataclass(frozen=True, slots=True)
class PriceLine:
    """What one tariff line pays: ``amount`` is ``price`` × ``quantity``, rounded,
    unless ``bound`` says that the line's minimum or maximum replaced it. ``exact`` is
    the product before bounds; ``product_id`` is the material that was used."""

    line: TariffLine
    quantity: Decimal
    price: Decimal
    amount: Decimal
    bound: str | None = None
    exact: Decimal = ZERO
    product_id: int | None = None

    @property
    def kind(self) -> str:
        return self.line.kind


@dataclass(frozen=True, slots=True)
class Gap:
    """Why a job, or one kind of it, has no price.

    ``code`` is ``no_line``, ``distance_unknown`` or ``hours_unknown``.
    ``line_ids`` are the tariff lines that would match if the figure were known.
    """

    code: str
    kind: str | None = None
    line_ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Quote:
    lines: tuple[PriceLine, ...] = ()
    gaps: tuple[Gap, ...] = field(default=())

    @property
    def is_complete(self) -> bool:
        return bool(self.lines) and not self.gaps

    @property
    def total(self) -> Decimal:
        return sum((line.amount for line in self.lines), ZERO)


class Book:
    """The lines of a tariff, put in order once for the many jobs of a month.

    Jobs alike in what does not vary from one to the next (type, product, warranty,
    grade, region, fault) share the list of lines to look at, the most specific first;
    for each job only distance, hours, parts and occasions are left to be asked.
    """

    def __init__(self, lines: Iterable[TariffLine]):
        self.lines = tuple(lines)
        self._slots: dict[tuple, list] = {}
        self._materials: dict[PartUse, list] = {}

    @cached_property
    def needs(self) -> frozenset[str]:
        """Facts that some line asks for, so that nobody reads the others: occasions,
        and ``hours``, ``parts_total``, ``material``, ``codes``, ``areas``."""
        found = {line.occasion for line in self.lines if line.occasion}
        for line in self.lines:
            if line.method == "per_hour":
                found.add("hours")
            if line.method == "percent_parts":
                found.add("parts_total")
            if line.kind == "material":
                found.add("material")
            if line.code_id:
                found.add("codes")
            if line.area_id:
                found.add("areas")
        return frozenset(found)

    @cached_property
    def expected(self) -> frozenset[str]:
        return frozenset(
            line.kind
            for line in self.lines
            if line.kind in REQUIRED_KINDS and not line.occasion
        )

    def get_slots(self, facts: JobFacts) -> list[tuple[tuple, list[TariffLine]]]:
        """(slot, lines that match but for what varies, the best first) for a job."""
        key = (
            facts.type_id,
            facts.categories,
            facts.warranty_state,
            facts.grade,
            facts.areas,
            facts.codes,
        )
        found = self._slots.get(key)
        if found is None:
            slots: dict[tuple, list] = {}
            for line in self.lines:
                if line.kind != "material" and _conditions_hold(line, facts):
                    slots.setdefault(line.slot, []).append(line)
            for lines in slots.values():
                lines.sort(key=lambda line: _specificity(line, facts))
            found = self._slots[key] = sorted(
                slots.items(), key=lambda item: _slot_key(item[0])
            )
        return found

    def get_materials(self, part: PartUse, facts: JobFacts) -> list[TariffLine]:
        """Lines of the kind ``material`` for this part, the best first."""
        lines = [
            line
            for line in self.lines
            if line.kind == "material"
            and (line.product_id is None or line.product_id == part.product_id)
            and (line.category_id is None or line.category_id in part.categories)
            and _general_conditions_hold(line, facts)
        ]
        lines.sort(
            key=lambda line: (
                line.product_id is None,
                _nearness(line.category_id, part.categories),
                *_general_specificity(line, facts),
            )
        )
        return lines


def price_job(
    facts: JobFacts, tariff: Book | Iterable[TariffLine], rounding: Decimal
) -> Quote:
    """Return what the tariff pays for the job, one line a slot.

    :param tariff: a ``Book`` where many jobs are priced
    :param rounding: smallest unit of the currency, such as ``Decimal("0.01")``
    """
    book = tariff if isinstance(tariff, Book) else Book(tariff)
    winners: list[TariffLine] = []
    gaps: list[Gap] = []
    known: set[str] = set()
    for (kind, occasion), candidates in book.get_slots(facts):
        winner, unknown = _choose(candidates, facts)
        if winner:
            winners.append(winner)
        elif unknown:
            gaps += [
                Gap(code, kind, tuple(ids)) for code, ids in sorted(unknown.items())
            ]
        if not occasion and (winner or unknown):
            known.add(kind)
    prices = _price_winners(winners, facts, rounding)
    if facts.parts:
        prices += _price_materials(book, facts, rounding)
        prices.sort(key=lambda price: KINDS.index(price.kind))
    gaps += [Gap("no_line", kind) for kind in sorted(book.expected - known)]
    if not prices and not gaps:
        gaps = [Gap("no_line")]
    return Quote(tuple(prices), tuple(gaps))


def round_money(value: Decimal, rounding: Decimal) -> Decimal:
    """Round half away from zero to a multiple of ``rounding``.

    >>> round_money(Decimal("1.005"), Decimal("0.01"))
    Decimal('1.01')
    >>> round_money(Decimal("1.03"), Decimal("0.05"))
    Decimal('1.05')
    """
    steps = (value / rounding).quantize(ONE, rounding=ROUND_HALF_UP)
    return steps * rounding


# Which line


def _choose(candidates, facts) -> tuple[TariffLine | None, dict]:
    """The winner of a slot, and by code the lines that only miss a figure."""
    unknown: dict[str, list[int]] = {}
    for line in candidates:
        if line.occasion and not _had_occasion(line, facts):
            continue
        code = _unknown_figure(line, facts)
        if code:
            unknown.setdefault(code, []).append(line.id)
        elif _applies(line, facts):
            return line, unknown
    return None, unknown


def _slot_key(slot: tuple[str, str]) -> tuple:
    kind, occasion = slot
    return (KINDS.index(kind) if kind in KINDS else len(KINDS), kind, occasion)


def _conditions_hold(line: TariffLine, facts: JobFacts) -> bool:
    """Whether everything the line asks for holds, what varies left aside."""
    return (
        line.category_id is None or line.category_id in facts.categories
    ) and _general_conditions_hold(line, facts)


def _general_conditions_hold(line: TariffLine, facts: JobFacts) -> bool:
    return (
        (line.type_id is None or line.type_id == facts.type_id)
        and (line.warranty_state is None or line.warranty_state == facts.warranty_state)
        and (line.grade is None or line.grade == facts.grade)
        and (line.code_id is None or line.code_id in facts.codes)
        and (line.area_id is None or line.area_id in facts.areas)
    )


def _had_occasion(line: TariffLine, facts: JobFacts) -> bool:
    if line.occasion == "survey":
        return facts.score is not None and (
            line.score_min <= facts.score <= (line.score_max or facts.score)
        )
    if line.occasion == "crew":
        return facts.crew > 0
    return line.occasion in facts.occasions


def _unknown_figure(line: TariffLine, facts: JobFacts) -> str | None:
    if facts.distance is None and (line.has_band or line.method == "per_km"):
        return "distance_unknown"
    if facts.hours is None and line.method == "per_hour":
        return "hours_unknown"
    return None


def _applies(line: TariffLine, facts: JobFacts) -> bool:
    if line.method == "percent_parts" and not facts.parts_total:
        return False
    if not line.has_band:
        return True
    return line.distance_min <= facts.distance and (
        not line.distance_max or facts.distance < line.distance_max
    )


def _specificity(line: TariffLine, facts: JobFacts) -> tuple:
    """Sort key: the smaller, the more specific. See the module's docstring."""
    return (
        TIMES.index(line.occasion) if line.occasion in TIMES else 0,
        line.type_id is None,
        line.code_id is None,
        _nearness(line.category_id, facts.categories),
        *_general_specificity(line, facts),
    )


def _general_specificity(line: TariffLine, facts: JobFacts) -> tuple:
    if not line.has_band:
        band = (2, ZERO)
    elif not line.distance_max:
        band = (1, ZERO)
    else:
        band = (0, line.distance_max - line.distance_min)
    return (
        line.warranty_state is None,
        line.grade is None,
        _nearness(line.area_id, facts.areas),
        band,
        line.sequence,
        line.id,
    )


def _nearness(key: int | None, path: tuple[int, ...]) -> int:
    return len(path) if key is None else path.index(key)


# How much


def _price_winners(winners, facts, rounding) -> list[PriceLine]:
    """Fees first: percentages of the fee are counted from them."""
    prices: dict[int, PriceLine] = {}
    base = ZERO
    for line in winners:
        if line.method != "percent_fee":
            price = prices[line.id] = _amount(line, facts, rounding, ZERO)
            if line.kind in FEE_KINDS and not line.occasion:
                base += price.amount
    for line in winners:
        if line.method == "percent_fee":
            prices[line.id] = _amount(line, facts, rounding, base)
    return [prices[line.id] for line in winners]


def _price_materials(book: Book, facts: JobFacts, rounding) -> list[PriceLine]:
    prices = []
    for part in sorted(facts.parts, key=lambda part: part.product_id):
        line, __ = _choose(book.get_materials(part, facts), facts)
        if line:
            prices.append(
                _bound(line, part.quantity, line.amount, rounding, part.product_id)
            )
    return prices


def _amount(line: TariffLine, facts: JobFacts, rounding, base: Decimal) -> PriceLine:
    method = line.method
    if method == "per_km":
        quantity, price = facts.distance, line.amount
    elif method == "per_hour":
        quantity, price = facts.hours, line.amount
    elif method == "percent_parts":
        quantity, price = facts.parts_total, line.amount / HUNDRED
    elif method == "percent_fee":
        quantity, price = base, line.amount / HUNDRED
    else:
        quantity, price = ONE, line.amount
        if line.occasion == "crew":
            quantity = Decimal(facts.crew)
    return _bound(line, quantity, price, rounding)


def _bound(line, quantity, price, rounding, product_id=None) -> PriceLine:
    exact = amount = price * quantity
    bound = None
    if line.minimum and amount < line.minimum:
        amount, bound = line.minimum, "minimum"
    if line.maximum and amount > line.maximum:
        amount, bound = line.maximum, "maximum"
    amount = round_money(amount, rounding)
    if line.kind == "penalty":
        amount = -amount
    return PriceLine(line, quantity, price, amount, bound, exact, product_id)
