import unittest

from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.service_management.engine.csv_table import read_table

TEXT = 'code,name,provinceCode\n1101,"市辖区",11\n1301,"石家庄市",13\n'


class TestCsvTable(unittest.TestCase):
    def test_encodings_give_the_same_rows(self):
        expected = read_table(TEXT.encode()).rows
        self.assertEqual(
            expected[1], (3, {"code": "1301", "name": "石家庄市", "provincecode": "13"})
        )
        for encoding in ("utf-8-sig", "gb18030", "gbk", "utf-16"):
            with self.subTest(encoding):
                table = read_table(TEXT.encode(encoding))
                self.assertEqual(table.rows, expected)
                self.assertFalse(table.refusals)

    def test_delimiters(self):
        for delimiter in ";\t|":
            table = read_table(TEXT.replace(",", delimiter).encode())
            self.assertEqual(len(table.rows), 2)

    def test_broken_line_takes_no_other_with_it(self):
        text = 'code,name\n1,One\n2,"Two\n3\n4,Four,x\n\n5,Five\r\n'
        table = read_table(text.encode())
        self.assertEqual([line for line, _row in table.rows], [2, 7])
        self.assertEqual(
            [(rec.line, rec.reason, rec.detail) for rec in table.refusals],
            [(3, "quotes", ""), (4, "columns", "1"), (5, "columns", "3")],
        )

    def test_few_undecodable_lines_do_not_change_the_encoding(self):
        lines = [f"{number},名称{number}".encode() for number in range(20)]
        lines[4] = b"4,\xff\xfe"
        table = read_table(b"code,name\n" + b"\n".join(lines))
        self.assertEqual(len(table.rows), 19)
        self.assertEqual(table.rows[0][1]["name"], "名称0")
        self.assertEqual(
            [(r.line, r.reason) for r in table.refusals], [(6, "undecodable")]
        )

    def test_zero_bytes_are_dropped(self):
        self.assertEqual(
            read_table(b"code,name\n1,O\x00ne\n").rows[0][1]["name"], "One"
        )

    def test_nothing(self):
        for data in (b"", b"\n\n", b"\xef\xbb\xbf"):
            table = read_table(data)
            self.assertFalse(table.rows or table.columns or table.refusals)

    @given(st.binary(max_size=300))
    def test_any_bytes_are_survived(self, data):
        table = read_table(data)
        for _line, row in table.rows:
            self.assertEqual(set(row), set(table.columns))

    @given(
        st.lists(st.text(alphabet="abc市省 ,\"'", min_size=1, max_size=8), max_size=20)
    )
    def test_every_line_is_a_row_or_refused(self, names):
        body = "".join(f"{number},{name}\n" for number, name in enumerate(names, 1))
        table = read_table(f"code,name\n{body}".encode())
        self.assertEqual(len(table.rows) + len(table.refusals), len(names))
