import math

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.service_management.models.base.turns import take_turn

# How often the largest line is adjusted before the amount below is taken
MEETING_STEPS = 4


class ServiceChargeRefund(models.TransientModel):
    """Give a customer back a part, or all, of what an order cost him.

    The credit note has the lines of the invoice in proportion, so that each tax and
    each account gets back its share. An unpaid invoice is reduced by it, a paid one
    leaves a credit that is paid out the usual way.
    """

    _name = "service.charge.refund"
    _description = "Refund of a Service Order"
    _inherit = ["service.amount.mixin"]

    order_id = fields.Many2one("service.order", required=True, readonly=True)
    invoice_ids = fields.Many2many(
        "account.move", string="Invoices of the Order", compute="_compute_invoice_ids"
    )
    invoice_id = fields.Many2one(
        "account.move",
        domain="[('id', 'in', invoice_ids)]",
        compute="_compute_invoice_id",
        precompute=True,
        store=True,
        readonly=False,
    )
    currency_id = fields.Many2one(related="invoice_id.currency_id")
    amount_max = fields.Monetary(
        string="May Be Refunded",
        compute="_compute_amount_max",
        help="The invoice less the credit notes made for it.",
    )
    amount = fields.Monetary(
        compute="_compute_amount",
        precompute=True,
        store=True,
        readonly=False,
        required=True,
        help="Taxes included.",
    )
    reason = fields.Char(required=True)

    @api.depends("order_id")
    def _compute_invoice_ids(self):
        for wizard in self:
            # sudo: sale.order: only to find the invoices
            moves = wizard.order_id.sudo().charge_sale_ids.invoice_ids
            wizard.invoice_ids = moves.filtered(
                lambda move: move.state == "posted" and move.move_type == "out_invoice"
            ).sudo(False)

    @api.depends("invoice_ids")
    def _compute_invoice_id(self):
        for wizard in self:
            wizard.invoice_id = wizard.invoice_ids._origin[:1]

    @api.depends("invoice_id")
    def _compute_amount_max(self):
        for wizard in self:
            wizard.amount_max = wizard._get_refundable()

    def _get_refundable(self) -> float:
        move = self.invoice_id
        refunds = move.reversal_move_ids.filtered(lambda m: m.state != "cancel")
        return move.amount_total - sum(refunds.mapped("amount_total"))

    @api.depends("amount_max")
    def _compute_amount(self):
        for wizard in self:
            wizard.amount = wizard.amount_max

    def action_refund(self):
        self.ensure_one()
        self.env["service.claim"].check_access("write")
        move, currency = self.invoice_id, self.currency_id
        if move not in self.invoice_ids:
            raise UserError(self.env._("Choose a posted invoice of the order."))
        # A write: of two at once the second runs again and sees what the first gave
        take_turn(move)
        allowed = self._get_refundable()
        if (
            currency.compare_amounts(self.amount, 0) <= 0
            or currency.compare_amounts(self.amount, allowed) > 0
        ):
            raise UserError(
                self.env._(
                    "The amount must be above zero and at most %(allowed)s.",
                    allowed=currency.format(allowed),
                )
            )
        refund = move._reverse_moves(
            [{"invoice_date": fields.Date.context_today(self), "ref": self.reason}]
        )
        share = self.amount / move.amount_total
        lines = refund.invoice_line_ids.filtered(
            lambda line: line.display_type == "product"
        )
        for line in lines:
            # The work stays done and invoiced: linked to its sale, the quantity would
            # wait to be invoiced once more
            line.write(
                {
                    "sale_line_ids": False,
                    "price_unit": currency.round(
                        line.price_unit * line.quantity * share
                    ),
                    "quantity": 1.0,
                }
            )
        self._meet_amount(refund, lines)
        if move.company_id.service_charge_auto_post:
            refund._post(soft=False)
            (move | refund).line_ids.filtered(
                lambda line: (
                    line.account_id.account_type == "asset_receivable"
                    and not line.reconciled
                )
            ).reconcile()
        self.order_id._log_event(
            "refunded",
            name=self.env._(
                "%(amount)s: %(reason)s",
                amount=currency.format(refund.amount_total),
                reason=self.reason,
            ),
            is_public=True,
        )
        return {
            "type": "ir.actions.act_window",
            "res_model": "account.move",
            "res_id": refund.id,
            "view_mode": "form",
        }

    def _meet_amount(self, refund, lines):
        """Rounding a share of each line may miss the whole by some cents: the largest
        line takes them. With taxes some amounts cannot be met; then it is the next one
        below."""
        if not lines:
            return
        cent = self.currency_id.rounding
        line = max(lines, key=lambda line: abs(line.price_total))
        for __ in range(MEETING_STEPS):
            missing = self.currency_id.round(self.amount - refund.amount_total)
            if self.currency_id.is_zero(missing):
                return
            factor = line.price_total / line.price_unit if line.price_unit else 1.0
            step = self.currency_id.round(missing / (factor or 1.0))
            line.price_unit += step or math.copysign(cent, missing)
        while (
            self.currency_id.compare_amounts(refund.amount_total, self.amount) > 0
            and line.price_unit > 0
        ):
            line.price_unit -= cent
