from odoo import api, fields, models


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
    repair_level = fields.Integer(
        default=1,
        aggregator=None,
        help="Points whose coverage has a smaller level do not get orders of this "
        "type.",
    )

    _repair_level_in_range = models.Constraint(
        "CHECK (repair_level BETWEEN 1 AND 3)", "The repair level is 1, 2 or 3."
    )

    @api.model
    @api.readonly
    def get_usual_type_id(self) -> int | bool:
        return self._get_usual_type().id

    @api.model
    def _get_usual_type(self):
        """What is asked about first: repairs, else the first type with visits."""
        types = self.search([("visit_required", "=", True)])
        return types.filtered(lambda rec: rec.code == "repair") or types[:1]
