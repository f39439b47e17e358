from odoo import models


class ServiceScorecard(models.Model):
    """A scorecard on the pages of the service point it is about; expects sudo."""

    _name = "service.scorecard"
    _inherit = ["service.scorecard", "service.portal.guard"]

    _portal_readable = frozenset(
        {"kind", "period", "date_start", "date_end", "orders", "score", "grade"}
    )

    def _get_portal_rows(self) -> list[dict]:
        return [
            {
                "id": card.id,
                "url": f"/my/service/scorecards/{card.id}",
                "period": card.period_name,
                "subject": card.technician_id.name or card.point_id.name,
                "kind": card.kind,
                "orders": card.orders,
                "score": round(card.score) if card.has_score else None,
                "grade": (card.grade or "").upper(),
                "is_frozen": card.is_frozen,
            }
            for card in self
        ]

    def _can_appeal(self) -> bool:
        """A point objects once, when the period is over."""
        return self.is_frozen and self.appeal_state == "none"

    def _get_portal_page(self) -> dict:
        self.ensure_one()
        labels = dict(self.line_ids._fields["code"]._description_selection(self.env))
        orders = self.env["service.order"].browse(
            {order for line in self.line_ids for order in line.hits or ()}
        )
        # An order that another point has by now is no longer this one's to see
        jobs = orders.exists().filtered(
            lambda order: (
                order.point_id == self.point_id
                and order.state
                in ("accepted", "scheduled", "in_progress", "done", "closed")
            )
        )
        names = {order.id: order.name for order in jobs}
        return {
            **self._get_portal_rows()[0],
            "appeal": self.appeal,
            "appeal_answer": self.appeal_answer
            if self.appeal_state == "answered"
            else False,
            "can_appeal": self._can_appeal(),
            "lines": [
                {
                    "name": labels[line.code],
                    "cases": line.cases,
                    "rate": round(100 * line.rate),
                    "network": round(100 * line.network),
                    "points": round(line.points),
                    "orders": [
                        (f"/my/service/jobs/{order_id}", names[order_id])
                        for order_id in line.hits or ()
                        if order_id in names
                    ][:50],
                }
                for line in self.line_ids
            ],
        }
