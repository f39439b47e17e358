import unittest
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.service_management.engine.asset_sheet import (
    DATES,
    NAMES,
    Problem,
    read_asset,
    read_day,
)
from odoo.addons.service_management.engine.request_sheet import (
    guess_fields,
    index_names,
)

TODAY = date(2026, 11, 26)
GOOD = {"product": "LY-1", "serial": "SN 1", "customer_ref": "C1"}


class TestAssetSheet(unittest.TestCase):
    def test_columns_are_known_in_both_languages(self):
        by_name = index_names(NAMES)
        self.assertEqual(
            guess_fields(["Serial No.", "产品编码", "客户编号*", "安装日期"], by_name),
            ["serial", "product", "customer_ref", "install_date"],
        )

    def test_no_name_means_two_fields(self):
        by_name = index_names(NAMES)
        for field, texts in NAMES.items():
            for name in texts.split(","):
                self.assertEqual(guess_fields([name], by_name), [field], name)

    def test_days_are_read_as_they_are_written(self):
        for text in (
            "2026-03-02",
            "2026/3/2",
            "2026.3.2",
            "2026年3月2日",
            "20260302",
            "2026-03-02T00:00:00",
            "2026-03-02 08:15",
        ):
            self.assertEqual(read_day(text), date(2026, 3, 2), text)
        for text in ("02/03/2026", "2026-02-30", "soon", "2026", "99999999"):
            self.assertIsNone(read_day(text), text)

    def test_every_problem_of_a_row_is_told(self):
        row, problems = read_asset(
            {
                "purchase_date": "03/02/2026",
                "install_date": "2027-01-01",
                "serial": "x" * 65,
            },
            TODAY,
        )
        self.assertEqual(row, {})
        self.assertEqual(
            {(problem.field, problem.code) for problem in problems},
            {
                ("product", "missing"),
                ("serial", "too_long"),
                ("purchase_date", "not_a_date"),
                ("install_date", "in_future"),
            },
        )

    def test_nothing_happens_before_it_is_made(self):
        dates = {"manufacture_date": "2026-05-01", "install_date": "2026-04-30"}
        self.assertEqual(
            read_asset(GOOD | dates, TODAY)[1],
            [Problem("install_date", "before_made", "2026-04-30")],
        )

    @given(st.dictionaries(st.sampled_from(sorted(NAMES)), st.text(max_size=80)))
    def test_any_text_is_read_or_refused(self, values):
        row, problems = read_asset(values, TODAY)
        self.assertLessEqual(row.keys(), values.keys())
        self.assertTrue(
            problems or (row["product"] and (row.get("serial") or row.get("code")))
        )
        for name in DATES:
            self.assertTrue(name not in row or row[name] <= TODAY)

    @given(st.dates(date(1950, 1, 1), TODAY))
    def test_a_day_comes_back_as_it_was(self, day):
        self.assertEqual(read_day(day.isoformat()), day)
        self.assertEqual(read_day(f"{day.year}年{day.month}月{day.day}日"), day)
