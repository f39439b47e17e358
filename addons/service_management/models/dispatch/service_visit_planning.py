import psycopg2

from odoo import fields, models
from odoo.exceptions import AccessError, UserError

from odoo.addons.service_management.models.base.turns import wait_in_line

# Set by planning and by the customer's promise, never by hand.
PLANNING_FIELDS = {"is_locked", "travel_minutes", "slot_start", "slot_end"}


class ServiceVisit(models.Model):
    """What planning the day knows of a visit beside who goes when."""

    _inherit = "service.visit"

    is_locked = fields.Boolean(
        string="Locked",
        readonly=True,
        help="Planning leaves the visit where it is, with whom it is.",
    )
    travel_minutes = fields.Integer(
        string="Travel (Minutes)",
        readonly=True,
        help="On the way from the stop before, as planned.",
    )
    slot_start = fields.Datetime(
        string="Promised From",
        readonly=True,
        help="The customer was promised a visit that begins between these times.",
    )
    slot_end = fields.Datetime(string="Promised Until", readonly=True)

    _slot_in_order = models.Constraint(
        "CHECK (slot_end > slot_start)",
        "A promised time must end after it starts.",
    )

    def _check_write(self, vals):
        if PLANNING_FIELDS & vals.keys():
            raise UserError(
                self.env._("Lock, move or promise the visit with its buttons.")
            )
        return super()._check_write(vals)

    def action_lock(self):
        """Keep planning from moving the visits."""
        self._set_locked(True)
        return True

    def action_unlock(self):
        self._set_locked(False)
        return True

    def _set_locked(self, locked):
        self.check_access("read")
        if not self.env.su and not self.env.user.has_group(
            "service_management.group_service_dispatcher"
        ):
            raise AccessError(self.env._("Only a dispatcher may lock visits."))
        self._check_visit_state(("planned", "en_route", "on_site"))
        # sudo: service.visit: a dispatcher was checked for
        self.sudo().is_locked = locked

    # Planned anew

    def _replan(self, technicians, start, end, reason=None):
        """Give a planned visit another time, another crew, or both.

        The rules of planning are checked and the database refuses a double booking,
        as when a visit is planned first.
        """
        self.ensure_one()
        self._check_may_act()
        self._check_visit_state(("planned",))
        # sudo: service.visit: may act was checked; plan rules are checked below
        visit_sudo = self.sudo()
        if visit_sudo.is_locked:
            raise UserError(
                self.env._(
                    "%(visit)s is locked: unlock it before it is moved.",
                    visit=visit_sudo.display_name,
                )
            )
        order = visit_sudo.order_id.with_env(self.env)
        order._check_plan(technicians, start, end, reason)
        moved = visit_sudo.planned_start != start or visit_sudo.planned_end != end
        wait_in_line(technicians, allow_referencing=True)
        try:
            with self.env.cr.savepoint():
                if visit_sudo.crew_ids.technician_id != technicians:
                    visit_sudo.crew_ids.unlink()
                    visit_sudo.write({"planned_start": start, "planned_end": end})
                    visit_sudo._set_crew(technicians)
                else:
                    visit_sudo.write({"planned_start": start, "planned_end": end})
                visit_sudo.flush_recordset()
                visit_sudo.crew_ids.flush_recordset()
        except psycopg2.errors.ExclusionViolation:
            raise order._get_booked_error(technicians, start) from None
        visit_sudo.order_id._renew_step_deadlines("visit")
        visit_sudo.order_id._renew_visit_actors()
        visit_sudo.order_id._log_event(
            "rescheduled",
            name=visit_sudo._get_time_text(),
            is_public=moved,
            data={"technicians": technicians.sudo().mapped("name")},
        )

    def _release_crews(self):
        """Let visits that are about to be planned anew stand in nobody's way."""
        # sudo: service.visit.crew: the caller plans each of them anew
        self.sudo().crew_ids.unlink()
        self.env.flush_all()
