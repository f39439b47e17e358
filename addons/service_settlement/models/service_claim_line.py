from odoo import api, fields, models
from odoo.exceptions import UserError

from .service_tariff_line import KINDS

AMOUNTS = ("amount_claimed", "amount_checked", "amount_approved")
# What a person who checks may change
EDITABLE = {
    "amount_checked",
    "amount_approved",
    "reason_id",
    "note",
    "kind",
    "payer",
    "customer_percent",
    "supplier_percent",
}
EDIT_STATES = ("unpriced", "draft", "checked", "appealed")

# Set by pricing, filing and billing
SYSTEM_FIELDS = {
    "amount_tariff",
    "charge_line_id",
    "inputs",
    "invoice_line_id",
    "is_filed",
    "price",
    "quantity",
    "recovery_id",
    "tariff_line_id",
}


class ServiceClaimLine(models.Model):
    """One amount of a claim, with the tariff line and the values behind it."""

    _name = "service.claim.line"
    _description = "Settlement Claim Line"
    _inherit = ["service.amount.mixin"]
    _order = "claim_id, id"

    claim_id = fields.Many2one(
        "service.claim", required=True, index=True, ondelete="cascade"
    )
    order_id = fields.Many2one(related="claim_id.order_id")
    point_id = fields.Many2one(related="claim_id.point_id")
    company_id = fields.Many2one(related="claim_id.company_id")
    currency_id = fields.Many2one(related="claim_id.currency_id")
    date = fields.Date(related="claim_id.date")
    claim_state = fields.Selection(related="claim_id.state", string="Claim Status")
    settlement_id = fields.Many2one(
        related="claim_id.settlement_id", string="Statement"
    )
    kind = fields.Selection(KINDS, required=True, default="other")
    # How it was computed
    tariff_line_id = fields.Many2one(
        "service.tariff.line",
        readonly=True,
        ondelete="restrict",
        index="btree_not_null",
        groups="service_settlement.group_settlement_accountant",
    )
    inputs = fields.Json(
        readonly=True,
        help="The values that the amount was computed from.",
        groups="service_settlement.group_settlement_accountant",
    )
    formula = fields.Char(string="Computed From", compute="_compute_formula")
    quantity = fields.Float(default=1.0, digits=(16, 2), readonly=True)
    price = fields.Float(digits=(16, 4), readonly=True)
    # Money
    amount_claimed = fields.Monetary(string="Claimed")
    amount_checked = fields.Monetary(string="Checked Amount")
    amount_approved = fields.Monetary(string="Approved Amount")
    amount_tariff = fields.Monetary(
        string="Tariff",
        readonly=True,
        help="What the tariff gives, where the service point filed another amount.",
    )
    is_filed = fields.Boolean(string="Filed by the Point", readonly=True)
    reason_id = fields.Many2one(
        "service.claim.reason",
        ondelete="restrict",
        help="Why the amount differs from the tariff or the claim.",
    )
    note = fields.Char(help="Why the amount differs from the tariff or the claim.")
    # Where it went
    invoice_line_id = fields.Many2one(
        "account.move.line",
        string="Bill Line",
        readonly=True,
        copy=False,
        index="btree_not_null",
        groups="account.group_account_invoice,account.group_account_readonly",
    )

    @api.depends("claim_id.order_id.name", "kind")
    def _compute_display_name(self):
        for line in self:
            line.display_name = self.env._(
                "%(order)s, %(kind)s",
                order=line.claim_id.display_name,
                kind=line._get_kind_label(),
            )

    @api.depends("inputs", "quantity", "price", "note")
    @api.depends_context("lang")
    def _compute_formula(self):
        for line in self:
            # sudo: service.claim.line: a point may read how its own fee came about,
            # not the tariff itself
            inputs = line.sudo().inputs
            line.formula = line._describe(inputs) if inputs else line.note

    def _get_kind_label(self) -> str:
        return dict(self._fields["kind"]._description_selection(self.env))[self.kind]

    # Guards

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if not self.env.su:
                # What a person adds has no tariff behind it, and was not claimed
                for name in SYSTEM_FIELDS & vals.keys():
                    vals.pop(name)
                vals["amount_claimed"] = 0.0
            for name in ("amount_checked", "amount_approved"):
                vals.setdefault(name, vals.get("amount_claimed", 0.0))
        lines = super().create(vals_list)
        if not self.env.su:
            lines.claim_id._check_state(EDIT_STATES)
        lines.claim_id._check_not_issued()
        return lines

    def write(self, vals):
        self.claim_id._check_not_issued()
        if not self.env.su:
            self._check_editable(vals)
        if "amount_checked" in vals and "amount_approved" not in vals:
            vals = vals | {"amount_approved": vals["amount_checked"]}
        return super().write(vals)

    def _write_link(self, vals):
        """Say where a share went; the document on which the line stands stays."""
        # pylint: disable=super-method-mismatch
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_issued(self):
        self.claim_id._check_not_issued()
        if not self.env.su:
            self._check_editable({})
            for line in self:
                if line.tariff_line_id:
                    raise UserError(
                        self.env._(
                            "What the tariff gave stays on the claim: set the approved "
                            "amount of %(line)s to zero and say why.",
                            line=line.display_name,
                        )
                    )

    def _check_editable(self, vals):
        self.claim_id._check_state(EDIT_STATES)
        forbidden = vals.keys() - EDITABLE
        if forbidden or ("kind" in vals and any(self.sudo().mapped("tariff_line_id"))):
            raise UserError(
                self.env._(
                    "On a claim line only the checked and the approved amount, who "
                    "bears it, the reason and the note may be changed."
                )
            )

    def action_reduce_ask(self):
        """Open the question by how much these lines are reduced, and why."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "service_settlement.action_service_claim_decision"
        )
        action["context"] = {
            "default_kind": "reduce",
            "default_line_ids": self.ids,
            "default_reduce_by": "amount",
        }
        return action
