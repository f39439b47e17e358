from dataclasses import dataclass
from datetime import date, timedelta

from odoo import api, models

from odoo.addons.service_management.engine import candidate_ranking as ranking
from odoo.addons.service_management.models.network.service_coverage import (
    CoverageJob,
)

from .service_order_facts import Staff

# How many candidates a stored decision tells of, and how many that broke a rule. The
# others are counted: in a city every order has hundreds.
TOLD, TOLD_REFUSED = 12, 4
# So many days an order is put off at most because nobody is open.
CLOSED_DAYS = 14


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
        return ranking.Ranked(candidate, None, None, ranking.Reason("area"))

    def reasons_as_json(self, ranked: ranking.Ranked) -> list[dict]:
        """Code, fact and cost of each reason; texts are added for whoever reads."""
        return [
            {"code": reason.code, "value": reason.value, "cost": reason.cost}
            for reason in ranked.reasons
        ]

    def as_json(self, also=None) -> list[dict]:
        """The best candidates and the first refused, each with its reasons, and how
        many more there were.

        :param also: id of a point that is told of whatever its rank
        """
        points = self.order.env["service.point"].sudo()
        eligible = [ranked for ranked in self.ranked if ranked.eligible]
        refused = self.ranked[len(eligible) :]
        shown = [
            ranked
            for group, told in ((eligible, TOLD), (refused, TOLD_REFUSED))
            for place, ranked in enumerate(group)
            if place < told or ranked.candidate.key == also
        ]
        lines = [
            {
                "point_id": ranked.candidate.key,
                "point": points.browse(ranked.candidate.key).display_name,
                "rank": ranked.rank,
                "cost": ranked.cost,
                "coverage_id": ranked.candidate.row,
                "reasons": self.reasons_as_json(ranked),
            }
            for ranked in shown
        ]
        if len(shown) < len(self.ranked):
            more = sum(ranked.eligible for ranked in shown)
            lines.append(
                {
                    "more_eligible": len(eligible) - more,
                    "more_refused": len(refused) - len(shown) + more,
                }
            )
        return lines

    def reasons_as_text(self, ranked: ranking.Ranked) -> str:
        reasons = self.order._add_reason_texts(self.reasons_as_json(ranked))
        return "; ".join(reason["text"] for reason in reasons)


@dataclass(frozen=True, slots=True)
class RecordedDecision:
    """A decision as it was stored (`Decision.as_json`): what an offer is made of."""

    day: date
    lines: list[dict]

    def find(self, point_id: int) -> ranking.Ranked:
        line = self._get_line(point_id)
        return ranking.Ranked(
            ranking.Candidate(point_id, row=line.get("coverage_id")),
            line.get("rank"),
            line.get("cost"),
        )

    def reasons_as_json(self, ranked: ranking.Ranked) -> list[dict]:
        return self._get_line(ranked.candidate.key).get("reasons", [])

    def as_json(self, also=None) -> list[dict]:
        return self.lines

    def _get_line(self, point_id: int) -> dict:
        return next(
            (line for line in self.lines if line.get("point_id") == point_id), {}
        )


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
        facts = RankingFacts(orders)
        decisions = {}
        for order, order_sudo in zip(self, orders, strict=True):
            ranked = ranking.rank(
                facts.get_candidates(order_sudo), order._get_ranking_weights()
            )
            decision = Decision(order, facts.days[order.id], ranked)
            decisions[order.id] = decision
            if take_capacity and decision.best:
                facts.take(order_sudo, decision.best.candidate.key)
        return decisions

    def _get_coverage_job(self) -> CoverageJob:
        """What the coverage of the network is asked about the order."""
        self.ensure_one()
        faults = self.condition_id | self.symptom_id | self.section_id | self.defect_id
        levels = [self.type_id.repair_level, *faults.mapped("repair_level")]
        return CoverageJob(
            self.area_id,
            self.type_id,
            self.category_id,
            level=max(1, *levels),
            company=self.company_id,
            zip=self.site_id.zip,
            position=self._get_position(),
            brand=self.product_id.service_brand_id,
            day=self._get_dispatch_day(),
        )

    def _prepare_candidate(self, match, facts) -> ranking.Candidate:
        """Hook: facts about one point that is not refused.

        :param match: ``CoverageMatch``
        :param facts: ``RankingFacts`` of all the orders that are ranked together
        """
        self.ensure_one()
        return facts.prepare(self, match)

    def _get_ranking_weights(self):
        """Hook: the weight of each objective for this order."""
        self.ensure_one()
        return self.type_id.sudo()._get_ranking_weights()

    @api.model
    def _get_point_days(self, points, days) -> dict:
        """``{(point id, day): capacity}`` as ``service.point._get_day_capacity``."""
        return {
            (point_id, day): capacity
            for day in days
            for point_id, capacity in points._get_day_capacity(day).items()
        }

    def _get_dispatch_day(self) -> date:
        """The day whose capacity the order takes; imported history has its own."""
        self.ensure_one()
        if self.channel == "import":
            return self.company_id._get_service_day(self.date_request)
        return self.company_id._get_service_day(self._get_moment())

    def _get_dispatch_hours(self) -> float:
        """How much of a point's day the order takes, in hours."""
        self.ensure_one()
        return self.type_id.duration or 0.0

    def _get_position(self) -> tuple[float, float] | None:
        """Latitude and longitude of the site, else of its area."""
        self.ensure_one()
        site, area = self.site_id, self.area_id
        if site.partner_latitude or site.partner_longitude:
            return (site.partner_latitude, site.partner_longitude)
        if area.latitude or area.longitude:
            return (area.latitude, area.longitude)
        return None

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
            "brand": self.env._("the point does not serve this brand"),
            "date": self.env._("the point does not serve this area on that day"),
            "excluded": self.env._("the area is excluded from what the point serves"),
            "level": self.env._("the point's repair level is too low"),
            "document": self.env._("a document of the point has expired"),
            "closed": self.env._("the point is closed on that day"),
            "skill": self.env._("nobody of the point has the skills on that day"),
            "tool": self.env._("nobody of the point has the tools"),
            "crew": self.env._("the point has too few people for the crew"),
            "capacity": self.env._("the point is full on that day"),
            "capacity_row": self.env._(
                "the point is full for what this row of its coverage says"
            ),
            "capacity_type": self.env._("the point is full for this service"),
            "capacity_hours": self.env._("the point has no hours left on that day"),
            "capacity_type_hours": self.env._(
                "the point has no hours left for this service"
            ),
            "standby": self.env._("closed on that day, somebody is on standby"),
            "declined": self.env._("the point has refused this order or let it expire"),
            "priority": self.env._("priority of the coverage"),
            "distance": self.env._("distance (km)"),
            "load": self.env._("orders of the day"),
            "busy": self.env._("the day is nearly full"),
            "overtime": self.env._("more than a day's orders"),
            "bid": self.env._("the slot is likely to be needed later today"),
            "satisfaction": self.env._("satisfaction"),
            "parts": self.env._("parts on hand"),
            "continuity": self.env._("knows the customer or the asset"),
            "first_time_fix": self.env._("fixed at the first visit"),
            "tariff": self.env._("cost by tariff"),
            "late": self.env._("finished late"),
        }


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """Facts of an order that count for each of its candidates."""

    order_id: int
    day: date
    type_id: int
    symptom_id: int
    hours: float
    position: tuple | None
    staff: Staff
    declined: set
    on_call: set
    familiar: dict
    parts: dict | None
    prices: dict
    dearest: float | None


class RankingFacts:
    """All that is known for ranking some orders, read once for all of them.

    ``orders`` are the superuser's. ``loads`` count on with `take`. ``overtime`` is by
    which part points may go above their orders a day.
    """

    def __init__(self, orders, overtime=0.0):
        self.overtime = overtime
        coverage = orders.env["service.coverage"]
        self.days = {order.id: order._get_dispatch_day() for order in orders}
        jobs = [order._get_coverage_job() for order in orders]
        # In a city many orders ask the same
        distinct = list(dict.fromkeys(jobs))
        found = dict(zip(distinct, coverage._find_covering(distinct), strict=True))
        self.matches = {
            order.id: found[job] for order, job in zip(orders, jobs, strict=True)
        }
        answers = {id(matches): matches for matches in found.values()}
        points = orders.env["service.point"].browse(
            {match.point._ids[0] for matches in answers.values() for match in matches}
        )
        self.points = points
        self.capacities = orders._get_point_days(points, set(self.days.values()))
        self.on_call = orders._get_points_on_call(points, self.days)
        self._leave_closed_days(orders)
        self.loads = orders._get_point_loads(points, set(self.days.values()))
        self.staff = orders._get_staffed_points(points, self.days)
        self.declined = orders._get_declined_points()
        self.familiar = orders._get_familiar_points()
        self.statistics = orders._get_fault_statistics(points)
        self.parts = orders._get_part_points(points)
        costs = orders._get_tariff_costs(
            {
                order_id: [match.point._ids[0] for match in found if not match.refused]
                for order_id, found in self.matches.items()
            }
        )
        self.tariffs = {
            order_id: (prices, max(prices.values()))
            for order_id, prices in costs.items()
            if prices
        }
        self._places = {
            point.id: ranking.locate((point.partner_latitude, point.partner_longitude))
            for point in points
        }
        self._satisfaction = {point.id: point.satisfaction for point in points}
        self._coverage = {}
        self._own = None

    def _leave_closed_days(self, orders):
        """Where everybody who could take an order is closed, it is for the next day on
        which somebody is open; an urgent one is for whoever is on standby."""
        orders = [
            order
            for order in orders
            if order.channel != "import" and not self._is_on_call(order)
        ]
        first = dict(self.days)
        for _step in range(CLOSED_DAYS):
            orders = [order for order in orders if self._is_all_closed(order)]
            if not orders:
                return
            for order in orders:
                self.days[order.id] += timedelta(days=1)
            known = {day for _point_id, day in self.capacities}
            missing = {self.days[order.id] for order in orders} - known
            self.capacities |= orders[0]._get_point_days(self.points, missing)
        for order in orders:
            self.days[order.id] = first[order.id]

    def _is_on_call(self, order) -> bool:
        on_call = self.on_call.get(order.id)
        return bool(on_call) and any(
            match.point.id in on_call
            for match in self.matches[order.id]
            if not match.refused
        )

    def _is_all_closed(self, order) -> bool:
        day = self.days[order.id]
        opened = [
            self.capacities[match.point.id, day]["open"]
            for match in self.matches[order.id]
            if not match.refused
        ]
        return bool(opened) and not any(opened)

    def get_candidates(self, order) -> list[ranking.Candidate]:
        return [
            ranking.Candidate(match.point._ids[0], refused=match.refused)
            if match.refused
            else order._prepare_candidate(match, self)
            for match in self.matches[order.id]
        ]

    def get_candidate(self, order, point_id) -> ranking.Candidate:
        """One point alone; one that nothing brings to the order is out of area."""
        for match in self.matches[order.id]:
            if match.point._ids[0] != point_id:
                continue
            if match.refused:
                return ranking.Candidate(point_id, refused=match.refused)
            return order._prepare_candidate(match, self)
        return ranking.Candidate(point_id, refused="area")

    def take(self, order, point_id):
        row = next(
            (
                match.coverage.id
                for match in self.matches[order.id]
                if match.point._ids[0] == point_id and not match.refused
            ),
            None,
        )
        self.loads.add(
            point_id,
            self.days[order.id],
            order.type_id.id,
            order._get_dispatch_hours(),
            row_id=row,
        )

    def release(self, offers):
        """Take waiting offers out of the loads again: their orders are placed anew."""
        for offer in offers:
            order = offer.order_id
            self.loads.add(
                offer.point_id.id,
                offer.day,
                order.type_id.id,
                order._get_dispatch_hours(),
                -1,
                offer.coverage_id.id,
            )

    def prepare(self, order, match) -> ranking.Candidate:
        own = self._open(order)
        key = match.point._ids[0]
        capacity = self.capacities[key, own.day]
        limits = capacity["types"].get(own.type_id, {})
        priority, daily_capacity = self._get_coverage(match.coverage)
        row = match.coverage._ids[0]
        on_call = not capacity["open"] and key in own.on_call
        fixed, late = self._get_statistics(key, own.symptom_id)
        return ranking.Candidate(
            key,
            refused=None if capacity["open"] or on_call else "closed",
            priority=priority,
            capacity=capacity["orders"],
            load=self.loads.orders[key, own.day],
            row=row,
            row_capacity=daily_capacity,
            row_load=self.loads.rows[row, own.day],
            overtime=self.overtime,
            type_capacity=limits.get("orders") or 0,
            type_load=self.loads.types[key, own.day, own.type_id],
            hours_capacity=capacity["hours"],
            hours_load=self.loads.hours[key, own.day],
            type_hours_capacity=limits.get("hours") or 0.0,
            type_hours_load=self.loads.type_hours[key, own.day, own.type_id],
            hours=own.hours,
            qualified=key in own.staff.qualified,
            equipped=key in own.staff.equipped,
            manned=key in own.staff.manned,
            declined=key in own.declined,
            on_call=on_call,
            satisfaction=self._satisfaction[key],
            first_time_fix=fixed,
            late=late,
            distance_km=ranking.get_km(own.position, self._places[key]),
            parts=None if own.parts is None else own.parts.get(key, 0.0),
            continuity=own.familiar.get(key),
            tariff=own.prices.get(key),
            dearest=own.dearest,
        )

    def _open(self, order) -> OrderFacts:
        """What is the same for all candidates of an order, read once for hundreds."""
        order_id = order._ids[0]
        if self._own is None or self._own.order_id != order_id:
            type_id = order.type_id.id
            prices, dearest = self.tariffs.get(order_id, ({}, None))
            self._own = OrderFacts(
                order_id,
                self.days[order_id],
                type_id,
                order.symptom_id.id,
                order._get_dispatch_hours(),
                ranking.locate(order._get_position()),
                self.staff[order_id],
                self.declined.get(order_id, ()),
                self.on_call.get(order_id, ()),
                self.familiar[order_id],
                self.parts.get(order_id),
                prices,
                dearest,
            )
        return self._own

    def _get_coverage(self, coverage) -> tuple[int, int]:
        key = coverage._ids[0]
        if key not in self._coverage:
            self._coverage[key] = (coverage.priority, coverage.daily_capacity)
        return self._coverage[key]

    def get_row_capacity(self, row_id) -> int:
        """Orders a day of a coverage row that was looked at."""
        return self._coverage[row_id][1]

    def _get_statistics(self, point_id, symptom_id) -> tuple:
        for key in ((point_id, symptom_id), (point_id, False), (False, False)):
            if key in self.statistics:
                return self.statistics[key]
        return (None, None)
