from odoo import fields, models
from odoo.tools import SQL

from .service_part_place import PLACE_KINDS


class ServicePartStock(models.Model):
    """What lies where: quants at the places of the service organisation, for those
    who have no rights on the warehouse itself."""

    _name = "service.part.stock"
    _description = "Stock of Parts"
    _auto = False
    _order = "product_id, kind, id"
    _rec_name = "product_id"
    _depends = {
        "stock.quant": [
            "product_id",
            "location_id",
            "lot_id",
            "owner_id",
            "quantity",
            "reserved_quantity",
        ],
        "service.part.place": ["kind", "point_id", "technician_id", "company_id"],
    }

    product_id = fields.Many2one("product.product", string="Part", readonly=True)
    categ_id = fields.Many2one("product.category", string="Category", readonly=True)
    lot_id = fields.Many2one("stock.lot", string="Serial Number", readonly=True)
    location_id = fields.Many2one("stock.location", string="Place", readonly=True)
    kind = fields.Selection(PLACE_KINDS, readonly=True)
    point_id = fields.Many2one("service.point", string="Service Point", readonly=True)
    technician_id = fields.Many2one("service.technician", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    owner_id = fields.Many2one(
        "res.partner",
        string="Owned By",
        readonly=True,
        help="Nobody: the company's own.",
    )
    quantity = fields.Float(readonly=True, digits="Product Unit")
    free = fields.Float(readonly=True, digits="Product Unit")

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT quant.id, quant.product_id, template.categ_id, quant.lot_id,
                   quant.location_id, place.kind, place.point_id,
                   place.technician_id, place.company_id, quant.owner_id,
                   quant.quantity,
                   quant.quantity - quant.reserved_quantity AS free
              FROM stock_quant quant
              JOIN (%(places)s) place ON place.location_id = quant.location_id
              JOIN product_product product ON product.id = quant.product_id
              JOIN product_template template ON template.id = product.product_tmpl_id
             WHERE quant.quantity <> 0
            """,
            places=self.env["service.part.place"]._table_query,
        )
