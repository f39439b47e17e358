from odoo import api, fields, models
from odoo.exceptions import UserError

ADJUSTMENT_KINDS = [
    ("correction", "Correction"),
    ("bonus", "Bonus"),
    ("penalty", "Penalty"),
    ("advance", "Advance Payment"),
    ("deposit", "Deposit"),
    ("part", "Part Not Returned"),
    ("cash", "Cash Collected"),
    ("carry", "Carried Forward"),
]
# Where it comes from: fixed once it is there.
SOURCE_FIELDS = {"source_ref"}


class ServiceSettlementAdjustment(models.Model):
    """What stands on a statement beside the claims: a correction of what an earlier
    one paid, a bonus or penalty, or what the point owes.

    It waits for the next statement of its point, or is written straight onto a
    draft. Positive amounts are owed to the point, negative ones are taken back. Each
    source, such as a part that was not returned, is taken once.
    """

    _name = "service.settlement.adjustment"
    _description = "Settlement Adjustment"
    _order = "date desc, id desc"
    _check_company_auto = True

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company, index=True
    )
    point_id = fields.Many2one(
        "service.point",
        string="Service Point",
        required=True,
        index=True,
        check_company=True,
    )
    claim_id = fields.Many2one(
        "service.claim",
        string="Corrects",
        index="btree_not_null",
        check_company=True,
        domain="[('point_id', '=', point_id), ('state', '=', 'settled')]",
        help="The settled claim that was wrong, if it is about one.",
    )
    date = fields.Date(required=True, default=fields.Date.context_today)
    currency_id = fields.Many2one(
        "res.currency",
        required=True,
        default=lambda self: self.env.company.currency_id,
    )
    kind = fields.Selection(ADJUSTMENT_KINDS, required=True, default="correction")
    amount = fields.Monetary(required=True)
    reason = fields.Char(required=True)
    source_ref = fields.Reference(
        selection="_selection_source",
        string="Comes From",
        readonly=True,
        copy=False,
        help="The record that this amount was made from, once.",
        groups="service_settlement.group_settlement_accountant",
    )
    settlement_id = fields.Many2one(
        "service.settlement",
        string="Statement",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    settlement_state = fields.Selection(related="settlement_id.state")
    invoice_line_id = fields.Many2one(
        "account.move.line",
        string="Bill Line",
        readonly=True,
        copy=False,
        index="btree_not_null",
        groups="account.group_account_invoice,account.group_account_readonly",
    )

    _amount_not_zero = models.Constraint(
        "CHECK (amount != 0)", "An adjustment of zero corrects nothing."
    )

    _source_uniq = models.UniqueIndex(
        "(source_ref) WHERE source_ref IS NOT NULL",
        "This has been put onto a statement already.",
    )
    _waiting_idx = models.Index(
        "(company_id, point_id, date) WHERE settlement_id IS NULL"
    )

    @api.model
    def _selection_source(self):
        # sudo: ir.model: only names
        models_sudo = self.env["ir.model"].sudo()
        return [
            (model.model, model.name)
            for model in models_sudo.search(
                [("model", "=like", "service.%"), ("transient", "=", False)]
            )
        ]

    @api.depends("reason", "point_id.name")
    def _compute_display_name(self):
        for adjustment in self:
            adjustment.display_name = adjustment.reason or ""

    @api.constrains("settlement_id", "point_id", "currency_id", "company_id")
    def _check_same_statement(self):
        for adjustment in self:
            settlement = adjustment.settlement_id
            if settlement and (
                settlement.point_id != adjustment.point_id
                or settlement.currency_id != adjustment.currency_id
                or settlement.company_id != adjustment.company_id
            ):
                raise UserError(
                    self.env._(
                        "The adjustment '%(reason)s' is for another service point, "
                        "company or currency than the statement %(name)s.",
                        reason=adjustment.reason,
                        name=settlement.name,
                    )
                )

    @api.onchange("claim_id")
    def _onchange_claim_id(self):
        if self.claim_id:
            self.currency_id = self.claim_id.currency_id

    @api.model_create_multi
    def create(self, vals_list):
        adjustments = super().create(vals_list)
        adjustments.settlement_id._check_draft()
        return adjustments

    def write(self, vals):
        self.settlement_id._check_draft()
        if SOURCE_FIELDS & vals.keys():
            raise UserError(self.env._("Where an adjustment comes from is fixed."))
        if "invoice_line_id" in vals:
            raise UserError(self.env._("The bill line is set by billing."))
        result = super().write(vals)
        if "settlement_id" in vals:
            self.settlement_id._check_draft()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_issued(self):
        self.settlement_id._check_draft()
