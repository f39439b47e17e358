from odoo import api, fields, models


class ServiceOrder(models.Model):
    _inherit = "service.order"

    collection_ids = fields.One2many("service.collection", "order_id")
    collected_amount = fields.Monetary(
        string="Taken on Site", compute="_compute_collected_amount"
    )

    @api.depends("collection_ids.amount", "collection_ids.state")
    def _compute_collected_amount(self):
        # sudo: service.collection: the sum is the order's, whoever took which part
        sums = dict(
            self.env["service.collection"]
            .sudo()
            ._read_group(
                [("order_id", "in", self.ids), ("state", "!=", "cancelled")],
                ["order_id"],
                ["amount:sum"],
            )
        )
        for order in self:
            order.collected_amount = sums.get(order, 0.0)

    def _get_amount_to_collect(self) -> float:
        """What the customer still has to pay, taxes included, in the company's
        currency: of posted invoices, else of what was quoted; less what was taken."""
        self.ensure_one()
        # sudo: sale.order, account.move: the crew asks for this amount, no more
        sales = self.sudo().charge_sale_ids
        accepted = sales.filtered(lambda sale: sale.state == "sale")
        moves = accepted.invoice_ids.filtered(lambda move: move.state == "posted")
        if moves:
            unbooked = sum(
                self.sudo()
                .collection_ids.filtered(lambda c: c.state in ("taken", "netted"))
                .mapped("amount")
            )
            return max(sum(moves.mapped("amount_residual_signed")) - unbooked, 0.0)
        quoted = accepted or sales.filtered(
            lambda sale: sale.state in ("draft", "sent")
        )
        today = fields.Date.context_today(self)
        total = sum(
            sale.currency_id._convert(
                sale.amount_total, sale.company_id.currency_id, sale.company_id, today
            )
            for sale in quoted
        )
        return max(total - self.collected_amount, 0.0)

    def _reconcile_collections(self):
        """Match booked payments with the posted invoices of the same order."""
        for order in self.sudo():
            moves = order.charge_sale_ids.invoice_ids.filtered(
                lambda move: move.state == "posted"
            )
            payments = order.collection_ids.payment_id.move_id
            lines = (moves | payments).line_ids.filtered(
                lambda line: (
                    line.account_id.account_type == "asset_receivable"
                    and not line.reconciled
                )
            )
            for group in lines.grouped("account_id").values():
                if len(group.move_id) > 1:
                    group.reconcile()

    def _charge(self):
        moves = super()._charge()
        self._reconcile_collections()
        return moves
