from odoo import fields, models


class ServicePartExchange(models.TransientModel):
    """Send the customer of an order a part in exchange for the old one."""

    _name = "service.part.exchange"
    _description = "Exchange a Part"

    order_id = fields.Many2one("service.order", required=True, readonly=True)
    product_id = fields.Many2one(
        "product.product",
        string="Part",
        required=True,
        domain="[('type', '=', 'consu')]",
    )
    quantity = fields.Float(default=1.0, required=True, digits="Product Unit")
    mode = fields.Selection(
        [
            ("advance", "Send the new part now"),
            ("after", "Send it when the old part has come"),
        ],
        default="advance",
        required=True,
    )
    date_due = fields.Date(
        string="Old Part Due",
        default=lambda self: fields.Date.add(fields.Date.context_today(self), days=14),
    )

    def action_confirm(self):
        self.ensure_one()
        self.order_id._exchange_part(
            self.product_id, self.quantity, self.mode == "advance", self.date_due
        )
        return {"type": "ir.actions.act_window_close"}
