from odoo import api, fields, models


class StockMove(models.Model):
    _inherit = "stock.move"

    service_visit_id = fields.Many2one(
        "service.visit", index="btree_not_null", copy=False, check_company=True
    )
    service_order_id = fields.Many2one(
        "service.order",
        related="service_visit_id.order_id",
        store=True,
        index="btree_not_null",
    )
    service_available = fields.Float(
        string="On Hand",
        compute="_compute_service_available",
        digits="Product Unit",
        help="Free quantity of the part in the place it is taken from.",
    )

    @api.depends("product_id", "location_id", "state")
    def _compute_service_available(self):
        parts = self.filtered("service_visit_id")
        (self - parts).service_available = 0.0
        free = self.env["service.visit"]._get_free_quantities(
            [(move.product_id, move.location_id) for move in parts]
        )
        for move in parts:
            move.service_available = free[move.product_id.id, move.location_id.id]
