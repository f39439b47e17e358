from odoo import fields, models
from odoo.tools import SQL

PLACE_KINDS = [
    ("central", "Central Warehouse"),
    ("branch", "Branch"),
    ("point", "Service Point"),
    ("vehicle", "Van"),
    ("defective", "Old Parts"),
    ("transit", "In Transit"),
    ("sold", "Sold, on the Way"),
    ("returned", "Returned Parts"),
    ("repair", "For Repair"),
]


class ServicePartPlace(models.Model):
    """What each stock location is to the service organisation; its id is the
    location's. A reading of points, technicians and companies, which own the facts."""

    _name = "service.part.place"
    _description = "Place of Parts"
    _auto = False
    _order = "kind, id"
    _rec_name = "location_id"
    _depends = {
        "service.point": [
            "location_id",
            "defective_location_id",
            "company_id",
            "kind",
        ],
        "service.technician": ["vehicle_location_id", "point_id", "company_id"],
        "res.company": [
            "service_part_warehouse_id",
            "service_transit_location_id",
            "service_sold_location_id",
            "service_returned_location_id",
            "service_repair_location_id",
        ],
        "stock.warehouse": ["lot_stock_id", "company_id", "active", "sequence"],
    }

    kind = fields.Selection(PLACE_KINDS, readonly=True)
    location_id = fields.Many2one("stock.location", readonly=True)
    point_id = fields.Many2one("service.point", string="Service Point", readonly=True)
    technician_id = fields.Many2one("service.technician", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)

    @property
    def _table_query(self):
        company_places = SQL(" UNION ALL ").join(
            SQL(
                """
                SELECT %(column)s, %(kind)s, NULL::int, NULL::int, id
                  FROM res_company WHERE %(column)s IS NOT NULL
                """,
                column=SQL.identifier(f"service_{kind}_location_id"),
                kind=kind,
            )
            for kind in ("transit", "sold", "returned", "repair")
        )
        return SQL(
            """
            SELECT place.location_id AS id, place.*
              FROM (
                SELECT point.location_id AS location_id,
                       CASE WHEN point.kind IN ('hq', 'branch') THEN 'branch'
                            ELSE 'point' END AS kind,
                       point.id AS point_id,
                       NULL::int AS technician_id,
                       point.company_id AS company_id
                  FROM service_point point WHERE point.location_id IS NOT NULL
                UNION ALL
                SELECT defective_location_id, 'defective', id, NULL, company_id
                  FROM service_point WHERE defective_location_id IS NOT NULL
                UNION ALL
                SELECT vehicle_location_id, 'vehicle', point_id, id, company_id
                  FROM service_technician WHERE vehicle_location_id IS NOT NULL
                UNION ALL
                SELECT warehouse.lot_stock_id, 'central', NULL, NULL, company.id
                  FROM res_company company
                  JOIN LATERAL (
                    SELECT lot_stock_id FROM stock_warehouse
                     WHERE stock_warehouse.company_id = company.id
                       AND (stock_warehouse.active
                            OR stock_warehouse.id = company.service_part_warehouse_id)
                     ORDER BY (stock_warehouse.id
                               = company.service_part_warehouse_id)
                              IS TRUE DESC, sequence, id
                     LIMIT 1
                  ) warehouse ON TRUE
                UNION ALL
                %(company_places)s
              ) place
            """,
            company_places=company_places,
        )
