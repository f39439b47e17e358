"""Whether two requests are the same one that came in twice - without a database.

People call, and write a mail as well. Each thing that two requests have in common
gives points, each that tells them apart takes some; the reasons go with the score, so
that a person can see why. Nothing is merged by a score: a person decides.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

# From here on a pair is worth a person's look.
PROPOSE_FROM = 60
BEST = 100
POINTS = {
    "same_customer": 40,
    "same_phone": 35,
    "same_email": 35,
    "same_asset": 35,
    "same_category": 10,
    "same_symptom": 10,
    "same_text": 30,  # times the similarity
    "within_hour": 10,
    "within_day": 5,
    "other_symptom": -20,
    "other_type": -10,
}
# Texts that share less say nothing.
SIMILAR_FROM = 0.3
LONGEST_TEXT = 2000
_NOT_WORDS = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Request:
    """What is compared; ``0`` and ``""`` where nothing is known.

    ``customer`` is the commercial entity, ``phone`` digits, ``date`` UTC.
    """

    id: int
    date: datetime
    customer: int = 0
    phone: str = ""
    email: str = ""
    asset: int = 0
    category: int = 0
    symptom: int = 0
    type: int = 0
    text: str = ""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why the score is what it is; ``value`` is a percentage for texts."""

    code: str
    points: int
    value: int = 0


@dataclass(frozen=True, slots=True)
class Match:
    """A request that may be the same as another one; ``score`` of 0 to 100."""

    id: int
    score: int
    reasons: tuple[Reason, ...]


def compare(one: Request, other: Request, window: timedelta) -> Match | None:
    """How much speaks for ``other`` being the same as ``one``; nothing when that
    cannot be:

    1. asked further apart than ``window``;
    2. of two customers, or about two assets, both known;
    3. nothing says that the same person or the same machine is meant.
    """
    apart = abs(one.date - other.date)
    if apart > window or _differ(one.customer, other.customer):
        return None
    if _differ(one.asset, other.asset):
        return None
    codes = []
    who = [
        code
        for code, mine, theirs in (
            ("same_customer", one.customer, other.customer),
            ("same_phone", one.phone, other.phone),
            ("same_email", one.email, other.email),
        )
        if mine and mine == theirs
    ]
    codes += who[:1]
    if one.asset and one.asset == other.asset:
        codes.append("same_asset")
    elif one.category and one.category == other.category:
        codes.append("same_category")
    if not who and "same_asset" not in codes:
        return None
    if one.symptom and one.symptom == other.symptom:
        codes.append("same_symptom")
    elif _differ(one.symptom, other.symptom):
        codes.append("other_symptom")
    if _differ(one.type, other.type):
        codes.append("other_type")
    if apart <= timedelta(hours=1):
        codes.append("within_hour")
    elif apart <= timedelta(days=1):
        codes.append("within_day")
    reasons = [Reason(code, POINTS[code]) for code in codes]
    alike = similarity(one.text, other.text)
    if alike >= SIMILAR_FROM:
        points = round(POINTS["same_text"] * alike)
        reasons.append(Reason("same_text", points, round(100 * alike)))
    score = sum(reason.points for reason in reasons)
    reasons.sort(key=lambda reason: -abs(reason.points))
    return Match(other.id, max(0, min(BEST, score)), tuple(reasons))


def find(
    one: Request,
    others: Iterable[Request],
    window: timedelta,
    lowest: int = PROPOSE_FROM,
) -> list[Match]:
    """The likely duplicates of ``one``, the likeliest first."""
    matches = [compare(one, other, window) for other in others if other.id != one.id]
    good = [match for match in matches if match and match.score >= lowest]
    return sorted(good, key=lambda match: (-match.score, match.id))


def similarity(one: str, other: str) -> float:
    """0 to 1: the share of pairs of neighbouring characters that both texts have
    (Dice's coefficient). Knows Chinese and English alike, and does not mind the order
    of the sentences.

    >>> similarity("洗衣机不脱水", "洗衣机 不脱水！"), similarity("leaks", "noise")
    (1.0, 0.0)
    """
    mine, theirs = _pairs(one), _pairs(other)
    total = mine.total() + theirs.total()
    return 2 * (mine & theirs).total() / total if total else 0.0


def _pairs(text: str) -> Counter:
    plain = _NOT_WORDS.sub("", text[:LONGEST_TEXT].lower())
    return Counter(zip(plain, plain[1:], strict=False))


def _differ(mine, theirs) -> bool:
    return bool(mine and theirs and mine != theirs)
