from odoo import fields, models


class ResUsers(models.Model):
    _inherit = "res.users"

    service_point_ids = fields.Many2many(
        "service.point",
        relation="service_point_res_users_rel",
        column1="user_id",
        column2="point_id",
        string="Service Points",
        help="The points whose offers and orders this user handles.",
    )

    def write(self, vals):
        result = super().write(vals)
        if "service_point_ids" in vals:
            # Record rules name the points of a user, and their domains are cached.
            self.env.registry.clear_cache()
        return result
