from odoo import models


class ServiceOrder(models.Model):
    _inherit = "service.order"

    def _on_slot_booked(self, booking):
        """Who chose a window is to be expected: the campaign counts the asset so."""
        result = super()._on_slot_booked(booking)
        of_campaigns = self.filtered("campaign_id")
        if of_campaigns:
            # sudo: service.campaign.asset: follows from the promise
            self.env["service.campaign.asset"].sudo().search(
                [
                    ("order_id", "in", of_campaigns.ids),
                    ("state", "in", ("to_contact", "ordered", "unreachable")),
                ]
            ).write({"state": "scheduled", "is_contacted": True})
        return result
