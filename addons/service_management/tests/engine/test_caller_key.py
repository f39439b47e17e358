import unittest

from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.service_management.engine.caller_key import (
    name_key,
    name_pairs,
    phone_key,
)


class TestCallerKey(unittest.TestCase):
    @given(st.text())
    def test_key_of_a_key_is_itself(self, text):
        key = name_key(text)
        self.assertEqual(name_key(key), key)

    @given(st.text(), st.text())
    def test_key_of_a_part_is_in_the_key_of_the_whole(self, first, second):
        whole = name_key(f"{first} {second}") or ""
        self.assertIn(name_key(first) or "", whole)
        self.assertIn(name_key(second) or "", whole)

    @given(st.text(alphabet="张伟欧阳锦书ab ", min_size=2))
    def test_every_pair_of_ideographs_is_a_word(self, text):
        key = name_key(text) or ""
        pairs = name_pairs(key) or ""
        for first, second in zip(key, key[1:], strict=False):
            if first.isascii() or second.isascii():
                continue
            self.assertIn(f" {first}{second} ", pairs)

    @given(st.text())
    def test_phone_key_is_digits_without_leading_zero(self, text):
        key = phone_key(text)
        if key:
            self.assertRegex(key, r"\A\d+\Z")
            self.assertFalse(key.startswith("0"))


if __name__ == "__main__":
    unittest.main()
