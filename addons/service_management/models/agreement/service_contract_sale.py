from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain


class ServiceContract(models.Model):
    """How a contract is sold, billed and renewed: by Odoo's own sales and invoices."""

    _inherit = "service.contract"

    sale_line_id = fields.Many2one(
        "sale.order.line",
        string="Sold By",
        copy=False,
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    sale_order_id = fields.Many2one(related="sale_line_id.order_id")
    product_id = fields.Many2one(related="sale_line_id.product_id")
    amount = fields.Monetary(
        string="Price",
        compute="_compute_sale",
        compute_sudo=True,
        currency_field="sale_currency_id",
        help="Of the whole contract, without taxes.",
    )
    sale_currency_id = fields.Many2one(
        "res.currency", compute="_compute_sale", compute_sudo=True
    )
    invoice_status = fields.Selection(related="sale_line_id.invoice_status")
    invoice_count = fields.Integer(compute="_compute_invoice_count", compute_sudo=True)
    # Its renewal
    renewed_contract_id = fields.Many2one(
        "service.contract",
        string="Renewal Of",
        copy=False,
        readonly=True,
        index="btree_not_null",
    )
    renewal_ids = fields.One2many("service.contract", "renewed_contract_id")
    renewal_order_id = fields.Many2one(
        "sale.order",
        string="Renewal Quotation",
        copy=False,
        readonly=True,
        index="btree_not_null",
    )
    renewal_state = fields.Selection(
        related="renewal_order_id.state", string="Renewal Status"
    )

    _sale_line_uniq = models.UniqueIndex(
        "(sale_line_id) WHERE sale_line_id IS NOT NULL",
        "This sale has made its contract already.",
    )

    @api.depends("sale_line_id.price_subtotal")
    def _compute_sale(self):
        for contract in self:
            line = contract.sale_line_id
            contract.amount = line.price_subtotal
            contract.sale_currency_id = line.currency_id or contract.currency_id

    def _compute_invoice_count(self):
        for contract in self:
            contract.invoice_count = len(contract.sale_line_id.invoice_lines.move_id)

    # Renewal

    @api.model
    def _quote_renewals(self):
        result = super()._quote_renewals()
        contracts = self._find_ending(
            Domain("state", "=", "active")
            & Domain("renewal", "=", "quotation")
            & Domain("renewal_order_id", "=", False)
            & Domain("sale_line_id", "!=", False),
            "renewal_days",
        )
        self._run_each(contracts, lambda contract: contract._quote_renewal())
        return result

    def _quote_renewal(self, product=None, quantity=None, start=None, uplift=None):
        """A quotation that continues the contract when it is confirmed.

        :param product: what is sold instead of the same product again
        :param uplift: per cent on the price, instead of the contract's own
        """
        self.ensure_one()
        self._check_renewable()
        # sudo: sale.order: quoted for whoever is responsible, also by the nightly run
        contract_sudo = self.sudo()
        product = product or contract_sudo.product_id
        if not product:
            raise UserError(
                self.env._(
                    "Product is missing: %s was not sold, so say what its renewal is "
                    "sold as.",
                    self.display_name,
                )
            )
        old_line = contract_sudo.sale_line_id
        order_sudo = (
            self.env["sale.order"]
            .sudo()
            .with_company(self.company_id or self.env.company)
            .create(
                {
                    "partner_id": self.partner_id.id,
                    "user_id": self.user_id.id or False,
                    "origin": self.code,
                    "order_line": [
                        Command.create(
                            {
                                "product_id": product.id,
                                "product_uom_qty": quantity
                                or old_line.product_uom_qty
                                or 1.0,
                                "service_date_start": start
                                or self.date_end + timedelta(days=1),
                                "service_asset_ids": [Command.set(self.asset_ids.ids)],
                                "service_renewed_contract_id": self.id,
                            }
                        )
                    ],
                }
            )
        )
        rate = self.renewal_uplift if uplift is None else uplift
        if rate:
            line = order_sudo.order_line
            line.price_unit = line.currency_id.round(line.price_unit * (1 + rate / 100))
        # Two who renew at the same moment meet in this row: one of them runs again
        contract_sudo.renewal_order_id = order_sudo
        self._schedule_once(
            self.env._("Send the renewal quotation %s", order_sudo.name),
            self.env._("It continues the contract that ends on %s.", self.date_end),
            date_deadline=self.date_end,
        )
        return order_sudo.sudo(self.env.su)

    def _check_renewable(self):
        order = self.sudo().renewal_order_id
        if order and order.state != "cancel":
            raise UserError(
                self.env._(
                    "%(contract)s is being renewed already, by %(order)s.",
                    contract=self.display_name,
                    order=order.name,
                )
            )

    # Where to look further

    def action_view_sale_order(self):
        return self._open_sale_order(self.sale_order_id)

    def action_view_renewal(self):
        return self._open_sale_order(self.renewal_order_id)

    def _open_sale_order(self, order):
        return {
            "type": "ir.actions.act_window",
            "res_model": "sale.order",
            "res_id": order.id,
            "view_mode": "form",
        }

    def action_view_invoices(self):
        self.ensure_one()
        return self.sale_order_id.action_view_invoice(
            self.sale_line_id.invoice_lines.move_id
        )

    def action_open_renewal(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "service.contract.renew",
            "name": self.env._("Renew the Contract"),
            "view_mode": "form",
            "target": "new",
            "context": {"default_contract_id": self.id},
        }
