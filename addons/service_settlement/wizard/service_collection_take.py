from odoo import api, fields, models

from ..models.service_collection import METHODS


class ServiceCollectionTake(models.TransientModel):
    """Note what the customer gave to the crew."""

    _name = "service.collection.take"
    _description = "Note a Payment Taken on Site"
    _inherit = ["service.amount.mixin"]

    visit_id = fields.Many2one("service.visit", required=True, readonly=True)
    currency_id = fields.Many2one(related="visit_id.company_id.currency_id")
    amount_due = fields.Monetary(string="Still to Pay", compute="_compute_amount_due")
    amount = fields.Monetary(
        compute="_compute_amount", store=True, readonly=False, required=True
    )
    method = fields.Selection(
        METHODS, string="Payment Method", required=True, default="cash"
    )
    note = fields.Char()

    @api.depends("visit_id")
    def _compute_amount_due(self):
        for wizard in self:
            wizard.amount_due = wizard.visit_id.order_id._get_amount_to_collect()

    @api.depends("amount_due")
    def _compute_amount(self):
        for wizard in self:
            wizard.amount = wizard.amount_due

    def action_take(self):
        self.ensure_one()
        self.visit_id.action_collect(self.amount, self.method, self.note)
        return {"type": "ir.actions.act_window_close"}


class ServiceCollectionCancel(models.TransientModel):
    _name = "service.collection.cancel"
    _description = "Cancel Receipts"

    collection_ids = fields.Many2many("service.collection", string="Receipts")
    reason = fields.Char(required=True)

    def action_cancel(self):
        self.collection_ids.action_cancel(self.reason)
        return {"type": "ir.actions.act_window_close"}
