from odoo import fields, models

from odoo.addons.service_management.engine.candidate_ranking import DEFAULT_WEIGHTS

OBJECTIVE_LABELS = [
    ("priority", "Priority of the Coverage"),
    ("distance", "Distance"),
    ("load", "Free Capacity on the Day"),
    ("satisfaction", "Satisfaction of Customers"),
    ("first_time_fix", "Fixed at the First Visit"),
    ("parts", "Parts on Hand"),
    ("continuity", "Knows the Customer or the Asset"),
    ("tariff", "Cost by Tariff"),
    ("late", "Seldom Late"),
]


class ServiceRankingWeight(models.Model):
    """How much an objective counts when a service point is chosen for a type of
    service: what the worst point pays against the best one."""

    _name = "service.ranking.weight"
    _description = "Weight in Choosing a Service Point"
    _order = "type_id, id"
    _rec_name = "objective"

    type_id = fields.Many2one(
        "service.type", required=True, index=True, ondelete="cascade"
    )
    objective = fields.Selection(OBJECTIVE_LABELS, required=True)
    weight = fields.Float(required=True, default=1.0, digits=(8, 2), aggregator=None)
    usual_weight = fields.Float(
        compute="_compute_usual_weight",
        digits=(8, 2),
        help="What counts where a service type has no weights of its own.",
    )

    _objective_uniq = models.Constraint(
        "UNIQUE (type_id, objective)",
        "An objective has one weight for each service type.",
    )
    _weight_not_negative = models.Constraint(
        "CHECK (weight >= 0)",
        "A weight cannot be negative; 0 leaves the objective out.",
    )

    def _compute_usual_weight(self):
        for line in self:
            line.usual_weight = DEFAULT_WEIGHTS.get(line.objective, 0.0)
