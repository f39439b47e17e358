import hashlib
import secrets
from datetime import timedelta

import vobject
from pytz import utc

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from odoo.addons.service_management.engine import local_time

from .service_visit import OPEN_STATES

# What a calendar shows: what is still to be done, not what was.
CALENDAR_WEEKS = 5
SHOWN_STATES = (*OPEN_STATES, "done")


class ServiceTechnician(models.Model):
    """A technician's day on paper, and the coming weeks in any calendar."""

    _inherit = "service.technician"

    # Of the secret in the link only a digest is kept: a copy of the database opens no
    # calendar. It is forgotten when the technician leaves, or belongs elsewhere.
    calendar_digest = fields.Char(
        compute="_compute_calendar_digest",
        store=True,
        copy=False,
        groups=fields.NO_ACCESS,
    )
    calendar_holder = fields.Char(
        copy=False, readonly=True, groups=fields.NO_ACCESS, help="Whom it was made for."
    )
    has_calendar = fields.Boolean(
        string="Calendar Link",
        compute="_compute_has_calendar",
        compute_sudo=True,
        groups="service_management.group_service_dispatcher",
        help="Whoever has the link sees when and where the technician goes in the "
        "coming weeks. Make a new one, or take it away, when it got into wrong hands.",
    )

    _calendar_digest_uniq = models.UniqueIndex(
        "(calendar_digest) WHERE calendar_digest IS NOT NULL",
        "Another technician has this calendar link.",
    )

    @api.depends("active", "point_id", "user_id")
    def _compute_calendar_digest(self):
        for technician in self:
            kept = technician.calendar_holder == technician._get_calendar_holder()
            technician.calendar_digest = kept and technician.calendar_digest

    @api.depends("calendar_digest")
    def _compute_has_calendar(self):
        for technician in self:
            technician.has_calendar = bool(technician.calendar_digest)

    def _get_calendar_holder(self) -> str:
        """Whom a link is for; empty for who has left."""
        self.ensure_one()
        if not self.active:
            return ""
        return f"{self.point_id.id}-{self.user_id.id or 0}"

    def action_renew_calendar(self):
        """A new link, shown this once; the one before ends."""
        self.ensure_one()
        self._check_may_share_calendar()
        if not self.active:
            raise UserError(
                self.env._(
                    "%(name)s is archived: there is no calendar.", name=self.name
                )
            )
        token = secrets.token_urlsafe(32)
        # sudo: service.technician: a dispatcher was checked for
        technician_sudo = self.sudo()
        technician_sudo.calendar_holder = technician_sudo._get_calendar_holder()
        technician_sudo.calendar_digest = _digest(token)
        return {
            "type": "ir.actions.act_window",
            "res_model": "service.technician.calendar",
            "name": self.env._("Calendar Link of %(name)s", name=self.name),
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
            "context": {
                "default_url": f"{self.get_base_url()}/service/calendar/{token}.ics"
            },
        }

    def action_revoke_calendar(self):
        self._check_may_share_calendar()
        # sudo: service.technician: a dispatcher was checked for
        self.sudo().write({"calendar_digest": False, "calendar_holder": False})
        return True

    def _check_may_share_calendar(self):
        self.check_access("read")
        self.env["service.order"]._check_dispatcher()

    # Calendar

    @api.model
    def _get_calendar_file(self, token) -> bytes | None:
        """The calendar behind a link, ``None`` where there is none.

        Visits from today on for five weeks: when, where, what for and whom to call;
        no prices, no notes of the desk.
        """
        if not token or len(token) < 32:
            return None
        # sudo: service.technician: who has the secret is let in
        technician = self.sudo().search(
            [("calendar_digest", "=", _digest(token))], limit=1
        )
        if not technician:
            return None
        calendar = vobject.iCalendar()
        calendar.add("x-wr-calname").value = technician.name
        for visit in technician._get_calendar_visits():
            technician._add_calendar_event(calendar, visit)
        for standby in technician._get_calendar_standbys():
            technician._add_calendar_standby(calendar, standby)
        return calendar.serialize().encode()

    def _get_calendar_bounds(self):
        start = fields.Datetime.now().replace(hour=0, minute=0, second=0, microsecond=0)
        return start, start + timedelta(weeks=CALENDAR_WEEKS)

    def _get_calendar_visits(self):
        start, end = self._get_calendar_bounds()
        return self.env["service.visit"].search(
            Domain("crew_ids.technician_id", "in", self.ids)
            & Domain("state", "in", OPEN_STATES)
            & Domain("planned_end", ">=", start)
            & Domain("planned_start", "<", end)
        )

    def _get_calendar_standbys(self):
        start, end = self._get_calendar_bounds()
        return self.env["service.standby"].search(
            Domain("technician_id", "in", self.ids)
            & Domain("end", ">=", start)
            & Domain("start", "<", end)
        )

    def _add_calendar_standby(self, calendar, standby):
        event = calendar.add("vevent")
        event.add("uid").value = f"service-standby-{standby.id}@{self.env.cr.dbname}"
        event.add("dtstamp").value = utc.localize(standby.write_date)
        event.add("dtstart").value = utc.localize(standby.start)
        event.add("dtend").value = utc.localize(standby.end)
        event.add("summary").value = standby._get_what_text()
        # Visits may be made meanwhile
        event.add("transp").value = "TRANSPARENT"

    def _add_calendar_event(self, calendar, visit):
        order = visit.order_id
        event = calendar.add("vevent")
        event.add("uid").value = f"service-visit-{visit.id}@{self.env.cr.dbname}"
        event.add("dtstamp").value = utc.localize(visit.write_date)
        event.add("dtstart").value = utc.localize(visit.planned_start)
        event.add("dtend").value = utc.localize(visit.planned_end)
        event.add("summary").value = f"{order.type_id.name} · {order.partner_id.name}"
        event.add("location").value = order.site_id._display_address(
            without_company=True
        ).replace("\n", ", ")
        event.add("description").value = "\n".join(
            part for part in (order.name, order.phone, order.description) if part
        )
        if position := order._get_position():
            event.add("geo").value = f"{position[0]};{position[1]}"

    # On paper

    def _get_day_sheet(self) -> dict:
        """What the printed day shows; the day is that of the context, else today.

        :return: ``{"day", "standbys": [text], "visits": [{"visit", "order", "time",
            "travel", "others", "parts"}]}``, times in the reader's zone
        """
        self.ensure_one()
        day = fields.Date.to_date(
            self.env.context.get("service_day")
        ) or fields.Date.context_today(self)
        start, end = local_time.hours_of(day, self.env.tz.zone)
        visits = self.env["service.visit"].search(
            Domain("crew_ids.technician_id", "=", self.id)
            & Domain("state", "in", SHOWN_STATES)
            & Domain("planned_start", "<", end)
            & Domain("planned_end", ">", start)
        )
        standbys = self.env["service.standby"].search(
            Domain("technician_id", "=", self.id)
            & Domain("start", "<", end)
            & Domain("end", ">", start),
            order="start",
        )
        return {
            "day": day,
            "standbys": [
                f"{self._get_day_time(standby.start, standby.end)} "
                f"{standby._get_what_text()}"
                for standby in standbys
            ],
            "visits": [self._get_day_line(visit) for visit in visits],
        }

    def _get_day_time(self, start, end) -> str:
        start, end = (
            fields.Datetime.context_timestamp(self, moment) for moment in (start, end)
        )
        return f"{start:%H:%M} – {end:%H:%M}"

    def _get_day_line(self, visit) -> dict:
        return {
            "visit": visit,
            # sudo: service.order: customer and address belong to the visit
            "order": visit.order_id.sudo(),
            "time": self._get_day_time(visit.planned_start, visit.planned_end),
            "travel": visit.travel_minutes,
            "others": (visit.sudo().crew_ids.technician_id - self).mapped("name"),
            "parts": self._get_day_parts(visit),
        }

    def _get_day_parts(self, visit) -> list[str]:
        """Hook of the parts area: what to take along, as text."""
        return []


def _digest(token) -> str:
    """The secret has 256 random bits: a plain digest cannot be guessed back."""
    return hashlib.sha256(token.encode()).hexdigest()


class ServiceTechnicianCalendar(models.AbstractModel):
    """Shows a new link once; it is kept nowhere."""

    _name = "service.technician.calendar"
    _description = "Calendar Link"

    id = fields.Id()
    url = fields.Char(string="Calendar Link", readonly=True)
