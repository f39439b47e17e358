import math
import time
from collections import Counter
from dataclasses import dataclass

from odoo import fields, models

from odoo.addons.service_management.engine import assignment
from odoo.addons.service_management.engine import candidate_ranking as ranking

from .service_order_ranking import Decision, RankingFacts

# A slot above 80 % of a point's day costs this part of the load's weight, one above the
# day's orders that part. Dear enough to spread work, cheap enough not to send it far.
BUSY = 0.5
OVERTIME = 2.0
# Leaving an order to nobody costs the sum of all weights this often, by priority.
PENALTIES = {"0": 2, "1": 3, "2": 5, "3": 10}
# What a change of a point that was asked already must be worth.
STAY = 1.0


@dataclass(slots=True)
class Problem:
    """The orders of a run as the engine sees them, and the way back to records.

    A point is known to the engine as ``(point id, day)``: orders of a run may take the
    capacity of different days.
    """

    facts: RankingFacts
    decisions: dict
    orders: list
    points: list
    groups: list
    names: dict
    limits: dict

    def solve(self, **options) -> assignment.Plan:
        return assignment.solve(self.orders, self.points, self.groups, **options)

    def choose_greedily(self) -> assignment.Plan:
        """The best point for one order after the other, as by hand."""
        return assignment.choose_greedily(self.orders, self.points, self.groups)


class ServiceDispatchRun(models.Model):
    """How a proposal is computed."""

    _inherit = "service.dispatch.run"

    def _compute_proposal(self):
        """Superuser's: rank, solve, and write what comes of it as rows."""
        self.ensure_one()
        started = time.process_time()
        locks = {
            line.order_id.id: line.point_id.id
            for line in self.line_ids
            if line.is_locked and line.point_id
        }
        problem = self._prepare_problem(self._get_orders(), locks)
        plan = problem.solve(stay=STAY)
        greedy = problem.choose_greedily()
        self.line_ids.unlink()
        self.price_ids.unlink()
        lines = self.env["service.dispatch.run.line"].create(
            self._prepare_lines(problem, plan, greedy)
        )
        self.env["service.dispatch.price"].create(self._prepare_prices(problem, plan))
        states = Counter(lines.mapped("state"))
        self.write(
            {
                "state": "proposed",
                "computed_at": fields.Datetime.now(),
                "order_count": len(lines),
                "proposed_count": states["proposed"],
                "unserved_count": states["unserved"],
                "other_count": sum(lines.mapped("is_other")),
                "cost": plan.cost,
                "greedy_cost": greedy.cost,
                "gap": plan.gap,
                "solver": plan.solver,
                "short": {
                    problem.names[key]: count for key, count in plan.short.items()
                },
                "cpu_seconds": time.process_time() - started,
            }
        )
        return lines

    def _prepare_problem(self, orders, locks) -> Problem:
        """Rank the candidates of all orders and say it in the engine's words.

        :param locks: id of the point that an order must go to, by order id
        """
        facts = RankingFacts(orders, overtime=self.overtime)
        waiting = orders.offer_ids.filtered(lambda offer: offer.state == "offered")
        # Capacity that the orders themselves hold is theirs to give away
        facts.release(waiting)
        current = {offer.order_id.id: offer.point_id.id for offer in waiting}
        decisions = {}
        engine_orders = []
        for order in orders:
            weights = order._get_ranking_weights()
            ranked = ranking.rank(facts.get_candidates(order), weights)
            day = facts.days[order.id]
            decisions[order.id] = Decision(order, day, ranked)
            lock = locks.get(order.id)
            now = current.get(order.id)
            engine_orders.append(
                assignment.Order(
                    order.id,
                    {
                        (one.candidate.key, day): one.fixed_cost
                        for one in ranked
                        if one.eligible
                    },
                    penalty=PENALTIES[order.priority] * sum(weights.values()),
                    kind=order.type_id.id,
                    hours=order._get_dispatch_hours(),
                    current=(now, day) if now else None,
                    locked=(lock, day) if lock else None,
                    rows={
                        (one.candidate.key, day): one.candidate.row
                        for one in ranked
                        if one.candidate.row_capacity
                    },
                )
            )
        limits = _get_limits(decisions)
        points, groups, names = self._prepare_points(facts, engine_orders, limits)
        return Problem(facts, decisions, engine_orders, points, groups, names, limits)

    def _prepare_points(self, facts, engine_orders, limits):
        """Points with what they can still take, and the groups that have shares.

        :param limits: orders a day by (point, day), see ``_get_limits``
        """
        load_weight = ranking.DEFAULT_WEIGHTS["load"]
        bids = self._get_bids()
        count = len(engine_orders)
        shares = self.env["service.dispatch.share"].search(
            [("company_id", "=", self.company_id.id)]
        )
        by_point = {share.point_id.id: share for share in shares if share.point_id}
        groups = [
            assignment.Group(share.ownership, *share._get_limits(count))
            for share in shares
            if share.ownership
        ]
        names = {share.ownership: share.display_name for share in shares}
        points = []
        rows = self._get_row_limits(facts, engine_orders)
        used = dict.fromkeys(key for order in engine_orders for key in order.options)
        used |= dict.fromkeys(o.locked for o in engine_orders if o.locked)
        records = facts.points.browse(dict.fromkeys(key for key, __ in used))
        ownership = {point.id: point.ownership for point in records}
        hours = {}
        for order in engine_orders:
            hours[order.kind] = max(order.hours, hours.get(order.kind, 0.0))
        for key in used:
            point_id, __ = key
            capacity = facts.capacities.get(key) or {"hours": 0, "types": {}}
            orders_a_day = limits.get(key, 0)
            share = by_point.get(point_id)
            least, most = share._get_limits(count) if share else (0, None)
            if share:
                names[key] = share.display_name
            points.append(
                assignment.Point(
                    key,
                    slices=assignment.make_slices(
                        orders_a_day,
                        facts.loads.orders[key],
                        busy=BUSY * load_weight,
                        overtime=math.floor(orders_a_day * self.overtime),
                        overtime_cost=OVERTIME * load_weight,
                    ),
                    kinds=self._get_kind_limits(facts, key, capacity["types"], hours),
                    rows=rows.get(key, {}),
                    hours=max(capacity["hours"] - facts.loads.hours[key], 0)
                    if capacity["hours"]
                    else None,
                    group=ownership.get(point_id),
                    least=least,
                    most=most,
                    bid=bids.get(point_id, 0.0),
                    slot_cost=BUSY * load_weight if orders_a_day else 0.0,
                )
            )
        return points, groups, names

    def _get_kind_limits(self, facts, key, limits, hours) -> dict:
        """How many orders of each limited service type a point can still take.

        Hours of one type are so many orders of it: they take the same time.

        :param limits: ``{type id: {"orders", "hours"}}`` of the point
        :param hours: what the longest order of each type takes, by type id
        """
        left = {}
        for type_id, limit in limits.items():
            rooms = []
            if limit["orders"]:
                rooms.append(limit["orders"] - facts.loads.types[(*key, type_id)])
            if limit["hours"] and hours.get(type_id):
                free = limit["hours"] - facts.loads.type_hours[(*key, type_id)]
                rooms.append(math.floor(free / hours[type_id] + 1e-9))
            if rooms:
                left[type_id] = max(min(rooms), 0)
        return left

    def _get_row_limits(self, facts, engine_orders) -> dict:
        """``{(point id, day): {coverage id: orders that it can still bring}}``."""
        left: dict = {}
        for order in engine_orders:
            for key, row in order.rows.items():
                limits = left.setdefault(key, {})
                if row not in limits:
                    limit = facts.get_row_capacity(row)
                    given = facts.loads.rows[row, key[1]]
                    most = math.floor(limit * (1 + self.overtime))
                    limits[row] = max(most - given, 0)
        return left

    def _get_bids(self) -> dict:
        """Hook: what a slot of each point is expected to be worth later in the day."""
        return {}

    # Rows

    def _prepare_lines(self, problem, plan, greedy) -> list[dict]:
        points = {point.key: point for point in problem.points}
        room = _SlotCosts(problem)
        return [
            self._prepare_line(problem, order, plan, greedy, points, room)
            for order in problem.orders
        ]

    def _prepare_line(self, problem, order, plan, greedy, points, room) -> dict:
        decision = problem.decisions[order.key]
        chosen, instead = plan.choices[order.key], greedy.choices[order.key]
        slot = room.take(chosen) if chosen else None
        cost = order.penalty
        reasons = []
        if chosen:
            cost = order.options.get(chosen, order.penalty)
            reasons = [
                reason
                for reason in decision.reasons_as_json(decision.find(chosen[0]))
                if reason["code"] != "load"
            ]
            if slot:
                code, slot_cost = slot
                cost += slot_cost
                reasons.append({"code": code, "value": True, "cost": slot_cost})
            if bid := points[chosen].bid:
                reasons.append({"code": "bid", "value": round(bid, 2), "cost": bid})
        stays = chosen is not None and chosen == order.current
        state = "kept" if stays else "proposed" if chosen else "unserved"
        return {
            "run_id": self.id,
            # Known here: else each row would be made twice to compute it
            "company_id": self.company_id.id,
            "order_id": order.key,
            "state": state,
            "is_accepted": state == "proposed",
            "is_locked": order.locked is not None,
            "point_now_id": order.current[0] if order.current else False,
            "point_id": chosen[0] if chosen else False,
            "greedy_point_id": instead[0] if instead else False,
            "cost": cost,
            "greedy_cost": order.options.get(instead, order.penalty)
            if instead
            else order.penalty,
            "slot_price": plan.prices.get(chosen, 0.0),
            "why_data": self._explain_line(problem, order, plan, decision),
            "reason_data": reasons,
            "candidate_data": decision.as_json(also=chosen[0] if chosen else None),
        }

    def _explain_line(self, problem, order, plan, decision) -> dict:
        """Why this point and not the one that is best for the order alone."""
        chosen = plan.choices[order.key]
        if order.locked is not None:
            return {"code": "locked"}
        if chosen is None and not order.options:
            refused = Counter(ranked.reasons[0].code for ranked in decision.ranked)
            if not refused:
                return {"code": "uncovered"}
            return {"code": "nobody", "refused": dict(refused.most_common(3))}
        if chosen is None:
            return {"code": "full"}
        if chosen == order.current:
            return {"code": "kept"}
        best = min(order.options, key=lambda key: (order.options[key], key))
        if best == chosen:
            return {"code": "first"}
        name = problem.facts.points.browse(best[0]).display_name
        return {
            "code": "other",
            "point": name,
            "less": round(order.options[chosen] - order.options[best], 4),
            "price": round(plan.prices.get(best, 0.0), 4),
        }

    def _prepare_prices(self, problem, plan) -> list[dict]:
        """A row for each point with a limit that was looked at or has a price."""
        given = Counter(plan.choices.values())
        wanted = Counter(
            min(order.options, key=lambda key: (order.options[key], key))
            for order in problem.orders
            if order.options
        )
        limits = problem.limits
        rows = []
        for point in problem.points:
            key = point.key
            if key not in plan.prices and not (limits.get(key) and given[key]):
                continue
            rows.append(
                {
                    "run_id": self.id,
                    "point_id": key[0],
                    "day": key[1],
                    "price": plan.prices.get(key, 0.0),
                    "capacity": limits.get(key, 0),
                    "load": problem.facts.loads.orders[key],
                    "given": given[key],
                    "wanted": wanted[key],
                }
            )
        rows += [
            {
                "run_id": self.id,
                "point_id": key[0],
                "day": key[1],
                "type_id": type_id,
                "price": price,
            }
            for (key, type_id), price in plan.kind_prices.items()
        ]
        return rows


def _get_limits(decisions) -> dict:
    """Orders a day by (point, day), without overtime."""
    return {
        (ranked.candidate.key, decision.day): ranked.candidate.capacity
        for decision in decisions.values()
        for ranked in decision.ranked
        if ranked.candidate.capacity
    }


class _SlotCosts:
    """Which slot the next order of a point takes, while rows are written in turn."""

    def __init__(self, problem):
        self.left = {
            point.key: [[part.count, part.cost] for part in point.slices]
            for point in problem.points
        }

    def take(self, key) -> tuple[str, float] | None:
        """``(code, cost)`` of the slot where it costs anything."""
        for part in self.left[key]:
            if part[0] is None:
                return None
            if part[0]:
                part[0] -= 1
                if not part[1]:
                    return None
                load_weight = ranking.DEFAULT_WEIGHTS["load"]
                code = "busy" if part[1] <= BUSY * load_weight else "overtime"
                return code, part[1]
        return None
