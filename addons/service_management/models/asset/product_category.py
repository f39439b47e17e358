from odoo import fields, models


class ProductCategory(models.Model):
    _inherit = "product.category"

    service_asset_properties_definition = fields.PropertiesDefinition(
        string="Asset Properties",
        help="What is noted about assets of this category, such as their power.",
    )
    service_warranty_template_id = fields.Many2one(
        "service.warranty.template",
        string="Warranty",
        index="btree_not_null",
        ondelete="restrict",
        help="Promised with the products of this category and of those below it that "
        "have no warranty of their own.",
    )
