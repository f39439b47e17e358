from odoo import fields, models


class ServiceType(models.Model):
    _inherit = "service.type"

    team_id = fields.Many2one(
        "service.team",
        string="Responsible Team",
        index="btree_not_null",
        help="New orders of this type are the work of this team.",
    )
    tool_ids = fields.Many2many(
        "service.tool",
        string="Tools Needed",
        help="At least one of the crew has to carry each of them.",
    )
    crew_size = fields.Integer(
        default=1, help="How many technicians a visit of this type needs."
    )

    _crew_size_positive = models.Constraint(
        "CHECK (crew_size >= 1)", "A crew has one technician at least."
    )
