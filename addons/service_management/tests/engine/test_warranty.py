from datetime import date
from unittest import TestCase

from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.service_management.engine import warranty

START = date(2026, 3, 1)
days = st.dates(min_value=date(2015, 1, 1), max_value=date(2040, 1, 1))


class TestWarranty(TestCase):
    def test_twelve_months_end_the_day_before_the_anniversary(self):
        (term,) = warranty.freeze_terms({"labour": 12}, START)
        self.assertEqual((term.start, term.end), (START, date(2027, 2, 28)))

    def test_without_a_start_nothing_is_promised(self):
        self.assertEqual(warranty.freeze_terms({"labour": 12}, None), [])

    def test_leap_day_start(self):
        (term,) = warranty.freeze_terms({"parts": 12}, date(2024, 2, 29))
        self.assertEqual(term.end, date(2025, 2, 27))

    def test_last_day_is_covered_and_the_next_is_not(self):
        terms = warranty.freeze_terms({"labour": 12, "parts": 24}, START)
        last = warranty.decide(terms, date(2027, 2, 28))
        after = warranty.decide(terms, date(2027, 3, 1))
        self.assertTrue(last["labour"].covered)
        self.assertEqual(after["labour"].code, "ended")
        self.assertTrue(after["parts"].covered)
        self.assertEqual(warranty.summarise(last), "partial")

    def test_each_reason_has_its_code(self):
        terms = warranty.freeze_terms({"labour": 12}, START)
        self.assertEqual(
            warranty.decide(terms, date(2026, 2, 28))["labour"].code, "not_started"
        )
        self.assertEqual(warranty.decide(terms, None)["labour"].code, "no_date")
        self.assertEqual(warranty.decide([], START)["labour"].code, "no_term")

    def test_an_extension_covers_after_the_first_term(self):
        first = warranty.Term("labour", START, date(2027, 2, 28))
        extension = warranty.Term("labour", date(2027, 3, 1), date(2028, 2, 29))
        decision = warranty.decide([first, extension], date(2027, 6, 1))["labour"]
        self.assertTrue(decision.covered)
        self.assertEqual(decision.term, extension)

    def test_summary(self):
        terms = warranty.freeze_terms({"labour": 1, "parts": 1, "travel": 1}, START)
        for day, expected in ((START, "in"), (date(2026, 5, 1), "out")):
            self.assertEqual(warranty.summarise(warranty.decide(terms, day)), expected)
        self.assertEqual(warranty.summarise(warranty.decide([], START)), "none")

    @given(start=days, day=days, months=st.integers(1, 120))
    def test_covered_exactly_between_first_and_last_day(self, start, day, months):
        terms = warranty.freeze_terms({"labour": months}, start)
        decision = warranty.decide(terms, day)["labour"]
        self.assertEqual(decision.covered, terms[0].start <= day <= terms[0].end)
