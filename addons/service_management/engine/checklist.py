"""Which questions of a checklist are asked, and what is wrong with the answers.

A checklist is a list of items in the order in which they are asked. An item may hang
on the answer to an earlier one: it is asked only where that one is asked, answered
and its answer fits. Answers to what is not asked (any more) are kept but count for
nothing, so a person who corrects a mistake loses no work.

The page of the technician evaluates the same rules without a network
(``static/src/dispatch/checklist/checklist_rules.js``); one table of cases
(``tests/data/checklist_cases.json``) holds both to the same answers.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

KINDS = ("yes_no", "number", "choice", "text", "photo", "signature")
OPERATORS = ("is", "is_not", "above", "below", "answered", "beyond")
MAX_TEXT = 2000
MAX_NUMBER = 1e12


class AnswerError(ValueError):
    """A value that is none for its item: ``kind`` of the item says what was due."""


@dataclass(frozen=True)
class Condition:
    """The item is asked where the answer to the earlier item ``key`` fits."""

    key: str
    operator: str
    value: str | float | None = None


@dataclass(frozen=True)
class Item:
    """:param beyond: what a number out of its limits does: ``mark`` only marks it,
    ``remark`` asks for a remark, ``block`` keeps the visit from being finished"""

    key: str
    kind: str
    required: bool = False
    minimum: float | None = None
    maximum: float | None = None
    beyond: str = "mark"
    choices: frozenset[str] = frozenset()
    condition: Condition | None = None


@dataclass(frozen=True)
class Answer:
    """``value``: ``yes``/``no``, a number, the key of a choice, a text, how many
    photos there are, or whether it is signed; ``None`` is no answer."""

    value: str | float | bool | None = None
    remark: str = ""

    @property
    def is_given(self) -> bool:
        return self.value is not None and self.value != "" and self.value is not False


@dataclass(frozen=True)
class Evaluation:
    """Keys of items, in the order of the checklist."""

    asked: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    beyond: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    blocking: tuple[str, ...] = ()

    @property
    def is_complete(self) -> bool:
        return not (self.missing or self.remarks or self.blocking)


def read_items(content: Iterable[Mapping]) -> list[Item]:
    """The items of a version's stored content."""
    return [
        Item(
            key=row["key"],
            kind=row["kind"],
            required=row["required"],
            minimum=row["minimum"],
            maximum=row["maximum"],
            beyond=row["beyond"],
            choices=frozenset(choice["key"] for choice in row["choices"]),
            condition=Condition(**row["condition"]) if row["condition"] else None,
        )
        for row in content
    ]


def read_value(item: Item, raw) -> str | float | None:
    """What somebody sent as the answer to ``item``, in its type.

    :return: ``None`` where nothing was answered
    :raise AnswerError: the value is none for this kind of item
    """
    if raw is None or raw is False or raw == "":
        return None
    if item.kind == "yes_no":
        value = {True: "yes"}.get(raw, raw) if isinstance(raw, bool) else raw
        if value not in ("yes", "no"):
            raise AnswerError(item.kind)
        return value
    if item.kind == "number":
        return _read_number(item, raw)
    if item.kind == "choice":
        if raw not in item.choices:
            raise AnswerError(item.kind)
        return raw
    if item.kind == "text" and isinstance(raw, str):
        return raw.replace("\x00", "").strip()[:MAX_TEXT] or None
    raise AnswerError(item.kind)


def _read_number(item, raw):
    if isinstance(raw, bool) or not isinstance(raw, (int, float, str)):
        raise AnswerError(item.kind)
    try:
        # a decimal comma is what many keyboards offer
        value = float(raw.strip().replace(",", ".") if isinstance(raw, str) else raw)
    except (ValueError, OverflowError):
        raise AnswerError(item.kind) from None
    if not math.isfinite(value) or abs(value) > MAX_NUMBER:
        raise AnswerError(item.kind)
    return value


def is_beyond(item: Item, value) -> bool:
    """A number that is out of the limits of its item."""
    if item.kind != "number" or value is None:
        return False
    return (item.minimum is not None and value < item.minimum) or (
        item.maximum is not None and value > item.maximum
    )


def evaluate(items: Iterable[Item], answers: Mapping[str, Answer]) -> Evaluation:
    """What is asked, what is missing and what is out of its limits.

    :param answers: by the key of the item; what is not there is not answered
    """
    given: dict[str, Answer] = {}
    known: dict[str, Item] = {}
    found = {name: [] for name in ("asked", "missing", "beyond", "remarks", "blocking")}
    for item in items:
        known[item.key] = item
        if item.condition and not _is_met(item.condition, known, given):
            continue
        found["asked"].append(item.key)
        answer = answers.get(item.key) or Answer()
        if not answer.is_given:
            if item.required:
                found["missing"].append(item.key)
            continue
        given[item.key] = answer
        if is_beyond(item, answer.value):
            found["beyond"].append(item.key)
            if item.beyond == "block":
                found["blocking"].append(item.key)
            elif item.beyond == "remark" and not answer.remark.strip():
                found["remarks"].append(item.key)
    return Evaluation(**{name: tuple(keys) for name, keys in found.items()})


def _is_met(condition, known, given) -> bool:
    """Whether the answer to the earlier item fits; never without an answer."""
    answer = given.get(condition.key)
    if answer is None:
        return False
    value = answer.value
    match condition.operator:
        case "is":
            return value == condition.value
        case "is_not":
            return value != condition.value
        case "above":
            return isinstance(value, float | int) and value > condition.value
        case "below":
            return isinstance(value, float | int) and value < condition.value
        case "beyond":
            return is_beyond(known[condition.key], value)
    return True


def compare(base, current, new) -> str:
    """What to do with a value that somebody changed without seeing the latest.

    :param base: the value that the change was made on
    :param current: the value now
    :return: ``write``, ``same`` (nothing to do) or ``conflict``: somebody else has
        changed it meanwhile, to something else
    """
    if _is_same(current, new):
        return "same"
    return "write" if _is_same(current, base) else "conflict"


def _is_same(one, other) -> bool:
    return _normalise(one) == _normalise(other)


def _normalise(value):
    """Not filled in is one thing to people; zero is a number that was measured."""
    return None if value is None or value is False or value == "" else value
