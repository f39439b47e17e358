from odoo import models

from .service_part_diagram import Subject


class ProductTemplate(models.Model):
    _name = "product.template"
    _inherit = ["product.template", "service.part.diagram.mixin"]

    def _get_diagram_subject(self):
        company = self.env["res.company"]
        return Subject(self._origin, self.categ_id, company)
