from odoo import models


class ResCompany(models.Model):
    _inherit = "res.company"

    def _is_service_workday(self, day) -> bool:
        """Whether anything is open that day in the company's working hours.

        Holidays are free; a worked weekend (调休) is not.
        """
        self.ensure_one()
        calendar = self.resource_calendar_id
        hours = self.env["resource.calendar"]._get_service_calendar(
            calendar.id, self._get_service_zone()
        )
        return bool(hours.windows(*self._get_day_bounds(day)))
