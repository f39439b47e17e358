from odoo import models


class ServiceOrder(models.Model):
    """Other systems hear of what happens to orders."""

    _inherit = "service.order"

    def _on_events(self, events):
        super()._on_events(events)
        if self._get_moments() is not None:
            # History of years ago is no news
            return
        self.env["service.webhook"]._note_events(events)
