from odoo import fields, models


class ServiceType(models.Model):
    _inherit = "service.type"

    sla_policy_id = fields.Many2one(
        "service.sla.policy",
        string="Service-Level Policy",
        index="btree_not_null",
        help="What is promised for orders of this type that no contract covers.",
    )
