from datetime import datetime

from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .common import MONDAY, SlaCommon


@tagged("post_install", "-at_install")
class TestServiceHours(SlaCommon):
    """Working hours of Odoo, as the clocks read them."""

    def _compiled(self, calendar=None, zone=""):
        calendars = self.env["resource.calendar"]
        return calendars._get_service_calendar((calendar or self.calendar).id, zone)

    def _hours(self, start, end, calendar=None):
        return self._compiled(calendar).elapsed(start, end) / 3600

    def _leave(self, start, end, **vals):
        return self.env["resource.calendar.leaves"].create(
            {"name": "Off", "date_from": start, "date_to": end, **vals}
        )

    def test_several_windows_and_a_break(self):
        calendar = self._make_calendar("Shifts", windows=[(0, 8, 12), (0, 13, 17)])
        lunch = calendar.attendance_ids[0].copy(
            {"day_period": "lunch", "hour_from": 12, "hour_to": 13}
        )
        self.assertEqual(lunch.calendar_id, calendar)
        self.assertEqual(self._hours(MONDAY, self._after(24), calendar), 7)

    def test_a_public_holiday_is_free_to_the_second(self):
        self._leave(
            datetime(2026, 3, 1, 16, 0),
            datetime(2026, 3, 2, 15, 59, 59),
            calendar_id=self.calendar.id,
        )
        night = self._make_calendar("Day and night", windows=[(0, 0, 24), (1, 0, 24)])
        self._leave(
            datetime(2026, 3, 1, 16, 0),
            datetime(2026, 3, 2, 15, 59, 59),
            calendar_id=night.id,
        )
        self.assertEqual(self._hours(MONDAY, self._after(24)), 0)
        self.assertEqual(self._compiled(night).elapsed(MONDAY, self._after(15)), 0)

    def test_an_employees_time_off_is_nobodys_holiday(self):
        resource = self.env["resource.resource"].create({"name": "Somebody"})
        self._leave(
            MONDAY,
            self._after(9),
            calendar_id=self.calendar.id,
            resource_id=resource.id,
        )
        self.assertEqual(self._hours(MONDAY, self._after(9)), 8)

    def test_time_off_of_the_company_holds_in_its_calendars(self):
        own = self._make_calendar("Own")
        own.company_id = self.env.company
        self._leave(MONDAY, self._after(9), company_id=self.env.company.id)
        self.assertEqual(self._hours(MONDAY, self._after(9), own), 0)

    def test_l5_a_worked_weekend_has_the_hours_of_another_day(self):
        saturday = datetime(2026, 3, 6, 16, 0)
        days = self.env["service.workday"]
        self.assertEqual(self._hours(saturday, self._after(24, saturday)), 0)
        day = days.create({"name": "Instead of Monday", "date": "2026-03-07"})
        self.assertEqual(self._hours(saturday, self._after(24, saturday)), 8)
        day.hours = "9:00-11:00, 14:00-15:30"
        self.assertEqual(self._hours(saturday, self._after(24, saturday)), 3.5)
        day.unlink()
        self.assertEqual(self._hours(saturday, self._after(24, saturday)), 0)

    def test_a_worked_day_of_one_calendar_wins(self):
        saturday = datetime(2026, 3, 6, 16, 0)
        days = self.env["service.workday"]
        other = self._make_calendar("Other")
        days.create(
            [
                {"name": "All", "date": "2026-03-07"},
                {
                    "name": "Half",
                    "date": "2026-03-07",
                    "calendar_id": other.id,
                    "hours": "9:00-12:00",
                },
            ]
        )
        self.assertEqual(self._hours(saturday, self._after(24, saturday)), 8)
        self.assertEqual(self._hours(saturday, self._after(24, saturday), other), 3)

    def test_hours_that_make_no_sense_are_refused_with_a_sentence(self):
        with self.assertRaisesRegex(ValidationError, "9 to 5"):
            self.env["service.workday"].create(
                {"name": "X", "date": "2026-03-07", "hours": "9 to 5"}
            )

    def test_l5_the_site_has_its_own_time_zone(self):
        self.policy.has_site_zone = True
        self.customer.tz = "Europe/Berlin"
        # 9 o'clock in Shanghai is 2 at night in Berlin, where it opens at 8:00 UTC
        clock = self._clock(self._request())
        self.assertEqual(clock.due_at, datetime(2026, 3, 2, 17, 0))
        self.assertIn("Europe/Berlin", clock.reason_text)

    def test_weeks_that_take_turns(self):
        calendar = self._make_calendar("Turns", windows=[(0, 10, 12)])
        calendar.switch_calendar_type()
        lines = calendar.attendance_ids.filtered(
            lambda line: line.week_type == "0" and not line.display_type
        )
        lines.unlink()
        weeks = [
            self._hours(
                self._after(168 * turn), self._after(168 * (turn + 1)), calendar
            )
            for turn in range(2)
        ]
        self.assertEqual(min(weeks), 0)
        self.assertGreater(max(weeks), 0)
