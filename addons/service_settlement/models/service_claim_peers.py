from odoo import api, models
from odoo.tools import SQL

from ..engine.photo_print import ALIKE
from .service_claim_signals import NORMAL_MAD

# Claims that a point must have in a month to be compared, and points to compare with
POINT_CLAIMS = 5
PEER_POINTS = 5
# Claims of one point, month and kind that are shown to a person: the dearest
SHOWN = 3
# A deviation is never taken for less than this share of what a claim comes to: where
# nearly all points are alike, a trifle would be many deviations
LEAST_DEVIATION = 0.05


class ServiceClaim(models.Model):
    """Signals that look at other claims: a photo that is like another one, and points
    that get far more of one kind of cost than others do."""

    _inherit = "service.claim"

    @api.model
    def _get_nightly_codes(self):
        return super()._get_nightly_codes() | {"similar_photo", "point_spike"}

    @api.model
    def _get_fraud_statements(self):
        return super()._get_fraud_statements() | {
            "similar_photo": self._get_similar_photo_statement(),
            "point_spike": self._get_point_spike_statement(),
        }

    def _find_signals(self, codes):
        if "similar_photo" in codes:
            self.env["service.photo.print"]._print_photos_of(self)
        return super()._find_signals(codes)

    @api.model
    def _get_similar_photo_statement(self) -> SQL:
        """The closest photo of another order: of those with a row of bits in common,
        which an index finds, the ones that differ in few bits. The same file twice is
        ``same_photo`` already, on visits."""
        return SQL(
            """
            SELECT c.id AS claim_id,
                   jsonb_build_object(
                       'order', (array_agg(near.name ORDER BY near.distance, near.name)
                                )[1],
                       'alike', 100 - round(100.0 * min(near.distance) / 256)) AS data
              FROM c CROSS JOIN LATERAL (
                SELECT other.name, bit_count(q.bits # p.bits) AS distance
                  FROM service_photo_print p
                  JOIN service_photo_print q
                    ON q.bands && p.bands AND q.bits IS NOT NULL
                  JOIN ir_attachment a ON a.id = p.attachment_id
                  JOIN ir_attachment b ON b.id = q.attachment_id
                  JOIN service_order other ON other.id = q.order_id
                 WHERE p.order_id = c.order_id AND p.bits IS NOT NULL
                   AND q.order_id <> p.order_id AND q.company_id = c.company_id
                   AND bit_count(q.bits # p.bits) <= %(alike)s
                   AND NOT (a.checksum = b.checksum
                            AND a.res_model = 'service.visit'
                            AND b.res_model = 'service.visit')
              ) AS near
          GROUP BY c.id
            """,
            alike=ALIKE,
        )

    @api.model
    def _get_point_spike_statement(self) -> SQL:
        """Robust z of what a point gets of one kind for each of its claims of a month,
        among the points of that month; shown at its dearest claims of that kind."""
        return SQL(
            """
            WITH months AS (
                SELECT DISTINCT company_id, currency_id,
                       date_trunc('month', date)::date AS month
                  FROM c WHERE spike > 0
            ), claimed AS (
                SELECT m.month, m.company_id, m.currency_id, claim.point_id,
                       claim.id, claim.amount_claimed
                  FROM months m
                  JOIN service_claim claim
                    ON claim.company_id = m.company_id
                   AND claim.currency_id = m.currency_id
                   AND claim.date >= m.month
                   AND claim.date < m.month + interval '1 month'
                   AND claim.state <> 'rejected'
            ), points AS (
                SELECT month, company_id, currency_id, point_id, count(*) AS number,
                       avg(amount_claimed) AS total
                  FROM claimed
              GROUP BY month, company_id, currency_id, point_id
                HAVING count(*) >= %(claims)s
            ), lines AS (
                SELECT claimed.month, claimed.company_id, claimed.currency_id,
                       claimed.point_id, claimed.id, line.kind,
                       sum(line.amount_claimed) AS amount
                  FROM claimed
                  JOIN service_claim_line line ON line.claim_id = claimed.id
                 WHERE line.amount_claimed > 0
              GROUP BY 1, 2, 3, 4, 5, 6
            ), sums AS (
                SELECT month, company_id, currency_id, point_id, kind,
                       sum(amount) AS amount
                  FROM lines
              GROUP BY month, company_id, currency_id, point_id, kind
            ), averages AS (
                SELECT points.month, points.company_id, points.currency_id,
                       points.point_id, kinds.kind, points.total,
                       coalesce(sums.amount, 0) / points.number AS average
                  FROM points
                  JOIN (
                    SELECT DISTINCT month, company_id, currency_id, kind FROM sums
                  ) AS kinds USING (month, company_id, currency_id)
             LEFT JOIN sums
                 USING (month, company_id, currency_id, point_id, kind)
            ), middles AS (
                SELECT month, company_id, currency_id, kind, count(*) AS number,
                       percentile_cont(0.5) WITHIN GROUP (ORDER BY average) AS median,
                       percentile_cont(0.5) WITHIN GROUP (ORDER BY total) AS total
                  FROM averages
              GROUP BY month, company_id, currency_id, kind
                HAVING count(*) >= %(points)s
            ), deviations AS (
                SELECT m.*, greatest(
                           percentile_cont(0.5) WITHIN GROUP (
                               ORDER BY abs(a.average - m.median)),
                           %(least)s * m.total) AS mad
                  FROM middles m
                  JOIN averages a USING (month, company_id, currency_id, kind)
              GROUP BY m.month, m.company_id, m.currency_id, m.kind, m.number,
                       m.median, m.total
            ), dearest AS (
                SELECT *, row_number() OVER (
                           PARTITION BY month, company_id, currency_id, point_id, kind
                               ORDER BY amount DESC, id) AS place
                  FROM lines
            )
            SELECT DISTINCT ON (c.id) c.id AS claim_id,
                   jsonb_build_object(
                       'kind', d.kind, 'month', to_char(d.month, 'YYYY-MM'),
                       'average', round(a.average::numeric, 2),
                       'median', round(d.median::numeric, 2), 'points', d.number,
                       'times', round((%(scale)s * (a.average - d.median)
                                       / d.mad)::numeric, 1)) AS data
              FROM c
              JOIN dearest ON dearest.id = c.id AND dearest.place <= %(shown)s
              JOIN averages a
                ON a.month = dearest.month AND a.company_id = dearest.company_id
               AND a.currency_id = dearest.currency_id
               AND a.point_id = dearest.point_id AND a.kind = dearest.kind
              JOIN deviations d
                ON d.month = a.month AND d.company_id = a.company_id
               AND d.currency_id = a.currency_id AND d.kind = a.kind
             WHERE c.spike > 0 AND d.mad > 0
               AND %(scale)s * (a.average - d.median) / d.mad > c.spike
          ORDER BY c.id, (a.average - d.median) / d.mad DESC, d.kind
            """,
            claims=POINT_CLAIMS,
            points=PEER_POINTS,
            least=LEAST_DEVIATION,
            scale=NORMAL_MAD,
            shown=SHOWN,
        )


class ServiceClaimCheck(models.Model):
    _inherit = "service.claim.check"

    def _describe(self):
        data = self.data or {}
        if self.code == "similar_photo":
            return self.env._(
                "A photo is %(alike)s%% like one at %(order)s",
                alike=data.get("alike"),
                order=data.get("order", ""),
            )
        if self.code == "point_spike":
            kinds = self.env["service.claim.line"]._fields["kind"]
            labels = dict(kinds._description_selection(self.env))
            currency = self.claim_id.currency_id
            return self.env._(
                "%(kind)s in %(month)s: %(average)s for each claim of this point, the "
                "median of %(points)s points is %(median)s (%(times)s deviations)",
                kind=labels.get(data.get("kind"), data.get("kind")),
                month=data.get("month"),
                average=currency.format(float(data.get("average") or 0.0)),
                median=currency.format(float(data.get("median") or 0.0)),
                points=data.get("points"),
                times=data.get("times"),
            )
        return super()._describe()
