from collections import defaultdict

from odoo import api, models


class ServicePlanningRun(models.Model):
    """Parts in planning: what orders need, what vans and points hold."""

    _inherit = "service.planning.run"

    @api.model
    def _get_planning_parts(self, orders) -> dict:
        needs = defaultdict(dict)
        # sudo: service.part.need: planning counts them, whoever plans
        for need in (
            self.env["service.part.need"]
            .sudo()
            .search_fetch(
                [("order_id", "in", orders.ids)],
                ["order_id", "product_id", "quantity"],
            )
        ):
            if need.product_id.is_storable:
                needs[need.order_id.id][need.product_id.id] = need.quantity
        return dict(needs)

    @api.model
    def _get_planning_stock(self, technicians, points, orders) -> dict:
        products = self.env["product.product"].browse(
            {
                part
                for parts in self._get_planning_parts(orders).values()
                for part in parts
            }
        )
        if not products:
            return {}
        # sudo: stock.location, stock.quant: free quantities only
        vans = {
            technician.vehicle_location_id.id: ("technician", technician.id)
            for technician in technicians.sudo()
            if technician.vehicle_location_id
        }
        places = {
            point.location_id.id: ("point", point.id)
            for point in points.sudo()
            if point.location_id
        } | vans
        groups = (
            self.env["stock.quant"]
            .sudo()
            ._read_group(
                [
                    ("product_id", "in", products.ids),
                    ("location_id", "in", list(places)),
                ],
                ["product_id", "location_id"],
                ["quantity:sum", "reserved_quantity:sum"],
            )
        )
        stock = defaultdict(dict)
        for product, location, quantity, reserved in groups:
            if quantity - reserved > 0:
                stock[places[location.id]][product.id] = quantity - reserved
        return dict(stock)
