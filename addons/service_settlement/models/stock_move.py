from odoo import api, models


class StockMove(models.Model):
    _inherit = "stock.move"

    @api.depends("service_order_id")
    def _compute_reference(self):
        """Moves of a visit have no transfer that would name them."""
        result = super()._compute_reference()
        for move in self:
            if not move.reference and move.service_order_id:
                move.reference = move.service_order_id.name
        return result

    def _get_analytic_distribution(self):
        """Parts used on an order are a cost of its contract and its service point."""
        order = self.service_order_id
        return (order and order._get_analytic_distribution()) or (
            super()._get_analytic_distribution()
        )
