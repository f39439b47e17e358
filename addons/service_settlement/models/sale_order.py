from odoo import api, fields, models

CHARGE_KINDS = [
    ("labour", "Labour"),
    ("travel", "Travel"),
    ("parts", "Parts"),
]


class SaleOrder(models.Model):
    _inherit = "sale.order"

    service_charge_order_id = fields.Many2one(
        "service.order",
        string="Charged For",
        copy=False,
        index="btree_not_null",
        check_company=True,
        help="The service order whose customer is charged by this quotation.",
    )

    def _action_confirm(self):
        result = super()._action_confirm()
        self._log_service_charge("quote_accepted")
        # sudo: service.order: the customer accepts on the page of the quotation
        orders_sudo = self.sudo().service_charge_order_id
        orders_sudo.filtered("date_done")._deliver_late()
        return result

    def _action_cancel(self):
        asked = self.filtered(
            lambda sale: (
                sale.state in ("draft", "sent")
                and not self.env.context.get("service_charge_replaced")
            )
        )
        result = super()._action_cancel()
        asked._log_service_charge("quote_refused")
        return result

    def _log_service_charge(self, kind):
        """Tell the orders behind the quotations what became of them."""
        for sale in self.filtered("service_charge_order_id"):
            # sudo: service.order: the customer answers on the page of the quotation
            sale.sudo().service_charge_order_id._log_event(
                kind, name=sale._get_service_text(), is_public=True
            )

    def _get_service_text(self) -> str:
        self.ensure_one()
        return self.env._(
            "%(number)s: %(amount)s %(currency)s",
            number=self.name,
            amount=f"{self.amount_total:.2f}",
            currency=self.currency_id.name,
        )

    def _get_quotation_action(self) -> dict:
        """These quotations (sudo); to those who may not read quotations, the service
        orders say what became of them."""
        if not self.sudo(False).has_access("read"):
            return self.env["ir.actions.act_window"]._for_xml_id(
                "service_settlement.action_service_order_to_charge"
            ) | {
                "domain": [("id", "in", self.service_charge_order_id.ids)],
                "context": {},
            }
        action = {
            "type": "ir.actions.act_window",
            "name": self.env._("Quotations"),
            "res_model": "sale.order",
            "view_mode": "list,form",
            "domain": [("id", "in", self.ids)],
        }
        if len(self) == 1:
            action |= {"view_mode": "form", "res_id": self.id}
        return action


class SaleOrderLine(models.Model):
    """A line that charges a service order.

    Its parts leave the stock by the technician's visit, never by a delivery of the
    sale; the moves of the visit are linked to the line, so that what was delivered,
    and its cost, are Odoo's own figures.
    """

    _inherit = "sale.order.line"

    service_charge_kind = fields.Selection(CHARGE_KINDS, readonly=True, copy=False)
    service_charge_code = fields.Char(readonly=True, copy=False)

    def _action_launch_stock_rule(self, *, previous_product_uom_qty=False):
        delivered_by_sale = self.filtered(lambda line: not line.service_charge_kind)
        return super(SaleOrderLine, delivered_by_sale)._action_launch_stock_rule(
            previous_product_uom_qty=previous_product_uom_qty
        )

    def _prepare_invoice_line(self, **optional_values):
        values = super()._prepare_invoice_line(**optional_values)
        order = self.order_id.service_charge_order_id
        if order and self.service_charge_kind:
            values["service_order_id"] = order.id
        return values

    @api.depends("service_charge_kind")
    def _compute_qty_delivered_method(self):
        result = super()._compute_qty_delivered_method()
        self.filtered("service_charge_kind").qty_delivered_method = "manual"
        return result

    def _deliver_service(self, quantity):
        """So much of the line was really done or used; nothing else is billed."""
        self.ensure_one()
        self.qty_delivered = quantity
        if self.product_uom_qty > quantity:
            self.product_uom_qty = quantity
        if self.service_charge_kind == "parts":
            moves = self.order_id.service_charge_order_id.move_ids.filtered(
                lambda move: (
                    move.product_id == self.product_id
                    and move.state == "done"
                    and not move.sale_line_id
                )
            )
            moves.sale_line_id = self
