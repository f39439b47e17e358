from odoo import api, fields, models
from odoo.tools import SQL


class ServicePartGuard(models.Model):
    """One row for each product and location, touched before stock is taken.

    Odoo's quants let two transactions on separate transfers take the same unit. The
    second one to touch this row fails to serialise and runs again, now seeing what
    the first has taken.
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
        """Hold the (product id, location id) pairs until the transaction ends."""
        for product_id, location_id in sorted(set(places)):
            self.env.execute_query(
                SQL(
                    """
                    INSERT INTO service_part_guard (product_id, location_id, touched)
                    VALUES (%(product)s, %(location)s, 1)
                    ON CONFLICT (product_id, location_id)
                    DO UPDATE SET touched = service_part_guard.touched + 1
                    RETURNING id
                    """,
                    product=product_id,
                    location=location_id,
                )
            )
