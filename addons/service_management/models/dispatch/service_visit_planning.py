from odoo import fields, models
from odoo.exceptions import AccessError, UserError

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
