from odoo import fields, models


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    service_order_id = fields.Many2one(
        "service.order",
        index="btree_not_null",
        readonly=True,
        ondelete="restrict",
        help="The service order whose customer pays, or gets back, this amount.",
    )
