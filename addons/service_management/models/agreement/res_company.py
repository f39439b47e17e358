from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    service_sla_policy_id = fields.Many2one(
        "service.sla.policy",
        string="Default Service-Level Policy",
        check_company=True,
        help="What is promised where neither the contract nor the service type says "
        "something else.",
    )
