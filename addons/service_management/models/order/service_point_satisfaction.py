from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.service_management.engine import scorecard

RATING_MONTHS = 6
# As many ratings as this weigh as much as what was typed
RATING_STRENGTH = 10


class ServicePoint(models.Model):
    """How content customers are with a point: from their ratings, as far as there
    are any, drawn towards what was typed."""

    _inherit = "service.point"

    satisfaction = fields.Float(
        default=None,
        compute="_compute_satisfaction",
        inverse="_inverse_satisfaction",
        store=True,
        precompute=True,
        help="How content customers are with the point, from 0 to 100%: their ratings "
        "of the last six months, drawn towards the assumed value while there are few.",
    )
    satisfaction_typed = fields.Float(
        string="Satisfaction Assumed",
        default=0.8,
        aggregator="avg",
        help="What counts while there are no ratings.",
    )
    rating_number = fields.Integer(
        string="Number of Ratings",
        readonly=True,
        copy=False,
        help="Of the last six months.",
    )
    rating_mean = fields.Float(
        string="Mean Rating", readonly=True, copy=False, aggregator="avg"
    )

    _satisfaction_typed_is_share = models.Constraint(
        "CHECK (satisfaction_typed BETWEEN 0 AND 1)",
        "Satisfaction lies between 0 and 100%.",
    )

    def _init_column(self, column_name):
        if column_name == "satisfaction_typed":
            # What was typed before there were ratings
            self.env.cr.execute(
                "UPDATE service_point "
                "SET satisfaction_typed = COALESCE(satisfaction, 0.8)"
            )
            return
        super()._init_column(column_name)

    @api.depends("satisfaction_typed", "rating_number", "rating_mean")
    def _compute_satisfaction(self):
        for point in self:
            point.satisfaction = scorecard.shrink(
                point.rating_number * (point.rating_mean - 1) / 4,
                point.rating_number,
                point.satisfaction_typed,
                RATING_STRENGTH,
            )

    def _inverse_satisfaction(self):
        for point in self:
            point.satisfaction_typed = point.satisfaction

    @api.model
    def _cron_measure_satisfaction(self):
        self.env["service.job"]._run("satisfaction", self._measure_satisfaction)

    @api.model
    def _measure_satisfaction(self):
        """Read the ratings of every point in one query; write what has changed."""
        since = fields.Datetime.now() - timedelta(days=round(30.4 * RATING_MONTHS))
        self.env["rating.rating"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT o.point_id, count(*), avg(r.rating)
                  FROM rating_rating r
                  JOIN service_order o ON o.id = r.res_id
                 WHERE r.res_model = 'service.order'
                   AND r.consumed AND r.rating >= 1 AND r.rated_on >= %(since)s
                   AND o.point_id IS NOT NULL
              GROUP BY o.point_id
                """,
                since=since,
            )
        )
        found = {point: (number, float(mean)) for point, number, mean in rows}
        # sudo: service.point: figures are the job's, whoever starts it
        points = self.sudo().with_context(active_test=False)
        points = points.search(
            ["|", ("id", "in", list(found)), ("rating_number", ">", 0)]
        )
        changed = points.filtered(
            lambda point: (
                (
                    point.rating_number,
                    round(point.rating_mean, 6),
                )
                != _rounded(found.get(point.id, (0, 0.0)))
            )
        )
        for point in changed:
            point.rating_number, point.rating_mean = found.get(point.id, (0, 0.0))
        return len(changed)


def _rounded(figures):
    number, mean = figures
    return number, round(mean, 6)
