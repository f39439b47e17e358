"""What a row of coverage comes to beside the other rows, said before it is saved."""

import math

from odoo import api, fields, models
from odoo.fields import Domain

from odoo.addons.service_management.engine.candidate_ranking import great_circle_km

# So many points are named
NAMED = 4
# What decides whether two rows may compete for an order
COMPARED = ["point_id", "kind", "area_id", "zips", "country_id", "radius_km"]
COMPARED += ["latitude", "longitude", "outline", "is_exclusion", "type_ids"]
COMPARED += ["category_ids", "brand_ids", "priority", "valid_from", "valid_to"]
SHAPES = ("radius", "polygon")
# A degree of latitude
DEGREE_KM = 111.19


class ServiceCoverage(models.Model):
    _inherit = "service.coverage"

    advice = fields.Text(
        compute="_compute_advice",
        help="Others that are asked as soon as this point in the same place, and rows "
        "of the point that say the same.",
    )

    @api.depends(*COMPARED, "active", "point_id.coverage_ids")
    def _compute_advice(self):
        rows = self._read_rivals()
        for coverage in self:
            rivals, own = coverage._find_competing(rows)
            lines = []
            if coverage.is_exclusion:
                if coverage.point_id and coverage._has_place() and not own:
                    lines.append(
                        self.env._(
                            "Nothing is excluded: no other row of the service point "
                            "serves this place."
                        )
                    )
            else:
                lines += coverage._tell_competing(rivals, own)
            coverage.advice = "\n".join(lines)

    def _tell_competing(self, rivals, own) -> list[str]:
        lines = []
        if rivals:
            names = rivals.mapped("display_name")
            if len(names) > NAMED:
                more = self.env._("%(count)s more", count=len(names) - NAMED)
                names = [*names[:NAMED], more]
            lines.append(
                self.env._(
                    "In the same place with the same priority: %(points)s. Distance, "
                    "free capacity and quality decide between them.",
                    points=", ".join(names),
                )
            )
        same = own.filtered(lambda row: row._get_place() == self._get_place())
        if same:
            priority = min(same.mapped("priority"))
            lines.append(
                self.env._(
                    "The service point has a row for this place and work already, with "
                    "priority %(priority)s. The smaller number counts.",
                    priority=priority,
                )
            )
        return lines

    def _find_competing(self, rows) -> tuple:
        """Other points with a row of the same priority that may get the same orders,
        and rows of the same point that serve the same place and work.

        Areas are compared with areas, prefixes with prefixes, radii and drawn areas
        with each other (by the boxes around them).

        :param rows: see `_read_rivals`
        """
        self.ensure_one()
        points, own = self.env["service.point"], self.browse()
        if not (self.active and self.point_id and self._has_place()):
            return points, own
        mine = self.point_id.coverage_ids - self - self._origin
        own = mine.filtered(
            lambda row: not row.is_exclusion and row.active and row._may_meet(self)
        )
        if self.is_exclusion:
            return points, own
        rivals = rows.filtered(
            lambda row: (
                row.priority == self.priority
                and row.point_id != self.point_id._origin
                and row.company_id == self.point_id.company_id._origin
                and self._may_meet(row)
            )
        )
        return rivals.point_id, own

    def _read_rivals(self):
        """Rows that may compete with one of these: one search for all of them."""
        asking = self.filtered(
            lambda row: row.active and not row.is_exclusion and row._has_place()
        )
        if not asking:
            return self.browse()
        areas = asking.area_id.ids
        place = Domain("kind", "in", set(asking.mapped("kind")) & {"zip"})
        if areas:
            place |= Domain("area_id", "parent_of", areas)
            place |= Domain("area_id", "child_of", areas)
        if any(row.kind in SHAPES for row in asking):
            place |= Domain("kind", "in", SHAPES)
        return self.search_fetch(
            Domain("priority", "in", set(asking.mapped("priority")))
            & Domain("is_exclusion", "=", False)
            & Domain("company_id", "in", asking.point_id.company_id.ids)
            & Domain("point_id.state", "in", ("probation", "active"))
            & place,
            COMPARED,
        )

    def _get_kindred(self) -> tuple:
        return SHAPES if self.kind in SHAPES else (self.kind,)

    def _has_place(self) -> bool:
        self.ensure_one()
        if self.kind == "area":
            return bool(self.area_id)
        if self.kind == "zip":
            return bool(self._list_prefixes())
        return self._get_box() is not None

    def _may_meet(self, other) -> bool:
        """Whether an order can be in the place of both rows and fit both."""
        self.ensure_one()
        return (
            other.kind in self._get_kindred()
            and _share_any(self.type_ids, other.type_ids)
            and _share_any(self.brand_ids, other.brand_ids)
            and self._share_categories(other)
            and not (
                self.valid_to and other.valid_from and self.valid_to < other.valid_from
            )
            and not (
                other.valid_to and self.valid_from and other.valid_to < self.valid_from
            )
            and self._share_place(other)
        )

    def _share_categories(self, other) -> bool:
        if not self.category_ids or not other.category_ids:
            return True
        return any(
            one.parent_path.startswith(two.parent_path)
            or two.parent_path.startswith(one.parent_path)
            for one in self.category_ids._origin
            for two in other.category_ids._origin
        )

    def _share_place(self, other) -> bool:
        if self.kind == "area":
            one, two = self.area_id._origin, other.area_id._origin
            paths = (one.parent_path or "", two.parent_path or "")
            return all(paths) and (
                paths[0].startswith(paths[1]) or paths[1].startswith(paths[0])
            )
        if self.kind == "zip":
            if self.country_id and other.country_id != self.country_id:
                return not other.country_id
            return any(
                one.startswith(two) or two.startswith(one)
                for one in self._list_prefixes()
                for two in other._list_prefixes()
            )
        boxes = (self._get_box(), other._get_box())
        if not all(boxes):
            return False
        if self.kind == other.kind == "radius":
            distance = great_circle_km(
                (self.latitude, self.longitude), (other.latitude, other.longitude)
            )
            return distance <= self.radius_km + other.radius_km
        (south, west, north, east), box = boxes
        return south <= box[2] and box[0] <= north and west <= box[3] and box[1] <= east

    def _list_prefixes(self) -> list[str]:
        zips = self._clean_place({"zips": self.zips})["zips"] or ""
        return [prefix for prefix in zips.split(",") if prefix]

    def _get_box(self):
        """South, west, north and east of a radius or drawn area, or ``None``."""
        if self.kind == "polygon":
            corners = self.outline or ()
            if len(corners) < 3:
                return None
            latitudes = [corner[0] for corner in corners]
            longitudes = [corner[1] for corner in corners]
            return min(latitudes), min(longitudes), max(latitudes), max(longitudes)
        if self.kind != "radius" or not (self.latitude or self.longitude):
            return None
        high = self.radius_km / DEGREE_KM
        wide = high / max(math.cos(math.radians(self.latitude)), 0.01)
        return (
            self.latitude - high,
            self.longitude - wide,
            self.latitude + high,
            self.longitude + wide,
        )


def _share_any(one, two) -> bool:
    """Whether two lists meet in which nothing means everything."""
    return not one or not two or bool(one._origin & two._origin)
