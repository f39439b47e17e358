from odoo import models

from .service_part_diagram import Subject


class ServiceAsset(models.Model):
    _name = "service.asset"
    _inherit = ["service.asset", "service.part.diagram.mixin"]

    def _get_diagram_subject(self):
        return Subject(
            self.product_id.product_tmpl_id, self.category_id, self.company_id
        )
