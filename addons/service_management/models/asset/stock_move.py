from odoo import fields, models


class StockMove(models.Model):
    """What is delivered to a customer is registered; what comes back is marked so."""

    _inherit = "stock.move"

    def _action_done(self, cancel_backorder=False):
        moves = super()._action_done(cancel_backorder=cancel_backorder)
        # sudo: service.asset, stock.move.line: follows from the delivery, whoever
        # does it
        moves.sudo()._register_assets()
        return moves

    def _register_assets(self):
        lines = self.move_line_ids.filtered(
            lambda line: (
                line.state == "done"
                and line.lot_id
                and line.product_id.tracking == "serial"
                and line.product_id.service_is_asset
            )
        )
        out = lines.filtered(
            lambda line: (
                line.location_dest_id.usage == "customer"
                and line.location_id.usage != "customer"
                and line.move_id._get_asset_customer()
            )
        )
        back = lines.filtered(
            lambda line: (
                line.location_id.usage == "customer"
                and line.location_dest_id.usage != "customer"
            )
        )
        if out:
            out._register_delivered()
        if back:
            back._mark_returned()

    def _get_asset_customer(self):
        """Whose the delivered product is: who bought it, else whose address it is."""
        self.ensure_one()
        partner = self.partner_id or self.picking_id.partner_id
        return self._get_asset_sale_line().order_id.partner_id or (
            partner.commercial_partner_id
        )

    def _get_asset_sale_line(self):
        # Known only where the addon between sales and stock is installed
        if "sale_line_id" in self._fields:
            return self.sale_line_id
        return self.env["sale.order.line"]


class StockMoveLine(models.Model):
    _inherit = "stock.move.line"

    def _register_delivered(self):
        """Assets of these delivered serial numbers, an asset a line.

        A number that is registered to somebody else comes to who has got it now.
        """
        today = fields.Date.context_today(self)
        rows = [line._prepare_asset_vals(today) for line in self]
        assets = self.env["service.asset"]._register_many(rows)
        for asset, vals in zip(assets, rows, strict=True):
            new = self.env["res.partner"].browse(vals["partner_id"])
            if asset.commercial_partner_id != new.commercial_partner_id:
                asset.action_transfer(new, today)
            known = {"lot_id": vals["lot_id"]}
            if not asset.delivery_date:
                known["delivery_date"] = today
            missing = {name: value for name, value in known.items() if not asset[name]}
            if missing:
                asset.write(missing)
        return assets

    def _prepare_asset_vals(self, day) -> dict:
        self.ensure_one()
        move = self.move_id
        address = move.partner_id or move.picking_id.partner_id
        sale_line = move._get_asset_sale_line()
        return {
            "company_id": move.company_id.id,
            "product_id": self.product_id.id,
            "lot_id": self.lot_id.id,
            "partner_id": move._get_asset_customer().id,
            "site_id": address.id or None,
            "delivery_date": day,
            "purchase_date": sale_line.order_id.date_order
            and fields.Date.context_today(self, sale_line.order_id.date_order),
            "sale_line_id": sale_line.id or None,
            "source": "delivery",
        }

    def _mark_returned(self):
        assets = self.env["service.asset"].search(
            [("lot_id", "in", self.lot_id.ids), ("state", "=", "active")]
        )
        assets.write({"state": "returned"})
