from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.service_management.models.base.flow_defaults import without_defaults

ADJUSTMENT_KINDS = [
    ("correction", "Correction"),
    ("bonus", "Bonus"),
    ("penalty", "Penalty"),
    ("advance", "Advance Payment"),
    ("deposit", "Deposit"),
    ("part", "Part Not Returned"),
    ("sold", "Parts Sold"),
    ("cash", "Cash Collected"),
    ("carry", "Carried Forward"),
]
# Where it comes from: said by the flow that makes it, and fixed from then on.
SOURCE_FIELDS = {"source_ref", "advance_id", "carried_from_id", "reverses_id"}
# Set by billing.
BILL_FIELDS = {"invoice_line_id"}
# What the source says, not a person.
DERIVED_FIELDS = {"company_id", "point_id", "currency_id", "kind", "amount"}


class ServiceSettlementAdjustment(models.Model):
    """What stands on a statement beside the claims: a correction of what an earlier
    one paid, a bonus or penalty, or what the point owes.

    It waits for the next statement of its point, or is written straight onto a
    draft. Positive amounts are owed to the point, negative ones are taken back. Each
    source, such as a part that was not returned, is taken once; flows name it (as
    superuser), nobody else, and what it says is not edited.
    """

    _name = "service.settlement.adjustment"
    _description = "Settlement Adjustment"
    _inherit = ["service.amount.mixin"]
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
    is_derived = fields.Boolean(compute="_compute_is_derived")
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
        "(source_ref, COALESCE(claim_id, 0)) WHERE source_ref IS NOT NULL",
        "This has been put onto a statement already.",
    )
    _waiting_idx = models.Index(
        "(company_id, point_id, date) WHERE settlement_id IS NULL"
    )

    @api.model
    def _selection_source(self):
        """Asked for each value that is written: from caches, without a search."""
        names = self._get_source_models()
        # sudo: ir.model: only names
        models_sudo = self.env["ir.model"].sudo()
        models_sudo = models_sudo.browse(models_sudo._get_id(name) for name in names)
        return [(model.model, model.name) for model in models_sudo]

    @api.model
    def _get_source_models(self) -> list[str]:
        return [
            name
            for name, model in self.env.registry.items()
            if name.startswith("service.")
            and not model._abstract
            and not model._transient
        ]

    @api.depends(*sorted(SOURCE_FIELDS))
    def _compute_is_derived(self):
        # sudo: service.settlement.adjustment: only whether there is a source
        for adjustment in self.sudo():
            adjustment.is_derived = any(adjustment[name] for name in SOURCE_FIELDS)

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
        model = self
        if not self.env.su:
            for vals in vals_list:
                self._check_source_fields(vals)
            model = without_defaults(self, SOURCE_FIELDS | BILL_FIELDS)
        adjustments = super(ServiceSettlementAdjustment, model).create(vals_list)
        adjustments = adjustments.with_env(self.env)
        adjustments.settlement_id._check_draft()
        return adjustments

    def write(self, vals):
        self.settlement_id._check_draft()
        self._check_source_fields(vals)
        if not self.env.su:
            if "settlement_id" in vals:
                raise UserError(
                    self.env._(
                        "Statements take adjustments by themselves: collect again on "
                        "the statement."
                    )
                )
            if DERIVED_FIELDS & vals.keys():
                self._check_not_derived()
        result = super().write(vals)
        if "settlement_id" in vals:
            self.settlement_id._check_draft()
        return result

    @api.model
    def _check_source_fields(self, vals):
        """Forms send fields that they show, empty ones too: these say nothing."""
        if any(vals.get(name) for name in SOURCE_FIELDS) or (
            SOURCE_FIELDS & vals.keys() and self
        ):
            raise UserError(self.env._("Where an adjustment comes from is fixed."))
        if vals.get("invoice_line_id") or ("invoice_line_id" in vals and self):
            raise UserError(self.env._("The bill line is set by billing."))

    def _check_not_derived(self):
        for adjustment in self.filtered("is_derived"):
            raise UserError(
                self.env._(
                    "'%(reason)s' was made from another record: correct it by an "
                    "adjustment of its own.",
                    reason=adjustment.reason,
                )
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_issued(self):
        self.settlement_id._check_draft()
