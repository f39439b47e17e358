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

    def _get_own_service_points(self):
        """The points that the user belongs to and those below them, in sudo."""
        self.ensure_one()
        # sudo: res.users, service.point: to whom somebody belongs is what is asked
        points_sudo = self.sudo().service_point_ids
        if not points_sudo:
            return points_sudo
        return points_sudo.search([("id", "child_of", points_sudo.ids)])
