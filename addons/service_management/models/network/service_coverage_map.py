from odoo import models

EXCLUSION_COLOR = "#b03030"
# One a point; readable on light and dark
POINT_COLORS = (
    *("#3b6ea5", "#2d7d46", "#8a5ba6", "#b5763c", "#2f8f8f", "#a83f6f"),
    *("#6b7a1f", "#5a63c4", "#7a5230", "#3d7f9e"),
)


class ServiceCoverage(models.Model):
    """How coverage is drawn on maps."""

    _inherit = "service.coverage"

    def _get_map_shapes(self) -> dict:
        """``{"polygons": [...], "circles": [...]}`` for the map component."""
        polygons, circles = [], []
        for coverage in self:
            shape = {
                "id": coverage.id,
                "color": coverage._get_map_color(),
                "label": coverage.display_name,
            }
            if coverage.kind == "polygon" and coverage.outline:
                polygons.append(shape | {"points": coverage.outline})
            elif coverage.kind == "radius" and (
                coverage.latitude or coverage.longitude
            ):
                circles.append(
                    shape
                    | {
                        "lat": coverage.latitude,
                        "lng": coverage.longitude,
                        "radius": coverage.radius_km,
                    }
                )
        return {"polygons": polygons, "circles": circles}

    def _get_map_color(self) -> str:
        self.ensure_one()
        if self.is_exclusion:
            return EXCLUSION_COLOR
        return POINT_COLORS[self.point_id.id % len(POINT_COLORS)]
