from odoo import api, fields, models
from odoo.tools import SQL


class ServicePartGuard(models.Model):
    """One row for each product and location, touched when stock is taken.

    Odoo's quants let two transactions on separate transfers take the same unit. The
    second one to touch this row fails to serialise and runs again, now seeing what
    the first has taken. ``stock.quant`` touches it wherever stock is reserved or
    leaves a place, so that no path goes past it.
    """

    _name = "service.part.guard"
    _description = "Part Guard"
    _log_access = False

    product_id = fields.Many2one("product.product", required=True, ondelete="cascade")
    location_id = fields.Many2one("stock.location", required=True, ondelete="cascade")
    touched = fields.Integer()

    _place_uniq = models.Constraint(
        "UNIQUE (product_id, location_id)", "There is one guard a product and place."
    )

    @api.model
    def _touch(self, places):
        """Hold the (product id, location id) pairs until the transaction ends; in one
        order, so that those who take several do not wait for each other."""
        pairs = sorted(set(places))
        if not pairs:
            return
        self.env.execute_query(
            SQL(
                """
                INSERT INTO service_part_guard (product_id, location_id, touched)
                SELECT product, location, 1
                  FROM unnest(%(products)s, %(locations)s) AS pair(product, location)
                    ON CONFLICT (product_id, location_id)
                    DO UPDATE SET touched = service_part_guard.touched + 1
                RETURNING id
                """,
                products=[product for product, _location in pairs],
                locations=[location for _product, location in pairs],
            )
        )
