from collections import defaultdict

from odoo import api, models


class ServicePlanningRun(models.Model):
    """Parts in planning: what orders need, what vans and points hold."""

    _inherit = "service.planning.run"

    @api.model
    def _get_planning_parts(self, orders) -> dict:
        needs = defaultdict(dict)
        rows = self._find_planning_needs(orders)
        used = self._get_used_parts(rows.order_id)
        for need in rows:
            order_id = need.order_id.id
            # A further visit needs what an earlier one has not used
            quantity = need.quantity - used.get((need.order_id, need.product_id), 0.0)
            kept = min(need.reserved_quantity, quantity)
            if kept > 0:
                needs[order_id][-need.id] = kept
            if quantity > max(kept, 0.0):
                needs[order_id][need.product_id.id] = quantity - max(kept, 0.0)
        return dict(needs)

    @api.model
    def _get_planning_parts_coming(self, orders) -> dict:
        # sudo: service.part.request.line: planning counts them, whoever plans
        lines = (
            self.env["service.part.request.line"]
            .sudo()
            .search(
                [
                    ("request_id.order_id", "in", orders.ids),
                    ("request_id.kind", "=", "issue"),
                    ("request_id.state", "in", ("requested", "approved", "shipped")),
                ]
            )
        )
        coming = defaultdict(lambda: defaultdict(float))
        for line in lines:
            order = line.request_id.order_id
            coming[order.id][line.product_id.id] += max(
                line.quantity - line.quantity_received, 0.0
            )
        return coming

    @api.model
    def _get_used_parts(self, orders) -> dict:
        """``{(order, product): quantity used at its visits so far}``."""
        if not orders:
            return {}
        # sudo: stock.move: planning counts them, whoever plans
        groups = (
            self.env["stock.move"]
            .sudo()
            ._read_group(
                [
                    ("service_order_id", "in", orders.ids),
                    ("service_kind", "=", "use"),
                    ("state", "=", "done"),
                ],
                ["service_order_id", "product_id"],
                ["quantity:sum"],
            )
        )
        return {(order, product): quantity for order, product, quantity in groups}

    @api.model
    def _get_planning_part_names(self, orders) -> dict[int, str]:
        needs = self._find_planning_needs(orders)
        return {need.product_id.id: need.product_id.display_name for need in needs} | {
            -need.id: need.product_id.display_name for need in needs
        }

    @api.model
    def _find_planning_needs(self, orders):
        # sudo: service.part.need: planning counts them, whoever plans
        needs = (
            self.env["service.part.need"]
            .sudo()
            .search_fetch(
                [("order_id", "in", orders.ids)],
                ["order_id", "product_id", "quantity"],
            )
        )
        return needs.filtered("product_id.is_storable")

    @api.model
    def _get_planning_stock(self, technicians, points, orders) -> dict:
        products = self.env["product.product"].browse(
            {
                part
                for parts in self._get_planning_parts(orders).values()
                for part in parts
                if part > 0
            }
        )
        needs = self._find_planning_needs(orders)
        if not needs:
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
        for need in needs:
            place = places.get(need.reserved_location_id.id)
            if place and need.reserved_quantity > 0:
                stock[place][-need.id] = need.reserved_quantity
        return dict(stock)
