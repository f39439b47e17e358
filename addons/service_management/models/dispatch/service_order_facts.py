from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import timedelta

from odoo import fields, models
from odoo.tools import SQL

from odoo.addons.service_management.engine import candidate_ranking as ranking
from odoo.addons.service_management.engine import crew as crews
from odoo.addons.service_management.models.order.service_order import URGENT

# Finished orders of so many days count for what a point is good at.
STATISTICS_DAYS = 365


class PointLoads:
    """What points already have on a day: orders and hours, of all types and of each.

    Counts on while a set of orders is placed one after the other.
    """

    def __init__(self):
        self.orders = Counter()
        self.rows = Counter()
        self.types = Counter()
        self.hours = Counter()
        self.type_hours = Counter()

    def add(self, point_id, day, type_id, hours, count=1, row_id=None):
        """Count an order, and in the row of the coverage that brought it."""
        self.orders[point_id, day] += count
        if row_id:
            self.rows[row_id, day] += count
        self.types[point_id, day, type_id] += count
        self.hours[point_id, day] += count * hours
        self.type_hours[point_id, day, type_id] += count * hours


@dataclass(frozen=True, slots=True)
class Staff:
    """Ids of the points that have people with the skills, with the tools as well, and
    as many as the crew takes."""

    qualified: set
    equipped: set
    manned: set


class ServiceOrder(models.Model):
    """What is known of service points for orders: each fact for all orders at once,
    in a number of queries that does not grow with them."""

    _inherit = "service.order"

    def _get_point_loads(self, points, days) -> PointLoads:
        """Offers that wait or were accepted. Of an offer to a whole pool it is not
        known yet who will do it: it takes nobody's capacity."""
        self.env["service.offer"].flush_model(
            ["point_id", "order_id", "day", "state", "is_pool", "coverage_id"]
        )
        self.env["service.order"].flush_model(["type_id"])
        self.env["service.type"].flush_model(["duration"])
        loads = PointLoads()
        if not points or not days:
            return loads
        rows = self.env.execute_query(
            SQL(
                """SELECT offer.point_id, offer.day, sorder.type_id,
                          COALESCE(stype.duration, 0), offer.coverage_id, count(*)
                   FROM service_offer offer
                   JOIN service_order sorder ON sorder.id = offer.order_id
                   LEFT JOIN service_type stype ON stype.id = sorder.type_id
                   WHERE offer.point_id IN %(points)s AND offer.day IN %(days)s
                     AND (offer.state = 'accepted'
                          OR (offer.state = 'offered' AND NOT offer.is_pool))
                   GROUP BY 1, 2, 3, 4, 5""",
                points=points._ids,
                days=tuple(days),
            )
        )
        for point_id, day, type_id, hours, row_id, count in rows:
            loads.add(point_id, day, type_id, hours, count, row_id)
        return loads

    def _get_staffed_points(self, points, days) -> dict:
        """Which points have the people for each order, by order id: ``Staff``.

        Skills, tools and number ask for the same people, as planning their visits does
        (``engine/crew.py``): who goes alone has the skills and carries the tools, or
        fetches them at the point; a crew has and carries together what is not asked of
        each of it, and there are enough of them.
        """
        technicians = points.technician_ids
        answers = {}
        for order in self:
            key = (order.type_id, order.category_id, days[order.id])
            if key not in answers:
                requirements = order.type_id._get_requirements(order.category_id)
                missing = (
                    technicians._get_missing_requirements(requirements, key[2])
                    if requirements
                    else {}
                )
                answers[key] = _count_staff(
                    points,
                    technicians,
                    missing,
                    order.type_id._get_asked(order.category_id),
                )
        return {
            order.id: answers[order.type_id, order.category_id, days[order.id]]
            for order in self
        }

    def _get_points_on_call(self, points, days) -> dict:
        """Ids of the points that could send whoever is on standby together at some time
        of the day, by id of the urgent orders: they need not wait until a point opens.

        What the work asks of a crew counts as in `_get_staffed_points`.
        """
        on_call = {}
        now = fields.Datetime.now()
        answers = {}
        for order in self:
            if order.priority != URGENT or order.channel == "import":
                continue
            day = days[order.id]
            key = (order.type_id, order.category_id, day)
            if key not in answers:
                start, end = order.company_id._get_day_bounds(day)
                groups = points.technician_ids._get_groups_on_standby(
                    max(start, now), end
                )
                answers[key] = order._find_points_to_call(groups, day)
            on_call[order.id] = answers[key]
        return on_call

    def _find_points_to_call(self, groups, day) -> set:
        """Ids of the points of which one of the groups of people can do the work."""
        self.ensure_one()
        requirements = self.type_id._get_requirements(self.category_id)
        asked = self.type_id._get_asked(self.category_id)
        people = self.env["service.technician"].union(*groups)
        missing = people._get_missing_requirements(requirements, day)
        able = set()
        for group in groups:
            points = group.point_id.browse(set(group.point_id.ids) - able)
            staff = _count_staff(points, group, missing, asked)
            able |= staff.qualified & staff.equipped & staff.manned
        return able

    def _get_declined_points(self) -> dict:
        """Points that had the order and would not or did not take it, by order id."""
        declined = defaultdict(set)
        for order, point in self.env["service.offer"]._read_group(
            [
                ("order_id", "in", self.ids),
                ("state", "in", ("rejected", "expired", "returned")),
            ],
            ["order_id", "point_id"],
        ):
            declined[order.id].add(point.id)
        return declined

    # Continuity

    def _get_familiar_points(self) -> dict:
        """``{order id: {point id: code}}`` of points that are designated by contract or
        customer, served the asset last, or installed it; the strongest code."""
        served, installed = self._get_points_knowing_assets()
        wished = self._get_points_of_wished_technicians()
        familiar = {}
        for order in self:
            points = {}
            asset_id = order.asset_id.id
            if asset_id in installed:
                points[installed[asset_id]] = "installed"
            if asset_id in served:
                points[served[asset_id]] = "served"
            designated = order._get_designated_point().ids
            for point_id in designated or wished.get(order.partner_id.id, ()):
                points[point_id] = "designated"
            familiar[order.id] = points
        return familiar

    def _get_designated_point(self):
        """Whom the contract names, else the customer or its company."""
        self.ensure_one()
        partner = self.partner_id
        return (
            self.contract_id.designated_point_id
            or partner.designated_point_id
            or partner.commercial_partner_id.designated_point_id
        )

    def _get_points_of_wished_technicians(self) -> dict:
        """Ids of the points whose technicians a customer wants, by partner id."""
        wished = defaultdict(set)
        for technician in self.env["service.technician"].search(
            [("designated_partner_ids", "in", self.partner_id.ids)]
        ):
            for partner_id in technician.designated_partner_ids.ids:
                wished[partner_id].add(technician.point_id.id)
        return wished

    def _get_points_knowing_assets(self) -> tuple[dict, dict]:
        """The point that served each asset last, and the one that installed it, by
        asset id."""
        served, installed = {}, {}
        installation = self.env.ref(
            "service_management.type_installation", raise_if_not_found=False
        )
        for order in self.search_fetch(
            [
                ("asset_id", "in", self.asset_id.ids),
                ("point_id", "!=", False),
                ("state", "in", ("done", "closed")),
            ],
            ["asset_id", "point_id", "type_id"],
            order="date_done, id",
        ):
            served[order.asset_id.id] = order.point_id.id
            if order.type_id == installation:
                installed[order.asset_id.id] = order.point_id.id
        return served, installed

    # Statistics

    def _get_fault_statistics(self, points) -> dict:
        """How well each point does: ``{(point id, symptom id): (first-time-fix share,
        late share)}``, and the same under ``(point id, False)`` for all its work.

        Read from orders finished within ``STATISTICS_DAYS`` in one statement. An order
        was fixed the first time when its outcome says so after at most one finished
        visit. Few orders are drawn towards the point's own mean, and a point with few
        towards that of all (`candidate_ranking.shrink`).
        """
        if not points:
            return {}
        self.flush_model(
            ["point_id", "symptom_id", "state", "outcome", "date_done", "date_due"]
        )
        self.env["service.visit"].flush_model(["order_id", "state"])
        since = fields.Datetime.now() - timedelta(days=STATISTICS_DAYS)
        rows = self.env.execute_query(
            SQL(
                """SELECT sorder.point_id, sorder.symptom_id, count(*),
                          count(*) FILTER (
                              WHERE sorder.outcome = 'fixed' AND NOT EXISTS (
                                  SELECT FROM service_visit visit
                                  WHERE visit.order_id = sorder.id
                                    AND visit.state = 'done'
                                  OFFSET 1)),
                          count(*) FILTER (WHERE sorder.date_done > sorder.date_due)
                   FROM service_order sorder
                   WHERE sorder.point_id IN %(points)s
                     AND sorder.state IN ('done', 'closed')
                     AND sorder.date_done > %(since)s
                   GROUP BY 1, 2""",
                points=points._ids,
                since=since,
            )
        )
        return _shrink_statistics(rows)

    # For other areas

    def _get_part_points(self, points) -> dict:
        """Hook: ``{order id: {point id: share of the needed parts it holds}}``, for the
        orders that need parts."""
        return {}

    def _get_tariff_costs(self, pairs) -> dict:
        """Hook: ``{order id: {point id: what it would be paid}}`` in the currency of
        the order's company, for what can be priced beforehand.

        :param pairs: ids of the points that come into question, by order id
        """
        return {}


def _count_staff(points, technicians, missing, asked) -> Staff:
    """What points have of people and tools. Of a point that keeps no technicians it is
    known that nobody has a skill or a tool, not that there are too few for a crew.

    :param missing: requirements that somebody does not meet, by technician
    :param asked: what a visit asks of its crew
    """
    staff = Staff(set(points.ids), set(points.ids), set(points.ids))
    needs = crews.list_needs(asked)
    skills = {need: amount for need, amount in needs.items() if need[0] == "skill"}
    people = technicians.grouped("point_id")
    for point in points:
        members = [
            crews.Member(
                person.id,
                0.0,
                person._get_brought(asked, missing.get(person), {}),
                point._get_fetched(asked, {}),
                0.0,
            )
            for person in people.get(point, ())
            if not missing.get(person) or _may_join(missing[person], asked)
        ]
        size = min(asked.crew, len(members))
        if asked.skills and (not size or crews.choose(members, size, skills) is None):
            staff.qualified.discard(point.id)
        if asked.tools and (not size or crews.choose(members, size, needs) is None):
            staff.equipped.discard(point.id)
        if asked.crew > 1 and point.technician_ids and len(members) < asked.crew:
            staff.manned.discard(point.id)
    return staff


def _may_join(missing, asked) -> bool:
    """Whether somebody who lacks this has all that is asked of each of a crew."""
    return set(missing.skill_id.ids) <= asked.one_of


def _shrink_statistics(rows) -> dict:
    """Shares by (point id, symptom id) from rows (point id, symptom id, orders, fixed,
    late)."""
    of_point = defaultdict(lambda: [0, 0, 0])
    total = [0, 0, 0]
    for point_id, _symptom_id, *counts in rows:
        for place, count in enumerate(counts):
            of_point[point_id][place] += count
            total[place] += count
    fixed_of_all = ranking.shrink(total[1], total[0], ranking.PRIOR_SHARE)
    late_of_all = ranking.shrink(total[2], total[0], 1 - ranking.PRIOR_SHARE)
    answers = {}
    for point_id, (count, fixed, late) in of_point.items():
        answers[point_id, False] = (
            ranking.shrink(fixed, count, fixed_of_all),
            ranking.shrink(late, count, late_of_all),
        )
    if total[0]:
        # What is assumed of a point that has finished nothing yet
        answers[False, False] = (fixed_of_all, late_of_all)
    for point_id, symptom_id, count, fixed, late in rows:
        if symptom_id:
            fixed_of_point, late_of_point = answers[point_id, False]
            answers[point_id, symptom_id] = (
                ranking.shrink(fixed, count, fixed_of_point),
                ranking.shrink(late, count, late_of_point),
            )
    return answers
