from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

# About 11 m: what lies closer together is one place
DECIMALS = 4


class ServiceTravelLeg(models.Model):
    """A way that a routing server has been asked for, kept until it is too old."""

    _name = "service.travel.leg"
    _description = "Travel Time"
    _order = "fetched_at desc, id desc"
    _rec_name = "origin"
    _log_access = False

    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, ondelete="cascade"
    )
    source = fields.Char(required=True, readonly=True, help="The server's address.")
    origin = fields.Char(required=True, readonly=True)
    destination = fields.Char(required=True, readonly=True)
    minutes = fields.Float(readonly=True)
    has_way = fields.Boolean(
        string="Reachable",
        readonly=True,
        help="The server knows a way. Where it knows none, the way is estimated.",
    )
    fetched_at = fields.Datetime(required=True, readonly=True, index=True)

    _leg_uniq = models.Constraint(
        "UNIQUE (company_id, source, origin, destination)",
        "A way is kept once.",
    )

    @api.model
    def _get_key(self, position) -> str:
        return f"{position[0]:.{DECIMALS}f},{position[1]:.{DECIMALS}f}"

    @api.model
    def _get_position(self, key) -> tuple[float, float]:
        latitude, longitude = key.split(",")
        return float(latitude), float(longitude)

    @api.model
    def _get_known(self, company, places) -> dict:
        """Minutes by (origin, destination) of the legs that are young enough."""
        since = fields.Datetime.now() - timedelta(
            days=company.service_travel_cache_days
        )
        rows = self.env.execute_query(
            SQL(
                """
                SELECT origin, destination, CASE WHEN has_way THEN minutes END
                  FROM service_travel_leg
                 WHERE company_id = %(company)s AND source = %(source)s
                   AND origin = ANY(%(places)s) AND destination = ANY(%(places)s)
                   AND fetched_at >= %(since)s
                """,
                company=company.id,
                source=company.service_travel_url,
                places=list(places),
                since=since,
            )
        )
        return {(origin, target): minutes for origin, target, minutes in rows}

    @api.model
    def _keep(self, company, found):
        """Remember ``{(origin, destination): minutes or None}``, in one statement."""
        if not found:
            return
        # In a fixed order: two plans that keep the same legs wait, none is killed
        legs = sorted(found.items())
        self.env.execute_query(
            SQL(
                """
                INSERT INTO service_travel_leg AS leg
                       (company_id, source, origin, destination, minutes, has_way,
                        fetched_at)
                SELECT %(company)s, %(source)s, origin, destination,
                       COALESCE(minutes, 0), minutes IS NOT NULL, %(now)s
                  FROM unnest(%(origins)s::varchar[], %(targets)s::varchar[],
                              %(minutes)s::float[]) AS t (origin, destination, minutes)
                ON CONFLICT (company_id, source, origin, destination) DO UPDATE
                   SET minutes = EXCLUDED.minutes, has_way = EXCLUDED.has_way,
                       fetched_at = EXCLUDED.fetched_at
                RETURNING id
                """,
                company=company.id,
                source=company.service_travel_url,
                now=fields.Datetime.now(),
                origins=[origin for (origin, __), __ in legs],
                targets=[target for (__, target), __ in legs],
                minutes=[minutes for __, minutes in legs],
            )
        )
        self.invalidate_model(flush=False)

    @api.autovacuum
    def _gc_old_legs(self):
        for company in self.env["res.company"].sudo().search([("id", "!=", 0)]):
            limit = timedelta(days=company.service_travel_cache_days)
            self.sudo().search(
                [
                    ("company_id", "=", company.id),
                    ("fetched_at", "<", fields.Datetime.now() - limit),
                ],
                limit=10000,
            ).unlink()
