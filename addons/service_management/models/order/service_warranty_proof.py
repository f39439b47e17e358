from odoo import models


class ServiceWarrantyProof(models.Model):
    _inherit = "service.warranty.proof"

    def _on_handed_in(self):
        """Also for whoever is to answer the customer's open orders about it."""
        result = super()._on_handed_in()
        for order in self.asset_id._get_open_orders():
            desk = order._with_desk_lang().env
            summary = desk._("Warranty document to be checked")
            # What waits for an answer already asks for one
            if summary not in order.activity_ids.mapped("summary"):
                order._schedule_for_desk(summary, self.document_id.with_env(desk).name)
        return result
