from odoo import api, models
from odoo.tools import SQL

# Claims of how many days the amount of a claim is compared with, how many at least
PEER_DAYS = 180
PEERS = 20
# 0.6745 of the normal distribution's deviation is its median absolute deviation
NORMAL_MAD = 0.6745


class ServiceClaim(models.Model):
    """What the system looks for in claims: one statement, whatever their number.

    Each reason is a query that yields ``(claim_id, data)``; ``data`` holds the values
    that a person is told. They read a common table ``c`` of the claims in question
    with their orders and the limits of the company. Imported history is not checked.
    """

    _inherit = "service.claim"

    @api.model
    def _get_check_statements(self) -> dict[str, SQL]:
        """The query of each reason, by code; extensions add their own."""
        return {
            **self._get_work_statements(),
            **self._get_money_statements(),
            **self._get_fraud_statements(),
        }

    @api.model
    def _get_nightly_codes(self) -> set[str]:
        """Reasons that look at many other claims, or that only time brings about."""
        return {"spike", "part_not_returned"}

    def _find_signals(self, codes) -> list[tuple]:
        """``(claim id, code, data)`` of what is so now."""
        statements = self._get_check_statements()
        parts = [
            SQL("SELECT claim_id, %s AS code, data FROM (%s) AS q", code, statement)
            for code, statement in statements.items()
            if code in codes
        ]
        if not self or not parts:
            return []
        self.env.flush_all()
        return self.env.execute_query(
            SQL(
                """
                WITH c AS MATERIALIZED (
                    SELECT claim.id, claim.order_id, claim.point_id, claim.company_id,
                           claim.date, claim.currency_id, claim.amount_claimed,
                           job.asset_id, job.type_id, job.category_id, job.date_done,
                           kind.duration, kind.visit_required,
                           company.service_claim_late_days AS late_days,
                           company.service_claim_repeat_days AS repeat_days,
                           company.service_claim_labour_factor AS labour_factor,
                           company.service_claim_far_km AS far_km,
                           company.service_claim_spike AS spike,
                           -- What is paid in the end counts as well
                           greatest(claim.amount_claimed, claim.amount_approved)
                               AS amount_highest,
                           -- Limits are in the company's currency
                           rate.rate,
                           company.service_claim_authorise_above * rate.rate
                               AS authorise_above
                      FROM service_claim claim
                      JOIN service_order job ON job.id = claim.order_id
                      JOIN res_company company ON company.id = claim.company_id
                     CROSS JOIN LATERAL (%(rate)s) AS rate
                 LEFT JOIN service_type kind ON kind.id = job.type_id
                     WHERE claim.id = ANY(%(ids)s) AND job.channel <> 'import'
                )
                %(parts)s
                """,
                ids=self.ids,
                rate=self._get_rate_sql(),
                parts=SQL(" UNION ALL ").join(parts),
            )
        )

    @api.model
    def _get_rate_sql(self) -> SQL:
        """How much of the claim's currency one of the company's is on that day; as
        Odoo, the nearest rate of the root company or of all, 1 where there is none."""
        return SQL(
            """
            SELECT CASE WHEN claim.currency_id = company.currency_id THEN 1
                   ELSE coalesce(theirs.rate, 1) / coalesce(ours.rate, 1) END AS rate
              FROM (SELECT) AS one
              LEFT JOIN LATERAL (%(theirs)s) AS theirs ON TRUE
              LEFT JOIN LATERAL (%(ours)s) AS ours ON TRUE
            """,
            **{
                name: SQL(
                    """
                    SELECT r.rate FROM res_currency_rate r
                     WHERE r.currency_id = %s AND (r.company_id IS NULL OR r.company_id
                           = split_part(company.parent_path, '/', 1)::integer)
                  ORDER BY r.name <= claim.date DESC, r.company_id NULLS LAST,
                           abs(r.name - claim.date)
                     LIMIT 1
                    """,
                    SQL(currency),
                )
                for name, currency in (
                    ("theirs", "claim.currency_id"),
                    ("ours", "company.currency_id"),
                )
            },
        )

    @api.model
    def _get_work_statements(self) -> dict[str, SQL]:
        return {
            # The same product, work and day has been claimed before
            "duplicate": SQL(
                """
                SELECT c.id AS claim_id, jsonb_build_object('order', o.name) AS data
                  FROM c CROSS JOIN LATERAL (
                    SELECT job.name
                      FROM service_order job
                      JOIN service_claim claim ON claim.order_id = job.id
                     WHERE job.asset_id = c.asset_id AND job.type_id = c.type_id
                       AND claim.date = c.date AND claim.id < c.id
                       AND claim.point_id = c.point_id AND claim.state <> 'rejected'
                     LIMIT 1
                  ) AS o
                """
            ),
            "repeat": SQL(
                """
                SELECT c.id AS claim_id,
                       jsonb_build_object('order', o.name, 'days', c.date - o.date)
                           AS data
                  FROM c CROSS JOIN LATERAL (
                    SELECT job.name, claim.date
                      FROM service_order job
                      JOIN service_claim claim ON claim.order_id = job.id
                     WHERE job.asset_id = c.asset_id AND job.type_id = c.type_id
                       AND claim.date < c.date
                       AND claim.date >= c.date - c.repeat_days
                       AND claim.state <> 'rejected'
                  ORDER BY claim.date DESC LIMIT 1
                  ) AS o
                 WHERE c.repeat_days > 0
                """
            ),
            "late": SQL(
                """
                SELECT c.id AS claim_id,
                       jsonb_build_object(
                           'days', floor(
                               extract(epoch FROM c.date_done - v.ended) / 86400)
                       ) AS data
                  FROM c CROSS JOIN LATERAL (
                    SELECT max(actual_end) AS ended
                      FROM service_visit
                     WHERE order_id = c.order_id AND state = 'done'
                  ) AS v
                 WHERE c.date_done > v.ended + make_interval(days => c.late_days)
                """
            ),
            "excessive_labour": SQL(
                """
                SELECT c.id AS claim_id,
                       jsonb_build_object(
                           'hours', round(v.hours::numeric, 2), 'usual', c.duration
                       ) AS data
                  FROM c CROSS JOIN LATERAL (
                    SELECT sum(extract(epoch FROM actual_end - actual_start)) / 3600
                           AS hours
                      FROM service_visit
                     WHERE order_id = c.order_id AND state = 'done'
                  ) AS v
                 WHERE c.duration > 0 AND c.labour_factor > 0
                   AND v.hours > c.duration * c.labour_factor
                """
            ),
            "missing_document": SQL(
                """
                SELECT c.id AS claim_id, '{}'::jsonb AS data
                  FROM c
                 WHERE c.visit_required AND EXISTS (
                    SELECT FROM service_visit
                     WHERE order_id = c.order_id AND state = 'done'
                 ) AND NOT EXISTS (
                    SELECT FROM service_visit v
                     WHERE v.order_id = c.order_id AND v.state = 'done'
                       AND (v.confirmed_at IS NOT NULL OR v.signed_by <> ''
                            OR EXISTS (
                            SELECT FROM ir_attachment a
                             WHERE a.res_model = 'service.visit' AND a.res_id = v.id
                               AND a.res_field = 'signature'))
                 )
                """
            ),
            "part_not_returned": SQL(
                """
                SELECT c.id AS claim_id,
                       jsonb_build_object('since', min(due.date_due)) AS data
                  FROM c JOIN service_part_return due ON due.order_id = c.order_id
                 WHERE due.state = 'due' AND due.date_due < CURRENT_DATE
              GROUP BY c.id
                """
            ),
        }

    @api.model
    def _get_money_statements(self) -> dict[str, SQL]:
        return {
            "not_covered": SQL(
                """
                SELECT c.id AS claim_id,
                       jsonb_build_object(
                           'kinds', jsonb_agg(DISTINCT line.kind)) AS data
                  FROM c
                  JOIN service_claim_line line ON line.claim_id = c.id
                 WHERE line.payer = 'customer' AND line.amount_claimed <> 0
              GROUP BY c.id
                """
            ),
            "above_tariff": SQL(
                """
                SELECT c.id AS claim_id,
                       jsonb_build_object('claimed', sum(line.amount_claimed),
                           'tariff', sum(line.amount_tariff)) AS data
                  FROM c
                  JOIN service_claim_line line ON line.claim_id = c.id
                 WHERE line.is_filed
              GROUP BY c.id
                HAVING sum(line.amount_claimed)
                     > sum(COALESCE(line.amount_tariff, 0))
                """
            ),
            "no_authorisation": SQL(
                """
                SELECT c.id AS claim_id,
                       jsonb_build_object('claimed', c.amount_highest,
                           'limit', c.authorise_above) AS data
                  FROM c
                 WHERE c.authorise_above > 0 AND c.amount_highest > c.authorise_above
                   AND NOT EXISTS (
                    SELECT FROM service_claim_authorisation a
                     WHERE a.order_id = c.order_id AND a.state = 'granted')
                """
            ),
            "above_authorisation": SQL(
                """
                SELECT c.id AS claim_id,
                       jsonb_build_object('claimed', c.amount_highest,
                           'granted', a.granted * c.rate) AS data
                  FROM c
                  JOIN (SELECT order_id, sum(amount_granted) AS granted
                          FROM service_claim_authorisation
                         WHERE state = 'granted' GROUP BY order_id) AS a
                    ON a.order_id = c.order_id
                 WHERE c.authorise_above > 0 AND c.amount_highest > a.granted * c.rate
                """
            ),
        }

    @api.model
    def _get_fraud_statements(self) -> dict[str, SQL]:
        return {
            # By content; smallest of the names, so that the answer does not vary
            "same_photo": SQL(
                """
                SELECT c.id AS claim_id,
                       jsonb_build_object('order', min(other.name)) AS data
                  FROM c
                  JOIN service_visit v ON v.order_id = c.order_id
                  JOIN ir_attachment a
                    ON a.res_model = 'service.visit' AND a.res_id = v.id
                   AND a.res_field IS NULL
                  JOIN ir_attachment b
                    ON b.checksum = a.checksum AND b.id <> a.id
                   AND b.res_model = 'service.visit' AND b.res_field IS NULL
                  JOIN service_visit w
                    ON w.id = b.res_id AND w.order_id <> c.order_id
                  JOIN service_order other ON other.id = w.order_id
                 WHERE starts_with(a.mimetype, 'image/')
              GROUP BY c.id
                """
            ),
            "far_from_site": SQL(
                """
                SELECT c.id AS claim_id,
                       jsonb_build_object('km', max(step.distance_km),
                           'limit', c.far_km) AS data
                  FROM c
                  JOIN service_visit v
                    ON v.order_id = c.order_id AND v.state = 'done'
                  JOIN service_visit_step step ON step.visit_id = v.id
                 WHERE c.far_km > 0 AND step.kind IN ('on_site', 'done')
                   AND step.has_distance AND step.distance_km > c.far_km
              GROUP BY c.id, c.far_km
                """
            ),
            "spike": self._get_spike_statement(),
        }

    @api.model
    def _get_spike_statement(self) -> SQL:
        """Robust z of the amount among claims for the same work: a few dear claims
        move neither the median nor the median deviation."""
        peers = SQL(
            """
            SELECT job.type_id, COALESCE(job.category_id, 0) AS category_id,
                   claim.company_id, claim.currency_id, claim.amount_claimed AS amount
              FROM service_claim claim
              JOIN service_order job ON job.id = claim.order_id
             WHERE claim.date > CURRENT_DATE - %s AND claim.state <> 'rejected'
               AND claim.amount_claimed <> 0
               AND job.type_id IN (SELECT type_id FROM c)
            """,
            PEER_DAYS,
        )
        return SQL(
            """
            SELECT c.id AS claim_id,
                   jsonb_build_object(
                       'claimed', c.amount_claimed, 'median', d.median,
                       'count', d.number,
                       'times', round((%(scale)s * (c.amount_claimed - d.median)
                                       / d.mad)::numeric, 1)) AS data
              FROM c
              JOIN (
                SELECT p.type_id, p.category_id, p.company_id, p.currency_id,
                       m.median, count(*) AS number,
                       percentile_cont(0.5) WITHIN GROUP (
                           ORDER BY abs(p.amount - m.median)) AS mad
                  FROM (%(peers)s) AS p
                  JOIN (
                    SELECT type_id, category_id, company_id, currency_id,
                           percentile_cont(0.5) WITHIN GROUP (ORDER BY amount)
                               AS median
                      FROM (%(peers)s) AS a
                  GROUP BY type_id, category_id, company_id, currency_id
                  ) AS m USING (type_id, category_id, company_id, currency_id)
              GROUP BY p.type_id, p.category_id, p.company_id, p.currency_id, m.median
              ) AS d
                ON d.type_id = c.type_id AND d.company_id = c.company_id
               AND d.category_id = COALESCE(c.category_id, 0)
               AND d.currency_id = c.currency_id
             WHERE c.spike > 0 AND d.mad > 0 AND d.number >= %(least)s
               AND %(scale)s * (c.amount_claimed - d.median) / d.mad > c.spike
            """,
            peers=peers,
            scale=NORMAL_MAD,
            least=PEERS,
        )
