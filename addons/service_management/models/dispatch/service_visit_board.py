from odoo import api, models

# What of a visit a board shows
SHOWN_FIELDS = {
    "state",
    "planned_start",
    "planned_end",
    "crew_ids",
    "is_locked",
    "travel_minutes",
    "slot_start",
    "slot_end",
}


class ServiceVisit(models.Model):
    """Visits that are planned without an event of their order, such as by a plan."""

    _inherit = "service.visit"

    @api.model_create_multi
    def create(self, vals_list):
        visits = super().create(vals_list)
        visits.order_id._tell_boards()
        return visits

    def write(self, vals):
        result = super().write(vals)
        if SHOWN_FIELDS & vals.keys():
            self.order_id._tell_boards()
        return result

    def unlink(self):
        self.order_id._tell_boards()
        return super().unlink()
