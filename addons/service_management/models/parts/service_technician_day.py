from odoo import models
from odoo.tools import formatLang


class ServiceTechnician(models.Model):
    _inherit = "service.technician"

    def _get_day_parts(self, visit) -> list[str]:
        # sudo: service.part.need: what to take along belongs to the visit
        needs = self.env["service.part.need"].sudo()
        return super()._get_day_parts(visit) + [
            f"{formatLang(self.env, need.quantity, digits=0)} × "
            f"{need.product_id.display_name}"
            for need in needs.search([("order_id", "=", visit.order_id.id)])
        ]
