from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain


class ServiceContract(models.Model):
    _inherit = "service.contract"

    order_ids = fields.One2many("service.order", "contract_id")
    order_count = fields.Integer(compute="_compute_order_count")
    unbilled_amount = fields.Monetary(
        string="Overage to Bill",
        compute="_compute_unbilled_amount",
        help="Used beyond the quota and on no quotation yet.",
    )

    def _compute_order_count(self):
        counts = dict(
            self.env["service.order"]._read_group(
                [("contract_id", "in", self.ids)], ["contract_id"], ["__count"]
            )
        )
        for contract in self:
            contract.order_count = counts.get(contract, 0)

    def _compute_unbilled_amount(self):
        # sudo: service.order: the sum is for the desk, whatever orders it may read
        sums = dict(
            self.env["service.order"]
            .sudo()
            ._read_group(
                self._get_unbilled_domain(), ["contract_id"], ["coverage_price:sum"]
            )
        )
        for contract in self:
            contract.unbilled_amount = sums.get(contract.sudo(), 0.0)

    def _get_unbilled_domain(self) -> Domain:
        """Orders of these contracts whose overage nobody has billed."""
        return (
            Domain("contract_id", "in", self.ids)
            & Domain("entitlement_use", "=", "consumed")
            & Domain("coverage_price", ">", 0)
            & Domain("charge_line_id", "=", False)
        )

    def action_bill_overage(self):
        """A quotation of what was used beyond the quota, one line an order.

        Invoicing it is Odoo's; an order that stands on a quotation is not billed again
        unless that line is deleted.
        """
        self.ensure_one()
        self.check_access("write")
        # sudo: service.order, sale.order: a manager bills without selling rights
        orders_sudo = (
            self.env["service.order"]
            .sudo()
            .search(self._get_unbilled_domain(), order="date_done, id")
        )
        if not orders_sudo:
            raise UserError(self.env._("There is nothing to bill beyond the quota."))
        products = [
            order.type_id.charge_product_id or self.sudo().product_id
            for order in orders_sudo
        ]
        for order, product in zip(orders_sudo, products, strict=True):
            if not product:
                raise UserError(
                    self.env._(
                        "Say what orders of the type %s are charged as.",
                        order.type_id.name,
                    )
                )
        company = self.company_id or self.env.company
        # sudo: sale.order, product.pricelist: a manager bills without selling rights
        sales_sudo = self.env["sale.order"].sudo().with_company(company)
        partner_sudo = self.partner_id.sudo()
        sale_sudo = sales_sudo.create(
            {
                "partner_id": self.partner_id.id,
                "user_id": self.user_id.id,
                "origin": self.code,
                "order_line": [
                    Command.create(
                        {
                            "product_id": product.id,
                            "name": order._describe_charge(),
                            "product_uom_qty": 1,
                            "price_unit": sales_sudo._get_partner_price(
                                partner_sudo, order.coverage_price, company
                            ),
                        }
                    )
                    for order, product in zip(orders_sudo, products, strict=True)
                ],
            }
        )
        for order, line in zip(orders_sudo, sale_sudo.order_line, strict=True):
            order.charge_line_id = line
        return self._open_sale_order(sale_sudo)

    def action_view_orders(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "service_management.action_service_order"
        )
        return action | {
            "domain": [("contract_id", "=", self.id)],
            "context": {
                "default_contract_id": self.id,
                "default_partner_id": self.partner_id.id,
            },
        }
