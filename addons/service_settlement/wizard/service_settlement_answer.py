from odoo import api, fields, models


class ServiceSettlementAnswer(models.TransientModel):
    """The answer to a dispute: agreed, with an amount, or refused, with a reason."""

    _name = "service.settlement.answer"
    _description = "Answer a Dispute"
    _inherit = ["service.amount.mixin"]

    dispute_id = fields.Many2one("service.settlement.dispute", required=True)
    currency_id = fields.Many2one(related="dispute_id.currency_id")
    reason = fields.Text(related="dispute_id.reason")
    amount_stated = fields.Monetary(related="dispute_id.amount_stated")
    amount_asked = fields.Monetary(related="dispute_id.amount_asked")
    amount_agreed = fields.Monetary(
        compute="_compute_amount_agreed",
        store=True,
        readonly=False,
        help="What this line should have been. The difference comes with the next "
        "statement.",
    )
    answer = fields.Text()

    @api.depends("dispute_id")
    def _compute_amount_agreed(self):
        for wizard in self:
            wizard.amount_agreed = wizard.dispute_id.amount_asked

    def action_accept(self):
        self.ensure_one()
        self.dispute_id._accept(self.amount_agreed, self.answer)
        return {"type": "ir.actions.act_window_close"}

    def action_refuse(self):
        self.ensure_one()
        self.dispute_id._refuse(self.answer)
        return {"type": "ir.actions.act_window_close"}
