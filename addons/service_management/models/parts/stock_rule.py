from odoo import models


class StockRule(models.Model):
    _inherit = "stock.rule"

    def _get_stock_move_values(self, *args, **kwargs):
        """Replenishment by Odoo's own rules is a part movement like any other."""
        vals = super()._get_stock_move_values(*args, **kwargs)
        company = self.company_id
        if self.route_id and self.route_id in (
            company.service_consigned_route_id,
            company.service_sold_route_id,
        ):
            is_receipt = self.picking_type_id == company.service_receipt_type_id
            vals["service_kind"] = "issue" if is_receipt else "ship"
        return vals


class StockWarehouseOrderpoint(models.Model):
    _inherit = "stock.warehouse.orderpoint"

    def _get_default_route(self):
        """A service point is supplied by the way of parts, unless a rule says
        otherwise."""
        point = self._get_service_point()
        if point:
            return self.company_id._get_part_route(point)
        return super()._get_default_route()

    def _prepare_procurement_values(self, date=False):
        values = super()._prepare_procurement_values(date)
        if not values.get("route_ids"):
            point = self._get_service_point()
            if point:
                values["route_ids"] = self.company_id._get_part_route(point)
        return values

    def _get_service_point(self):
        """The point whose stock or van the rule keeps filled (sudo)."""
        self.ensure_one()
        # sudo: service.part.place: whose place it is decides the route
        place = (
            self.env["service.part.place"]
            .sudo()
            .search(
                [
                    ("location_id", "=", self.location_id.id),
                    ("kind", "in", ("branch", "point", "vehicle")),
                ],
                limit=1,
            )
        )
        return place.point_id
