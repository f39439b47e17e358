from datetime import timedelta

import pytz

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import ormcache

from odoo.addons.service_management.engine import working_time

# What of a calendar decides when a service is open
HOURS_FIELDS = {"tz", "attendance_ids", "leave_ids", "global_leave_ids"}
HOURS_FIELDS |= {"attendance_ids_1st_week", "attendance_ids_2nd_week"}
HOURS_FIELDS |= {"two_weeks_calendar", "company_id"}


class ResourceCalendar(models.Model):
    """Working hours as service-level clocks read them: windows, holidays, worked days.

    A calendar is compiled once into a value of ``engine.working_time`` and kept until
    its hours change.
    """

    _inherit = "resource.calendar"

    service_workday_ids = fields.One2many(
        "service.workday", "calendar_id", string="Worked Weekends"
    )

    def write(self, vals):
        result = super().write(vals)
        if HOURS_FIELDS & vals.keys():
            self._on_service_hours_changed()
        return result

    def _on_service_hours_changed(self):
        """Forget the compiled hours; open clocks are measured anew, by the job."""
        if self:
            self.env.registry.clear_cache()
            self.env["service.sla.clock"]._mark_stale(
                Domain("calendar_id", "in", self.ids)
            )

    @api.model
    @ormcache("calendar_id", "zone")
    def _get_service_calendar(self, calendar_id, zone):
        """The engine's calendar of ``calendar_id`` with the hours counted in ``zone``.

        No calendar is open around the clock; no zone is the calendar's own.
        """
        if not calendar_id:
            return working_time.ALWAYS
        # sudo: resource.calendar: hours are no secret, whoever asks for a deadline
        calendar = self.sudo().browse(calendar_id).exists()
        if not calendar:
            return working_time.ALWAYS
        return working_time.Calendar(
            zone or calendar.tz or "UTC",
            calendar._get_service_week(),
            self.env["service.workday"]._get_days(calendar),
            tuple(calendar._get_service_leaves()),
        )

    def _get_service_week(self) -> tuple:
        """One week of windows, or two where weeks take turns."""
        self.ensure_one()
        windows = {}
        for line in self.attendance_ids:
            if not line._is_work_period():
                continue
            window = (round(line.hour_from * 60), round(line.hour_to * 60))
            day = int(line.dayofweek)
            turns = (0,)
            if self.two_weeks_calendar:
                turns = (int(line.week_type),) if line.week_type else (0, 1)
            for turn in turns:
                windows.setdefault(turn * 7 + day, []).append(window)
        if self.two_weeks_calendar:
            # Both weeks exist, also where one of them is free
            windows.setdefault(7, [])
        return working_time.weekly(windows)

    def _get_service_leaves(self):
        """Local (start, end) of the time off that is everybody's: public holidays."""
        self.ensure_one()
        company = Domain("calendar_id", "=", False)
        if self.company_id:
            company &= Domain("company_id", "in", [self.company_id.id, False])
        leaves = self.env["resource.calendar.leaves"].search_fetch(
            Domain("resource_id", "=", False)
            & Domain("time_type", "=", "leave")
            & (Domain("calendar_id", "=", self.id) | company),
            ["date_from", "date_to"],
        )
        zone = pytz.timezone(self.tz or "UTC")
        for leave in leaves:
            start, end = (
                pytz.utc.localize(moment).astimezone(zone).replace(tzinfo=None)
                for moment in (leave.date_from, leave.date_to)
            )
            # A day off that Odoo ends at 23:59:59 lasts until midnight
            if end.second == 59:
                end += timedelta(seconds=1)
            yield start, end
