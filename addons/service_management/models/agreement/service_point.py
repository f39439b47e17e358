from datetime import timedelta

from odoo import models

from odoo.addons.service_management.engine import local_time


class ServicePoint(models.Model):
    _inherit = "service.point"

    def _get_points_off(self, day, weekends) -> set:
        """Opening hours, worked weekends and public holidays decide.

        A calendar without any hours is taken to be always open.
        """
        off = super()._get_points_off(day, weekends)
        calendars = self.env["resource.calendar"]
        answers = {}
        for point in self.sudo():
            calendar = point.resource_calendar_id
            if calendar.id not in answers:
                hours = calendars._get_service_calendar(calendar.id or 0, "")
                answers[calendar.id] = not hours.is_never_open and not self._has_hours(
                    hours, calendar.tz, day, weekends
                )
            if answers[calendar.id]:
                off.add(point.id)
        return off

    def _has_hours(self, hours, zone, day, weekends) -> bool:
        def get_windows(since):
            return hours.windows(*local_time.hours_of(since, zone or "UTC"))

        if get_windows(day):
            return True
        if weekends:
            return False
        # The same weekday before and after is free as well: no holiday
        week = timedelta(days=7)
        return not get_windows(day - week) and not get_windows(day + week)
