from odoo import models


class ServiceOrder(models.Model):
    _inherit = "service.order"

    def _get_warranty_parts(self):
        """The parts that were used; until then those that are expected."""
        result = super()._get_warranty_parts()
        orders = self._origin
        if not orders:
            return result
        # sudo: stock.move, service.part.need: which parts, to decide who pays them
        used = dict(
            self.env["stock.move"]
            .sudo()
            ._read_group(
                [
                    ("service_order_id", "in", orders.ids),
                    ("state", "=", "done"),
                    ("service_kind", "in", ("use", False)),
                ],
                ["service_order_id"],
                ["product_id:recordset"],
            )
        )
        needed = dict(
            self.env["service.part.need"]
            .sudo()
            ._read_group(
                [("order_id", "in", orders.ids)],
                ["order_id"],
                ["product_id:recordset"],
            )
        )
        for order in self:
            products = used.get(order._origin) or needed.get(order._origin)
            if products:
                result[order] = products
        return result
