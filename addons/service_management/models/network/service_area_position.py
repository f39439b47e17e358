from odoo import api, models
from odoo.tools import SQL


class ServiceArea(models.Model):
    _inherit = "service.area"

    def _get_positions(self) -> dict[int, tuple[float, float]]:
        """Of each area its own position, else that of the nearest area above it.

        Areas that have none are left out. Two queries, whatever the number.
        """
        paths = {area.id: area._get_path_ids() for area in self}
        self.browse({key for path in paths.values() for key in path}).fetch(
            ["latitude", "longitude"]
        )
        positions = {}
        for area_id, path in paths.items():
            for above in map(self.browse, reversed(path)):
                if above.latitude or above.longitude:
                    positions[area_id] = (above.latitude, above.longitude)
                    break
        return positions

    def action_derive_positions(self):
        self.check_access("write")
        count = self._derive_positions()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success" if count else "warning",
                "message": self.env._(
                    "%(count)s areas were placed in the middle of what lies in them.",
                    count=count,
                ),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    @api.model
    def _get_derived_positions(self, area_ids) -> list[tuple[int, float, float]]:
        """The middle of the areas within, else of the addresses that are known
        exactly: ``(area id, latitude, longitude)``."""
        self.flush_model(["parent_path", "latitude", "longitude"])
        self.env["res.partner"].flush_model(
            ["service_area_id", "partner_latitude", "partner_longitude"]
            + ["service_geo_precision"]
        )
        return self.env.execute_query(
            SQL(
                """
                WITH placed AS (
                    SELECT id AS area_id, latitude AS lat, longitude AS lng, 1 AS rank
                      FROM service_area
                     WHERE latitude != 0 OR longitude != 0
                     UNION ALL
                    SELECT service_area_id, partner_latitude, partner_longitude, 2
                      FROM res_partner
                     WHERE service_geo_precision = 'exact'
                       AND service_area_id IS NOT NULL
                ), averages AS (
                    SELECT above.id::int AS id, rank, avg(lat) AS lat, avg(lng) AS lng
                      FROM placed
                      JOIN service_area area ON area.id = placed.area_id
                     CROSS JOIN LATERAL unnest(
                           string_to_array(trim(area.parent_path, '/'), '/')
                     ) AS above(id)
                     WHERE above.id::int = ANY(%(area_ids)s)
                     GROUP BY above.id, rank
                )
                SELECT DISTINCT ON (id) id, lat, lng FROM averages ORDER BY id, rank
                """,
                area_ids=list(area_ids),
            )
        )

    def _derive_positions(self) -> int:
        """Place those of ``self`` that have no position; how many could be."""
        missing = self.filtered(lambda area: not (area.latitude or area.longitude))
        rows = self._get_derived_positions(missing.ids) if missing else []
        for area_id, latitude, longitude in rows:
            self.browse(area_id).write({"latitude": latitude, "longitude": longitude})
        return len(rows)

    def _get_first_zips(self) -> dict[int, str]:
        """One postcode prefix of each area that has some, in one query."""
        rows = self.env["service.area.zip"].search_fetch(
            [("area_id", "in", self.ids)], ["prefix", "area_id"], order="prefix DESC"
        )
        return {row.area_id.id: row.prefix for row in rows}
