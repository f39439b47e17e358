from odoo import fields, models
from odoo.tools import SQL

from ..models.service_claim_step import STEPS
from ..models.service_tariff_line import KINDS

EVENTS = [
    ("amount_claimed", "Claimed Amount Changed"),
    ("amount_checked", "Checked Amount Changed"),
    ("amount_approved", "Approved Amount Changed"),
    *((f"step_{step}", label) for step, label in STEPS),
    ("granted", "Authorisation Granted"),
    ("refused", "Authorisation Refused"),
    ("issued", "Statement Issued"),
    ("disputed", "Line Disputed"),
    ("answered", "Dispute Answered"),
    ("confirmed", "Statement Confirmed"),
    ("returned", "Statement Back to Draft"),
    ("approved", "Statement Approved"),
    ("billed", "Bill Made"),
]


class ServiceSettlementAudit(models.Model):
    """Who did what, when and why, from the claim to the bill: one row a deed.

    Read from the records that keep it and are not changed afterwards: versions of
    amounts, steps of claims, authorisations, steps of statements (one that went back to
    draft was issued more than once), disputes, approvals, bills (cancelled ones, too).
    """

    _name = "service.settlement.audit"
    _description = "Settlement Audit Trail"
    _auto = False
    _order = "date desc, id desc"
    _rec_name = "event"

    date = fields.Datetime(readonly=True)
    user_id = fields.Many2one("res.users", string="By", readonly=True)
    event = fields.Selection(EVENTS, string="What Happened", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    point_id = fields.Many2one("service.point", string="Service Point", readonly=True)
    order_id = fields.Many2one("service.order", string="Service Order", readonly=True)
    claim_id = fields.Many2one("service.claim", readonly=True)
    settlement_id = fields.Many2one(
        "service.settlement", string="Statement", readonly=True
    )
    currency_id = fields.Many2one("res.currency", readonly=True)
    kind = fields.Selection(KINDS, string="Kind of Cost", readonly=True)
    amount_before = fields.Monetary(string="Before", readonly=True, aggregator=None)
    amount_after = fields.Monetary(string="After", readonly=True, aggregator=None)
    text = fields.Char(string="Why", readonly=True)
    version = fields.Integer(
        readonly=True,
        aggregator=None,
        help="The first, second ... issue of the statement.",
    )

    @property
    def _table_query(self) -> SQL:
        parts = (
            *self._get_claim_selects(),
            *self._get_statement_selects(),
        )
        return SQL(" UNION ALL ").join(
            # Each source has numbers of its own
            SQL(
                """
                SELECT part.id * %s + %s AS id, part.date, part.user_id, part.event,
                       part.company_id, part.point_id, part.order_id, part.claim_id,
                       part.settlement_id, part.currency_id, part.kind,
                       part.amount_before, part.amount_after, part.text,
                       part.version
                  FROM (%s) part
                """,
                len(parts),
                number,
                part,
            )
            for number, part in enumerate(parts)
        )

    def _get_claim_selects(self) -> list[SQL]:
        claim = SQL(
            """
            claim.company_id, claim.point_id, claim.order_id, claim.id AS claim_id,
            claim.settlement_id, claim.currency_id
            """
        )
        return [
            SQL(
                """
                SELECT deed.id::bigint, deed.date, deed.user_id,
                       'amount_' || deed.stage AS event, %s, deed.kind,
                       deed.amount_old AS amount_before,
                       deed.amount_new AS amount_after, deed.note AS text,
                       NULL::integer AS version
                  FROM service_claim_amount deed
                  JOIN service_claim claim ON claim.id = deed.claim_id
                """,
                claim,
            ),
            SQL(
                """
                SELECT deed.id::bigint, deed.date, deed.user_id,
                       'step_' || deed.kind AS event, %s, NULL AS kind,
                       NULL::numeric AS amount_before, deed.amount AS amount_after,
                       deed.text, NULL::integer AS version
                  FROM service_claim_step deed
                  JOIN service_claim claim ON claim.id = deed.claim_id
                """,
                claim,
            ),
            SQL(
                """
                SELECT deed.id::bigint, deed.decided_on AS date,
                       deed.decided_by_id AS user_id, deed.state AS event,
                       deed.company_id, deed.point_id, deed.order_id,
                       claim.id AS claim_id, claim.settlement_id,
                       company.currency_id, NULL AS kind,
                       deed.amount AS amount_before,
                       deed.amount_granted AS amount_after,
                       coalesce(deed.answer, deed.note) AS text,
                       NULL::integer AS version
                  FROM service_claim_authorisation deed
                  JOIN res_company company ON company.id = deed.company_id
                  LEFT JOIN service_claim claim ON claim.order_id = deed.order_id
                 WHERE deed.decided_on IS NOT NULL
                """
            ),
        ]

    def _get_statement_selects(self) -> list[SQL]:
        return [
            SQL(
                """
                SELECT deed.id::bigint, deed.date, deed.user_id, deed.kind AS event,
                       settlement.company_id, settlement.point_id,
                       NULL::integer AS order_id, NULL::integer AS claim_id,
                       settlement.id AS settlement_id, settlement.currency_id,
                       NULL AS kind, NULL::numeric AS amount_before,
                       deed.amount_total AS amount_after, NULL AS text, deed.version
                  FROM service_settlement_step deed
                  JOIN service_settlement settlement
                    ON settlement.id = deed.settlement_id
                """
            ),
            self._get_dispute_select("disputed", "filed", "amount_asked", "reason"),
            self._get_dispute_select("answered", "answered", "amount_agreed", "answer"),
            SQL(
                """
                SELECT deed.id::bigint, deed.date, deed.user_id, 'approved' AS event,
                       settlement.company_id, settlement.point_id,
                       NULL::integer AS order_id, NULL::integer AS claim_id,
                       settlement.id AS settlement_id, settlement.currency_id,
                       NULL AS kind, NULL::numeric AS amount_before,
                       deed.amount_total AS amount_after, NULL AS text,
                       NULL::integer AS version
                  FROM service_settlement_approval deed
                  JOIN service_settlement settlement
                    ON settlement.id = deed.settlement_id
                """
            ),
            SQL(
                """
                SELECT move.id::bigint, move.create_date AS date,
                       move.create_uid AS user_id, 'billed' AS event,
                       settlement.company_id, settlement.point_id,
                       NULL::integer AS order_id, NULL::integer AS claim_id,
                       settlement.id AS settlement_id, settlement.currency_id,
                       NULL AS kind, NULL::numeric AS amount_before,
                       CASE WHEN move.move_type = 'in_refund' THEN -1 ELSE 1 END
                       * move.amount_untaxed AS amount_after, move.name AS text,
                       NULL::integer AS version
                  FROM account_move move
                  JOIN service_settlement settlement
                    ON settlement.id = move.service_settlement_id
                 WHERE move.service_settlement_id IS NOT NULL
                """
            ),
        ]

    def _get_dispute_select(self, event, prefix, amount, text) -> SQL:
        return SQL(
            """
            SELECT deed.id::bigint, deed.%(date)s AS date, deed.%(user)s AS user_id,
                   %(event)s AS event, settlement.company_id, settlement.point_id,
                   claim.order_id, claim.id AS claim_id,
                   settlement.id AS settlement_id, settlement.currency_id, line.kind,
                   deed.amount_stated AS amount_before,
                   deed.%(amount)s AS amount_after, deed.%(text)s AS text,
                   NULL::integer AS version
              FROM service_settlement_dispute deed
              JOIN service_settlement settlement ON settlement.id = deed.settlement_id
              LEFT JOIN service_claim_line line ON line.id = deed.claim_line_id
              LEFT JOIN service_claim claim ON claim.id = line.claim_id
             WHERE deed.%(date)s IS NOT NULL
            """,
            date=SQL.identifier(f"{prefix}_on"),
            user=SQL.identifier(f"{prefix}_by_id"),
            event=event,
            amount=SQL.identifier(amount),
            text=SQL.identifier(text),
        )

    def action_view_source(self):
        """The claim that it is about, else the statement."""
        self.ensure_one()
        record = self.claim_id or self.settlement_id
        if not record:
            record = self.order_id
        return {
            "type": "ir.actions.act_window",
            "res_model": record._name,
            "res_id": record.id,
            "view_mode": "form",
        }
