from odoo import fields, models
from odoo.exceptions import UserError


class SaleOrder(models.Model):
    _inherit = "sale.order"

    service_extension_line_ids = fields.One2many(
        "sale.order.line",
        "order_id",
        string="Warranty Extensions",
        domain=[("service_warranty_extension_id", "!=", False)],
        help="The lines that extend warranties when the order is confirmed.",
    )

    def _action_confirm(self):
        result = super()._action_confirm()
        self.order_line._extend_warranties()
        return result

    def _action_cancel(self):
        """What was not sold after all covers nothing."""
        result = super()._action_cancel()
        # sudo: service.warranty.extension: follows from the sale
        self.order_line.sudo().service_extension_ids.action_cancel()
        return result


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    service_warranty_extension_id = fields.Many2one(
        related="product_template_id.service_warranty_extension_id",
        store=True,
        precompute=True,
        index="btree_not_null",
    )
    service_extension_ids = fields.One2many(
        "service.warranty.extension", "sale_line_id", copy=False
    )

    def _extend_warranties(self):
        """Extend the warranty of the assets that each line names."""
        lines = self.filtered(
            lambda line: line.service_warranty_extension_id and line.product_uom_qty > 0
        )
        nameless = lines.filtered(lambda line: not line.service_asset_ids)
        if nameless:
            raise UserError(
                self.env._(
                    "%(product)s extends the warranty of an asset: choose for which.",
                    product=nameless[0].product_id.display_name,
                )
            )
        vals_list = []
        for line in lines:
            # sudo: service.warranty.extension: sold by the order, whoever confirms it
            sold = line.sudo().service_extension_ids.filtered(
                lambda extension: extension.state == "sold"
            )
            vals_list += [
                {
                    "asset_id": asset.id,
                    "product_id": line.product_id.id,
                    "date": line.service_date_start
                    or fields.Date.context_today(line, line.order_id.date_order),
                    "sale_line_id": line.id,
                }
                for asset in line.service_asset_ids - sold.asset_id
            ]
        return self.env["service.warranty.extension"].sudo().create(vals_list)
