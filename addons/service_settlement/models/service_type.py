from odoo import fields, models


class ServiceType(models.Model):
    _inherit = "service.type"

    charge_travel_product_id = fields.Many2one(
        "product.product",
        string="Travel Charged As",
        index="btree_not_null",
        help="The service sold for the way to the customer, once an order. Empty: the "
        "way is in the price of the work.",
    )
