import itertools
import unittest
from datetime import datetime

from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.service_management.engine.cti_event import (
    EVENTS,
    FIELDS,
    Problem,
    call_state,
    read_event,
)

NOW = datetime(2026, 3, 2, 8, 0)
GOOD = {"call_id": "c1", "event": "ringing", "from": "13800138000", "to": 201}


class TestCtiEvent(unittest.TestCase):
    def test_what_is_not_said_is_usual(self):
        event, problems = read_event(GOOD, NOW)
        self.assertEqual(problems, [])
        self.assertEqual(
            (event.provider, event.direction, event.at), ("cti", "in", NOW)
        )
        self.assertEqual((event.number, event.own_extension), ("13800138000", "201"))

    def test_of_an_outgoing_call_the_customer_is_whom_we_call(self):
        event, __ = read_event({**GOOD, "direction": "out"}, NOW)
        self.assertEqual((event.number, event.own_extension), ("201", "13800138000"))

    def test_everything_wrong_is_named(self):
        event, problems = read_event(
            {"event": "sneezed", "order_id": 4, "from": ["x"], "at": "soon"}, NOW
        )
        self.assertIsNone(event)
        self.assertEqual(
            set(problems),
            {
                Problem("order_id", "unknown_field"),
                Problem("from", "not_text"),
                Problem("call_id", "missing"),
                Problem("event", "unknown", "sneezed"),
                Problem("at", "not_a_date", "soon"),
            },
        )

    def test_times_are_utc_and_a_wrong_clock_is_not_believed(self):
        for text, at in (
            ("2026-03-02T15:00:00+08:00", datetime(2026, 3, 2, 7, 0)),
            ("2026-03-02T07:00:00", datetime(2026, 3, 2, 7, 0)),
            ("2031-03-02T07:00:00", NOW),
        ):
            self.assertEqual(read_event({**GOOD, "at": text}, NOW)[0].at, at)

    def test_the_order_of_events_does_not_matter(self):
        for size in range(1, len(EVENTS) + 1):
            for order in itertools.permutations(EVENTS, size):
                self.assertEqual(call_state(order), call_state(sorted(order)))
        self.assertEqual(call_state(["missed", "answered"]), "answered")

    @given(
        st.dictionaries(
            st.sampled_from(FIELDS) | st.text(max_size=4),
            st.none() | st.booleans() | st.integers() | st.text(max_size=20),
            max_size=6,
        )
    )
    def test_whatever_comes_is_answered(self, data):
        event, problems = read_event(data, NOW)
        self.assertEqual(event is None, bool(problems))
