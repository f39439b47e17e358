from odoo import fields, models
from odoo.tools import SQL


class ServiceAssetHistory(models.Model):
    _inherit = "service.asset.history"
    _depends = {
        "service.visit": ["actual_start", "order_id", "planned_start", "state"],
    }

    kind = fields.Selection(selection_add=[("visit", "Visit")])
    visit_id = fields.Many2one("service.visit", readonly=True)

    def _get_source_columns(self):
        return super()._get_source_columns() | {"visit_id": "visit"}

    def _get_sources(self):
        return super()._get_sources() | {
            "visit": SQL(
                """
                SELECT visit.id AS key, sorder.asset_id,
                       COALESCE(visit.actual_start, visit.planned_start) AS date,
                       sorder.id AS order_id, NULL::int AS author_id, sorder.company_id
                  FROM service_order sorder
                  JOIN service_visit visit ON visit.order_id = sorder.id
                 WHERE sorder.asset_id IS NOT NULL
                """
            ),
        }

    def _describe_visit(self) -> list[str]:
        states = dict(
            self.env["service.visit"]._fields["state"]._description_selection(self.env)
        )
        return [
            self._join(
                states[row.visit_id.state],
                ", ".join(row.visit_id.crew_ids.technician_id.mapped("name")),
                row.visit_id.report,
            )
            for row in self
        ]
