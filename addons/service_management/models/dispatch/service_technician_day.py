import secrets
from datetime import datetime, time, timedelta

import vobject
from pytz import utc

from odoo import api, fields, models
from odoo.fields import Domain

from .service_visit import OPEN_STATES

# What a calendar shows: what is still to be done, not what was.
CALENDAR_WEEKS = 5
SHOWN_STATES = (*OPEN_STATES, "done")


class ServiceTechnician(models.Model):
    """A technician's day on paper, and the coming weeks in any calendar."""

    _inherit = "service.technician"

    calendar_token = fields.Char(
        copy=False,
        readonly=True,
        groups="service_management.group_service_dispatcher",
    )
    calendar_url = fields.Char(
        string="Calendar Link",
        compute="_compute_calendar_url",
        groups="service_management.group_service_dispatcher",
        help="Whoever has this link sees when and where the technician goes in the "
        "coming weeks. Make a new one, or take it away, when it got into wrong hands.",
    )

    _calendar_token_uniq = models.UniqueIndex(
        "(calendar_token) WHERE calendar_token IS NOT NULL",
        "Another technician has this calendar link.",
    )

    @api.depends("calendar_token")
    def _compute_calendar_url(self):
        for technician in self:
            token = technician.calendar_token
            technician.calendar_url = token and (
                f"{technician.get_base_url()}/service/calendar/{token}.ics"
            )

    def action_renew_calendar(self):
        """A new link; the one before ends."""
        self._check_may_share_calendar()
        for technician in self:
            # sudo: service.technician: a dispatcher was checked for
            technician.sudo().calendar_token = secrets.token_urlsafe(32)
        return True

    def action_revoke_calendar(self):
        self._check_may_share_calendar()
        # sudo: service.technician: a dispatcher was checked for
        self.sudo().calendar_token = False
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
        technician = self.sudo().search([("calendar_token", "=", token)], limit=1)
        if not technician:
            return None
        calendar = vobject.iCalendar()
        calendar.add("x-wr-calname").value = technician.name
        for visit in technician._get_calendar_visits():
            technician._add_calendar_event(calendar, visit)
        return calendar.serialize().encode()

    def _get_calendar_visits(self):
        start = fields.Datetime.now().replace(hour=0, minute=0, second=0, microsecond=0)
        return self.env["service.visit"].search(
            Domain("crew_ids.technician_id", "in", self.ids)
            & Domain("state", "in", OPEN_STATES)
            & Domain("planned_end", ">=", start)
            & Domain("planned_start", "<", start + timedelta(weeks=CALENDAR_WEEKS))
        )

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

        :return: ``{"day", "visits": [{"visit", "order", "start", "end", "travel",
            "parts"}]}``, times in the reader's zone
        """
        self.ensure_one()
        day = fields.Date.to_date(
            self.env.context.get("service_day")
        ) or fields.Date.context_today(self)
        start, end = (
            self.env.tz.localize(datetime.combine(moment, time.min))
            .astimezone(utc)
            .replace(tzinfo=None)
            for moment in (day, day + timedelta(days=1))
        )
        visits = self.env["service.visit"].search(
            Domain("crew_ids.technician_id", "=", self.id)
            & Domain("state", "in", SHOWN_STATES)
            & Domain("planned_start", "<", end)
            & Domain("planned_end", ">", start)
        )
        return {"day": day, "visits": [self._get_day_line(visit) for visit in visits]}

    def _get_day_line(self, visit) -> dict:
        start, end = (
            fields.Datetime.context_timestamp(self, moment)
            for moment in (visit.planned_start, visit.planned_end)
        )
        return {
            "visit": visit,
            # sudo: service.order: customer and address belong to the visit
            "order": visit.order_id.sudo(),
            "time": f"{start:%H:%M} – {end:%H:%M}",
            "travel": visit.travel_minutes,
            "others": (visit.sudo().crew_ids.technician_id - self).mapped("name"),
            "parts": self._get_day_parts(visit),
        }

    def _get_day_parts(self, visit) -> list[str]:
        """Hook of the parts area: what to take along, as text."""
        return []
