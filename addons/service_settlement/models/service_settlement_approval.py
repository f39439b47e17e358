from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from odoo.addons.service_management.models.base.turns import take_turn


class ServiceSettlementTier(models.Model):
    """From which amount on a statement needs approval, by whom, and by how many.

    The highest tier that a statement reaches decides. Whoever issued a statement, or
    confirmed it for the point, does not approve it, and nobody approves it twice.
    """

    _name = "service.settlement.tier"
    _description = "Settlement Approval Tier"
    _inherit = ["service.amount.mixin"]
    _order = "company_id, amount_min desc, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company, index=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    amount_min = fields.Monetary(
        string="From Amount",
        help="Statements of this amount or more, to be paid or to be paid back, in the "
        "currency of the company.",
    )
    approval_count = fields.Integer(string="Approvals Needed", default=1, required=True)
    user_ids = fields.Many2many(
        "res.users",
        string="Approvers",
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )

    _amount_uniq = models.UniqueIndex(
        "(company_id, amount_min) WHERE active IS TRUE",
        "There is already a tier from this amount on.",
    )
    _count_positive = models.Constraint(
        "CHECK (approval_count > 0)", "At least one person approves."
    )
    _amount_not_negative = models.Constraint(
        "CHECK (amount_min >= 0)", "A tier begins at zero or above."
    )

    @api.constrains("user_ids", "approval_count")
    def _check_enough_approvers(self):
        for tier in self:
            if len(tier.user_ids) < tier.approval_count:
                raise ValidationError(
                    self.env._(
                        "The tier %(tier)s asks for %(count)s approvals, but has fewer "
                        "approvers.",
                        tier=tier.name,
                        count=tier.approval_count,
                    )
                )

    @api.model
    def _find_many(self, settlements) -> dict:
        """Tier → the statements that reach it and no higher one; none without tiers."""
        # sudo: service.settlement.tier: it binds also where a point confirms
        tiers_sudo = self.sudo().search(
            [("company_id", "in", settlements.company_id.ids)], order="amount_min desc"
        )
        found = {}
        for company, tiers in tiers_sudo.grouped("company_id").items():
            for settlement in settlements:
                if settlement.company_id != company:
                    continue
                amount = settlement.currency_id._convert(
                    abs(settlement.amount_total),
                    company.currency_id,
                    company,
                    settlement.date_to,
                )
                for tier in tiers:
                    if (
                        company.currency_id.compare_amounts(amount, tier.amount_min)
                        >= 0
                    ):
                        found[tier] = found.get(tier, settlements.browse()) | settlement
                        break
        return found


class ServiceSettlementApproval(models.Model):
    """One person's approval of one statement at one amount; kept for good."""

    _name = "service.settlement.approval"
    _description = "Settlement Approval"
    _inherit = ["service.amount.mixin"]
    _order = "id"

    settlement_id = fields.Many2one(
        "service.settlement",
        string="Statement",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(related="settlement_id.company_id", store=True)
    tier_id = fields.Many2one(
        "service.settlement.tier", required=True, readonly=True, ondelete="restrict"
    )
    user_id = fields.Many2one(
        "res.users", string="Approved By", required=True, readonly=True
    )
    date = fields.Datetime(string="Approved On", required=True, readonly=True)
    currency_id = fields.Many2one(related="settlement_id.currency_id")
    amount_total = fields.Monetary(string="Approved Amount", readonly=True)
    is_revoked = fields.Boolean(
        readonly=True, help="The statement went back to draft after this approval."
    )

    _user_uniq = models.UniqueIndex(
        "(settlement_id, user_id) WHERE is_revoked IS NOT TRUE",
        "The same person does not approve a statement twice.",
    )

    @api.depends("user_id", "tier_id")
    def _compute_display_name(self):
        for approval in self:
            approval.display_name = f"{approval.tier_id.name} · {approval.user_id.name}"


class ServiceSettlement(models.Model):
    """Approval of confirmed statements by tiers of their amount."""

    _inherit = "service.settlement"

    tier_id = fields.Many2one(
        "service.settlement.tier",
        string="Approval Tier",
        readonly=True,
        copy=False,
        ondelete="restrict",
        groups="service_settlement.group_settlement_accountant",
        help="Decided when the statement is confirmed.",
    )
    approval_ids = fields.One2many(
        "service.settlement.approval",
        "settlement_id",
        readonly=True,
        groups="service_settlement.group_settlement_accountant",
    )
    can_approve = fields.Boolean(
        compute="_compute_can_approve",
        groups="service_settlement.group_settlement_accountant",
    )

    @api.depends("state", "tier_id.user_ids", "approval_ids")
    @api.depends_context("uid")
    def _compute_can_approve(self):
        for settlement in self:
            settlement.can_approve = not settlement._get_approval_refusal()

    def _write_confirmed(self, vals):
        """Confirm; the amount, which is fixed now, decides who has to approve."""
        free = self
        for tier, settlements in (
            self.env["service.settlement.tier"]._find_many(self).items()
        ):
            settlements._write_flow(vals | {"tier_id": tier.id})
            free -= settlements
        return free._write_flow(vals)

    def action_approve(self):
        """Approve as one of those that the tier names."""
        self.check_access("write")
        # A write: of two at once the second runs again and knows that it is the last
        take_turn(self)
        for settlement in self:
            refusal = settlement._get_approval_refusal()
            if refusal:
                raise AccessError(refusal)
        # sudo: service.settlement.approval: written here only, after the checks above
        approvals_sudo = self.env["service.settlement.approval"].sudo()
        now = fields.Datetime.now()
        approvals_sudo.create(
            [
                {
                    "settlement_id": settlement.id,
                    "tier_id": settlement.tier_id.id,
                    "user_id": self.env.uid,
                    "date": now,
                    "amount_total": settlement.amount_total,
                }
                for settlement in self
            ]
        )
        done = self.filtered(lambda rec: not rec._count_missing_approvals())
        return done._write_flow({"state": "approved", "approved_on": now})

    def _get_approval_refusal(self):
        """Why this user cannot approve this statement; nothing if they can."""
        self.ensure_one()
        if self.state != "confirmed" or not self.tier_id:
            return self.env._(
                "The statement %(name)s does not wait for approval.", name=self.name
            )
        user = self.env.user
        if user not in self.tier_id.user_ids:
            return self.env._(
                "The statement %(name)s is approved by others: %(users)s.",
                name=self.name,
                users=", ".join(self.tier_id.user_ids.mapped("name")),
            )
        if user in self.issued_by_id | self.confirmed_by_id:
            return self.env._(
                "You have issued or confirmed %(name)s yourself: another person has to "
                "approve it.",
                name=self.name,
            )
        if user in self._get_valid_approvals().user_id:
            return self.env._(
                "You have approved %(name)s already: another person has to approve it, "
                "too.",
                name=self.name,
            )
        return None

    def _get_valid_approvals(self):
        return self.approval_ids.filtered(lambda approval: not approval.is_revoked)

    def _count_missing_approvals(self) -> int:
        self.ensure_one()
        return self.tier_id.approval_count - len(self._get_valid_approvals())

    def _revoke_approvals(self):
        """What goes back to draft is approved anew, whatever its amount then is."""
        # sudo: service.settlement.approval: never written by hand
        self.sudo()._get_valid_approvals().write({"is_revoked": True})

    def _check_approved(self):
        """Only what nobody has to approve goes from confirmed straight to its bill."""
        self._check_state(("confirmed", "approved"))
        for settlement in self:
            if settlement.state == "confirmed" and settlement.tier_id:
                raise UserError(
                    self.env._(
                        "The statement %(name)s waits for approval, %(tier)s: "
                        "%(users)s.",
                        name=settlement.name,
                        tier=settlement.tier_id.name,
                        users=", ".join(settlement.tier_id.user_ids.mapped("name")),
                    )
                )
