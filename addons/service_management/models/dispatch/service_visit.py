from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command

from odoo.addons.service_management.models.base.states import check_state
from odoo.addons.service_management.models.order.service_order import OUTCOMES

VISIT_STATES = [
    ("planned", "Planned"),
    ("en_route", "On the Way"),
    ("on_site", "On Site"),
    ("done", "Done"),
    ("cancelled", "Cancelled"),
]
OPEN_STATES = ("planned", "en_route", "on_site")
RESULT_FIELDS = {
    "outcome",
    "report",
    "signed_by",
    "signature",
    "condition_id",
    "section_id",
    "defect_id",
    "repair_code_id",
    "needs_next_visit",
    "next_visit_date",
    "next_visit_note",
}
# Set by planning and reporting, never by hand: the rules are checked there.
FLOW_FIELDS = {
    "order_id",
    "point_id",
    "state",
    "crew_ids",
    "planned_start",
    "planned_end",
    "actual_start",
    "actual_end",
    "checklist_version_id",
    "confirmed_at",
    "is_overrun",
    "needs_replanning",
}
ORDER_RESULT_FIELDS = ("condition_id", "section_id", "defect_id", "repair_code_id")


class ServiceVisit(models.Model):
    """One appointment of a crew at a customer's site."""

    _name = "service.visit"
    _description = "Visit"
    _inherit = ["mail.thread"]
    _order = "planned_start, id"
    _rec_name = "order_id"

    order_id = fields.Many2one(
        "service.order", required=True, index=True, ondelete="cascade", readonly=True
    )
    company_id = fields.Many2one(
        related="order_id.company_id", store=True, precompute=True, index=True
    )
    partner_id = fields.Many2one(related="order_id.partner_id")
    site_id = fields.Many2one(related="order_id.site_id")
    point_id = fields.Many2one(
        "service.point", required=True, index=True, readonly=True
    )
    state = fields.Selection(
        VISIT_STATES, default="planned", required=True, readonly=True, index=True
    )
    is_blocking = fields.Boolean(
        compute="_compute_is_blocking",
        store=True,
        precompute=True,
        help="The visit takes its crew's time.",
    )
    # Who and when
    crew_ids = fields.One2many("service.visit.crew", "visit_id")
    technician_id = fields.Many2one(
        "service.technician",
        compute="_compute_technician_id",
        store=True,
        index="btree_not_null",
        help="The first of the crew.",
    )
    planned_start = fields.Datetime(required=True, index=True, readonly=True)
    planned_end = fields.Datetime(required=True, readonly=True)
    actual_start = fields.Datetime(readonly=True)
    actual_end = fields.Datetime(readonly=True)
    # What came of it
    outcome = fields.Selection(OUTCOMES)
    report = fields.Text()
    needs_next_visit = fields.Boolean(
        help="The work goes on: the order waits for a further visit."
    )
    next_visit_date = fields.Date(string="Wished Day of the Next Visit")
    next_visit_note = fields.Char(
        string="Needed for the Next Visit",
        help="Parts, tools or people that have to come along.",
    )
    signature = fields.Binary(attachment=True)
    signed_by = fields.Char()

    _times_in_order = models.Constraint(
        "CHECK (planned_end > planned_start)",
        "A visit must end after it starts.",
    )

    @api.depends("state")
    def _compute_is_blocking(self):
        for visit in self:
            visit.is_blocking = visit.state != "cancelled"

    @api.depends("crew_ids.technician_id")
    def _compute_technician_id(self):
        for visit in self:
            visit.technician_id = visit.crew_ids[:1].technician_id

    @api.depends("order_id.name", "planned_start")
    def _compute_display_name(self):
        for visit in self:
            start = fields.Datetime.context_timestamp(visit, visit.planned_start)
            visit.display_name = f"{visit.order_id.name} · {start:%Y-%m-%d %H:%M}"

    def write(self, vals):
        if not self.env.su:
            self._check_write(vals)
        return super().write(vals)

    def _check_write(self, vals):
        # What a form shows and does not let one edit, no other way lets one, either
        kept = {
            name
            for name in vals.keys() & self._fields.keys()
            if self._fields[name].readonly and self._fields[name].store
        }
        if (FLOW_FIELDS & vals.keys()) | kept:
            raise UserError(
                self.env._("Plan, move or report the visit with its buttons.")
            )
        finished = self.filtered(lambda visit: visit.state == "done")
        if finished and RESULT_FIELDS & vals.keys():
            raise UserError(
                self.env._(
                    "%(visit)s is finished: its results are facts now.",
                    visit=finished[0].display_name,
                )
            )

    # Who may act

    def _check_may_act(self):
        """Dispatchers, the visit's point and its crew may report on a visit."""
        self.check_access("read")
        user = self.env.user
        if self.env.su or user.has_group("service_management.group_service_dispatcher"):
            return
        own_points = user._get_own_service_points()
        # sudo: service.visit: who the user is to the visits is what is checked
        for visit in self.sudo():
            of_point = visit.point_id in own_points
            if (
                not of_point
                and user not in visit.crew_ids.technician_id.filtered("active").user_id
            ):
                raise AccessError(
                    self.env._("Only the crew and its service point may report this.")
                )

    def _check_visit_state(self, states):
        check_state(self, states)

    # What happens on the day

    def action_en_route(self, report=None):
        """The crew sets off.

        :param dict report: when and where that was, see ``_read_report``
        """
        self._check_may_act()
        self._check_visit_state(("planned",))
        # sudo: service.visit: may act was checked; the state follows from the report
        visits_sudo = self.sudo()
        date = visits_sudo._note_step("en_route", report)
        visits_sudo.state = "en_route"
        visits_sudo.order_id._log_event("en_route", date=date, is_public=True)
        return True

    def action_on_site(self, report=None):
        """The crew has arrived; ``report`` as in ``action_en_route``."""
        self._check_may_act()
        self._check_visit_state(("planned", "en_route"))
        # sudo: service.visit: may act was checked; the state follows from the report
        visits_sudo = self.sudo()
        date = visits_sudo._note_step("on_site", report)
        for moment, orders in visits_sudo.order_id._group_by_moment(date):
            visits_sudo.filtered(
                lambda visit, orders=orders: visit.order_id in orders
            ).write({"state": "on_site", "actual_start": moment})
        visits_sudo.order_id._log_event("on_site", date=date, is_public=True)
        visits_sudo.order_id._set_state("in_progress")
        return True

    def action_done(self, vals=None, report=None):
        """Finish the visits with their results; ``report`` as in ``action_en_route``.

        :param dict vals: result fields of the visit (``RESULT_FIELDS``); what is
            missing is taken from what the form already holds.
        """
        vals = dict(vals or {})
        unknown = vals.keys() - RESULT_FIELDS
        if unknown:
            raise UserError(
                self.env._(
                    "A visit's result may not set: %(fields)s.",
                    fields=", ".join(sorted(unknown)),
                )
            )
        self._check_may_act()
        self._check_visit_state(OPEN_STATES)
        # sudo: service.visit: may act was checked; results are written by the report
        visits_sudo = self.sudo()
        visits_sudo._finish(vals, visits_sudo._note_step("done", report))
        return True

    def _note_step(self, kind, report=None):
        """Hook: keep when and where a step was reported; the time that counts, or
        ``None`` for now."""

    def _finish(self, vals, date=None):
        """Write results, use the parts, move the orders on (sudo, checked before)."""
        ended = {
            order.id: moment
            for moment, orders in self.order_id._group_by_moment(date)
            for order in orders
        }
        codes = {name: vals.pop(name) for name in ORDER_RESULT_FIELDS if name in vals}
        self.write(vals)
        missing = self.filtered(lambda visit: not visit.outcome)
        if missing:
            raise UserError(
                self.env._(
                    "Outcome is missing on %(visit)s: choose what came of the visit.",
                    visit=missing[0].display_name,
                )
            )
        for (start, end), visits in self.grouped(
            lambda visit: (visit.actual_start, ended[visit.order_id.id])
        ).items():
            visits.write(
                {"state": "done", "actual_end": end, "actual_start": start or end}
            )
        self._use_parts()
        orders = self.order_id
        for outcome, visits in self.grouped("outcome").items():
            visits.order_id.write({"outcome": outcome, **codes})
        for visit in self.filtered("report"):
            visit.order_id.outcome_note = visit.report
        orders._log_event("visit_done", date=date, is_public=True)
        self._release_crew_time()
        going_on = self.filtered("needs_next_visit").order_id
        going_on._set_state("accepted")
        (orders - going_on)._mark_done(date)

    def _release_crew_time(self):
        """A visit that ends early gives the rest of its time back."""
        for visit in self:
            if visit.planned_start < visit.actual_end < visit.planned_end:
                visit.planned_end = visit.actual_end

    def _use_parts(self):
        """Hook of the parts area: take what was used out of the point's stock."""

    def action_cancel(self, reason=None):
        self._check_may_act()
        self._check_visit_state(OPEN_STATES)
        # sudo: service.visit: may act was checked
        visits_sudo = self.sudo()
        visits_sudo.state = "cancelled"
        visits_sudo.order_id._log_event(
            "visit_cancelled", name=reason or "", is_public=True
        )
        visits_sudo.order_id.filtered(
            lambda order: order.state in ("scheduled", "in_progress")
        )._set_state("accepted")
        return True

    def action_open_reschedule(self):
        self.ensure_one()
        return self.order_id._get_plan_action(
            {"default_order_id": self.order_id.id, "default_visit_id": self.id}
        )

    def action_reschedule(self, start, end, reason=None, technician_ids=None):
        """Move a planned visit, or give it to others; a person with the right may
        break a rule, with a reason.

        :param technician_ids: who goes instead; without, the crew stays
        """
        self.ensure_one()
        # sudo: service.visit: the crew stays unless others are named
        crew = self.sudo().crew_ids.technician_id
        technicians = crew.browse(technician_ids).exists() if technician_ids else crew
        self._replan(technicians, start, end, reason)
        # sudo: service.visit: what was planned of the way is so no longer
        self.sudo().travel_minutes = 0
        return True

    def _get_time_text(self) -> str:
        start = fields.Datetime.context_timestamp(self, self.planned_start)
        end = fields.Datetime.context_timestamp(self, self.planned_end)
        return f"{start:%Y-%m-%d %H:%M} - {end:%H:%M}"

    def _set_crew(self, technicians):
        self.crew_ids = [
            Command.clear(),
            *(Command.create({"technician_id": tech.id}) for tech in technicians),
        ]

    @api.ondelete(at_uninstall=False)
    def _unlink_except_done(self):
        if any(visit.state != "planned" for visit in self):
            raise UserError(
                self.env._("Visits that have begun are kept. Cancel them instead.")
            )
