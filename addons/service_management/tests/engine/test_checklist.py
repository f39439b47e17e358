"""Checklists by a table of cases that the page's rules share, and by properties."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.service_management.engine.checklist import (
    KINDS,
    Answer,
    AnswerError,
    Condition,
    Item,
    compare,
    evaluate,
    is_beyond,
    read_items,
    read_value,
)

TABLE = json.loads(
    (Path(__file__).parent.parent / "data" / "checklist_cases.json").read_text("utf-8")
)


@pytest.mark.parametrize("case", TABLE["cases"], ids=lambda case: case["name"])
def test_cases(case):
    answers = {
        key: Answer(row.get("value"), row.get("remark", ""))
        for key, row in case["answers"].items()
    }
    state = evaluate(read_items(TABLE["items"]), answers)
    for name in ("asked", "missing", "beyond", "remarks", "blocking"):
        assert list(getattr(state, name)) == case[name], name
    assert state.is_complete == (
        not (case["missing"] or case["remarks"] or case["blocking"])
    )


@st.composite
def checklists(draw):
    """Items that hang on any earlier one, and answers to some of them."""
    items = []
    for index in range(draw(st.integers(1, 8))):
        condition = None
        if items and draw(st.booleans()):
            earlier = draw(st.sampled_from(items))
            condition = draw(
                st.sampled_from(
                    [
                        Condition(earlier.key, "answered"),
                        Condition(earlier.key, "is", "yes"),
                        Condition(earlier.key, "is_not", "yes"),
                        Condition(earlier.key, "above", 5.0),
                        Condition(earlier.key, "below", 5.0),
                        Condition(earlier.key, "beyond"),
                    ]
                )
            )
        items.append(
            Item(
                f"k{index}",
                draw(st.sampled_from(KINDS)),
                draw(st.booleans()),
                draw(st.none() | st.floats(0, 4)),
                draw(st.none() | st.floats(6, 9)),
                draw(st.sampled_from(["mark", "remark", "block"])),
                condition=condition,
            )
        )
    values = {
        "yes_no": st.sampled_from(["yes", "no"]),
        "number": st.floats(-10, 20),
        "choice": st.just("c1"),
        "text": st.sampled_from(["", "text"]),
        "photo": st.integers(1, 3),
        "signature": st.booleans(),
    }
    answers = {
        item.key: Answer(
            draw(st.none() | values[item.kind]), draw(st.sampled_from(["", "r"]))
        )
        for item in items
        if draw(st.booleans())
    }
    return items, answers


@given(checklists())
def test_only_what_is_asked_can_be_missing_or_wrong(checklist):
    items, answers = checklist
    state = evaluate(items, answers)
    asked = set(state.asked)
    assert {*state.missing, *state.beyond} <= asked
    assert {*state.remarks, *state.blocking} <= set(state.beyond)
    assert not set(state.missing) & set(state.beyond)
    assert list(state.asked) == [item.key for item in items if item.key in asked]
    assert all(item.key in asked for item in items if not item.condition)


@given(checklists())
def test_answers_to_what_is_not_asked_change_nothing(checklist):
    items, answers = checklist
    state = evaluate(items, answers)
    kept = {key: answer for key, answer in answers.items() if key in state.asked}
    assert evaluate(items, kept) == state


@given(checklists())
def test_an_item_is_asked_only_below_an_answered_one(checklist):
    items, answers = checklist
    state = evaluate(items, answers)
    for item in items:
        if item.condition and item.key in state.asked:
            assert item.condition.key in state.asked
            assert answers[item.condition.key].is_given


@given(checklists())
def test_answering_what_is_missing_completes_in_at_most_one_round_per_item(checklist):
    items, answers = checklist
    good = {
        "yes_no": "yes",
        "number": 5.0,
        "choice": "c1",
        "text": "done",
        "photo": 1,
        "signature": True,
    }
    answers = dict(answers)
    by_key = {item.key: item for item in items}
    for __ in items:
        state = evaluate(items, answers)
        for key in (*state.missing, *state.remarks, *state.blocking):
            answers[key] = Answer(good[by_key[key].kind], "because")
    assert evaluate(items, answers).is_complete


@given(st.floats(allow_nan=True, allow_infinity=True) | st.text() | st.booleans())
def test_a_number_is_read_as_a_number_or_refused(raw):
    try:
        value = read_value(Item("n", "number"), raw)
    except AnswerError:
        return
    assert value is None or (isinstance(value, float) and abs(value) <= 1e12)


def test_values_are_read_by_kind():
    assert read_value(Item("n", "number"), " 3,5 ") == 3.5
    assert read_value(Item("n", "number"), 0) == 0.0
    assert read_value(Item("y", "yes_no"), True) == "yes"
    assert read_value(Item("t", "text"), " a\x00b ") == "ab"
    assert read_value(Item("t", "text"), "   ") is None
    choice = Item("c", "choice", choices=frozenset({"c1"}))
    assert read_value(choice, "c1") == "c1"
    for item, raw in (
        (choice, "c2"),
        (Item("y", "yes_no"), "maybe"),
        (Item("n", "number"), "nan"),
        (Item("n", "number"), [1]),
        (Item("t", "text"), {"a": 1}),
        (Item("p", "photo"), 1),
    ):
        with pytest.raises(AnswerError):
            read_value(item, raw)


@given(st.floats(-10, 10), st.none() | st.floats(-5, 0), st.none() | st.floats(0, 5))
def test_beyond_is_outside_of_what_was_given(value, minimum, maximum):
    item = Item("n", "number", minimum=minimum, maximum=maximum)
    low = minimum if minimum is not None else value
    high = maximum if maximum is not None else value
    assert is_beyond(item, value) == (not low <= value <= high)


TEXTS = st.sampled_from(["", "a", "b", "c"])


@given(TEXTS, TEXTS, TEXTS)
def test_l12_a_change_never_overwrites_what_it_has_not_seen(base, current, new):
    answer = compare(base, current, new)
    assert (answer == "same") == (current == new)
    assert (answer == "write") == (current == base and current != new)


def test_nothing_is_not_zero():
    assert compare(None, False, "") == "same"
    assert compare("", None, "a") == "write"
    assert compare(None, 0, 1) == "conflict"
    assert compare(0, 0, None) == "write"
