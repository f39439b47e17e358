from datetime import datetime, time, timedelta

import pytz

from odoo import models


class ResCompany(models.Model):
    _inherit = "res.company"

    def _is_service_workday(self, day) -> bool:
        """Whether anything is open that day in the company's working hours.

        Holidays are free; a worked weekend (调休) is not.
        """
        self.ensure_one()
        calendar = self.resource_calendar_id
        zone = pytz.timezone(calendar.tz or "UTC")
        hours = self.env["resource.calendar"]._get_service_calendar(
            calendar.id, calendar.tz or "UTC"
        )
        start, end = (
            zone.localize(datetime.combine(moment, time.min))
            .astimezone(pytz.utc)
            .replace(tzinfo=None)
            for moment in (day, day + timedelta(days=1))
        )
        return bool(hours.windows(start, end))

    def _get_service_day(self, moment):
        """The day of ``moment`` (UTC) where the company works."""
        self.ensure_one()
        zone = pytz.timezone(self.resource_calendar_id.tz or "UTC")
        return pytz.utc.localize(moment).astimezone(zone).date()
