import string
import unittest

from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.service_management.engine.mail_text import (
    clean,
    decode_bytes,
    decode_header,
    normalise_address,
    parse_addresses,
)

LABELS = st.one_of(
    st.none(),
    st.text(max_size=20),
    st.sampled_from(
        ["gb2312", "x-gbk", "utf-8", "utf8mb4", "us-ascii", "base64", "rot13", "idna"]
        + ["utf-7", "utf-16", "iso-2022-jp", "big5", "unicode_escape", "\0", "hex"]
    ),
)


class TestDecodeBytes(unittest.TestCase):
    def test_l21_chinese_labels_are_read_as_gb18030(self):
        for label in ("gb2312", "GBK", "x-gbk", "GB_2312-80", "csGB2312", "EUC-CN"):
            with self.subTest(label=label):
                raw = "朱镕基、陶喆、囧".encode("gbk")
                self.assertEqual(decode_bytes(raw, label), "朱镕基、陶喆、囧")

    def test_l21_unknown_label_is_utf8_then_gb18030_then_latin1(self):
        for raw, text in (
            ("洗衣机漏水 €".encode(), "洗衣机漏水 €"),
            ("洗衣机漏水".encode("gbk"), "洗衣机漏水"),
            (
                "Wäschetrockner für Müller".encode("latin-1"),
                "Wäschetrockner für Müller",
            ),
            (b"\x81 \x8d", "\x81 \x8d"),
        ):
            for label in ("x-unknown", "utf8mb4x", "default", "", None):
                with self.subTest(label=label, text=text):
                    self.assertEqual(decode_bytes(raw, label), text)

    def test_l21_nul_and_lone_surrogates_are_stripped(self):
        self.assertEqual(decode_bytes(b"a\0b\x08c\n"), "abc\n")
        self.assertEqual(clean("a\ud800b\udfff"), "ab")
        self.assertEqual(decode_bytes("a😀".encode("utf-16-le"), "utf-16-le"), "a😀")

    def test_a_wrong_label_loses_to_what_the_bytes_are(self):
        raw = "冰箱不制冷".encode("gbk")
        for label in ("utf-8", "us-ascii"):
            self.assertEqual(decode_bytes(raw, label), "冰箱不制冷")

    def test_one_broken_character_keeps_the_rest(self):
        raw = "Здравствуйте".encode() + b"\xd0"
        self.assertEqual(decode_bytes(raw, "utf-8"), "Здравствуйте\ufffd")

    def test_windows_characters_under_the_latin1_label(self):
        self.assertEqual(
            decode_bytes(b"\x93quoted\x94 \x80", "iso-8859-1"), "“quoted” €"
        )

    @given(st.binary(max_size=200), LABELS)
    def test_any_bytes_under_any_label_are_text_a_database_takes(self, raw, label):
        text = decode_bytes(raw, label)
        text.encode("utf-8")
        self.assertNotIn("\0", text)

    @given(st.text(alphabet=st.characters(codec="gb18030", exclude_categories=["Cc"])))
    def test_what_was_written_in_gb18030_is_read_back(self, text):
        raw = text.encode("gb18030")
        self.assertEqual(decode_bytes(raw, "gb2312"), clean(text))


class TestDecodeHeader(unittest.TestCase):
    def test_a_character_cut_in_two_by_encoded_words(self):
        # 机 is BB FA in GBK: one byte in each word
        value = "=?gb2312?B?z7TSwrs=?=\r\n =?gb2312?B?+g==?="
        self.assertEqual(decode_header(value), "洗衣机")

    def test_words_in_the_middle_and_without_spaces(self):
        self.assertEqual(decode_header("Re:=?utf-8?Q?caf=C3=A9_x?=!"), "Re:café x!")

    def test_raw_bytes(self):
        value = "你好".encode("gbk").decode("ascii", "surrogateescape")
        self.assertEqual(decode_header(value), "你好")

    def test_a_language_after_the_charset(self):
        self.assertEqual(decode_header("=?utf-8*zh?B?5byg?="), "张")

    @given(st.text(max_size=200))
    def test_any_text_is_one_line(self, value):
        text = decode_header(value)
        text.encode("utf-8")
        self.assertFalse(set("\r\n\0") & set(text))

    @given(st.binary(max_size=60), LABELS, st.sampled_from("bBqQ"))
    def test_any_encoded_word(self, payload, label, encoding):
        raw = b"=?%s?%s?%s?=" % (
            (label or "").encode("utf-8", "replace"),
            encoding.encode(),
            payload,
        )
        decode_header(raw.decode("ascii", "surrogateescape")).encode("utf-8")


class TestAddresses(unittest.TestCase):
    def test_groups_are_opened(self):
        self.assertEqual(
            parse_addresses("Team: =?utf-8?B?5byg?= <A@Example.com>, b@example.com;"),
            [("张", "a@example.com"), ("", "b@example.com")],
        )
        self.assertEqual(parse_addresses("undisclosed-recipients:;"), [])

    def test_a_comma_inside_a_name_is_no_separator(self):
        for value in (
            '"Müller, Hans" <h@example.com>',
            "=?utf-8?Q?M=C3=BCller=2C_Hans?= <h@example.com>",
        ):
            self.assertEqual(
                parse_addresses(value), [("Müller, Hans", "h@example.com")]
            )

    def test_what_is_no_address(self):
        for value in ("", "nobody", "@", "a@", "<>", "a b", f"{'x' * 300}@example.com"):
            self.assertEqual(normalise_address(value), "", value)

    def test_loops_compare_one_spelling(self):
        self.assertEqual(normalise_address(" <Bob@EXAMPLE.com> "), "bob@example.com")

    @given(st.text(alphabet=string.printable + "张é\udcff", max_size=100))
    def test_any_header_gives_addresses_one_can_compare(self, value):
        for name, address in parse_addresses(value):
            name.encode("utf-8")
            self.assertEqual(normalise_address(address), address)
            self.assertIn("@", address)
