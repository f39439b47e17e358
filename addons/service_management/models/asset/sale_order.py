from odoo import api, fields, models


class SaleOrder(models.Model):
    """Sold products that stock does not follow by serial number become assets."""

    _inherit = "sale.order"

    def _action_confirm(self):
        result = super()._action_confirm()
        # sudo: service.asset: follows from the sale, whoever confirms it
        self.order_line.sudo()._register_sold()
        return result

    def _action_cancel(self):
        result = super()._action_cancel()
        # sudo: service.asset: follows from the sale
        assets = self.order_line.sudo().service_asset_sold_ids
        assets.filtered(lambda asset: asset.source == "sale").write(
            {"state": "returned"}
        )
        return result

    @api.model
    def _get_partner_price(self, partner, amount, company) -> float:
        """An amount of the company as it stands on a quotation to the partner: in the
        currency of the price list that the partner has."""
        pricelist = partner.with_company(company).property_product_pricelist
        return company.currency_id._convert(
            amount,
            pricelist.currency_id or company.currency_id,
            company,
            fields.Date.context_today(self),
        )


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    service_asset_sold_ids = fields.One2many(
        "service.asset", "sale_line_id", string="Registered Assets"
    )

    def _register_sold(self):
        """An asset for each sold unit; confirming again makes none a second time."""
        rows = []
        for line in self.filtered(
            lambda line: (
                line.product_id.service_is_asset
                and line.product_id.type == "consu"
                and line.product_id.tracking == "none"
            )
        ):
            known = line.service_asset_sold_ids
            known.filtered(lambda asset: asset.state == "returned").write(
                {"state": "active"}
            )
            missing = int(line._get_sold_units()) - len(known)
            rows += [line._prepare_asset_vals() for _unit in range(missing)]
        if rows:
            self.env["service.asset"]._register_many(rows)
        self.invalidate_recordset(["service_asset_sold_ids"])

    def _get_sold_units(self) -> float:
        """How much was sold in the unit of the product: a dozen is twelve pieces."""
        self.ensure_one()
        return self.product_uom_id._compute_quantity(
            self.product_uom_qty, self.product_id.uom_id, rounding_method="HALF-UP"
        )

    def _prepare_asset_vals(self) -> dict:
        self.ensure_one()
        order = self.order_id
        return {
            "company_id": order.company_id.id,
            "product_id": self.product_id.id,
            "partner_id": order.partner_id.id,
            "site_id": order.partner_shipping_id.id or None,
            "purchase_date": fields.Date.context_today(self, order.date_order),
            "sale_line_id": self.id,
            "source": "sale",
        }
