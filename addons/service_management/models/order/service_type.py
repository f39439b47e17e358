from odoo import models
from odoo.fields import Domain


class ServiceType(models.Model):
    _inherit = "service.type"

    def write(self, vals):
        result = super().write(vals)
        if "sla_policy_id" in vals:
            self.env["service.sla.clock"]._mark_stale(
                Domain("order_id.type_id", "in", self.ids)
            )
        return result
