from odoo import fields, models
from odoo.fields import Domain


class SaleOrder(models.Model):
    _inherit = "sale.order"

    service_order_count = fields.Integer(compute="_compute_service_order_count")

    def _compute_service_order_count(self):
        orders = self.env["service.order"]
        counts = {}
        if orders.has_access("read"):
            counts = dict(
                orders._read_group(
                    Domain("sale_order_id", "in", self.ids),
                    ["sale_order_id"],
                    ["__count"],
                )
            )
        for sale in self:
            sale.service_order_count = counts.get(sale, 0)

    def action_view_service_orders(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "service_management.action_service_order"
        )
        action["domain"] = [("sale_order_id", "=", self.id)]
        action["context"] = {}
        return action

    def action_open_service_handover(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Create a Service Order"),
            "res_model": "service.handover.create",
            "view_mode": "form",
            "target": "new",
            "context": {"default_model": self._name, "default_res_id": self.id},
        }
