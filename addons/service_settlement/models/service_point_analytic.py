from odoo import fields, models


class ServicePoint(models.Model):
    _inherit = "service.point"

    analytic_account_id = fields.Many2one(
        "account.analytic.account",
        index="btree_not_null",
        check_company=True,
        groups="service_settlement.group_settlement_accountant",
        help="What orders of the service point cost and bring is posted to it.",
    )
