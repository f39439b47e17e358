import csv
from datetime import date, datetime, timedelta
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.service_management.tests.shared_data import shared_path
from odoo.addons.service_management.wizard import service_workday_import

from .common import SlaCommon


@tagged("post_install", "-at_install")
class TestWorkdayImport(SlaCommon):
    """Holidays and worked weekends (调休) of China, as the package says."""

    def _import(self, **vals):
        if service_workday_import.chinese_calendar is None:
            self.skipTest("the package chinesecalendar is missing")
        wizard = self.env["service.workday.import"].create(
            {
                "year_from": 2025,
                "year_to": 2025,
                "calendar_id": self.calendar.id,
                **vals,
            }
        )
        wizard.action_import()
        return wizard

    def _works_on(self, day):
        calendars = self.env["resource.calendar"]
        compiled = calendars._get_service_calendar(self.calendar.id, "")
        start = datetime.combine(day, datetime.min.time()) - timedelta(hours=8)
        return compiled.elapsed(start, start + timedelta(days=1)) > 0

    def test_spring_festival_and_its_worked_weekend(self):
        wizard = self._import()
        self.assertTrue(wizard.holiday_count)
        self.assertFalse(self._works_on(date(2025, 1, 29)))
        # A Sunday and a Saturday are worked instead
        self.assertTrue(self._works_on(date(2025, 1, 26)))
        self.assertTrue(self._works_on(date(2025, 2, 8)))
        self.assertFalse(self._works_on(date(2025, 2, 15)))

    def test_importing_again_adds_nothing(self):
        first = self._import()
        again = self._import()
        self.assertEqual((again.holiday_count, again.workday_count), (0, 0))
        self.assertEqual(again.known_count, first.holiday_count + first.workday_count)

    def test_every_day_since_2004_is_as_the_table_says(self):
        path = shared_path(self, "calendar", "china_workdays_shared_2004_2025.csv")
        self._import(year_from=2004)
        with path.open(encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        self.assertGreater(len(rows), 8000)
        wrong = [
            row["date"]
            for row in rows
            if self._works_on(date.fromisoformat(row["date"]))
            != (row["is_workday_chinesecalendar"] == "1")
        ]
        self.assertFalse(wrong)

    def test_years_that_nobody_knows_yet_are_refused_with_a_sentence(self):
        for first, last in ((2024, 2090), (0, 2024)):
            with self.assertRaisesRegex(UserError, "published in the autumn"):
                self._import(year_from=first, year_to=last)
        with self.assertRaisesRegex(UserError, "comes before"):
            self._import(year_from=2025, year_to=2024)

    def test_without_the_package_it_says_what_to_install(self):
        wizard = self.env["service.workday.import"].create({})
        with (
            patch.object(service_workday_import, "chinese_calendar", None),
            self.assertRaisesRegex(UserError, "pip install chinesecalendar"),
        ):
            wizard.action_import()
