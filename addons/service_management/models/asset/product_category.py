from odoo import fields, models


class ProductCategory(models.Model):
    _inherit = "product.category"

    service_asset_properties_definition = fields.PropertiesDefinition(
        string="Asset Properties",
        help="What is noted about assets of this category, such as their power.",
    )
