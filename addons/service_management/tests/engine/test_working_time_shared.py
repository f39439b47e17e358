import csv
import json
import os
from datetime import date, datetime, timedelta
from pathlib import Path
from unittest import TestCase, skipUnless

from odoo.addons.service_management.engine.working_time import Calendar, weekly

# Real data lies beside the checkout, unless the environment says otherwise.
SHARED = Path(
    os.environ.get("SERVICE_SHARED_DATA")
    or Path(__file__).resolve().parents[5] / "shared" / "data"
)
OFFICE = [(9 * 60, 12 * 60), (13 * 60, 18 * 60)]


@skipUnless(SHARED.is_dir(), "no shared data")
class TestSharedCases(TestCase):
    """Cases that other projects hold their own calendars to."""

    def test_cases(self):
        path = SHARED / "calendar" / "sla_calendar_cases_shared.json"
        data = json.loads(path.read_text(encoding="utf-8"))
        calendars = {
            name: self._read_calendar(values)
            for name, values in data["calendars"].items()
        }
        for case in data["cases"]:
            calendar = calendars[case["cal"]]
            start = datetime.fromisoformat(case["start"])
            with self.subTest(**case):
                if case["op"] == "plan":
                    found = calendar.add(start, case["minutes"] * 60)
                    self.assertEqual(found, datetime.fromisoformat(case["expect"]))
                else:
                    end = datetime.fromisoformat(case["end"])
                    found = calendar.elapsed(start, end)
                    self.assertEqual(found, case["expect_minutes"] * 60)

    @staticmethod
    def _read_calendar(values) -> Calendar:
        week = {}
        for day, start, end in values["hours"]:
            week.setdefault(day, []).append((_to_minutes(start), _to_minutes(end)))
        closed = {date.fromisoformat(day): () for day in values["holidays"]}
        return Calendar(values["tz"], weekly(week), closed)

    def test_workdays_of_china_since_2004(self):
        """Holidays closed, worked weekends open: each day as the table says."""
        path = SHARED / "calendar" / "china_workdays_shared_2004_2025.csv"
        with path.open(encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        days = {}
        for row in rows:
            day = date.fromisoformat(row["date"])
            worked = row["is_workday_chinesecalendar"] == "1"
            if worked != (day.weekday() < 5):
                days[day] = OFFICE if worked else ()
        calendar = Calendar(
            "Asia/Shanghai", weekly(dict.fromkeys(range(5), OFFICE)), days
        )
        for row in rows:
            day = date.fromisoformat(row["date"])
            start = datetime.combine(day, datetime.min.time()) - timedelta(hours=8)
            worked = calendar.elapsed(start, start + timedelta(days=1))
            expected = 8 * 3600 * int(row["is_workday_chinesecalendar"])
            self.assertEqual(worked, expected, row["date"])


def _to_minutes(text: str) -> int:
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)
