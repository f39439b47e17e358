from odoo import api, models
from odoo.exceptions import AccessError

from odoo.addons.service_management.models.base.flow_defaults import without_defaults
from odoo.addons.service_management.models.base.states import check_state

OFFICE_GROUPS = (
    "service_management.group_service_dispatcher",
    "stock.group_stock_user",
)


class ServicePartFlow(models.AbstractModel):
    """Records about parts whose state says what happened to the stock.

    A consumer gains that its flow fields change through its operations only, and
    never by an edit or a call from outside. It names them in ``_flow_fields``.
    """

    _name = "service.part.flow"
    _description = "Steps of Parts"

    _flow_fields = frozenset({"state"})

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            for vals in vals_list:
                self._check_flow_fields(vals)
            self = without_defaults(self, self._flow_fields)
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su:
            self._check_flow_fields(vals)
        return super().write(vals)

    def _check_flow_fields(self, vals):
        names = sorted(self._flow_fields & vals.keys())
        if names:
            raise AccessError(
                self.env._(
                    "%(fields)s: this follows from what is done and is not edited.",
                    fields=", ".join(
                        self._fields[name]._description_string(self.env)
                        for name in names
                    ),
                )
            )

    def _check_office(self):
        """Those who send, receive, judge and adjust: dispatchers and the warehouse."""
        if not self.env.su and not any(
            self.env.user.has_group(group) for group in OFFICE_GROUPS
        ):
            raise AccessError(
                self.env._("Only the office and the warehouse may do this.")
            )
        self.check_access("read")

    def _check_state(self, states):
        check_state(self, states)
