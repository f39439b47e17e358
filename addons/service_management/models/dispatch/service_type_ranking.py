from odoo import fields, models
from odoo.fields import Command

from odoo.addons.service_management.engine.candidate_ranking import DEFAULT_WEIGHTS


class ServiceType(models.Model):
    _inherit = "service.type"

    ranking_weight_ids = fields.One2many(
        "service.ranking.weight",
        "type_id",
        string="Weights",
        copy=True,
        help="What counts in choosing the service point. Empty: the usual weights.",
    )

    def action_fill_weights(self):
        """Rows for the objectives that have none, with the usual weights, to change."""
        for service_type in self:
            have = set(service_type.ranking_weight_ids.mapped("objective"))
            service_type.ranking_weight_ids = [
                Command.create({"objective": objective, "weight": weight})
                for objective, weight in DEFAULT_WEIGHTS.items()
                if objective not in have
            ]
        return True

    def _get_ranking_weights(self) -> dict[str, float]:
        """Weight by objective: the type's own, else the usual ones."""
        own = {line.objective: line.weight for line in self.ranking_weight_ids}
        return {**DEFAULT_WEIGHTS, **own}
