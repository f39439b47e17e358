from collections import defaultdict
from datetime import datetime
from typing import NamedTuple

from odoo import api, models
from odoo.tools import SQL

REPEAT_DAYS = 30
REPORT_HOURS = 24
# Outcomes after which the customer needs nobody again
FIXED = ("fixed", "no_fault")


class Fact(NamedTuple):
    """``amount`` over ``count`` cases; the orders that ``hits`` names stand out."""

    amount: float
    count: int
    hits: tuple[int, ...]


class ServiceScorecard(models.AbstractModel):
    """The facts behind scorecards, read in SQL: one statement a measure, whatever the
    number of points, technicians and orders.

    Each statement yields cases: ``point_id``, ``technician_id``, ``order_id``,
    ``amount`` (what is summed) and ``is_hit`` (an order to look at). An order counts in
    the period it was done in, an offer in that of its answer, a visit in that of its
    plan.
    """

    _name = "service.scorecard.facts"
    _description = "Facts of Scorecards"

    @api.model
    def _read_facts(self, start: datetime, end: datetime, company) -> dict:
        """``{(kind, subject id): {code: Fact}}``; kind is ``point`` or ``technician``.

        The code ``orders`` counts finished orders. Naive UTC, ``end`` excluded.
        """
        self._flush_facts()
        facts = defaultdict(dict)
        for code, cases in self._get_statements(start, end, company).items():
            for point, technician, amount, count, hits in self.env.execute_query(
                SQL(
                    """
                    SELECT point_id, technician_id, sum(amount), count(*),
                           array_agg(order_id ORDER BY order_id) FILTER (WHERE is_hit)
                      FROM (%s) AS cases
                  GROUP BY GROUPING SETS ((point_id), (technician_id))
                    """,
                    cases,
                )
            ):
                if point or technician:
                    key = ("point", point) if point else ("technician", technician)
                    facts[key][code] = Fact(
                        float(amount or 0), count, tuple(dict.fromkeys(hits or ()))
                    )
        return facts

    @api.model
    def _flush_facts(self):
        for model in ("service.order", "service.offer", "service.visit"):
            self.env[model].flush_model()
        self.env["service.visit.crew"].flush_model()
        self.env["rating.rating"].flush_model()

    @api.model
    def _get_statements(self, start, end, company) -> dict[str, SQL]:
        """The cases of each measure; extensions add their own."""
        values = {
            "start": start,
            "end": end,
            "company": company.id,
            "fixed": FIXED,
            "days": REPEAT_DAYS,
            "hours": REPORT_HOURS,
        }
        done = SQL(
            """
            SELECT id, point_id, technician_id, asset_id, type_id, outcome, sla_state,
                   date_due, date_done
              FROM service_order
             WHERE date_done >= %(start)s AND date_done < %(end)s
               AND company_id = %(company)s AND point_id IS NOT NULL
               AND state IN ('done', 'closed')
            """,
            **values,
        )
        return {
            "orders": SQL(
                """
                SELECT point_id, technician_id, id AS order_id, 1 AS amount,
                       FALSE AS is_hit
                  FROM (%s) AS d
                """,
                done,
            ),
            "sla": SQL(
                """
                SELECT point_id, technician_id, id AS order_id, kept::int AS amount,
                       NOT kept AS is_hit
                  FROM (
                    SELECT d.*,
                           CASE WHEN sla_state = 'met' THEN TRUE
                                WHEN sla_state IN ('missed', 'breached') THEN FALSE
                                ELSE date_done <= date_due END AS kept
                      FROM (%s) AS d
                  ) AS p
                 WHERE kept IS NOT NULL
                """,
                done,
            ),
            "first_time_fix": SQL(
                """
                SELECT d.point_id, d.technician_id, d.id AS order_id,
                       (v.visits = 1 AND d.outcome IN %(fixed)s)::int AS amount,
                       (v.visits = 1 AND d.outcome IN %(fixed)s) IS NOT TRUE AS is_hit
                  FROM (%(done)s) AS d
                  JOIN (SELECT order_id, count(*) AS visits
                          FROM service_visit WHERE state = 'done'
                      GROUP BY order_id) AS v ON v.order_id = d.id
                """,
                done=done,
                **values,
            ),
            "repeat": SQL(
                """
                SELECT point_id, technician_id, id AS order_id, again::int AS amount,
                       again AS is_hit
                  FROM (
                    SELECT d.*, EXISTS (
                        SELECT FROM service_order n
                         WHERE n.asset_id = d.asset_id AND n.type_id = d.type_id
                           AND n.id <> d.id AND n.state NOT IN ('draft', 'cancelled')
                           AND n.date_request > d.date_done
                           AND n.date_request
                               <= d.date_done + make_interval(days => %(days)s)
                    ) AS again
                      FROM (%(done)s) AS d
                     WHERE d.asset_id IS NOT NULL
                  ) AS r
                """,
                done=done,
                **values,
            ),
            "satisfaction": SQL(
                """
                SELECT d.point_id, d.technician_id, d.id AS order_id,
                       (r.rating - 1) / 4 AS amount, r.rating <= 2 AS is_hit
                  FROM (%s) AS d
                  JOIN rating_rating r ON r.res_model = 'service.order'
                       AND r.res_id = d.id AND r.consumed AND r.rating >= 1
                """,
                done,
            ),
            "complaint": SQL(
                """
                SELECT point_id, technician_id, id AS order_id, blamed::int AS amount,
                       blamed AS is_hit
                  FROM (
                    SELECT d.*, EXISTS (
                        SELECT FROM service_order c
                          JOIN service_type t ON t.id = c.type_id
                         WHERE c.parent_id = d.id AND t.code = 'complaint'
                           AND c.state NOT IN ('draft', 'cancelled')
                    ) AS blamed
                      FROM (%s) AS d
                  ) AS c
                """,
                done,
            ),
            "refusal": SQL(
                """
                SELECT point_id, NULL::int AS technician_id, order_id,
                       (state <> 'accepted')::int AS amount,
                       state <> 'accepted' AS is_hit
                  FROM service_offer
                 WHERE state IN ('accepted', 'rejected', 'expired', 'returned')
                   AND COALESCE(answered_at, expires_at) >= %(start)s
                   AND COALESCE(answered_at, expires_at) < %(end)s
                   AND company_id = %(company)s
                   AND NOT (COALESCE(is_pool, FALSE) AND state = 'expired')
                """,
                **values,
            ),
            "report": SQL(
                """
                SELECT point_id, technician_id, order_id, late::int AS amount,
                       late AS is_hit
                  FROM (
                    SELECT point_id, technician_id, order_id,
                           COALESCE(actual_end, now() AT TIME ZONE 'UTC')
                           > planned_end + make_interval(hours => %(hours)s) AS late
                      FROM service_visit
                     WHERE state <> 'cancelled' AND company_id = %(company)s
                       AND planned_end >= %(start)s AND planned_end < %(end)s
                       AND planned_end + make_interval(hours => %(hours)s)
                           < now() AT TIME ZONE 'UTC'
                  ) AS v
                """,
                **values,
            ),
            **self._get_part_statements(start, end, company),
        }

    @api.model
    def _get_part_statements(self, start, end, company) -> dict[str, SQL]:
        """Hook: cases of ``part_overdue``, old parts that were due back in the period;
        none until parts are returned."""
        return {}
