"""Amounts as people type them, of ``engine/amount_text.py``."""

import doctest
import unittest

from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.service_settlement.engine import amount_text
from odoo.addons.service_settlement.engine.amount_text import read_amount


class TestAmountText(unittest.TestCase):
    def test_examples_hold(self):
        self.assertFalse(doctest.testmod(amount_text).failed)

    def test_what_is_no_amount_is_none(self):
        for text in ("", "x", "1e5", "nan", "1_0", "1,2,3", "12,34,567", "1.2.3,4"):
            with self.subTest(text):
                self.assertIsNone(read_amount(text))

    def test_few_digits_are_decimals_in_every_language(self):
        for point in ".,":
            for text, wanted in (("12,5", 12.5), ("12.50", 12.5), ("0,125", 0.125)):
                with self.subTest(text, point=point):
                    self.assertEqual(read_amount(text, point), wanted)

    @given(st.integers(-(10**9), 10**9), st.sampled_from(".,"))
    def test_a_thousand_times_less_is_never_read(self, cents, point):
        """What a language writes is read as what it says, grouped or not."""
        mark = {".": ",", ",": "."}[point]
        for grouped in (f"{cents / 100:,.2f}", f"{cents / 100:.2f}"):
            text = grouped.translate({ord(","): mark, ord("."): point})
            self.assertEqual(read_amount(text, point), round(cents / 100, 2))
        whole = f"{cents:,}".replace(",", mark)
        self.assertEqual(read_amount(whole, point), cents)
