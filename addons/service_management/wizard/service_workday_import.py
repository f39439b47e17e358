from datetime import date, datetime, time, timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.service_management.engine import local_time
from odoo.addons.service_management.models.agreement.service_workday import (
    DAYS_OF_WEEK,
)

try:
    import chinese_calendar
except ImportError:  # an optional package: everything else works without it
    chinese_calendar = None

ZONE = "Asia/Shanghai"


class ServiceWorkdayImport(models.TransientModel):
    """Public holidays and worked weekends of China, from a package and offline.

    Holidays become time off of the working hours, as Odoo keeps it, so that
    technicians' availability knows them too; worked weekends become worked days.
    Importing again adds only what is missing.
    """

    _name = "service.workday.import"
    _description = "Import Workdays"

    year_from = fields.Integer(
        required=True, default=lambda self: fields.Date.today().year
    )
    year_to = fields.Integer(
        required=True, default=lambda self: fields.Date.today().year
    )
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    calendar_id = fields.Many2one(
        "resource.calendar",
        string="Working Hours",
        domain="[('company_id', 'in', [company_id, False])]",
        help="Empty: for every calendar of the company.",
    )
    dayofweek = fields.Selection(
        DAYS_OF_WEEK,
        string="Worked Weekends Are Like a",
        required=True,
        default="0",
    )
    # What came of it
    state = fields.Selection(
        [("draft", "Choose"), ("done", "Done")], default="draft", required=True
    )
    holiday_count = fields.Integer(string="Holidays Added", readonly=True)
    workday_count = fields.Integer(string="Worked Days Added", readonly=True)
    known_count = fields.Integer(string="Known Already", readonly=True)

    def action_import(self):
        self.ensure_one()
        self._check_package()
        holidays, worked = self._read_days()
        leaves = self._create_holidays(holidays)
        days = self._create_workdays(worked)
        self.write(
            {
                "state": "done",
                "holiday_count": len(leaves),
                "workday_count": len(days),
                "known_count": len(holidays) + len(worked) - len(leaves) - len(days),
            }
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Import Workdays of China"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }

    def _check_package(self):
        if chinese_calendar is None:
            raise UserError(
                self.env._(
                    "The list of China's holidays comes with the Python package "
                    "'chinesecalendar', which is not installed here. An administrator "
                    "can install it with: pip install chinesecalendar"
                )
            )
        if self.year_to < self.year_from:
            raise UserError(self.env._("The last year comes before the first one."))

    def _read_days(self):
        """Holidays as (first, last, name) runs, worked weekends as (day, name)."""
        holidays, worked = [], []
        try:
            day = date(self.year_from, 1, 1)
            while day.year <= self.year_to:
                is_off, name = chinese_calendar.get_holiday_detail(day)
                if is_off and name:
                    last = holidays[-1] if holidays else None
                    if last and last[2] == name and day - last[1] == timedelta(days=1):
                        holidays[-1] = (last[0], day, name)
                    else:
                        holidays.append((day, day, name))
                elif not is_off and day.weekday() >= 5:
                    worked.append((day, name))
                day += timedelta(days=1)
        # The second: what is no year at all
        except (NotImplementedError, ValueError) as error:
            raise UserError(
                self.env._(
                    "The package knows the holidays of %(first)s to %(last)s only. "
                    "Those of a year are published in the autumn before it: update "
                    "the package then.",
                    first=min(chinese_calendar.holidays).year,
                    last=max(chinese_calendar.holidays).year,
                )
            ) from error
        return holidays, worked

    def _get_holiday_name(self, name) -> str:
        """The name in the language of the company's people."""
        lang = self.env.user.lang or ""
        if lang.startswith("zh") and name:
            for holiday in chinese_calendar.Holiday:
                if holiday.value == name:
                    return holiday.chinese
        return name or ""

    def _create_holidays(self, holidays):
        leaves = self.env["resource.calendar.leaves"]
        vals_list = [
            {
                "name": self._get_holiday_name(name),
                "calendar_id": self.calendar_id.id,
                "company_id": self.company_id.id,
                "date_from": _to_utc(first),
                "date_to": _to_utc(last, time(23, 59, 59)),
            }
            for first, last, name in holidays
        ]
        known = {
            (leave.date_from, leave.date_to)
            for leave in leaves.search(
                [
                    ("resource_id", "=", False),
                    ("calendar_id", "=", self.calendar_id.id),
                    ("company_id", "=", self.company_id.id),
                ]
            )
        }
        return leaves.create(
            [
                vals
                for vals in vals_list
                if (vals["date_from"], vals["date_to"]) not in known
            ]
        )

    def _create_workdays(self, worked):
        days = self.env["service.workday"]
        known = set(
            days.search(
                [
                    ("calendar_id", "=", self.calendar_id.id),
                    ("company_id", "=", self.company_id.id),
                ]
            ).mapped("date")
        )
        return days.create(
            [
                {
                    "name": self.env._(
                        "Worked for %(holiday)s", holiday=self._get_holiday_name(name)
                    ),
                    "date": day,
                    "calendar_id": self.calendar_id.id,
                    "company_id": self.company_id.id,
                    "dayofweek": self.dayofweek,
                }
                for day, name in worked
                if day not in known
            ]
        )

    @api.onchange("year_from")
    def _onchange_year_from(self):
        self.year_to = max(self.year_to, self.year_from)


def _to_utc(day, clock=time()):
    return local_time.to_utc(datetime.combine(day, clock), ZONE)
