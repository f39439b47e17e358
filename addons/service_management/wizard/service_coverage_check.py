import re

from odoo import api, fields, models

from odoo.addons.service_management.engine.candidate_ranking import great_circle_km
from odoo.addons.service_management.models.network.service_coverage import (
    COVERAGE_KINDS,
)

# Points nearby that do not serve the address are told, too: so many.
NEIGHBOURS = 3
# A postcode within a line of address text: digits that are nothing longer
_ZIP = re.compile(r"(?<![\dA-Za-z])\d{5,6}(?![\dA-Za-z])")
COLORS = {"first": "#2d7d46", "eligible": "#3b6ea5", "refused": "#9a9a9a"}


class ServiceCoverageCheck(models.TransientModel):
    """Who would serve this address for this job? Asks the ranking of orders with an
    order that is never stored, and shows each candidate with its reasons."""

    _name = "service.coverage.check"
    _description = "Who Would Serve an Address"

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    # Where
    partner_id = fields.Many2one("res.partner", string="Customer")
    address = fields.Char(
        compute="_compute_address", store=True, readonly=False, precompute=True
    )
    zip = fields.Char(
        string="Postcode",
        compute="_compute_zip",
        store=True,
        readonly=False,
        precompute=True,
    )
    area_id = fields.Many2one(
        "service.area",
        compute="_compute_area_id",
        store=True,
        readonly=False,
        precompute=True,
    )
    latitude = fields.Float(
        digits=(10, 7),
        compute="_compute_position",
        store=True,
        readonly=False,
        precompute=True,
    )
    longitude = fields.Float(
        digits=(10, 7),
        compute="_compute_position",
        store=True,
        readonly=False,
        precompute=True,
    )
    precision = fields.Selection(
        [
            ("exact", "Exact"),
            ("area", "Middle of the Area"),
            ("none", "Not Known"),
        ],
        string="Position",
        compute="_compute_precision",
    )
    # What and when
    type_id = fields.Many2one(
        "service.type",
        string="Service Type",
        default=lambda self: self.env["service.type"]._get_usual_type(),
    )
    asset_id = fields.Many2one(
        "service.asset", help="Points that know the asset are preferred."
    )
    category_id = fields.Many2one(
        "product.category",
        string="Product Category",
        compute="_compute_category_id",
        store=True,
        readonly=False,
        precompute=True,
    )
    brand_id = fields.Many2one(
        "service.brand",
        compute="_compute_category_id",
        store=True,
        readonly=False,
        precompute=True,
    )
    level = fields.Integer(
        string="Repair Level", default=1, help="From 1 (simple) to 3 (demanding)."
    )
    day = fields.Date(default=fields.Date.context_today)
    # The answer
    line_ids = fields.One2many(
        "service.coverage.check.line",
        "check_id",
        compute="_compute_line_ids",
        store=True,
        readonly=False,
    )
    eligible_count = fields.Integer(compute="_compute_map_data")
    map_data = fields.Json(compute="_compute_map_data")

    @api.depends("partner_id")
    def _compute_address(self):
        for check in self:
            if check.partner_id:
                check.address = check.partner_id._get_service_address_text()

    @api.depends("partner_id", "address")
    def _compute_zip(self):
        for check in self:
            known = check.partner_id.zip
            if known and check.address == check.partner_id._get_service_address_text():
                check.zip = known
            else:
                found = _ZIP.search(check.address or "")
                check.zip = found[0] if found else check.zip

    @api.depends("address", "zip")
    def _compute_area_id(self):
        area_model = self.env["service.area"]
        for check in self:
            asked = {"zip": check.zip, "text": check.address}
            # The company's country first: a postcode may belong to several
            check.area_id = (
                area_model._find(**asked, country=check.company_id.country_id)
                or area_model._find(**asked)
                or check.area_id
            )

    @api.depends("partner_id", "address", "area_id")
    def _compute_position(self):
        for check in self:
            partner, area = check.partner_id, check.area_id
            is_known = (
                partner.partner_latitude or partner.partner_longitude
            ) and check.address == partner._get_service_address_text()
            check.latitude = partner.partner_latitude if is_known else area.latitude
            check.longitude = partner.partner_longitude if is_known else area.longitude

    @api.depends("asset_id")
    def _compute_category_id(self):
        for check in self:
            asset = check.asset_id
            check.category_id = asset.category_id or check.category_id
            check.brand_id = asset.product_id.service_brand_id or check.brand_id

    @api.depends("latitude", "longitude", "area_id", "partner_id")
    def _compute_precision(self):
        for check in self:
            if not (check.latitude or check.longitude):
                check.precision = "none"
            elif (
                check.area_id
                and great_circle_km(
                    (check.latitude, check.longitude),
                    (check.area_id.latitude, check.area_id.longitude),
                )
                == 0
            ):
                check.precision = "area"
            else:
                check.precision = "exact"

    @api.depends(
        *("area_id", "zip", "latitude", "longitude", "company_id"),
        *(
            "type_id",
            "partner_id",
            "asset_id",
            "category_id",
            "brand_id",
            "level",
            "day",
        ),
    )
    def _compute_line_ids(self):
        for check in self:
            check.line_ids = [
                fields.Command.clear(),
                *(fields.Command.create(vals) for vals in check._get_line_vals()),
            ]

    def _prepare_order(self):
        """An order of the question, which is not stored."""
        self.ensure_one()
        position = (self.latitude, self.longitude)
        return (
            self.env["service.order"]
            .with_context(
                service_what_if={
                    "day": self.day,
                    "zip": self.zip,
                    "position": position if any(position) else None,
                    "brand_id": self.brand_id.id,
                    "level": self.level,
                }
            )
            .new(
                {
                    # Nobody is told of the points of companies that are not theirs
                    "company_id": (
                        self.company_id & self.env.companies or self.env.company
                    ).id,
                    "partner_id": self.partner_id.id,
                    "area_id": self.area_id.id,
                    "type_id": self.type_id.id,
                    "asset_id": self.asset_id.id,
                    "category_id": self.category_id.id,
                }
            )
        )

    def _get_line_vals(self) -> list[dict]:
        order = self._prepare_order()
        decision = order._rank_candidates()[order.id]
        # sudo: service.coverage: what every point does, as the ranking looks at it
        coverage_sudo = self.env["service.coverage"].sudo()
        (matches,) = coverage_sudo._find_covering([order.sudo()._get_coverage_job()])
        by_point = {match.point.id: match for match in matches}
        ranked = [
            *decision.ranked,
            *(decision.find(point.id) for point in self._get_neighbours(by_point)),
        ]
        return [
            {
                "point_id": entry.candidate.key,
                "rank": entry.rank or 0,
                "is_eligible": entry.eligible,
                "cost": entry.cost or 0.0,
                "reasons": order._add_reason_texts(decision.reasons_as_json(entry)),
                **self._get_match_vals(by_point.get(entry.candidate.key)),
            }
            for entry in ranked
        ]

    def _get_match_vals(self, match) -> dict:
        return {"coverage_id": match.coverage.id, "via": match.via} if match else {}

    def _get_neighbours(self, point_ids):
        """The nearest points that serve other places."""
        if not (self.latitude or self.longitude):
            return self.env["service.point"]
        points = self.env["service.point"].search_fetch(
            [
                ("id", "not in", list(point_ids)),
                ("company_id", "=", self.company_id.id),
                ("state", "!=", "terminated"),
                ("partner_id.partner_latitude", "!=", 0),
            ],
            ["partner_id"],
        )
        here = (self.latitude, self.longitude)
        distances = {
            point: great_circle_km(
                here, (point.partner_latitude, point.partner_longitude)
            )
            for point in points
        }
        near = sorted(
            (point for point, km in distances.items() if km is not None),
            key=lambda point: (distances[point], point.id),
        )
        return self.env["service.point"].union(*near[:NEIGHBOURS])

    @api.depends("line_ids", "latitude", "longitude")
    def _compute_map_data(self):
        for check in self:
            lines = check.line_ids
            check.eligible_count = len(lines.filtered("is_eligible"))
            check.map_data = {
                "markers": [*check._get_own_marker(), *lines._get_markers()],
                **lines.coverage_id._get_map_shapes(),
            }

    def _get_own_marker(self) -> list[dict]:
        if not (self.latitude or self.longitude):
            return []
        return [
            {
                "id": "address",
                "lat": self.latitude,
                "lng": self.longitude,
                "kind": "order",
                "color": "#b5533c",
                "label": self.address or self.area_id.display_name or "",
            }
        ]


class ServiceCoverageCheckLine(models.TransientModel):
    _name = "service.coverage.check.line"
    _description = "Candidate for an Address"
    _order = "is_eligible desc, rank, id"

    check_id = fields.Many2one(
        "service.coverage.check", required=True, index=True, ondelete="cascade"
    )
    point_id = fields.Many2one("service.point", readonly=True)
    rank = fields.Integer(readonly=True)
    is_eligible = fields.Boolean(string="Eligible", readonly=True)
    cost = fields.Float(readonly=True, digits=(8, 3))
    reasons = fields.Json(readonly=True)
    coverage_id = fields.Many2one("service.coverage", readonly=True)
    via = fields.Selection(COVERAGE_KINDS, string="Served by", readonly=True)

    def _get_markers(self) -> list[dict]:
        markers = []
        for line in self:
            point = line.point_id
            if point.partner_latitude or point.partner_longitude:
                color = "first" if line.rank == 1 else "eligible"
                marker = {
                    "id": point.id,
                    "lat": point.partner_latitude,
                    "lng": point.partner_longitude,
                    "kind": "point",
                    "label": point.display_name,
                    "color": COLORS[color if line.is_eligible else "refused"],
                }
                if line.is_eligible:
                    marker["count"] = line.rank
                markers.append(marker)
        return markers
