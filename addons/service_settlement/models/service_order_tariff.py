from decimal import Decimal

from odoo import fields, models

from odoo.addons.service_management.engine.candidate_ranking import great_circle_km

from ..engine import pricing
from .service_order_facts import URGENT, _to_path


class ServiceOrder(models.Model):
    """What each candidate would be paid, for choosing the service point."""

    _inherit = "service.order"

    def _get_tariff_costs(self, pairs) -> dict:
        """Prices by the tariff of today, with the usual duration and no parts.

        Points that are not settled have no price. Distances count in whole
        kilometres, so that orders alike are priced once.
        """
        result = super()._get_tariff_costs(pairs)
        today = fields.Date.context_today(self)
        # sudo: service.tariff: what a point costs decides and is told to dispatchers
        tariffs = (
            self.env["service.tariff"]
            .sudo()
            ._find_many((company, today) for company in self.company_id)
        )
        if not tariffs:
            return result
        books = {tariff: tariff._get_book() for tariff in tariffs.values()}
        places = self._get_settled_places(pairs)
        amounts = {}
        for order in self:
            tariff = tariffs.get((order.company_id, today))
            if not tariff:
                continue
            position = order._get_position()
            costs = {}
            for point_id in pairs[order.id]:
                if point_id in places:
                    grade, place = places[point_id]
                    facts = order._prepare_tariff_facts(grade, position, place)
                    if (tariff, facts) not in amounts:
                        quote = pricing.price_job(
                            facts, books[tariff], tariff._get_rounding()
                        )
                        amounts[tariff, facts] = (
                            float(quote.total) if quote.is_complete else None
                        )
                    if amounts[tariff, facts] is not None:
                        costs[point_id] = amounts[tariff, facts]
            result[order.id] = costs
        return result

    def _get_settled_places(self, pairs) -> dict:
        """Grade and position of the settled points among the candidates, by id."""
        points = self.env["service.point"].sudo()  # sudo: see _get_tariff_costs
        points = points.browse({key for keys in pairs.values() for key in keys})
        return {
            point.id: (
                point.grade,
                (point.partner_latitude, point.partner_longitude),
            )
            for point in points
            if point.is_settled
        }

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
