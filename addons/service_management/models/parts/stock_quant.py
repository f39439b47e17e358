from odoo import api, models


class StockQuant(models.Model):
    _inherit = "stock.quant"

    @api.model
    def _update_available_quantity(
        self,
        product_id,
        location_id,
        quantity=False,
        reserved_quantity=False,
        lot_id=None,
        package_id=None,
        owner_id=None,
        in_date=None,
    ):
        """Whatever is reserved or taken goes through here, and so past the guard."""
        takes = (quantity or 0) < 0 or (reserved_quantity or 0) > 0
        place = (product_id.id, location_id.id)
        held = self.env.context.get("service_guard_held", ())
        if takes and place not in held and not location_id.should_bypass_reservation():
            self.env["service.part.guard"]._touch([place])
        return super()._update_available_quantity(
            product_id,
            location_id,
            quantity=quantity,
            reserved_quantity=reserved_quantity,
            lot_id=lot_id,
            package_id=package_id,
            owner_id=owner_id,
            in_date=in_date,
        )
