from dataclasses import replace

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ..engine import charge as charge_engine
from ..models.sale_order import CHARGE_KINDS


class ServiceChargeQuote(models.TransientModel):
    """What the customer would pay for an order, before it is sent to him."""

    _name = "service.charge.quote"
    _description = "Quotation of a Service Order"
    _inherit = ["service.amount.mixin"]

    order_id = fields.Many2one("service.order", required=True, readonly=True)
    partner_id = fields.Many2one(related="order_id.partner_id")
    email = fields.Char(related="order_id.partner_id.email")
    currency_id = fields.Many2one(related="order_id.currency_id")
    line_ids = fields.One2many(
        "service.charge.quote.line",
        "quote_id",
        compute="_compute_line_ids",
        store=True,
        readonly=False,
    )
    amount = fields.Monetary(string="Customer Pays", compute="_compute_amount")

    @api.depends("order_id")
    def _compute_line_ids(self):
        for quote in self:
            commands = [Command.clear()]
            if quote.order_id:
                commands += [
                    Command.create(
                        {
                            "kind": charge.kind,
                            "product_id": charge.key,
                            "quantity": charge.quantity,
                        }
                    )
                    for charge in quote._get_charges()
                ]
            quote.line_ids = commands

    @api.depends("line_ids.price", "line_ids.quantity", "line_ids.is_due")
    def _compute_amount(self):
        for quote in self:
            quote.amount = sum(
                line.price * line.quantity * (1 - line.discount / 100)
                for line in quote.line_ids
                if line.is_due
            )

    def _get_charges(self):
        """What the order itself says, as ``engine.charge.Charge``."""
        order = self.order_id
        order._check_may_charge()
        return order._get_charges(planned=not order.date_done)[order]

    def action_send(self):
        """Make the quotation and mail it with the link to its page."""
        self.ensure_one()
        if not self.email:
            raise UserError(
                self.env._(
                    "%(customer)s has no email address: enter one, or save the "
                    "quotation and tell its amount by telephone.",
                    customer=self.partner_id.display_name,
                )
            )
        sale = self._create_sale()
        sale.with_context(force_send=False).message_post_with_source(
            sale._find_mail_template(),
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
        )
        sale.action_quotation_sent()
        return {"type": "ir.actions.act_window_close"}

    def action_save(self):
        """Make the quotation; somebody tells the customer."""
        self._create_sale().action_quotation_sent()
        return {"type": "ir.actions.act_window_close"}

    def _create_sale(self):
        self.ensure_one()
        order = self.order_id
        own = {(charge.kind, charge.key) for charge in self._get_charges()}
        for line in self.line_ids:
            if line.kind != "parts" and (line.kind, line.product_id.id) not in own:
                raise UserError(
                    self.env._(
                        "%(product)s is not what orders of this type are charged as: "
                        "only parts may be added.",
                        product=line.product_id.display_name,
                    )
                )
        due = [
            charge
            for line in self.line_ids
            if line.quantity > 0
            for charge in line._get_charge()
            if charge.is_due
        ]
        if not due:
            raise UserError(self.env._("Nothing of it is the customer's to pay."))
        order_sudo = order.sudo()
        # The last quotation counts: an older one that nobody answered is withdrawn
        order_sudo.charge_sale_ids.filtered(
            lambda sale: sale.state in ("draft", "sent")
        ).with_context(service_charge_replaced=True)._action_cancel()
        sale = order_sudo._create_charge_sale(
            [order_sudo._prepare_charge_line(charge) for charge in due]
        )
        order._log_event("quoted", name=sale._get_service_text(), is_public=True)
        return sale


class ServiceChargeQuoteLine(models.TransientModel):
    """One position: its answer and its price are computed, never typed."""

    _name = "service.charge.quote.line"
    _description = "Line of a Service Quotation"
    _inherit = ["service.amount.mixin"]

    quote_id = fields.Many2one(
        "service.charge.quote", required=True, ondelete="cascade"
    )
    currency_id = fields.Many2one(related="quote_id.currency_id")
    kind = fields.Selection(CHARGE_KINDS, required=True, default="parts")
    product_id = fields.Many2one("product.product", string="Sold As", required=True)
    quantity = fields.Float(default=1.0, digits="Product Unit")
    is_due = fields.Boolean(string="Customer Pays", compute="_compute_answer")
    price = fields.Monetary(string="Unit Price", compute="_compute_answer")
    discount = fields.Float(
        string="Goodwill %", digits=(5, 2), compute="_compute_answer"
    )
    reason = fields.Char(string="Why", compute="_compute_answer")

    @api.depends("kind", "product_id", "quantity", "quote_id.order_id")
    def _compute_answer(self):
        for line in self:
            line.update(
                {"is_due": False, "price": 0.0, "discount": 0.0, "reason": False}
            )
            for charge in line._get_charge():
                line.is_due = charge.is_due
                line.discount = charge.discount
                line.reason = line.quote_id.order_id._describe_charge_code(charge.code)
                line.price = (
                    0.0
                    if not charge.is_due
                    else line._get_list_price()
                    if charge.price is None
                    else charge.price
                )

    def _get_charge(self) -> list:
        """The answer to this position; empty while it has no product."""
        self.ensure_one()
        order = self.quote_id.order_id
        if not order or not self.product_id:
            return []
        # sudo: service.order: the cover of an order that the user may quote
        order_sudo, product = order.sudo(), self.product_id.sudo()
        cover = order_sudo._get_charge_cover()[order_sudo]
        group = None
        if self.kind == "parts":
            group = f"parts:{product.id}"
            kinds = {**cover.kinds, **order_sudo._get_charged_parts(product)}
            cover = replace(cover, kinds=kinds)
        item = charge_engine.Item(self.kind, product.id, self.quantity, group=group)
        return charge_engine.decide(cover, [item])

    def _get_list_price(self) -> float:
        # sudo: product.pricelist: the customer's price is the desk's to tell
        order_sudo = self.quote_id.order_id.sudo()
        partner = order_sudo.partner_id.with_company(order_sudo.company_id)
        return partner.property_product_pricelist._get_product_price(
            self.product_id.sudo().with_company(order_sudo.company_id),
            self.quantity or 1.0,
            currency=self.currency_id,
        )
