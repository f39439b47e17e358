from odoo import models
from odoo.fields import Domain


class ServiceTeam(models.Model):
    _inherit = "service.team"

    def write(self, vals):
        result = super().write(vals)
        if "calendar_id" in vals:
            self.env["service.sla.clock"]._mark_stale(
                Domain("order_id.team_id", "in", self.ids)
            )
        return result
