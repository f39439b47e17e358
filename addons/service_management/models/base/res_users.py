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
