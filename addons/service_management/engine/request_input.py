"""What somebody asks for in a message from outside - read and checked, no database.

Interfaces and spreadsheets send plain values by name. ``read_request`` takes those
that are known, refuses every other one by name, and says of each wrong value which
field it is in and why. Texts for people are made elsewhere: a problem carries codes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, time, timedelta, tzinfo

# Longest text of each field, in characters.
TEXTS = {
    "key": 128,
    "customer_ref": 64,
    "customer_name": 128,
    "phone": 40,
    "email": 254,
    "street": 128,
    "city": 64,
    "zip": 24,
    "type": 64,
    "serial": 64,
    "product": 64,
    "symptom": 64,
    "condition": 64,
    "priority": 16,
    "description": 20_000,
    "preferred_time": 128,
}
NUMBERS = ("customer_id",)
MOMENTS = ("requested_on",)
DAYS = ("fault_date",)
FIELDS = (*TEXTS, *NUMBERS, *MOMENTS, *DAYS)
REQUIRED = ("type", "description")
WHO = ("customer_id", "customer_ref", "customer_name", "phone", "email", "serial")
# Clocks differ a little; a request of tomorrow is a mistake.
FUTURE = timedelta(days=1)
EARLIEST = date(1970, 1, 1)

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_CHINESE_DAY = re.compile(r"(\d{4})\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*[日号]?")
_SLASHED_DAY = re.compile(r"(\d{4})[/.](\d{1,2})[/.](\d{1,2})")


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a value cannot be taken: ``field``, ``code`` and the value itself."""

    field: str
    code: str
    value: str = ""


@dataclass(slots=True)
class RequestInput:
    """One request as it was sent; empty texts where nothing was said."""

    key: str = ""
    customer_id: int = 0
    customer_ref: str = ""
    customer_name: str = ""
    phone: str = ""
    email: str = ""
    street: str = ""
    city: str = ""
    zip: str = ""
    type: str = ""
    serial: str = ""
    product: str = ""
    symptom: str = ""
    condition: str = ""
    priority: str = ""
    description: str = ""
    preferred_time: str = ""
    requested_on: datetime | None = None
    fault_date: date | None = None

    def as_text(self) -> str:
        """All that was said, in a fixed order: what a fingerprint is made of."""
        return "\n".join(
            f"{field.name}={getattr(self, field.name)}"
            for field in fields(self)
            if getattr(self, field.name)
        )


def read_request(
    data: object,
    now: datetime,
    zone: tzinfo = UTC,
    need_key: bool = True,
) -> tuple[RequestInput, list[Problem]]:
    """The request in ``data`` and everything that is wrong with it.

    :param data: ``{field: value}``; unknown fields are problems
    :param now: UTC without zone; later requests than ``now`` + 1 day are refused
    :param zone: of moments that name none
    """
    result, problems = RequestInput(), []
    if not isinstance(data, Mapping):
        return result, [Problem("", "not_an_object", type(data).__name__)]
    for name, value in data.items():
        if name not in FIELDS:
            problems.append(Problem(_show(name), "unknown_field"))
            continue
        if value is None or value is False or value == "":
            continue
        try:
            setattr(result, name, _read_value(name, value, now, zone))
        except _Refused as refused:
            problems.append(Problem(name, refused.code, _show(value)))
    wrong = {problem.field for problem in problems}
    required = (*(("key",) if need_key else ()), *REQUIRED)
    problems += [
        Problem(name, "missing")
        for name in required
        if not getattr(result, name) and name not in wrong
    ]
    if not any(getattr(result, name) for name in WHO) and not wrong.intersection(WHO):
        problems.append(Problem("customer_name", "no_customer"))
    return result, problems


class _Refused(Exception):
    def __init__(self, code: str):
        super().__init__(code)
        self.code = code


def _read_value(name, value, now, zone):
    if name in NUMBERS:
        return _read_number(value)
    if name in MOMENTS:
        moment = _read_moment(value, zone)
        if moment > now + FUTURE:
            raise _Refused("in_future")
        return moment
    if name in DAYS:
        day = _read_day(value)
        if day > (now + FUTURE).date():
            raise _Refused("in_future")
        return day
    text = _read_text(value)
    if len(text) > TEXTS[name]:
        raise _Refused("too_long")
    if name == "email" and text and not _EMAIL.fullmatch(text):
        raise _Refused("not_an_address")
    return text


def _read_text(value) -> str:
    """Texts, and numbers as a spreadsheet shows them: 13800138000.0 is no number
    anybody wrote."""
    if isinstance(value, bool):
        raise _Refused("not_text")
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    if not isinstance(value, str):
        raise _Refused("not_text")
    return _CONTROL.sub("", value).strip()


def _read_number(value) -> int:
    if isinstance(value, str) and value.strip().isascii() and value.strip().isdigit():
        value = int(value.strip()[:18])
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value < 2**31:
        raise _Refused("not_a_number")
    return value


def _read_moment(value, zone) -> datetime:
    """UTC without zone, to the second.

    >>> _read_moment("2026-03-02T08:00:00+08:00", UTC)
    datetime.datetime(2026, 3, 2, 0, 0)
    """
    if isinstance(value, datetime):
        moment = value
    elif isinstance(value, date):
        moment = datetime.combine(value, time())
    elif isinstance(value, str):
        try:
            moment = datetime.fromisoformat(_normalise_day(value))
        except ValueError:
            raise _Refused("not_a_date") from None
    else:
        raise _Refused("not_a_date")
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)
    try:
        moment = moment.astimezone(UTC).replace(tzinfo=None, microsecond=0)
    except OverflowError:
        raise _Refused("not_a_date") from None
    if moment.date() < EARLIEST:
        raise _Refused("not_a_date")
    return moment


def _read_day(value) -> date:
    if isinstance(value, datetime):
        day = value.date()
    elif isinstance(value, date):
        day = value
    elif isinstance(value, str):
        try:
            day = datetime.fromisoformat(_normalise_day(value)).date()
        except ValueError:
            raise _Refused("not_a_date") from None
    else:
        raise _Refused("not_a_date")
    if day < EARLIEST:
        raise _Refused("not_a_date")
    return day


def _normalise_day(text: str) -> str:
    """``2026年3月2日 8:05`` and ``2026/3/2`` as ISO 8601."""
    text = text.strip()
    for pattern in (_CHINESE_DAY, _SLASHED_DAY):
        text = pattern.sub(lambda m: "{}-{:0>2}-{:0>2} ".format(*m.groups()), text)
    return re.sub(r"(?<=\d) +(\d):", r" 0\1:", text.strip())


def _show(value) -> str:
    text = _CONTROL.sub("", str(value))
    return text if len(text) <= 80 else f"{text[:79]}…"
