from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from odoo import api, fields, models

from odoo.addons.service_management.engine import candidate_ranking as ranking
from odoo.addons.service_management.models.network.service_coverage import (
    CoverageJob,
)


@dataclass(frozen=True, slots=True)
class Decision:
    """The ranking of one order, and how to tell it."""

    order: models.Model
    day: date
    ranked: list[ranking.Ranked]

    @property
    def best(self) -> ranking.Ranked | None:
        first = self.ranked[0] if self.ranked else None
        return first if first and first.eligible else None

    def find(self, point_id: int) -> ranking.Ranked:
        """The place of a point; one that was not even looked at is out of area."""
        for ranked in self.ranked:
            if ranked.candidate.key == point_id:
                return ranked
        candidate = ranking.Candidate(point_id, refused="area")
        return ranking.Ranked(candidate, None, None, (ranking.Reason("area"),))

    def reasons_as_json(self, ranked: ranking.Ranked) -> list[dict]:
        """Code, fact and cost of each reason; texts are added for whoever reads."""
        return [
            {"code": reason.code, "value": reason.value, "cost": reason.cost}
            for reason in ranked.reasons
        ]

    def as_json(self) -> list[dict]:
        points = self.order.env["service.point"].sudo()
        return [
            {
                "point_id": ranked.candidate.key,
                "point": points.browse(ranked.candidate.key).display_name,
                "rank": ranked.rank,
                "cost": ranked.cost,
                "reasons": self.reasons_as_json(ranked),
            }
            for ranked in self.ranked
        ]

    def reasons_as_text(self, ranked: ranking.Ranked) -> str:
        reasons = self.order._add_reason_texts(self.reasons_as_json(ranked))
        return "; ".join(reason["text"] for reason in reasons)


class ServiceOrder(models.Model):
    """Reads the facts about the candidates of many orders at once, asks
    ``engine.candidate_ranking`` and keeps the answer with its reasons."""

    _inherit = "service.order"

    def _rank_candidates(self, take_capacity=False) -> dict[int, Decision]:
        """Decision by order id, in a number of queries that does not grow.

        :param take_capacity: count the first candidate of each order into the load
            that the next orders of ``self`` see.
        """
        orders = self.sudo()  # sudo: facts of every point count, whoever asks
        matches = (
            self.env["service.coverage"]
            .sudo()
            ._find_covering(
                [
                    CoverageJob(
                        order.area_id,
                        order.type_id,
                        order.category_id,
                        company=order.company_id,
                    )
                    for order in orders
                ]
            )
        )
        points = (
            self.env["service.point"]
            .sudo()
            .union(*(match.point for found in matches for match in found))
        )
        days = {order.id: order._get_dispatch_day() for order in orders}
        loads = orders._get_point_loads(points, set(days.values()))
        qualified = orders._get_qualified_points(points, days)
        declined = orders._get_declined_points()
        known = orders._get_points_knowing_assets()
        decisions = {}
        for order, found in zip(self, matches, strict=True):
            day = days[order.id]
            candidates = [
                self._prepare_candidate(order, match, loads[match.point.id, day])
                | {
                    "qualified": match.point.id in qualified[order.id],
                    "declined": match.point.id in declined[order.id],
                    "knows_asset": known.get(order.sudo().asset_id.id)
                    == match.point.id,
                }
                for match in found
            ]
            ranked = ranking.rank(
                [ranking.Candidate(**candidate) for candidate in candidates],
                order._get_ranking_weights(),
            )
            decisions[order.id] = decision = Decision(order, day, ranked)
            if take_capacity and decision.best:
                loads[decision.best.candidate.key, day] += 1
        return decisions

    def _prepare_candidate(self, order, match, load) -> dict:
        """The facts about one point that need no further reading."""
        point, coverage = match.point, match.coverage
        return {
            "key": point.id,
            "refused": match.refused,
            "priority": coverage.priority,
            "capacity": coverage.daily_capacity or point.daily_capacity,
            "load": load,
            "satisfaction": point.satisfaction,
            "distance_km": ranking.great_circle_km(
                order.sudo()._get_position(),
                (point.partner_latitude, point.partner_longitude),
            ),
        }

    def _get_ranking_weights(self):
        """Hook: the weight of each objective for this order."""
        return ranking.DEFAULT_WEIGHTS

    def _get_dispatch_day(self) -> date:
        """The day whose capacity the order takes; imported history has its own."""
        self.ensure_one()
        if self.channel == "import":
            return self.date_request.date()
        return fields.Date.context_today(self, self._get_moment())

    def _get_position(self) -> tuple[float, float] | None:
        """Latitude and longitude of the site, else of its area."""
        self.ensure_one()
        site, area = self.site_id, self.area_id
        if site.partner_latitude or site.partner_longitude:
            return (site.partner_latitude, site.partner_longitude)
        if area.latitude or area.longitude:
            return (area.latitude, area.longitude)
        return None

    def _get_point_loads(self, points, days) -> dict:
        """Offers that wait or were accepted, by (point id, day)."""
        groups = self.env["service.offer"]._read_group(
            [
                ("point_id", "in", points.ids),
                ("day", "in", list(days)),
                ("state", "in", ("offered", "accepted")),
            ],
            ["point_id", "day:day"],
            ["__count"],
        )
        loads = defaultdict(int)
        for point, day, count in groups:
            loads[point.id, fields.Date.to_date(day)] = count
        return loads

    def _get_qualified_points(self, points, days) -> dict:
        """Ids of the points that have somebody with every skill, by order id."""
        technicians = points.technician_ids
        answers = {}
        qualified = {}
        for order in self:
            key = (order.type_id, order.category_id, days[order.id])
            if key not in answers:
                requirements = order.type_id._get_requirements(order.category_id)
                if requirements:
                    missing = technicians._get_missing_requirements(
                        requirements, days[order.id]
                    )
                    answers[key] = {
                        technician.point_id.id
                        for technician in technicians
                        if not missing.get(technician)
                    }
                else:
                    answers[key] = set(points.ids)
            qualified[order.id] = answers[key]
        return qualified

    def _get_declined_points(self) -> dict:
        declined = defaultdict(set)
        for order, point in self.env["service.offer"]._read_group(
            [
                ("order_id", "in", self.ids),
                ("state", "in", ("rejected", "expired")),
            ],
            ["order_id", "point_id"],
        ):
            declined[order.id].add(point.id)
        return declined

    def _get_points_knowing_assets(self) -> dict:
        """The point that served each asset last, by asset id."""
        known = {}
        for order in self.search_fetch(
            [
                ("asset_id", "in", self.asset_id.ids),
                ("point_id", "!=", False),
                ("state", "in", ("done", "closed")),
            ],
            ["asset_id", "point_id"],
            order="date_done, id",
        ):
            known[order.asset_id.id] = order.point_id.id
        return known

    @api.model
    def _add_reason_texts(self, reasons) -> list[dict]:
        """Stored reasons with what each one says in the reader's language."""
        labels = self._get_reason_labels()
        return [
            {**reason, "text": labels.get(reason["code"], reason["code"])}
            for reason in reasons or ()
        ]

    @api.model
    def _get_reason_labels(self) -> dict[str, str]:
        """What each code of the ranking means, in the reader's language."""
        return {
            "suspended": self.env._("the point is suspended"),
            "area": self.env._("the point does not serve this area"),
            "type": self.env._("the point does not offer this service"),
            "category": self.env._("the point does not serve this product category"),
            "level": self.env._("the point's repair level is too low"),
            "skill": self.env._("nobody of the point has the skills on that day"),
            "capacity": self.env._("the point is full on that day"),
            "declined": self.env._("the point has refused this order or let it expire"),
            "priority": self.env._("priority of the coverage"),
            "distance": self.env._("distance (km)"),
            "load": self.env._("orders of the day"),
            "satisfaction": self.env._("satisfaction"),
            "parts": self.env._("parts on hand"),
            "continuity": self.env._("served this asset before"),
        }
