from odoo import fields, models
from odoo.tools import SQL

from .stock_move import PART_KINDS


class ServicePartMovement(models.Model):
    """Every part that came to or left a place of the service organisation, a line for
    each serial number: the book of custody, read from stock moves that are done."""

    _name = "service.part.movement"
    _description = "Movement of Parts"
    _auto = False
    _order = "date desc, id desc"
    _rec_name = "product_id"
    _depends = {
        "stock.move.line": [
            "date",
            "lot_id",
            "location_dest_id",
            "location_id",
            "owner_id",
            "product_id",
            "quantity_product_uom",
            "state",
        ],
        "stock.move": [
            "is_inventory",
            "service_asset_id",
            "service_kind",
            "service_old_serial",
            "service_order_id",
            "service_visit_id",
        ],
        "service.part.place": ["point_id", "company_id"],
    }

    date = fields.Datetime(readonly=True)
    kind = fields.Selection(
        [*PART_KINDS, ("count", "Counted"), ("other", "Other")],
        readonly=True,
    )
    product_id = fields.Many2one("product.product", string="Part", readonly=True)
    lot_id = fields.Many2one("stock.lot", string="Serial Number", readonly=True)
    old_serial = fields.Char(string="Serial Taken Out", readonly=True)
    quantity = fields.Float(readonly=True, digits="Product Unit")
    change = fields.Float(
        string="Change of the Point's Stock",
        readonly=True,
        digits="Product Unit",
        help="What the movement added to or took from what the service point, its "
        "vans and its old parts hold.",
    )
    location_id = fields.Many2one("stock.location", string="From Place", readonly=True)
    location_dest_id = fields.Many2one(
        "stock.location", string="To Place", readonly=True
    )
    owner_id = fields.Many2one("res.partner", string="Owned By", readonly=True)
    point_id = fields.Many2one("service.point", string="Service Point", readonly=True)
    technician_id = fields.Many2one("service.technician", readonly=True)
    order_id = fields.Many2one("service.order", readonly=True)
    visit_id = fields.Many2one("service.visit", readonly=True)
    asset_id = fields.Many2one("service.asset", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)

    @property
    def _table_query(self):
        return SQL(
            """
            WITH place AS (%(places)s)
            SELECT line.id, line.date,
                   CASE WHEN move.service_kind IS NOT NULL THEN move.service_kind
                        WHEN move.service_visit_id IS NOT NULL THEN 'use'
                        WHEN move.is_inventory THEN 'count'
                        ELSE 'other' END AS kind,
                   line.product_id, line.lot_id,
                   move.service_old_serial AS old_serial,
                   line.quantity_product_uom AS quantity,
                   CASE WHEN source.point_id = dest.point_id THEN 0
                        WHEN dest.point_id IS NOT NULL THEN line.quantity_product_uom
                        WHEN source.point_id IS NOT NULL
                             THEN -line.quantity_product_uom
                        ELSE 0 END AS change,
                   line.location_id, line.location_dest_id, line.owner_id,
                   COALESCE(dest.point_id, source.point_id, visit.point_id)
                       AS point_id,
                   COALESCE(dest.technician_id, source.technician_id)
                       AS technician_id,
                   move.service_order_id AS order_id,
                   move.service_visit_id AS visit_id,
                   move.service_asset_id AS asset_id,
                   move.company_id
              FROM stock_move_line line
              JOIN stock_move move ON move.id = line.move_id
         LEFT JOIN place source ON source.location_id = line.location_id
         LEFT JOIN place dest ON dest.location_id = line.location_dest_id
         LEFT JOIN service_visit visit ON visit.id = move.service_visit_id
             WHERE line.state = 'done'
               AND (move.service_kind IS NOT NULL
                    OR source.point_id IS NOT NULL OR dest.point_id IS NOT NULL)
            """,
            places=self.env["service.part.place"]._table_query,
        )
