from odoo import fields, models


class ServiceEntitlementEntry(models.Model):
    _inherit = "service.entitlement.entry"

    order_id = fields.Many2one(
        "service.order", index="btree_not_null", ondelete="restrict"
    )
