from odoo import models


class ProductProduct(models.Model):
    _inherit = "product.product"

    def _get_warranty_templates(self, company) -> dict:
        """Product → the template that promises its warranty to assets of ``company``.

        Its own, else that of the nearest category above it; a number of queries that
        does not depend on how many products there are.
        """
        # sudo: service.warranty.template: a promise is made, whoever registers
        products_sudo = self.sudo()
        paths = {
            category: [int(part) for part in category.parent_path.split("/") if part]
            for category in products_sudo.categ_id
        }
        categories = self.env["product.category"].sudo()
        by_category = {
            category.id: category.service_warranty_template_id
            for category in categories.browse(set().union(*paths.values()))
        }

        def is_offered(template):
            return template.active and template.company_id in (
                company,
                template.company_id.browse(),
            )

        found = {}
        for product in products_sudo:
            chain = [product.service_warranty_template_id]
            path = paths.get(product.categ_id, ())
            chain += [by_category[part] for part in reversed(path)]
            template = next((one for one in chain if one and is_offered(one)), None)
            found[product.id] = template or chain[0].browse()
        return {product: found[product.id] for product in self}
