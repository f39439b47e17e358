from odoo import models

# What a customer keeps for good
KEPT = ("use", "exchange")


class StockMove(models.Model):
    """A part that is registered itself, such as a compressor, becomes a component of
    the asset that it was built into, and the one that was taken out is in use no more.
    """

    _inherit = "stock.move"

    def _get_asset_customer(self):
        self.ensure_one()
        if self.service_kind in KEPT and self.service_order_id:
            return self.service_order_id.partner_id
        return super()._get_asset_customer()

    def _register_assets(self):
        result = super()._register_assets()
        self._retire_components()
        return result

    def _retire_components(self):
        """Components whose serial numbers were taken out."""
        taken = {
            (move.service_asset_id.id, move.service_old_serial)
            for move in self
            if move.state == "done"
            and move.service_kind == "use"
            and move.service_asset_id
            and move.service_old_serial
        }
        if not taken:
            return
        components = self.env["service.asset"].search(
            [
                ("parent_id", "in", [asset_id for asset_id, __ in taken]),
                ("serial", "in", [serial for __, serial in taken]),
                ("state", "=", "active"),
            ]
        )
        components.filtered(
            lambda component: (component.parent_id.id, component.serial) in taken
        ).write({"state": "returned"})


class StockMoveLine(models.Model):
    _inherit = "stock.move.line"

    def _register_delivered(self):
        assets = super()._register_delivered()
        for line, asset in zip(self, assets, strict=True):
            # Registered before it was built in: it has come to where it is now
            parent = line._get_component_of()
            if parent and asset.parent_id != parent and asset != parent:
                asset.write({"parent_id": parent.id, "site_id": parent.site_id.id})
        return assets

    def _get_component_of(self):
        """The asset that the part was built into."""
        self.ensure_one()
        move = self.move_id
        parent = move.service_asset_id
        if move.service_kind == "use" and parent.partner_id == (
            move.service_order_id.partner_id
        ):
            return parent
        return parent.browse()

    def _prepare_asset_vals(self, day) -> dict:
        vals = super()._prepare_asset_vals(day)
        move, order = self.move_id, self.move_id.service_order_id
        if move.service_kind not in KEPT or not order:
            return vals
        vals["site_id"] = order.site_id.id or None
        parent = self._get_component_of()
        if parent:
            vals |= {
                "parent_id": parent.id,
                "place": parent.place or None,
                "install_date": day,
                "installed_by_point_id": move.service_visit_id.point_id.id or None,
                "installed_by_technician_id": (
                    move.service_visit_id.technician_id.id or None
                ),
            }
        return vals
