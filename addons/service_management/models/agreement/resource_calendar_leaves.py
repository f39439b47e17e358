from odoo import api, models

HOURS_FIELDS = {"date_from", "date_to", "calendar_id", "company_id", "resource_id"}


class ResourceCalendarLeaves(models.Model):
    """Time off that is everybody's is a holiday, on which clocks stand still."""

    _inherit = "resource.calendar.leaves"

    @api.model_create_multi
    def create(self, vals_list):
        leaves = super().create(vals_list)
        leaves._get_service_calendars()._on_service_hours_changed()
        return leaves

    def write(self, vals):
        calendars = self._get_service_calendars()
        result = super().write(vals)
        if (HOURS_FIELDS | {"time_type"}) & vals.keys():
            calendars |= self._get_service_calendars()
            calendars._on_service_hours_changed()
        return result

    def unlink(self):
        calendars = self._get_service_calendars()
        result = super().unlink()
        calendars._on_service_hours_changed()
        return result

    def _get_service_calendars(self):
        """The calendars whose holidays these are; a person's time off is nobody's."""
        shared = self.filtered(lambda leave: not leave.resource_id)
        calendars = shared.calendar_id
        general = shared.filtered(lambda leave: not leave.calendar_id)
        if general:
            calendars |= self.env["resource.calendar"].search(
                [("company_id", "in", [*general.company_id.ids, False])]
            )
        return calendars
