from odoo import models


class ServiceVisit(models.Model):
    _inherit = "service.visit"

    def _use_parts(self):
        """A part may belong to a component that is covered longer, or to none that is
        covered at all: the warranty is decided again before the work is done."""
        result = super()._use_parts()
        # sudo: stock.move: whether there are any
        self.filtered(lambda visit: visit.sudo().move_ids).order_id._renew_warranty()
        return result
