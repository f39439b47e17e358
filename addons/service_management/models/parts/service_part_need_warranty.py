from odoo import api, models


class ServicePartNeed(models.Model):
    """Which part is expected may say which component is concerned."""

    _inherit = "service.part.need"

    @api.model_create_multi
    def create(self, vals_list):
        needs = super().create(vals_list)
        needs.order_id._renew_warranty()
        return needs

    def write(self, vals):
        result = super().write(vals)
        if "product_id" in vals:
            self.order_id._renew_warranty()
        return result

    def unlink(self):
        orders = self.order_id
        result = super().unlink()
        orders.exists()._renew_warranty()
        return result
