from odoo import models


class ResUsers(models.Model):
    _inherit = "res.users"

    def write(self, vals):
        result = super().write(vals)
        if "service_point_ids" in vals:
            # Record rules name the points of a user, and their domains are cached.
            self.env.registry.clear_cache()
        return result
