import io
import unittest
from datetime import datetime

import openpyxl

from odoo.addons.service_management.engine.log_file import LogFileError
from odoo.addons.service_management.engine.request_input import FIELDS
from odoo.addons.service_management.engine.request_sheet import (
    NAMES,
    guess_fields,
    read_sheet,
)

TEXT = "单号,客户姓名,联系电话,服务类型,故障描述\nA1,李雷,13800138000,维修,不转\n"


def make_xlsx(rows):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


class TestRequestSheet(unittest.TestCase):
    def test_every_field_has_names(self):
        self.assertEqual(set(NAMES), set(FIELDS))

    def test_columns_are_known_in_english_and_chinese(self):
        self.assertEqual(
            guess_fields(
                ["单号", "客户姓名*", "联系电话（必填）", "服务类型", "故障描述"]
            ),
            ["key", "customer_name", "phone", "type", "description"],
        )
        self.assertEqual(
            guess_fields(["Request No.", "E-Mail", "Serial Number", "colour", "Phone"]),
            ["key", "email", "serial", None, "phone"],
        )
        self.assertEqual(guess_fields(["Phone", "Telephone"]), ["phone", None])

    def test_every_usual_encoding_gives_the_same(self):
        expected = read_sheet(TEXT.encode())
        self.assertEqual(
            expected.rows, [(2, ["A1", "李雷", "13800138000", "维修", "不转"])]
        )
        for encoding in ("utf-8-sig", "gb18030", "gbk", "utf-16"):
            with self.subTest(encoding):
                self.assertEqual(read_sheet(TEXT.encode(encoding)), expected)

    def test_a_spreadsheet_gives_what_people_see(self):
        sheet = read_sheet(
            make_xlsx(
                [
                    [],
                    ["Key", "Phone", "Requested On", None],
                    [7, 13800138000, datetime(2026, 3, 1, 8, 30)],
                    [None, None, None],
                    ["b", "010-5555", datetime(2026, 3, 1)],
                ]
            )
        )
        self.assertEqual(sheet.columns, ["Key", "Phone", "Requested On"])
        self.assertEqual(
            sheet.rows,
            [
                (3, ["7", "13800138000", "2026-03-01T08:30:00"]),
                (5, ["b", "010-5555", "2026-03-01"]),
            ],
        )

    def test_a_text_of_several_lines_is_one_and_a_lost_quote_takes_no_other(self):
        text = (
            "key,phone,description\n"
            '1,138,"two\nlines"\n'
            '2,139,"lost\n'
            "3,137,fine\n"
            "4,136\n"
        )
        sheet = read_sheet(text.encode())
        self.assertEqual(
            sheet.rows, [(2, ["1", "138", "two\nlines"]), (5, ["3", "137", "fine"])]
        )
        self.assertEqual(sheet.refusals, [(4, "quotes"), (6, "columns")])

    def test_what_is_no_table_is_said_plainly(self):
        for data, code in (
            (b"", "empty"),
            (b"PK\x03\x04 but no archive", "damaged"),
            (b"\xd0\xcf\x11\xe0\xa1\xb1", "old_excel"),
            (make_xlsx([["a", "a"], [1, 2]]), "column_twice"),
            (make_xlsx([]), "empty"),
        ):
            with self.assertRaises(LogFileError) as caught:
                read_sheet(data)
            self.assertEqual(caught.exception.code, code)
