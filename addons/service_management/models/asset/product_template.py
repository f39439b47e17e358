from odoo import fields, models


class ProductTemplate(models.Model):
    _inherit = "product.template"

    service_is_asset = fields.Boolean(
        string="Register as Asset",
        help="Delivering a serial number of it to a customer registers it, with its "
        "number. What is not tracked by serial number is registered when it is sold.",
    )
    service_warranty_labour = fields.Integer(
        string="Labour Warranty (Months)",
        help="Promised to whoever registers the product from now on; assets that "
        "are registered already keep their terms.",
    )
    service_warranty_parts = fields.Integer(string="Parts Warranty (Months)")
    service_warranty_travel = fields.Integer(string="Travel Warranty (Months)")

    _service_warranty_not_negative = models.Constraint(
        "CHECK (COALESCE(service_warranty_labour, 0) >= 0 "
        "AND COALESCE(service_warranty_parts, 0) >= 0 "
        "AND COALESCE(service_warranty_travel, 0) >= 0)",
        "Warranty months cannot be negative.",
    )
