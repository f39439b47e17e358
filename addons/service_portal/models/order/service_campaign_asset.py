from odoo import models


class ServiceCampaignAsset(models.Model):
    _inherit = "service.campaign.asset"

    def _get_portal_page(self) -> dict:
        """What the page behind the letter shows; the link is the right to see it."""
        self.ensure_one()
        order, campaign = self.order_id, self.campaign_id
        return {
            "name": campaign.name,
            "text": campaign.customer_note or "",
            "asset": self.asset_id.product_id.name,
            "serial": self.asset_id.serial or "",
            "number": order.name or "",
            "promised": bool(order.slot_start) and order._get_portal_window(),
            "windows": order._get_portal_windows() if order else [],
            "can_ask": bool(order) and order._can_reschedule(),
        }

    def _refuse_by_customer(self, note):
        """The customer says in the browser that he does not want it."""
        self._check_open()
        self.note = note or self.note
        self._give_up("refused")
