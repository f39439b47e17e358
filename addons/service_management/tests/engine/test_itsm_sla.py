from unittest import TestCase

from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.service_management.engine.itsm_sla import (
    DAY,
    LEAST,
    Promise,
    Sample,
    explain,
    find_limit,
    fit_promise,
)

amounts = st.lists(
    st.tuples(st.integers(0, 1_000_000), st.booleans()), min_size=1, max_size=30
)


def count_errors(group, limit):
    return sum((seconds <= limit) != made for seconds, made in group)


class TestItsmSla(TestCase):
    @given(amounts)
    def test_no_other_limit_calls_fewer_wrongly(self, group):
        limit, errors = find_limit(group)
        candidates = [LEAST, *(max(seconds, LEAST) for seconds, __ in group)]
        best = min(count_errors(group, candidate) for candidate in candidates)
        # Limits are whole minutes: amounts that share one cannot be told apart
        self.assertLessEqual(errors, best)
        self.assertGreaterEqual(limit, LEAST)
        self.assertEqual(limit % 60, 0)

    def test_limit_lies_between_the_last_in_time_and_the_first_late(self):
        group = [(3600, True), (7200, True), (14400, False)]
        self.assertEqual(find_limit(group), (10800, 0))

    def test_the_end_that_tells_more_is_taken(self):
        samples = [
            Sample("1", made, {"done": 100, "closed": seconds})
            for seconds, made in ((3600, True), (7200, True), (90000, False))
        ]
        promise = fit_promise(samples)
        self.assertEqual((promise.end, promise.shares["closed"]), ("closed", 1.0))
        self.assertLess(promise.shares["done"], 1.0)
        self.assertEqual(promise.limits, {"1": 48600})

    def test_nothing_to_read_promises_nothing(self):
        self.assertIsNone(fit_promise([]))

    def test_differences_have_a_cause(self):
        promise = Promise("closed", {"1": 10 * DAY, "3": LEAST})
        for priority, made, days, met, cause in (
            ("1", True, 1, True, ""),
            ("1", True, 12, False, "near_limit"),
            ("1", True, 40, False, "far_beyond"),
            ("1", False, 2, True, "far_below"),
            ("3", True, 1, False, "priority_late"),
        ):
            sample = Sample(priority, made, {"closed": days * DAY, "done": 0})
            with self.subTest(days=days, made=made):
                self.assertEqual(explain(sample, promise, met), cause)
