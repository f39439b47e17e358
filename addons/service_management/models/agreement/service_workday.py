from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from odoo.addons.service_management.engine import working_time

DAYS_OF_WEEK = [
    ("0", "Monday"),
    ("1", "Tuesday"),
    ("2", "Wednesday"),
    ("3", "Thursday"),
    ("4", "Friday"),
    ("5", "Saturday"),
    ("6", "Sunday"),
]


class ServiceWorkday(models.Model):
    """A day that is worked although its weekday is free: a worked weekend (调休).

    A calendar of Odoo knows weekdays and holidays; the other way round it knows
    nothing. Holidays stay where Odoo keeps them, in the calendar's time off.
    """

    _name = "service.workday"
    _description = "Worked Day"
    _order = "date desc, id desc"
    _check_company_auto = True

    name = fields.Char(
        string="Reason", required=True, help="Such as: instead of the day off on 6 May."
    )
    date = fields.Date(required=True, index=True)
    calendar_id = fields.Many2one(
        "resource.calendar",
        string="Working Hours",
        index="btree_not_null",
        check_company=True,
        ondelete="cascade",
        help="Empty: the day is worked in every calendar of the company.",
    )
    company_id = fields.Many2one(
        "res.company", default=lambda self: self.env.company, index=True
    )
    dayofweek = fields.Selection(
        DAYS_OF_WEEK,
        string="Works Like a",
        required=True,
        default="0",
        help="The windows of this weekday are the windows of the day.",
    )
    hours = fields.Char(
        string="Other Hours",
        help="Windows of its own, such as 9:00-12:00, 13:00-17:00. Empty: those of "
        "the weekday it works like.",
    )

    _date_uniq = models.UniqueIndex(
        "(date, COALESCE(company_id, 0), COALESCE(calendar_id, 0))",
        "This day is in the list already.",
    )

    @api.constrains("hours")
    def _check_hours(self):
        for day in self.filtered("hours"):
            try:
                working_time.parse_windows(day.hours)
            except ValueError as error:
                raise ValidationError(
                    self.env._(
                        "'%(part)s' is not a period of a day. Write hours like "
                        "9:00-12:00, 13:00-17:00.",
                        part=str(error),
                    )
                ) from error

    @api.depends("name", "date")
    def _compute_display_name(self):
        for day in self:
            day.display_name = f"{day.date or ''} {day.name or ''}".strip()

    @api.model_create_multi
    def create(self, vals_list):
        days = super().create(vals_list)
        days._get_calendars()._on_service_hours_changed()
        return days

    def write(self, vals):
        calendars = self._get_calendars()
        result = super().write(vals)
        (calendars | self._get_calendars())._on_service_hours_changed()
        return result

    def unlink(self):
        calendars = self._get_calendars()
        result = super().unlink()
        calendars._on_service_hours_changed()
        return result

    def _get_calendars(self):
        """The calendars in which these days are worked."""
        if all(day.calendar_id for day in self):
            return self.calendar_id
        companies = [*self.company_id.ids, False]
        domain = (
            Domain.TRUE
            if not all(self.mapped("company_id"))
            else Domain("company_id", "in", companies)
        )
        return self.env["resource.calendar"].search(domain)

    @api.model
    def _get_days(self, calendar) -> dict:
        """``{date: windows}`` of the days worked in ``calendar``; own days win."""
        days = self.sudo().search_fetch(
            [
                ("calendar_id", "in", [calendar.id, False]),
                ("company_id", "in", [calendar.company_id.id, False])
                if calendar.company_id
                else (1, "=", 1),
            ],
            ["date", "dayofweek", "hours", "calendar_id"],
        )
        week = calendar._get_service_week()
        result = {}
        for day in days.sorted(lambda day: bool(day.calendar_id)):
            if day.hours:
                result[day.date] = working_time.parse_windows(day.hours)
            else:
                weeks = len(week) // 7
                turn = (day.date.toordinal() - 1) // 7 % weeks
                result[day.date] = week[turn * 7 + int(day.dayofweek)]
        return result
