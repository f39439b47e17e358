from odoo import api, models

HOURS_FIELDS = {"dayofweek", "hour_from", "hour_to", "day_period", "week_type"}


class ResourceCalendarAttendance(models.Model):
    _inherit = "resource.calendar.attendance"

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines.calendar_id._on_service_hours_changed()
        return lines

    def write(self, vals):
        calendars = self.calendar_id
        result = super().write(vals)
        if (HOURS_FIELDS | {"calendar_id"}) & vals.keys():
            (calendars | self.calendar_id)._on_service_hours_changed()
        return result

    def unlink(self):
        calendars = self.calendar_id
        result = super().unlink()
        calendars.exists()._on_service_hours_changed()
        return result
