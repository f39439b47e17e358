from odoo import fields, models

ENTITLEMENT_KINDS = [
    ("hotline", "Hotline Call"),
    ("remote", "Remote Support"),
    ("on_site", "On-site Visit"),
    ("same_day", "Same-day Emergency Visit"),
    ("weekend", "Saturday or Holiday Visit"),
    ("inspection", "Inspection or Preventive Visit"),
    ("consulting", "Consulting Hours"),
    ("training", "Training"),
]
# Counted in hours; everything else is counted in pieces.
HOURLY_KINDS = ("consulting",)


class ServiceType(models.Model):
    """What an order of this type takes from a contract, and costs without one."""

    _inherit = "service.type"

    entitlement_kind = fields.Selection(
        ENTITLEMENT_KINDS,
        string="Counts As",
        help="The entitlement of a contract that an order of this type uses. Empty: "
        "it counts against none.",
    )
    charge_product_id = fields.Many2one(
        "product.product",
        string="Charged As",
        index="btree_not_null",
        help="The service that is sold to a customer whom no contract covers; its "
        "price is told before anybody promises.",
    )
