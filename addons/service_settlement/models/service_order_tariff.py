from decimal import Decimal

from odoo import models

from odoo.addons.service_management.engine.candidate_ranking import great_circle_km

from ..engine import pricing
from .service_order_facts import URGENT, _to_path


class ServiceOrder(models.Model):
    """What each candidate would be paid, for choosing the service point."""

    _inherit = "service.order"

    def _get_tariff_costs(self, pairs) -> dict:
        """Prices by the tariff of today, with the usual duration and no parts, in the
        currency of the company.

        Points that are not settled have no price. Distances count in whole
        kilometres, so that orders alike are priced once.
        """
        result = super()._get_tariff_costs(pairs)
        points = self._get_settled_candidates(pairs)
        # sudo: service.tariff: what a point costs decides and is told to dispatchers
        tariffs = (
            self.env["service.tariff"]
            .sudo()
            ._find_many(
                (point.company_id, point, point.company_id._get_service_day())
                for point in points
            )
        )
        if not tariffs:
            return result
        held = {point.id: tariff for (__, point, __day), tariff in tariffs.items()}
        books = {
            tariff: (
                tariff._get_book(),
                tariff._get_company_rate(tariff.company_id._get_service_day()),
            )
            for tariff in set(held.values())
        }
        places = {
            point.id: (point.partner_latitude, point.partner_longitude)
            for point in points
        }
        grades = {point.id: point.grade for point in points}
        amounts = {}
        for order in self:
            position = order._get_position()
            costs = {}
            for point_id in pairs[order.id]:
                tariff = held.get(point_id)
                if not tariff or tariff.company_id != order.company_id:
                    continue
                facts = order._prepare_tariff_facts(
                    grades[point_id], position, places[point_id]
                )
                key = (tariff, facts)
                if key not in amounts:
                    book, rate = books[tariff]
                    quote = pricing.price_job(facts, book, tariff._get_rounding())
                    # Points that are paid in different currencies are compared
                    amounts[key] = (
                        float(quote.total) * rate if quote.is_complete else None
                    )
                if amounts[key] is not None:
                    costs[point_id] = amounts[key]
            result[order.id] = costs
        return result

    def _get_settled_candidates(self, pairs):
        points = self.env["service.point"].sudo()  # sudo: see _get_tariff_costs
        points = points.browse({key for keys in pairs.values() for key in keys})
        return points.filtered("is_settled")

    def _prepare_tariff_facts(self, grade, position, place) -> pricing.JobFacts:
        self.ensure_one()
        distance = great_circle_km(position, place)
        return pricing.JobFacts(
            type_id=self.type_id.id or None,
            categories=_to_path(self.category_id.parent_path),
            warranty_state=self.warranty_state or "none",
            grade=grade or None,
            distance=None if distance is None else Decimal(round(distance)),
            hours=Decimal(str(self.type_id.duration or 0)),
            areas=_to_path(self.area_id.parent_path),
            codes=self._get_job_codes(None),
            occasions=("urgent",) if self.priority in URGENT else (),
        )
