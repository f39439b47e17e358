"""Prices a job by a tariff: exact, explainable, without a database.

A tariff is a list of lines. A line says what it pays for (its kind), for which
jobs it holds (its conditions; an empty condition holds for every job) and how
the amount comes about (its method). For each kind one line wins, or none.

Which lines match a job
    * service type, warranty state, grade of the point: equal, or left empty;
    * product category: the job's category or one of its parents, or left empty;
    * distance: from <= km < to. A job of unknown distance is matched only by
      lines without a band (from 0 on, without end);
    * a method that multiplies needs its figure: per km a known distance, per
      hour known hours, percent of parts a parts total that is not zero.

Which matching line wins its kind: the most specific one, compared in this
order; the first difference decides
    1. names the service type;
    2. names a product category, the nearest to the product first;
    3. names the warranty state;
    4. names the grade of the point;
    5. has a distance band, the narrowest first;
    6. the lower sequence, then the lower id.

A kind for which no line matches is not owed, except labour: a tariff that pays
labour must say what it pays for this job, be it zero. If a line fails only
because a figure of the job is unknown, its kind cannot be priced. Both are gaps,
and a quote with a gap, or without any line, must not be paid as it stands.

>>> line = TariffLine(id=1, kind="labour", amount=Decimal("80"))
>>> job = JobFacts(type_id=3, categories=(7, 2), warranty_state="out", grade="a")
>>> price_job(job, [line], Decimal("0.01")).total
Decimal('80.00')
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from math import asin, cos, radians, sin, sqrt

KINDS = ("labour", "travel", "parts", "other")
# Never left out in silence.
REQUIRED_KINDS = ("labour",)
METHODS = ("fixed", "per_km", "per_hour", "percent_parts")

EARTH_RADIUS_KM = 6371.0088


@dataclass(frozen=True, slots=True)
class JobFacts:
    """What a price may depend on. ``None`` means unknown, never zero.

    ``categories`` is the path of the product category, the product's own first,
    the root last.
    """

    type_id: int | None = None
    categories: tuple[int, ...] = ()
    warranty_state: str = "none"
    grade: str | None = None
    distance: Decimal | None = None
    hours: Decimal | None = None
    parts_total: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class TariffLine:
    """One rule of a tariff. Zero or ``None`` for the bounds means no bound."""

    id: int
    kind: str
    amount: Decimal
    method: str = "fixed"
    sequence: int = 10
    type_id: int | None = None
    category_id: int | None = None
    warranty_state: str | None = None
    grade: str | None = None
    distance_min: Decimal = Decimal(0)
    distance_max: Decimal | None = None
    minimum: Decimal | None = None
    maximum: Decimal | None = None

    @property
    def has_band(self) -> bool:
        return bool(self.distance_min or self.distance_max)


@dataclass(frozen=True, slots=True)
class PriceLine:
    """What one tariff line pays: ``amount`` is ``price`` × ``quantity``, rounded,
    unless ``bound`` says that the line's minimum or maximum replaced it."""

    line: TariffLine
    quantity: Decimal
    price: Decimal
    amount: Decimal
    bound: str | None = None

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
        return sum((line.amount for line in self.lines), Decimal(0))


def price_job(
    facts: JobFacts, tariff: Iterable[TariffLine], rounding: Decimal
) -> Quote:
    """Return what the tariff pays for the job, one line a kind.

    :param rounding: smallest unit of the currency, such as ``Decimal("0.01")``
    """
    best: dict[str, tuple[tuple, TariffLine]] = {}
    missing: dict[tuple[str, str], list[int]] = {}
    expected: set[str] = set()
    for line in tariff:
        if line.kind in REQUIRED_KINDS:
            expected.add(line.kind)
        if not _conditions_hold(line, facts):
            continue
        unknown = _unknown_figure(line, facts)
        if unknown:
            missing.setdefault((line.kind, unknown), []).append(line.id)
            continue
        if not _applies(line, facts):
            continue
        rank = _specificity(line, facts)
        if line.kind not in best or rank < best[line.kind][0]:
            best[line.kind] = (rank, line)
    lines = tuple(
        _amount(best[kind][1], facts, rounding) for kind in sorted(best, key=_kind_key)
    )
    unknown_kinds = {kind for kind, __ in missing}
    gaps = tuple(
        Gap(code, kind, tuple(ids))
        for (kind, code), ids in sorted(missing.items())
        if kind not in best
    ) + tuple(
        Gap("no_line", kind) for kind in sorted(expected - best.keys() - unknown_kinds)
    )
    if not lines and not gaps:
        gaps = (Gap("no_line"),)
    return Quote(lines, gaps)


def round_money(value: Decimal, rounding: Decimal) -> Decimal:
    """Round half away from zero to a multiple of ``rounding``.

    >>> round_money(Decimal("1.005"), Decimal("0.01"))
    Decimal('1.01')
    >>> round_money(Decimal("1.03"), Decimal("0.05"))
    Decimal('1.05')
    """
    steps = (value / rounding).quantize(Decimal(1), rounding=ROUND_HALF_UP)
    return steps * rounding


def great_circle_km(
    from_latitude: float, from_longitude: float, to_latitude: float, to_longitude: float
) -> Decimal:
    """Return the distance over ground in km, to 100 m.

    >>> great_circle_km(39.9042, 116.4074, 31.2304, 121.4737)
    Decimal('1067.3')
    """
    start, end = radians(from_latitude), radians(to_latitude)
    half_lat = sin((end - start) / 2) ** 2
    half_lon = sin(radians(to_longitude - from_longitude) / 2) ** 2
    chord = min(1.0, half_lat + cos(start) * cos(end) * half_lon)
    km = 2 * EARTH_RADIUS_KM * asin(sqrt(chord))
    return Decimal(km).quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)


def _kind_key(kind: str) -> tuple[int, str]:
    return (KINDS.index(kind) if kind in KINDS else len(KINDS), kind)


def _conditions_hold(line: TariffLine, facts: JobFacts) -> bool:
    """Whether everything the line asks for holds, the distance left aside."""
    return (
        (line.type_id is None or line.type_id == facts.type_id)
        and (line.category_id is None or line.category_id in facts.categories)
        and (line.warranty_state is None or line.warranty_state == facts.warranty_state)
        and (line.grade is None or line.grade == facts.grade)
    )


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
    if line.category_id is None:
        nearness = len(facts.categories)
    else:
        nearness = facts.categories.index(line.category_id)
    if not line.has_band:
        band = (2, Decimal(0))
    elif not line.distance_max:
        band = (1, Decimal(0))
    else:
        band = (0, line.distance_max - line.distance_min)
    return (
        line.type_id is None,
        nearness,
        line.warranty_state is None,
        line.grade is None,
        band,
        line.sequence,
        line.id,
    )


def _amount(line: TariffLine, facts: JobFacts, rounding: Decimal) -> PriceLine:
    if line.method == "per_km":
        quantity, price = facts.distance, line.amount
    elif line.method == "per_hour":
        quantity, price = facts.hours, line.amount
    elif line.method == "percent_parts":
        quantity, price = facts.parts_total, line.amount / 100
    else:
        quantity, price = Decimal(1), line.amount
    amount, bound = price * quantity, None
    if line.minimum and amount < line.minimum:
        amount, bound = line.minimum, "minimum"
    if line.maximum and amount > line.maximum:
        amount, bound = line.maximum, "maximum"
    return PriceLine(line, quantity, price, round_money(amount, rounding), bound)
