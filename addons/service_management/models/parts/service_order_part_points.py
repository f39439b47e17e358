from collections import defaultdict

from odoo import models


class ServiceOrder(models.Model):
    """Points that hold the parts which are expected for an order come first."""

    _inherit = "service.order"

    def _get_part_points(self, points) -> dict:
        result = super()._get_part_points(points)
        # sudo: service.part.need, stock: whether a point holds a part is what decides
        needs = self.sudo().part_need_ids
        if not needs:
            return result
        wanted = [
            (product, point.location_id)
            for product in needs.product_id
            for point in points.sudo()
        ]
        free = self.env["service.visit"]._get_free_quantities(wanted)
        holders = defaultdict(dict)
        for product in needs.product_id:
            for point in points.sudo():
                quantity = free[product.id, point.location_id.id]
                if quantity > 0:
                    holders[product][point.id] = quantity
        for order_id, own in needs.grouped(lambda need: need.order_id.id).items():
            shares = defaultdict(float)
            for need in own:
                for point_id, quantity in holders[need.product_id].items():
                    shares[point_id] += min(quantity / need.quantity, 1.0) / len(own)
            result[order_id] = dict(shares)
        return result
