from collections import defaultdict
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.service_management.engine import assignment, local_time
from odoo.addons.service_management.engine.candidate_ranking import DEFAULT_WEIGHTS

from .service_dispatch_run_solve import BUSY, PENALTIES

# Days that tell what a slot will be worth, and from which requests a day is known.
BID_DAYS = 5
PATTERN_DAYS = 28
# Of orders that were offered and not answered yet the last so many may still move.
MOVABLE = 1000
# Rows of runs are kept so long; what slots were worth is kept for good.
KEPT_DAYS = 90


class ServiceDispatchRun(models.Model):
    """Dispatch as orders come in: every few minutes together, with an eye to what the
    rest of the day will need.

    1. New orders are collected, up to a number or a time (settings of the company).
    2. With them, offers that nobody has answered may move where that is worth more
       than ``STAY``: nobody's plans flap for little.
    3. A slot costs what it was worth on the days before, fading with the part of the
       day's orders that is still to come. This keeps slots for those who will need
       them more, and gives them all away by evening.
    """

    _inherit = "service.dispatch.run"

    @api.model
    def _cron_online(self):
        self.env["service.job"]._run("dispatch_online", self._dispatch_online)

    @api.model
    def _dispatch_online(self):
        """A run for each company whose orders have waited long enough."""
        runs = self.browse()
        for company in self.env["res.company"].search(
            [("service_dispatch_online", "=", True)]
        ):
            run = self.sudo().new({"company_id": company.id})
            waiting = self.env["service.order"].search_count(run._get_order_domain())
            if waiting and self._is_time(company, waiting):
                run = self.create(
                    {
                        "company_id": company.id,
                        "mode": "online",
                        "include_offered": True,
                        "user_id": False,
                    }
                )
                run._compute_proposal()
                run._apply()
                runs += run
        return runs

    @api.model
    def _is_time(self, company, waiting) -> bool:
        last = self.search(
            [("company_id", "=", company.id), ("mode", "=", "online")], limit=1
        )
        since = fields.Datetime.now() - timedelta(
            minutes=company.service_dispatch_online_minutes
        )
        # What the last run could not serve does not make a crowd of itself
        fresh = waiting - last.unserved_count
        return (
            not last
            or last.computed_at <= since
            or fresh >= company.service_dispatch_online_orders
        )

    def _get_orders(self):
        orders = super()._get_orders()
        if self.mode != "online":
            return orders
        offered = orders.filtered(lambda order: order.state == "offered")
        return orders - offered[:-MOVABLE]

    # Bids

    def _get_bids(self) -> dict:
        if self.mode != "online":
            return super()._get_bids()
        days = defaultdict(dict)
        today = self.company_id._get_service_day()
        for day, point, price in self.env["service.dispatch.price"]._read_group(
            [
                ("company_id", "=", self.company_id.id),
                ("mode", "=", "review"),
                ("type_id", "=", False),
                ("day", "<", today),
                ("day", ">=", today - timedelta(days=2 * BID_DAYS)),
            ],
            ["day:day", "point_id"],
            ["price:max"],
        ):
            days[day][point.id] = price
        latest = [days[day] for day in sorted(days)[-BID_DAYS:]]
        if not latest:
            return {}
        return assignment.fade(assignment.average(latest), self._get_share_to_come())

    def _get_share_to_come(self) -> float:
        """Which part of a day's orders usually comes later than now, from the requests
        of the last weeks; without any, as if they came evenly from 8 to 20 o'clock."""
        zone = self.company_id._get_service_zone()
        now = local_time.to_local(fields.Datetime.now(), zone)
        since = fields.Datetime.now() - timedelta(days=PATTERN_DAYS)
        self.env["service.order"].flush_model(["date_request", "company_id"])
        ((count, later),) = self.env.execute_query(
            SQL(
                """SELECT count(*), count(*) FILTER (WHERE
                       (date_request AT TIME ZONE 'UTC' AT TIME ZONE %(zone)s)::time
                       > %(time)s::time)
                   FROM service_order
                   WHERE company_id = %(company)s AND date_request > %(since)s""",
                zone=zone,
                time=now.strftime("%H:%M:%S"),
                company=self.company_id.id,
                since=since,
            )
        )
        if count:
            return later / count
        return min(max((20 - now.hour - now.minute / 60) / 12, 0.0), 1.0)

    # Looking back

    @api.model
    def _cron_review(self):
        self.env["service.job"]._run("dispatch_review", self._review_yesterday)

    @api.model
    def _review_yesterday(self):
        for company in self.env["res.company"].search(
            [("service_dispatch_online", "=", True)]
        ):
            self._review(company, company._get_service_day() - timedelta(days=1))

    @api.model
    def _review(self, company, day):
        """What would have been best for all orders of a day, had they been known in the
        morning, and so what one more slot of each point was worth.

        Candidates and costs are those of the stored decisions, which tell of the best
        candidates only; a point's own orders do not count as load here.
        """
        offers = self.env["service.offer"].search(
            [("company_id", "=", company.id), ("day", "=", day)], order="id"
        )
        last = {offer.order_id: offer for offer in offers}
        if not last:
            return self.browse()
        orders = [
            assignment.Order(
                order.id,
                options=_read_options(offer.candidate_data),
                penalty=PENALTIES[order.priority] * sum(DEFAULT_WEIGHTS.values()),
            )
            for order, offer in last.items()
        ]
        wanted = self.env["service.point"].browse(
            dict.fromkeys(key for order in orders for key in order.options)
        )
        capacities = wanted._get_day_capacity(day)
        busy = BUSY * DEFAULT_WEIGHTS["load"]
        points = [
            assignment.Point(
                key,
                slices=assignment.make_slices(capacity["orders"], busy=busy),
                slot_cost=busy,
            )
            for key, capacity in capacities.items()
        ]
        plan = assignment.solve(orders, points)
        run = self.create(
            {"company_id": company.id, "mode": "review", "user_id": False}
        )
        run.write(
            {
                "state": "applied",
                "computed_at": fields.Datetime.now(),
                "order_count": len(orders),
                "cost": plan.cost,
                "solver": plan.solver,
            }
        )
        given = list(plan.choices.values())
        self.env["service.dispatch.price"].create(
            [
                {
                    "run_id": run.id,
                    "point_id": key,
                    "day": day,
                    "price": plan.prices.get(key, 0.0),
                    "capacity": capacity["orders"],
                    "given": given.count(key),
                }
                for key, capacity in capacities.items()
                if capacity["orders"]
            ]
        )
        return run

    @api.autovacuum
    def _gc_lines(self):
        since = fields.Datetime.now() - timedelta(days=KEPT_DAYS)
        old = Domain("run_id.computed_at", "<", since)
        lines = self.env["service.dispatch.run.line"].search(old, limit=10_000)
        count = len(lines)
        lines.unlink()
        return count, count == 10_000


def _read_options(candidates) -> dict:
    """Cost by point id of a stored decision, without the load of that moment."""
    options = {}
    for line in candidates or ():
        if line.get("rank"):
            load = sum(
                reason["cost"] for reason in line["reasons"] if reason["code"] == "load"
            )
            options[line["point_id"]] = line["cost"] - load
    return options
