from odoo import models


class ServiceOrder(models.Model):
    """How a customer rates an order."""

    _inherit = "service.order"

    def _get_portal_page(self) -> dict:
        given = self._get_given_ratings()[:1]
        return {
            **super()._get_portal_page(),
            "rating": round(given.rating) if given else 0,
            "rating_feedback": given.feedback or "",
            "can_rate": self._is_ratable() and not given,
        }

    def _get_rating_url(self) -> str:
        """The page that takes the rating without signing in."""
        self.ensure_one()
        return f"{self.get_base_url()}/service/rating/{self._sign_rating()}"
