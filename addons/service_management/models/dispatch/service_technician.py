from pytz import utc

from odoo import models


class ServiceTechnician(models.Model):
    _inherit = "service.technician"

    def _get_work_intervals(self, start, end):
        """Working (start, end) pairs within a period, all naive UTC, leaves taken out.

        A technician without working hours can be planned at any time.
        """
        self.ensure_one()
        return self._get_work_hours(start, end)[self.id]

    def _is_working(self, start, end) -> bool:
        """Whether the technician works all the time from ``start`` to ``end``."""
        worked = sum(
            (until - since).total_seconds()
            for since, until in self._get_work_intervals(start, end)
        )
        return worked >= (end - start).total_seconds()

    def _get_work_hours(self, start, end) -> dict:
        """Working (start, end) pairs of each technician by id, naive UTC, leaves taken
        out. The queries depend on the number of calendars, not of technicians."""
        # sudo: resource: planning reads hours and leaves, never shows their reasons
        resources = self.resource_id.sudo()
        intervals, __ = resources._get_valid_work_intervals(
            utc.localize(start), utc.localize(end)
        )
        hours = {
            resource.id: [
                (
                    since.astimezone(utc).replace(tzinfo=None),
                    until.astimezone(utc).replace(tzinfo=None),
                )
                for since, until, __ in intervals[resource.id]
            ]
            for resource in resources
        }
        return {technician.id: hours[technician.resource_id.id] for technician in self}
