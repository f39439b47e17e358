from odoo import fields, models
from odoo.tools import SQL


class ServiceSettlementReconciliation(models.Model):
    """Claim ↔ statement ↔ bill ↔ payment: one row a statement, its sums side by side.

    - lines: what the claim lines and adjustments on the statement add up to
    - stated: what the statement says
    - billed: untaxed total of its bill, as soon as there is one
    - paid: what is paid of the bill, taxes included; a statement below zero that was
      netted with it counts as well
    - credited: what a credit note that is no statement's took off the bill again

    ``difference`` is what does not agree; it is zero, or the row is to be looked at.
    Sums that are wrong only line by line count as well: each bill line is compared
    with the lines that it pays. Rows are read one statement at a time, so a period
    costs what it holds.
    """

    _name = "service.settlement.reconciliation"
    _description = "Settlement Reconciliation"
    _auto = False
    _order = "date_to desc, id desc"
    _rec_name = "settlement_id"

    settlement_id = fields.Many2one(
        "service.settlement", string="Statement", readonly=True
    )
    company_id = fields.Many2one("res.company", readonly=True)
    point_id = fields.Many2one("service.point", string="Service Point", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    date_from = fields.Date(string="From", readonly=True)
    date_to = fields.Date(string="To", readonly=True)
    state = fields.Selection(
        selection=lambda self: (
            # Each selection is translated by the field that owns its words.
            self.env["service.settlement"]
            ._fields["state"]
            ._description_selection(self.env)
        ),
        string="Status",
        readonly=True,
    )
    move_id = fields.Many2one("account.move", string="Vendor Bill", readonly=True)
    amount_lines = fields.Monetary(string="Lines", readonly=True)
    amount_stated = fields.Monetary(string="Stated", readonly=True)
    amount_billed = fields.Monetary(string="Billed", readonly=True)
    amount_tax = fields.Monetary(string="Taxes", readonly=True)
    amount_paid = fields.Monetary(string="Paid", readonly=True)
    amount_credited = fields.Monetary(
        string="Credited",
        readonly=True,
        help="Taken off the bill by a credit note that comes from no statement: the "
        "books and the statement no longer say the same.",
    )
    amount_due = fields.Monetary(string="To Pay", readonly=True)
    difference = fields.Monetary(readonly=True)
    loose_count = fields.Integer(
        string="Lines Without a Bill Line",
        readonly=True,
        help="Lines of a billed statement that no line of its bill pays.",
    )
    wrong_count = fields.Integer(
        string="Bill Lines That Differ",
        readonly=True,
        help="Lines of the bill that are not the sum of what they pay.",
    )
    is_wrong = fields.Boolean(string="Differs", readonly=True)

    @property
    def _table_query(self) -> SQL:
        return SQL(
            """
            SELECT settlement.id, settlement.id AS settlement_id,
                   settlement.company_id, settlement.point_id, settlement.currency_id,
                   settlement.date_from, settlement.date_to, settlement.state,
                   move.id AS move_id,
                   stated.amount AS amount_lines,
                   settlement.amount_total AS amount_stated,
                   bill.amount AS amount_billed,
                   bill.sign * move.amount_tax AS amount_tax,
                   bill.sign * (move.amount_total - move.amount_residual
                                - credit.amount) AS amount_paid,
                   bill.sign * credit.amount AS amount_credited,
                   bill.sign * move.amount_residual AS amount_due,
                   greatest(
                       abs(stated.amount - coalesce(settlement.amount_total, 0)),
                       abs(coalesce(bill.amount - settlement.amount_total, 0)),
                       coalesce(credit.amount, 0)
                   ) AS difference,
                   coalesce(bill.loose_count, 0) AS loose_count,
                   coalesce(bill.wrong_count, 0) AS wrong_count,
                   stated.amount IS DISTINCT FROM coalesce(settlement.amount_total, 0)
                   OR (move.id IS NOT NULL AND (
                       bill.amount IS DISTINCT FROM settlement.amount_total
                       OR bill.loose_count > 0 OR bill.wrong_count > 0
                       OR credit.amount <> 0
                   )) AS is_wrong
              FROM service_settlement settlement
              LEFT JOIN account_move move ON move.id = settlement.move_id
               AND move.state != 'cancel'
             CROSS JOIN LATERAL (
                SELECT coalesce((
                    SELECT sum(line.amount_approved)
                      FROM service_claim claim
                      JOIN service_claim_line line ON line.claim_id = claim.id
                     WHERE claim.settlement_id = settlement.id), 0)
                 + coalesce((
                    SELECT sum(adjustment.amount)
                      FROM service_settlement_adjustment adjustment
                     WHERE adjustment.settlement_id = settlement.id), 0) AS amount
             ) stated
              LEFT JOIN LATERAL (
                SELECT CASE WHEN move.move_type = 'in_refund' THEN -1 ELSE 1 END
                           AS sign,
                       CASE WHEN move.move_type = 'in_refund' THEN -1 ELSE 1 END
                           * coalesce(sum(part.billed), 0) AS amount,
                       coalesce(sum(part.loose), 0) AS loose_count,
                       count(*) FILTER (
                           WHERE part.line_id IS NOT NULL
                             AND CASE WHEN move.move_type = 'in_refund' THEN -1 ELSE 1
                                 END * part.billed IS DISTINCT FROM part.paid
                       ) AS wrong_count
                  FROM (
                    SELECT bill_line.id AS line_id,
                           bill_line.price_subtotal AS billed,
                           sum(entry.amount) AS paid,
                           count(*) FILTER (WHERE bill_line.id IS NULL) AS loose
                      FROM (
                        SELECT id, price_subtotal FROM account_move_line
                         WHERE move_id = move.id AND display_type = 'product'
                      ) bill_line
                      FULL JOIN (
                        SELECT line.invoice_line_id, line.amount_approved AS amount
                          FROM service_claim claim
                          JOIN service_claim_line line ON line.claim_id = claim.id
                         WHERE claim.settlement_id = settlement.id
                        UNION ALL
                        SELECT invoice_line_id, amount
                          FROM service_settlement_adjustment
                         WHERE settlement_id = settlement.id
                      ) entry ON entry.invoice_line_id = bill_line.id
                     GROUP BY bill_line.id, bill_line.price_subtotal
                  ) part
                 WHERE move.id IS NOT NULL
             ) bill ON move.id IS NOT NULL
              LEFT JOIN LATERAL (
                SELECT coalesce(sum(CASE own.id
                           WHEN partial.credit_move_id
                           THEN partial.credit_amount_currency
                           ELSE partial.debit_amount_currency END), 0) AS amount
                  FROM account_move_line own
                  JOIN account_partial_reconcile partial
                    ON partial.credit_move_id = own.id
                    OR partial.debit_move_id = own.id
                  JOIN account_move_line other
                    ON other.id = CASE own.id WHEN partial.credit_move_id
                                  THEN partial.debit_move_id
                                  ELSE partial.credit_move_id END
                  JOIN account_move note ON note.id = other.move_id
                 WHERE own.move_id = move.id AND own.display_type = 'payment_term'
                   AND note.move_type IN ('in_invoice', 'in_refund')
                   AND note.service_settlement_id IS NULL
             ) credit ON move.id IS NOT NULL
            """
        )

    def action_view_settlement(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "service.settlement",
            "res_id": self.settlement_id.id,
            "view_mode": "form",
        }
