from odoo import models


class ProductProduct(models.Model):
    _name = "product.product"
    _inherit = ["product.product", "service.part.diagram.mixin"]

    def _get_diagram_subject(self):
        return self.product_tmpl_id._get_diagram_subject()
