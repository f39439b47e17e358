from odoo import fields, models


class ServiceContract(models.Model):
    _inherit = "service.contract"

    analytic_account_id = fields.Many2one(
        "account.analytic.account",
        index="btree_not_null",
        check_company=True,
        groups="service_settlement.group_settlement_accountant",
        help="What orders of the contract cost and bring is posted to it.",
    )
