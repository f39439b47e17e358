from odoo import fields, models


class ServiceType(models.Model):
    _inherit = "service.type"

    team_id = fields.Many2one(
        "service.team",
        string="Responsible Team",
        index="btree_not_null",
        help="New orders of this type are the work of this team.",
    )
