from odoo import api, fields, models


class ServicePartNeed(models.Model):
    """A part that is expected to be needed for an order.

    Dispatch prefers points that hold it and planning technicians who carry it, or
    sends them by the point. Nothing is reserved: what is used is noted on the visit.
    """

    _name = "service.part.need"
    _description = "Expected Part"
    _order = "order_id, id"
    _rec_name = "product_id"

    order_id = fields.Many2one(
        "service.order", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        related="order_id.company_id", store=True, precompute=True, index=True
    )
    product_id = fields.Many2one(
        "product.product",
        string="Part",
        required=True,
        index=True,
        domain="[('type', '=', 'consu')]",
    )
    quantity = fields.Float(default=1.0, required=True, digits="Product Unit")
    available = fields.Float(
        string="At the Point",
        compute="_compute_available",
        digits="Product Unit",
        help="Free quantity in the stock of the order's service point.",
    )

    _part_uniq = models.Constraint(
        "UNIQUE (order_id, product_id)", "This part is already expected for the order."
    )
    _quantity_positive = models.Constraint(
        "CHECK (quantity > 0)", "The quantity of an expected part must be above zero."
    )

    @api.depends("product_id", "order_id.point_id")
    def _compute_available(self):
        # sudo: service.point: what the order's own point holds is not a secret
        places = [
            (need.product_id, need.sudo().order_id.point_id.location_id)
            for need in self
        ]
        free = self.env["service.visit"]._get_free_quantities(places)
        for need, (product, location) in zip(self, places, strict=True):
            need.available = free[product.id, location.id]
