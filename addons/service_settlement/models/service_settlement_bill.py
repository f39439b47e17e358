from collections import defaultdict

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import SQL

from .service_settlement_adjustment import ADJUSTMENT_KINDS
from .service_tariff_line import KINDS

# Adjustments of one kind are one line of the bill, with the account of their product.
ADJUSTMENT = "adjustment"
BILL_KINDS = [
    *KINDS,
    (ADJUSTMENT, "Adjustment"),
    *(
        (f"{ADJUSTMENT}_{kind}", label)
        for kind, label in ADJUSTMENT_KINDS
        if kind != "correction"
    ),
]
BILL_RANKS = {kind: rank for rank, (kind, __) in enumerate(BILL_KINDS)}


def get_bill_kind(adjustment_kind: str) -> str:
    """The kind of the bill line that pays an adjustment."""
    if adjustment_kind == "correction":
        return ADJUSTMENT
    return f"{ADJUSTMENT}_{adjustment_kind}"


class ServiceSettlement(models.Model):
    """One vendor bill per statement, with one summed line for each kind.

    The detail stays on the claim lines; each is linked to the bill line that pays
    it. A bill line carries the account and the taxes of the product of its kind, so
    sums agree by account and tax as well.
    """

    _inherit = "service.settlement"

    def _create_bills(self):
        """Make the bills, link every line to them, post them if the company says so."""
        self.lock_for_update()
        self._check_billable()
        totals = self._get_bill_totals()
        # A bill that was just cancelled must be so in the database, where the unique
        # index counts the others
        self.env["account.move"].flush_model(["state"])
        # The statement, not the bill, tells the story so far: no message a bill
        moves = (
            self.env["account.move"]
            .with_context(mail_create_nolog=True, tracking_disable=True)
            .create(self._prepare_bills(totals))
            .with_env(self.env)
        )
        # With its taxes a total may lie on the other side of zero
        moves.filtered(
            lambda move: move.currency_id.compare_amounts(move.amount_total, 0.0) < 0
        ).action_switch_move_type()
        for settlement, move in zip(self, moves, strict=True):
            settlement._write_flow({"move_id": move.id})
        self._link_bill_lines(totals)
        self._move_partner_invoices()
        self._check_bills_agree(totals)
        moves.filtered(lambda move: move.company_id.service_settlement_auto_post)._post(
            soft=False
        )
        self._log_settled()
        return moves

    def _check_billable(self):
        """Say for which point which set-up is missing, in the accountant's words."""
        for company, settlements in self.grouped("company_id").items():
            if not company._get_service_settlement_journal():
                raise UserError(
                    self.env._(
                        "%(company)s has no purchase journal: create one, or choose "
                        "the settlement journal in the settings.",
                        company=company.name,
                    )
                )
            for settlement in settlements.with_company(company):
                settlement._check_partner_invoice()
                partner = settlement.partner_id
                if not partner.property_account_payable_id:
                    raise UserError(
                        self.env._(
                            "The service point %(point)s cannot be billed: its contact "
                            "%(partner)s has no payable account.",
                            point=settlement.point_id.display_name,
                            partner=partner.display_name,
                        )
                    )
                if not settlement.currency_id.active:
                    raise UserError(
                        self.env._(
                            "The service point %(point)s cannot be billed: the "
                            "currency %(currency)s is not active.",
                            point=settlement.point_id.display_name,
                            currency=settlement.currency_id.name,
                        )
                    )

    def _get_bill_totals(self) -> dict:
        """Statement → kind → (ids of the lines, amount)."""
        totals = defaultdict(dict)
        for settlement, kind, ids, amount in self.env["service.claim.line"]._read_group(
            [("claim_id.settlement_id", "in", self.ids)],
            ["claim_id.settlement_id", "kind"],
            ["id:array_agg", "amount_approved:sum"],
        ):
            totals[settlement][kind] = (ids, amount)
        for settlement, kind, ids, amount in self.env[
            "service.settlement.adjustment"
        ]._read_group(
            [("settlement_id", "in", self.ids)],
            ["settlement_id", "kind"],
            ["id:array_agg", "amount:sum"],
        ):
            totals[settlement][get_bill_kind(kind)] = (ids, amount)
        return totals

    def _prepare_bills(self, totals) -> list[dict]:
        """Values of the bills, one a statement and in their order."""
        return [rec._prepare_bill_vals(totals[rec]) for rec in self]

    def _prepare_bill_vals(self, totals) -> dict:
        """A bill, or a refund if the point owes us more than we owe it."""
        self.ensure_one()
        is_refund = self.currency_id.compare_amounts(self.amount_total, 0.0) < 0
        today = self.company_id._get_service_day()
        return {
            "move_type": "in_refund" if is_refund else "in_invoice",
            "company_id": self.company_id.id,
            "journal_id": self.company_id._get_service_settlement_journal().id,
            "partner_id": self.partner_id.id,
            "currency_id": self.currency_id.id,
            "invoice_date": self.partner_invoice_date or min(self.date_to, today),
            "ref": self.partner_invoice_number or self.name,
            "service_settlement_id": self.id,
            "invoice_line_ids": [
                Command.create(
                    self._prepare_bill_line_vals(kind, len(ids), amount, is_refund)
                )
                for kind, (ids, amount) in sorted(
                    totals.items(), key=lambda item: BILL_RANKS[item[0]]
                )
            ],
        }

    def _prepare_bill_line_vals(self, kind, count, amount, is_refund) -> dict:
        labels = dict(
            self.env["account.move.line"]
            ._fields["service_kind"]
            ._description_selection(self.env)
        )
        return {
            "product_id": self._get_kind_product(kind).id,
            "name": self.env._(
                "%(kind)s, %(period)s: %(count)s lines",
                kind=labels[kind],
                period=self._get_period_label(),
                count=count,
            ),
            "quantity": 1.0,
            "price_unit": -amount if is_refund else amount,
            "service_kind": kind,
        }

    def _get_kind_product(self, kind):
        """The service product whose account and taxes pay this kind."""
        product = self._find_kind_product(kind)
        if not product:
            raise UserError(
                self.env._(
                    "The product for fees of the kind %(kind)s has been deleted: "
                    "upgrade the settlement module to bring it back.",
                    kind=kind,
                )
            )
        return product

    @api.model
    def _find_kind_product(self, kind):
        return self.env.ref(
            f"service_settlement.product_{kind}", raise_if_not_found=False
        )

    def _link_bill_lines(self, totals):
        """Link each claim line and adjustment to the bill line that pays it: exactly
        those that were summed.

        In SQL, because it is one statement for ten thousand lines, and by their ids:
        a join over tables that were filled a moment ago has no statistics yet, and
        the database may choose a plan of minutes.
        """
        claim_lines = self.env["service.claim.line"]
        adjustments = self.env["service.settlement.adjustment"]
        for records, is_mine in (
            (claim_lines, lambda kind: not kind.startswith(ADJUSTMENT)),
            (adjustments, lambda kind: kind.startswith(ADJUSTMENT)),
        ):
            pairs = [
                (line_id, bill_line.id)
                for settlement in self
                for bill_line in settlement.move_id.invoice_line_ids
                if bill_line.service_kind and is_mine(bill_line.service_kind)
                for line_id in totals[settlement][bill_line.service_kind][0]
            ]
            if not pairs:
                continue
            records.flush_model(["invoice_line_id"])
            ids, bill_line_ids = zip(*pairs, strict=True)
            self.env.cr.execute(
                SQL(
                    """
                    UPDATE %(table)s line
                       SET invoice_line_id = pair.bill_line_id
                      FROM unnest(%(ids)s, %(bill_lines)s) pair (id, bill_line_id)
                     WHERE line.id = pair.id
                    """,
                    table=SQL.identifier(records._table),
                    ids=list(ids),
                    bill_lines=list(bill_line_ids),
                )
            )
            records.browse(ids).invalidate_recordset(["invoice_line_id"], flush=False)

    def _check_bills_agree(self, totals=None):
        """To the cent: what a bill line says is the sum of what it pays."""
        totals = self._get_bill_totals() if totals is None else totals
        for settlement in self:
            move = settlement.move_id
            sign = -1 if move.move_type == "in_refund" else 1
            billed = defaultdict(float)
            for line in move.invoice_line_ids:
                if line.display_type == "product":
                    billed[line.service_kind] += sign * line.price_subtotal
            expected = {
                kind: amount for kind, (__, amount) in totals[settlement].items()
            }
            for kind in billed.keys() | expected.keys():
                if settlement.currency_id.compare_amounts(
                    billed.get(kind, 0.0), expected.get(kind, 0.0)
                ):
                    raise UserError(
                        self.env._(
                            "The bill of %(name)s does not agree with the statement: "
                            "%(kind)s is %(billed).2f there and %(expected).2f here. "
                            "Amounts must stay as they are, and purchase taxes must "
                            "not be included in the price.",
                            name=settlement.display_name,
                            kind=kind or "-",
                            billed=billed.get(kind, 0.0),
                            expected=expected.get(kind, 0.0),
                        )
                    )

    def _log_settled(self):
        """Write into each order's log on which statement it was paid."""
        names = {settlement.id: settlement.name for settlement in self}
        rows = self.env.execute_query(
            SQL(
                "SELECT order_id, settlement_id FROM service_claim "
                "WHERE settlement_id = ANY(%s) ORDER BY id",
                self.ids,
            )
        )
        # sudo: service.order: its log is written by the system
        orders_sudo = self.env["service.order"].sudo().browse(row[0] for row in rows)
        orders_sudo._log_event("settled", names=[names[row[1]] for row in rows])
