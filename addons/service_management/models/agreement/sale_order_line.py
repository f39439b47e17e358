from odoo import fields, models


class SaleOrderLine(models.Model):
    """A line that sells a contract: from when, and for which assets."""

    _inherit = "sale.order.line"

    service_contract_template_id = fields.Many2one(
        related="product_template_id.service_contract_template_id",
        store=True,
        precompute=True,
        index="btree_not_null",
    )
    service_date_start = fields.Date(
        string="Starts On",
        copy=False,
        help="The first day of the contract. Empty: the day the order is confirmed.",
    )
    service_asset_ids = fields.Many2many(
        "service.asset",
        context={"active_test": False},
        string="Covered Assets",
        domain="[('commercial_partner_id', 'parent_of', order_partner_id)]",
        help="Empty: every asset of the customer.",
    )
    service_renewed_contract_id = fields.Many2one(
        "service.contract",
        string="Renews",
        copy=False,
        readonly=True,
        index="btree_not_null",
    )
    service_contract_ids = fields.One2many(
        "service.contract", "sale_line_id", copy=False
    )

    def _make_service_contracts(self):
        """The contracts of lines that sell one and have none yet."""
        # sudo: service.contract: made by the sale, whoever confirms it
        lines_sudo = self.sudo().filtered(
            lambda line: (
                line.service_contract_template_id
                and not line.service_contract_ids
                and line.product_uom_qty > 0
            )
        )
        # A sale that was cancelled and is confirmed again takes its contract back
        closed = self.sudo().service_contract_ids.filtered(
            lambda contract: (
                contract.state == "closed"
                and contract.date_end >= fields.Date.context_today(self)
            )
        )
        closed.action_activate()
        return (
            self.env["service.contract"]
            .sudo()
            .create([line._prepare_service_contract_vals() for line in lines_sudo])
        )

    def _prepare_service_contract_vals(self) -> dict:
        self.ensure_one()
        template, order = self.service_contract_template_id, self.order_id
        start = self.service_date_start or fields.Date.context_today(
            self, order.date_order
        )
        factor = self._get_sold_units() if template.is_per_unit else 1.0
        return {
            "name": template.with_context(lang=order.partner_id.lang).name,
            "company_id": order.company_id.id,
            "partner_id": order.partner_id.id,
            "user_id": order.user_id.id,
            "date_start": start,
            "date_end": self.env["service.contract"]._get_end(start, template.months),
            "state": "active",
            "asset_ids": [fields.Command.set(self.service_asset_ids.ids)],
            "sale_line_id": self.id,
            "renewed_contract_id": self.service_renewed_contract_id.id,
            **template._prepare_contract_terms(factor),
        }
