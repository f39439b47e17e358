"""Rows of the Open Repair Data Standard (v0.3) as jobs, or the reasons why not.

One row is one thing that somebody brought to a repair event. What must be there:
``id``, ``event_date``, ``repair_status`` and something that names the product
category. The rest is optional: a value that cannot be read is left out and noted,
because a wrong year is no reason to lose a repair.

``Unknown`` as the status says that nobody wrote down what came of it. That is not a
repair, and not a finding either: the outcome is ``not_fixed``, noted as unknown.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from babel.core import get_global

from .log_file import LogFile, Reason, Record, Refusal

KIND = "open_repair"
REQUIRED_COLUMNS = frozenset(
    {"id", "data_provider", "product_category", "repair_status", "event_date"}
)
OUTCOMES = {
    "fixed": "fixed",
    "repairable": "repairable",
    "end of life": "end_of_life",
    "unknown": "not_fixed",
}
UNKNOWN_STATUS = "unknown"
FIRST_DAY = date(1970, 1, 1)
FIRST_YEAR = 1850
MAX_ID_LENGTH = 200
# What people write where there is no brand.
NO_BRAND = frozenset(
    {
        "", "-", "--", ".", "?", "??", "n/a", "na", "nil", "no brand", "no name",
        "none", "not given", "not known", "not recorded", "other", "unbranded",
        "unidentified", "unknown", "various", "don't know",
    }
)  # fmt: skip
# Categories of the standard by number, for rows that give only the number.
CATEGORIES = {
    1: "Aircon/dehumidifier",
    2: "Battery/charger/adapter",
    3: "Decorative or safety lights",
    4: "Desktop computer",
    5: "Digital compact camera",
    6: "DSLR/video camera",
    7: "Fan",
    8: "Flat screen",
    9: "Hair & beauty item",
    10: "Handheld entertainment device",
    11: "Headphones",
    12: "Hi-Fi integrated",
    13: "Hi-Fi separates",
    14: "Kettle",
    15: "Lamp",
    16: "Laptop",
    17: "Large home electrical",
    18: "Misc",
    19: "Mobile",
    20: "Musical instrument",
    21: "Paper shredder",
    22: "PC accessory",
    23: "Portable radio",
    24: "Power tool",
    25: "Printer/scanner",
    26: "Projector",
    27: "Sewing machine",
    28: "Small home electrical",
    29: "Small kitchen item",
    30: "Tablet",
    31: "Toaster",
    32: "Toy",
    33: "TV and gaming-related accessories",
    34: "Vacuum",
    35: "Watch/clock",
    36: "Coffee maker",
    37: "Food processor",
    38: "Games console",
    39: "Hair dryer",
    40: "Iron",
}
# Where a category belongs in the catalogue (external identifiers there, from the
# nearest to the widest); what is not listed is put at its root.
FAMILIES = {
    "aircon/dehumidifier": ("air_conditioner", "large_appliance"),
    "coffee maker": ("kitchen_appliance", "small_appliance"),
    "desktop computer": ("desktop", "computer"),
    "fan": ("fan_heater", "small_appliance"),
    "flat screen": ("television", "large_appliance"),
    "food processor": ("kitchen_appliance", "small_appliance"),
    "hair & beauty item": ("personal_care", "small_appliance"),
    "hair dryer": ("personal_care", "small_appliance"),
    "headphones": ("audio", "small_appliance"),
    "hi-fi integrated": ("audio", "small_appliance"),
    "hi-fi separates": ("audio", "small_appliance"),
    "iron": ("small_appliance",),
    "kettle": ("kitchen_appliance", "small_appliance"),
    "lamp": ("lamp", "small_appliance"),
    "laptop": ("laptop", "computer"),
    "large home electrical": ("large_appliance",),
    "mobile": ("smartphone", "phone"),
    "paper shredder": ("computer",),
    "pc accessory": ("computer",),
    "portable radio": ("audio", "small_appliance"),
    "power tool": ("lamp", "small_appliance"),
    "printer/scanner": ("printer", "computer"),
    "projector": ("computer",),
    "sewing machine": ("small_appliance",),
    "small home electrical": ("small_appliance",),
    "small kitchen item": ("kitchen_appliance", "small_appliance"),
    "tablet": ("laptop", "computer"),
    "toaster": ("kitchen_appliance", "small_appliance"),
    "vacuum": ("vacuum_cleaner", "small_appliance"),
}


@dataclass(frozen=True, slots=True)
class RepairJob:
    """One row that can be taken over.

    ``key`` is the row's identity everywhere; ``country`` a code of two letters or
    empty; ``made_on`` the first day of the year of manufacture; ``notes`` what was
    left out.
    """

    line: int
    key: str
    provider: str
    country: str
    group: str
    category: str
    brand: str
    made_on: date | None
    day: date
    outcome: str
    status: str
    barrier: str
    problem: str
    notes: tuple[Reason, ...] = ()

    @property
    def product(self) -> str:
        return f"{self.brand} {self.category}" if self.brand else self.category

    @property
    def families(self) -> tuple[str, ...]:
        return FAMILIES.get(self.category.casefold(), ())


def is_open_repair(columns: Iterable[str]) -> bool:
    """Whether the header is that of a repair log."""
    return set(columns) >= REQUIRED_COLUMNS


def read_jobs(log: LogFile, today: date) -> Iterator[RepairJob | Refusal]:
    """Jobs and refusals in the order of the file; an id counts once."""
    seen: dict[str, int] = {}
    for record in log.records(_is_whole):
        answer = record if isinstance(record, Refusal) else parse_job(record, today)
        if isinstance(answer, RepairJob):
            first = seen.setdefault(answer.key, answer.line)
            if first != answer.line:
                reason = Reason("id_twice", "id", str(first))
                answer = Refusal(answer.line, (reason,), record.raw)
        yield answer


def _is_whole(values: dict[str, str]) -> bool:
    return bool(
        values["id"].strip()
        and re.fullmatch(r"\s*\d{4}-\d{2}-\d{2}\s*", values["event_date"])
    )


def parse_job(record: Record, today: date) -> RepairJob | Refusal:
    """The job of one record, or everything that speaks against it."""
    values = record.values
    reasons: list[Reason] = []
    notes: list[Reason] = []
    identity = values["id"]
    provider = values["data_provider"]
    if not identity:
        reasons.append(Reason("missing", "id"))
    elif len(identity) > MAX_ID_LENGTH or not identity.isprintable():
        reasons.append(Reason("not_an_id", "id", identity[:MAX_ID_LENGTH]))
    group = values.get("group_identifier") or provider
    if not group:
        reasons.append(Reason("missing", "group_identifier"))
    day = _parse_day(values["event_date"], today, reasons)
    status = " ".join(values["repair_status"].casefold().split())
    if not status:
        reasons.append(Reason("missing", "repair_status"))
    elif status not in OUTCOMES:
        reasons.append(Reason("status", "repair_status", values["repair_status"]))
    category = _get_category(values)
    if not category:
        reasons.append(Reason("missing", "product_category"))
    if reasons:
        return Refusal(record.line, tuple(reasons), record.raw)
    brand = _one_line(values.get("brand", ""))
    return RepairJob(
        line=record.line,
        key=f"{provider}/{identity}",
        provider=provider,
        country=_get_country(values, notes),
        group=_one_line(group),
        category=category,
        brand="" if brand.casefold() in NO_BRAND else brand,
        made_on=_get_made_on(values, day, notes),
        day=day,
        outcome=OUTCOMES[status],
        status=status,
        barrier=_one_line(values.get("repair_barrier_if_end_of_life", "")),
        problem=values.get("problem", "") or values.get("partner_product_category", ""),
        notes=tuple(notes),
    )


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _get_category(values) -> str:
    category = _one_line(values["product_category"])
    number = values.get("product_category_id", "")
    if not category and number.isdecimal():
        category = CATEGORIES.get(int(number), "")
    return category or _one_line(values.get("partner_product_category", ""))


def _parse_day(text: str, today: date, reasons: list[Reason]) -> date | None:
    if not text:
        reasons.append(Reason("missing", "event_date"))
        return None
    try:
        # The standard writes YYYY-MM-DD; some databases add a midnight to it.
        match = re.fullmatch(r"(\d{4}-\d{2}-\d{2})([ T]00:00(:00(\.0+)?)?Z?)?", text)
        day = date.fromisoformat(match[1]) if match else None
    except ValueError:
        day = None
    if not day:
        reasons.append(Reason("date", "event_date", text))
    elif not FIRST_DAY <= day <= today:
        reasons.append(Reason("date_range", "event_date", text))
    return day


def _get_country(values, notes: list[Reason]) -> str:
    """ISO code of two letters for one of three, or for one that has two already."""
    code = values.get("country", "").upper()
    if not code:
        return ""
    if len(code) == 3:
        found = get_global("territory_aliases").get(code, [])
        code = found[0] if len(found) == 1 else ""
    if len(code) == 2 and code.isalpha() and code.isascii():
        return code
    _note(values, "country", notes)
    return ""


def _get_made_on(values, day: date, notes: list[Reason]) -> date | None:
    """First day of the year of manufacture, given or told by the age."""
    year = _get_number(values, "year_of_manufacture", notes)
    if year is not None:
        if year == int(year) and FIRST_YEAR <= year <= day.year:
            return date(int(year), 1, 1)
        _note(values, "year_of_manufacture", notes)
    age = _get_number(values, "product_age", notes)
    if age is None:
        return None
    if 0 <= age <= day.year - FIRST_YEAR:
        return date(day.year - math.ceil(age), 1, 1)
    _note(values, "product_age", notes)
    return None


def _get_number(values, column: str, notes: list[Reason]) -> float | None:
    text = values.get(column, "")
    if not text:
        return None
    if re.fullmatch(r"-?\d{1,9}(\.\d+)?", text):
        return float(text)
    _note(values, column, notes)
    return None


def _note(values, column: str, notes: list[Reason]) -> None:
    notes.append(Reason("left_out", column, values[column][:100]))
