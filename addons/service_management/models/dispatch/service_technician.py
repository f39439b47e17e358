from collections import defaultdict

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
        always = resources.filtered(lambda resource: not resource.calendar_id)
        intervals, __ = (resources - always)._get_valid_work_intervals(
            utc.localize(start), utc.localize(end)
        )
        leaves = self._get_leaves(always, start, end)
        hours = {
            resource.id: take_out([(start, end)], leaves[resource.id])
            for resource in always
        } | {
            resource.id: [
                (
                    since.astimezone(utc).replace(tzinfo=None),
                    until.astimezone(utc).replace(tzinfo=None),
                )
                for since, until, __ in intervals[resource.id]
            ]
            for resource in resources - always
        }
        return {technician.id: hours[technician.resource_id.id] for technician in self}

    def _get_leaves(self, resources, start, end) -> dict:
        """Own leaves (start, end) by resource id, to the minute: without a calendar
        resources would take out whole days."""
        # sudo: resource.calendar.leaves: planning reads times, never their reasons
        leaves_sudo = (
            self.env["resource.calendar.leaves"]
            .sudo()
            .search_fetch(
                [
                    ("resource_id", "in", resources.ids),
                    ("date_from", "<", end),
                    ("date_to", ">", start),
                ],
                ["resource_id", "date_from", "date_to"],
            )
        )
        leaves = defaultdict(list)
        for leave in leaves_sudo:
            leaves[leave.resource_id.id].append((leave.date_from, leave.date_to))
        return leaves


def take_out(intervals, away):
    """What is left of (start, end) pairs without the pairs of ``away``."""
    for gone, back in away:
        intervals = [
            (since, until)
            for first, last in intervals
            for since, until in ((first, min(last, gone)), (max(first, back), last))
            if since < until
        ]
    return intervals
