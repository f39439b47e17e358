import re
from datetime import date

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from .coverage_match import CoverageJob, CoverageMatch, CoverageMatcher
from .service_area_zip import normalise_zip

__all__ = ["COVERAGE_KINDS", "CoverageJob", "CoverageMatch", "ServiceCoverage"]

COVERAGE_KINDS = [
    ("area", "Administrative Area"),
    ("zip", "Postcode Prefixes"),
    ("radius", "Radius"),
    ("polygon", "Drawn on the Map"),
]
MAX_CORNERS = 500
_ZIP_SEPARATORS = re.compile(r"[,;\n，；、]+")

# PostgreSQL's own types: no extension is needed. Latitude comes first, as in the JSON.
_SHAPE = SQL("translate(outline::text, '[]', '()')::polygon")
# A degree of latitude has 111.19 km: the box is a little too large, and the exact
# distance decides.
_DEGREES = SQL("radius_km / 111.0")
_BOX = SQL(
    """box(
        point(latitude::float8 - %(degrees)s, longitude::float8 - %(degrees)s
            / greatest(cos(radians(latitude::float8)), 0.01)),
        point(latitude::float8 + %(degrees)s, longitude::float8 + %(degrees)s
            / greatest(cos(radians(latitude::float8)), 0.01))
    )""",
    degrees=_DEGREES,
)


class ServiceCoverage(models.Model):
    """What a point does somewhere: service types, products, how soon it is asked.

    Somewhere is an administrative area, a list of postcode prefixes, a radius around
    the point or another place, or an area that was drawn on the map. A row may also
    take a piece out of what the other rows of its point say.
    """

    _name = "service.coverage"
    _description = "Coverage"
    _order = "point_id, priority, id"
    _check_company_auto = True

    point_id = fields.Many2one(
        "service.point",
        string="Service Point",
        required=True,
        index=True,
        ondelete="cascade",
        check_company=True,
    )
    company_id = fields.Many2one(
        related="point_id.company_id", store=True, precompute=True, index=True
    )
    # Where
    kind = fields.Selection(COVERAGE_KINDS, default="area", required=True)
    is_exclusion = fields.Boolean(
        string="Excluded",
        help="The point does not serve this place, although another of its rows does.",
    )
    place = fields.Char(string="Where", compute="_compute_place")
    area_id = fields.Many2one(
        "service.area",
        index=True,
        ondelete="restrict",
        help="The point serves this area and those within it.",
    )
    zips = fields.Char(
        string="Postcode Prefixes",
        help="Postcodes that begin like one of these. Separate them by commas.",
    )
    country_id = fields.Many2one(
        "res.country",
        default=lambda self: self.env.company.country_id,
        help="The country of the postcodes.",
    )
    radius_km = fields.Float(string="Radius (km)", default=10.0, aggregator=None)
    is_own_position = fields.Boolean(
        string="Around Another Place",
        help="The middle was set by hand and does not move with the point.",
    )
    latitude = fields.Float(
        digits=(10, 7),
        compute="_compute_position",
        store=True,
        readonly=False,
        precompute=True,
        aggregator=None,
    )
    longitude = fields.Float(
        digits=(10, 7),
        compute="_compute_position",
        store=True,
        readonly=False,
        precompute=True,
        aggregator=None,
    )
    outline = fields.Json(help="Corners as pairs of latitude and longitude.")
    # What
    type_ids = fields.Many2many(
        "service.type",
        context={"active_test": False},
        string="Service Types",
        help="Empty: every service type.",
    )
    category_ids = fields.Many2many(
        "product.category",
        string="Product Categories",
        help="Products of these categories and of those below them. Empty: every "
        "product.",
    )
    brand_ids = fields.Many2many(
        "service.brand",
        context={"active_test": False},
        string="Brands",
        help="Empty: every brand.",
    )
    # How
    priority = fields.Integer(
        default=10, help="Points with a smaller number are asked first."
    )
    daily_capacity = fields.Integer(
        string="Orders a Day",
        help="Orders a day that this row brings, whatever the point does beside it. "
        "Zero: only the limits of the point count; they always do.",
    )
    level = fields.Integer(
        default=1,
        aggregator=None,
        help="How demanding the work may be, from 1 (simple) to 3 (demanding).",
    )
    # When
    valid_from = fields.Date()
    valid_to = fields.Date(string="Valid Until")
    active = fields.Boolean(default=True)

    _level_in_range = models.Constraint(
        "CHECK (level BETWEEN 1 AND 3)", "The level of a coverage is 1, 2 or 3."
    )
    _numbers_not_negative = models.Constraint(
        "CHECK (daily_capacity >= 0 AND priority >= 0)",
        "Priority and orders a day cannot be negative.",
    )
    _place_is_given = models.Constraint(
        """CHECK (CASE kind
            WHEN 'area' THEN area_id IS NOT NULL
            WHEN 'zip' THEN COALESCE(zips, '') != ''
            WHEN 'radius' THEN radius_km > 0 AND radius_km <= 2000
            ELSE outline IS NOT NULL
        END)""",
        "Say where: an area, postcode prefixes, a radius of 2,000 km at most, or an "
        "area drawn on the map.",
    )
    _position_on_earth = models.Constraint(
        "CHECK (latitude BETWEEN -90 AND 90 AND longitude BETWEEN -180 AND 180)",
        "Latitude lies between -90 and 90, longitude between -180 and 180.",
    )
    _valid_in_order = models.Constraint(
        "CHECK (valid_to >= valid_from)",
        "A coverage cannot end before it begins.",
    )

    def init(self):
        """Columns that the database keeps from what was entered, and their indexes:
        the exact shape, and a box around it that an index can find."""
        self.env.cr.execute(
            SQL(
                """
                ALTER TABLE service_coverage
                ADD COLUMN IF NOT EXISTS shape polygon GENERATED ALWAYS AS (
                    CASE WHEN kind = 'polygon' THEN %(shape)s END
                ) STORED,
                ADD COLUMN IF NOT EXISTS reach box GENERATED ALWAYS AS (
                    CASE WHEN kind = 'polygon' THEN box(%(shape)s)
                         WHEN kind = 'radius' AND (latitude != 0 OR longitude != 0)
                         THEN %(box)s
                    END
                ) STORED;
                CREATE INDEX IF NOT EXISTS service_coverage__reach_index
                    ON service_coverage USING gist (reach) WHERE active;
                CREATE INDEX IF NOT EXISTS service_coverage__zips_index
                    ON service_coverage USING gin (string_to_array(zips, ','))
                    WHERE active AND kind = 'zip';
                """,
                shape=_SHAPE,
                box=_BOX,
            )
        )

    @api.depends("kind", "area_id", "zips", "radius_km", "outline", "is_own_position")
    def _compute_place(self):
        for coverage in self:
            coverage.place = coverage._get_place()

    def _get_place(self) -> str:
        self.ensure_one()
        if self.kind == "zip":
            zips = (self.zips or "").replace(",", ", ")
            return self.env._("Postcodes %(prefixes)s", prefixes=zips)
        if self.kind == "radius":
            radius = f"{self.radius_km:g}"
            if self.is_own_position:
                return self.env._("%(radius)s km around a place", radius=radius)
            return self.env._("%(radius)s km around the point", radius=radius)
        if self.kind == "polygon":
            corners = len(self.outline or ())
            return self.env._("Drawn with %(count)s corners", count=corners)
        return self.area_id.display_name or ""

    @api.depends(
        "is_own_position",
        "point_id.partner_id.partner_latitude",
        "point_id.partner_id.partner_longitude",
    )
    def _compute_position(self):
        for coverage in self:
            if not coverage.is_own_position:
                partner = coverage.point_id.partner_id
                coverage.latitude = partner.partner_latitude
                coverage.longitude = partner.partner_longitude

    @api.depends("point_id", "place", "is_exclusion")
    def _compute_display_name(self):
        for coverage in self:
            names = {
                "point": coverage.point_id.display_name,
                "area": coverage.place,
            }
            coverage.display_name = (
                self.env._("%(point)s not in %(area)s", **names)
                if coverage.is_exclusion
                else self.env._("%(point)s in %(area)s", **names)
            )

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._clean_place(vals) for vals in vals_list])

    def write(self, vals):
        return super().write(self._clean_place(vals))

    @api.model
    def _clean_place(self, vals) -> dict:
        """``vals`` with prefixes and corners in the form that the database reads."""
        vals = dict(vals)
        if vals.get("zips"):
            prefixes = map(normalise_zip, _ZIP_SEPARATORS.split(vals["zips"]))
            vals["zips"] = ",".join(dict.fromkeys(filter(None, prefixes)))
        if vals.get("outline"):
            vals["outline"] = self._clean_outline(vals["outline"])
        return vals

    @api.model
    def _clean_outline(self, outline) -> list[list[float]]:
        try:
            corners = [[round(float(x), 7), round(float(y), 7)] for x, y in outline]
        except (TypeError, ValueError) as error:
            raise ValidationError(
                self.env._("The corners are not pairs of latitude and longitude.")
            ) from error
        if not 3 <= len(corners) <= MAX_CORNERS:
            raise ValidationError(
                self.env._(
                    "An area drawn on the map has from 3 to %(count)s corners.",
                    count=MAX_CORNERS,
                )
            )
        # Written so that a value that is not a number is refused, too
        if not all(-90 <= x <= 90 and -180 <= y <= 180 for x, y in corners):
            raise ValidationError(
                self.env._(
                    "Latitude lies between -90 and 90, longitude between -180 and 180."
                )
            )
        return corners

    @api.model
    def _find_covering(self, jobs) -> list[list[CoverageMatch]]:
        """The points that serve the place of each job, best first, with refusals.

        - A row covers the place when its area is the job's or an ancestor of it, when
          the job's postcode begins with one of its prefixes, or when the job's
          position lies within its radius or drawn area.
        - A row without service types does every type; one without categories every
          category; a category includes those below it; without brands every brand.
        - An excluding row that covers the place and fits the job refuses the point.
          Only a row of the same kind for a smaller piece takes it back: a district
          of the excluded city, a longer prefix.
        - A point that serves the place is listed once, by its best row, and refused
          with the reason when nothing of it fits. Archived and terminated points are
          not listed.
        - Of rows that fit equally the smaller number of priority counts, then the
          more exact kind (drawn, radius, postcode, area), then the smaller piece.

        A fixed number of queries, whatever the number of jobs.

        :param jobs: ``CoverageJob`` objects
        :return: for each job a list of ``CoverageMatch``
        """
        return CoverageMatcher(self, jobs).match()

    def _get_valid_domain(self, day: date | None = None):
        """Rows that count on a day."""
        day = day or fields.Date.context_today(self)
        return [
            "|",
            ("valid_from", "=", False),
            ("valid_from", "<=", day),
            "|",
            ("valid_to", "=", False),
            ("valid_to", ">=", day),
        ]
