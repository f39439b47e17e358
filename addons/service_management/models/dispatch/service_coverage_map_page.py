from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain

from odoo.addons.service_management.models.network.service_area import AREA_LEVELS
from odoo.addons.service_management.models.network.service_coverage import CoverageJob

# Areas that are looked at in one question; those with the most orders first.
MAX_AREAS = 4000
# Rows of each list and points of each row that are told; the numbers are of all.
MAX_ROWS = 500
MAX_NAMES = 8


class ServiceCoverage(models.Model):
    """White spots and conflicts: what `_find_covering` says of many areas at once."""

    _inherit = "service.coverage"

    @api.model
    @api.readonly
    def get_coverage_map(
        self,
        type_id,
        category_id=False,
        brand_id=False,
        months=12,
        level=False,
        overlap=3,
    ):
        """Who covers the areas that matter for a kind of work, and where that fails.

        - The areas are those with orders of the last ``months``, or, with a ``level``,
          all of that level.
        - A white spot is an area that no point may serve, with what spoke against the
          points that do cover it.
        - A conflict is an area in which several points have the same first priority,
          or in which more than ``overlap`` points may serve.

        The number of queries does not grow with the areas.

        :return: dict with ``points``, ``polygons``, ``circles``, ``white``,
            ``conflicts`` and ``counts``
        """
        self._check_map_access()
        service_type = self.env["service.type"].browse(type_id or ())
        category = self.env["product.category"].browse(category_id or ())
        brand = self.env["service.brand"].browse(brand_id or ())
        demand = self._get_area_demand(service_type, category, months)
        areas, total = self._get_map_areas(demand, level)
        positions = areas._get_positions()
        zips = areas._get_first_zips()
        jobs = [
            CoverageJob(
                area,
                service_type,
                category,
                company=self.env.company,
                zip=zips.get(area.id),
                position=positions.get(area.id),
                brand=brand,
            )
            for area in areas
        ]
        # sudo: service.coverage: the desk sees all points, whatever else it may
        found = self.sudo()._find_covering(jobs)
        white, conflicts = [], []
        for area, matches in zip(areas, found, strict=True):
            row = (area, matches, demand.get(area.id, 0))
            eligible = [match for match in matches if not match.refused]
            kind = self._get_conflict(eligible, overlap)
            if not eligible:
                white.append(row)
            elif kind:
                conflicts.append((*row, kind))
        return {
            "counts": {
                "areas": len(areas),
                "left_out": total - len(areas),
                "covered": len(areas) - len(white),
                "white": len(white),
                "conflicts": len(conflicts),
            },
            "white": [
                self._prepare_map_row(area, orders, positions)
                | {"reasons": self._count_refusals(matches)}
                for area, matches, orders in self._sort_rows(white)
            ],
            "conflicts": [
                self._prepare_map_row(area, orders, positions)
                | {"kind": kind}
                | self._prepare_rivals(matches)
                for area, matches, orders, kind in self._sort_rows(conflicts)
            ],
            **self._get_map_layers(service_type, category, brand),
        }

    @api.model
    def _check_map_access(self):
        groups = "service_management.group_service_agent,"
        groups += "service_management.group_service_quality"
        if not self.env.user.has_groups(groups):
            raise AccessError(
                self.env._("Only the service desk and quality see the whole network.")
            )

    @api.model
    def _get_area_demand(self, service_type, category, months) -> dict[int, int]:
        """Orders of the last months by area id."""
        since = fields.Datetime.now() - timedelta(days=30 * max(int(months), 1))
        domain = (
            Domain("date_request", ">=", since)
            & Domain("area_id", "!=", False)
            & Domain("company_id", "=", self.env.company.id)
        )
        if service_type:
            domain &= Domain("type_id", "=", service_type.id)
        if category:
            domain &= Domain("category_id", "child_of", category.id)
        groups = self.env["service.order"]._read_group(
            domain, ["area_id"], ["__count"], order="__count DESC"
        )
        return {area.id: count for area, count in groups}

    @api.model
    def _get_map_areas(self, demand, level):
        """The areas to look at, and how many there would be without the limit."""
        area_model = self.env["service.area"]
        if level in dict(AREA_LEVELS):
            domain = Domain("level", "=", level)
            country = self.env.company.country_id
            if area_model.search(
                domain & Domain("country_id", "=", country.id), limit=1
            ):
                domain &= Domain("country_id", "=", country.id)
            areas = area_model.search_fetch(
                domain, ["name", "parent_path", "country_id"], limit=MAX_AREAS
            )
            total = (
                area_model.search_count(domain)
                if len(areas) == MAX_AREAS
                else len(areas)
            )
            return areas, total
        return area_model.browse(list(demand)[:MAX_AREAS]).exists(), len(demand)

    @api.model
    def _get_conflict(self, eligible, overlap) -> str | None:
        if len(eligible) > 1:
            first = min(match.coverage.priority for match in eligible)
            rivals = sum(match.coverage.priority == first for match in eligible)
            if rivals > 1:
                return "priority"
        return "overlap" if len(eligible) > int(overlap) else None

    @api.model
    def _sort_rows(self, rows) -> list:
        return sorted(rows, key=lambda row: (-row[2], row[0].id))[:MAX_ROWS]

    @api.model
    def _prepare_map_row(self, area, orders, positions) -> dict:
        latitude, longitude = positions.get(area.id, (None, None))
        return {
            "id": area.id,
            "name": area.display_name,
            "orders": orders,
            "lat": latitude,
            "lng": longitude,
        }

    @api.model
    def _count_refusals(self, matches) -> list[dict]:
        """What spoke against the points that cover an area: text and number."""
        labels = self.env["service.order"]._get_reason_labels()
        counts = {}
        for match in matches:
            counts[match.refused] = counts.get(match.refused, 0) + 1
        return [
            {"text": labels.get(code, code), "count": count}
            for code, count in sorted(counts.items())
        ]

    @api.model
    def _prepare_rivals(self, matches) -> dict:
        eligible = [match for match in matches if not match.refused]
        return {
            "points": [
                {
                    "id": match.point.id,
                    "name": match.point.display_name,
                    "priority": match.coverage.priority,
                    "coverage_id": match.coverage.id,
                }
                for match in eligible[:MAX_NAMES]
            ],
            "point_count": len(eligible),
        }

    @api.model
    def _get_map_layers(self, service_type, category, brand) -> dict:
        """The points of the company and what they drew on the map for this work."""
        points = self.env["service.point"].search_fetch(
            [("company_id", "=", self.env.company.id), ("state", "!=", "terminated")],
            ["code", "name", "state", "partner_id"],
        )
        domain = (
            Domain(self._get_valid_domain())
            & Domain("kind", "in", ("radius", "polygon"))
            & Domain("point_id", "in", points.ids)
        )
        for name, record in (("type_ids", service_type), ("brand_ids", brand)):
            if record:
                domain &= Domain(name, "=", False) | Domain(name, "in", record.ids)
        if category:
            domain &= Domain("category_ids", "=", False) | Domain(
                "category_ids", "parent_of", category.ids
            )
        return {
            "points": [
                {
                    "id": point.id,
                    "lat": point.partner_latitude,
                    "lng": point.partner_longitude,
                    "label": point.display_name,
                    "is_open": point.state != "suspended",
                }
                for point in points
                if point.partner_latitude or point.partner_longitude
            ],
            **self.search(domain)._get_map_shapes(),
        }
