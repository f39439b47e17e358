from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_date

from odoo.addons.service_management.engine import local_time

MAX_YEARS_AHEAD = 3


class ServiceVisit(models.Model):
    _inherit = "service.visit"

    needs_replanning = fields.Boolean(
        readonly=True,
        index="btree_not_null",
        help="Somebody of the crew is away at this time: the visit has to be moved or "
        "given to somebody else.",
    )

    def action_reschedule(self, start, end, reason=None, technician_ids=None):
        result = super().action_reschedule(start, end, reason, technician_ids)
        self._note_replanned()
        return result

    def action_cancel(self, reason=None):
        result = super().action_cancel(reason)
        self._note_replanned()
        return result

    def _note_replanned(self):
        # sudo: service.visit: the mark follows from the plan
        self.sudo().filtered("needs_replanning").needs_replanning = False


class ServiceTechnician(models.Model):
    """Leaves, and the visits that they hit."""

    _inherit = "service.technician"

    leave_count = fields.Integer(
        compute="_compute_leave_count", string="Coming Time Off"
    )

    def _compute_leave_count(self):
        # sudo: resource.calendar.leaves: planners see how often
        counts = dict(
            self.env["resource.calendar.leaves"]
            .sudo()
            ._read_group(
                [
                    ("resource_id", "in", self.resource_id.ids),
                    ("date_to", ">=", fields.Datetime.now()),
                ],
                ["resource_id"],
                ["__count"],
            )
        )
        for technician in self:
            technician.leave_count = counts.get(technician.resource_id, 0)

    def action_open_leave(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "service.technician.leave",
            "name": self.env._("Time Off of %(name)s", name=self.name),
            "view_mode": "form",
            "target": "new",
            "context": {"default_technician_id": self.id},
        }

    def action_view_leaves(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "resource.calendar.leaves",
            "name": self.env._("Time Off of %(name)s", name=self.name),
            "view_mode": "list,calendar",
            "domain": [("resource_id", "=", self.resource_id.id)],
            "context": {"create": False},
        }

    def action_view_week(self):
        """The technician's visits in a calendar."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "service_management.action_service_visit"
        )
        action["domain"] = [("crew_ids.technician_id", "=", self.id)]
        action["display_name"] = self.env._("Week of %(name)s", name=self.name)
        return action

    def _find_hit_visits(self, start, end):
        """Planned visits of the technicians that touch the time, in sudo."""
        # sudo: service.visit: planning has to know all that is hit
        return (
            self.env["service.visit"]
            .sudo()
            .search(
                Domain("crew_ids.technician_id", "in", self.ids)
                & Domain("state", "in", ("planned", "en_route"))
                & Domain("planned_start", "<", end)
                & Domain("planned_end", ">", start)
            )
        )

    def _add_days_off(self, first, last):
        """Time off from the ``first`` to the ``last`` day, whole days of each one's
        own time zone.

        :return: the visits hit, in sudo
        """
        today = fields.Date.context_today(self)
        earliest = today - relativedelta(years=1)
        latest = today + relativedelta(years=MAX_YEARS_AHEAD)
        for day in (first, last):
            if not earliest <= day <= latest:
                raise UserError(
                    self.env._(
                        "Days of time off: give days between %(earliest)s and "
                        "%(latest)s.",
                        earliest=format_date(self.env, earliest),
                        latest=format_date(self.env, latest),
                    )
                )
        visits = self.env["service.visit"].sudo()
        for technician in self:
            zone = technician.tz or "UTC"
            start = local_time.start_of(first, zone)
            end = local_time.start_of(last + timedelta(days=1), zone)
            visits |= technician._add_leave(start, end)
        return visits

    def _add_leave(self, start, end, name=""):
        """Keep time off of the technicians; visits that it hits are marked, and who
        owns their orders gets an activity to plan them anew.

        :return: the visits hit, in sudo
        """
        self.check_access("write")
        if not start or not end or end <= start:
            raise UserError(self.env._("Time off must end after it starts."))
        # sudo: resource.calendar.leaves: who may keep the technician may keep this
        self.env["resource.calendar.leaves"].sudo().create(
            [
                {
                    "name": name or self.env._("Time Off"),
                    "resource_id": technician.resource_id.id,
                    "calendar_id": technician.resource_calendar_id.id,
                    "company_id": technician.company_id.id,
                    "date_from": start,
                    "date_to": end,
                }
                for technician in self
            ]
        )
        visits = self._find_hit_visits(start, end)
        visits.needs_replanning = True
        for visit in visits:
            order = visit.order_id
            user = order.user_id or order.team_id.leader_id
            order.activity_schedule(
                "mail.mail_activity_data_warning",
                summary=self.env._(
                    "Plan anew: %(technician)s is away",
                    technician=", ".join(
                        (visit.crew_ids.technician_id & self.sudo()).mapped("name")
                    ),
                ),
                note=visit.display_name,
                user_id=(user or self.env["service.job"]._get_manager()).id,
            )
        return visits
