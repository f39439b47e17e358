from odoo import fields, models


class ServiceOrder(models.Model):
    _inherit = "service.order"

    move_ids = fields.One2many(
        "stock.move",
        "service_order_id",
        string="Part Moves",
        groups="stock.group_stock_user",
    )
    part_count = fields.Integer(compute="_compute_part_count")
    part_return_ids = fields.One2many(
        "service.part.return", "order_id", string="Parts Due Back"
    )
    part_return_count = fields.Integer(compute="_compute_part_return_count")

    def _compute_part_count(self):
        # sudo: stock.move: how many parts an order took is part of the order
        counts = dict(
            self.env["stock.move"]
            .sudo()
            ._read_group(
                [("service_order_id", "in", self.ids)],
                ["service_order_id"],
                ["__count"],
            )
        )
        for order in self:
            order.part_count = counts.get(order, 0)

    def _compute_part_return_count(self):
        counts = dict(
            self.env["service.part.return"]._read_group(
                [("order_id", "in", self.ids)], ["order_id"], ["__count"]
            )
        )
        for order in self:
            order.part_return_count = counts.get(order, 0)

    def action_view_part_returns(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "service_management.action_service_part_return"
        )
        action["domain"] = [("order_id", "=", self.id)]
        action["context"] = {}
        return action

    def _release_dispatch(self):
        result = super()._release_dispatch()
        # sudo: stock.move: parts of an order that ends stay in stock
        self.sudo().move_ids.filtered(
            lambda move: move.state not in ("done", "cancel")
        )._action_cancel()
        return result

    def _get_part_availability(self, limit=80) -> list[dict]:
        """What the order's point holds: ``{"product_id", "name", "free",
        "tracking"}`` by name."""
        self.ensure_one()
        location = self.sudo().point_id.location_id
        if not location:
            return []
        # sudo: stock.quant: a point may see what its own place holds
        groups = (
            self.env["stock.quant"]
            .sudo()
            ._read_group(
                [("location_id", "=", location.id), ("quantity", ">", 0)],
                ["product_id"],
                ["quantity:sum", "reserved_quantity:sum"],
                limit=limit,
            )
        )
        return sorted(
            (
                {
                    "product_id": product.id,
                    "name": product.display_name,
                    "free": quantity - reserved,
                    "tracking": product.tracking,
                }
                for product, quantity, reserved in groups
            ),
            key=lambda part: part["name"],
        )
