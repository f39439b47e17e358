from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.service_claim_flow import REJECTABLE_STATES, RETURNABLE_STATES
from ..models.service_claim_line import EDIT_STATES


class ServiceClaimDecision(models.TransientModel):
    """One decision for claims, lines or checks, with its reason."""

    _name = "service.claim.decision"
    _description = "Decide Claims"
    _inherit = ["service.amount.mixin"]

    kind = fields.Selection(
        [
            ("reject", "Reject"),
            ("send_back", "Send back"),
            ("reduce", "Reduce"),
            ("goodwill", "Grant goodwill"),
            ("clear", "Clear checks"),
        ],
        string="Decision",
        required=True,
        default="reject",
    )
    claim_ids = fields.Many2many("service.claim")
    line_ids = fields.Many2many("service.claim.line")
    check_ids = fields.Many2many("service.claim.check")
    reason_id = fields.Many2one("service.claim.reason", string="Reason Code")
    reason = fields.Char(string="In Words")
    reduce_by = fields.Selection(
        [("percent", "By a percentage"), ("amount", "Each line to an amount")],
        default="percent",
        required=True,
    )
    percent = fields.Float(default=10.0)
    currency_id = fields.Many2one("res.currency", compute="_compute_currency_id")
    amount = fields.Monetary()

    @api.depends("claim_ids", "line_ids")
    def _compute_currency_id(self):
        for decision in self:
            claims = decision.claim_ids or decision.line_ids.claim_id
            decision.currency_id = claims[:1].currency_id

    def action_decide(self):
        self.ensure_one()
        note = (self.reason or "").strip() or self.reason_id.name or ""
        if not note:
            raise UserError(self.env._("Give a reason, or say it in words."))
        self._check_one_currency()
        result = getattr(self, f"_decide_{self.kind}")(note)
        if isinstance(result, dict):
            return result
        return {"type": "ir.actions.act_window_close"}

    def _check_one_currency(self):
        """An amount means nothing where claims have several currencies."""
        is_amount = self.kind == "goodwill" or (
            self.kind == "reduce" and self.reduce_by == "amount"
        )
        currencies = (self.claim_ids | self.line_ids.claim_id).currency_id
        if is_amount and len(currencies) > 1:
            raise UserError(
                self.env._(
                    "The claims are in %(currencies)s: decide those of each currency "
                    "by themselves.",
                    currencies=", ".join(currencies.mapped("name")),
                )
            )

    def _decide_reject(self, note):
        claims = self.claim_ids
        refusals = claims._get_refusals(REJECTABLE_STATES)
        return claims._decide_each(refusals, "action_reject", note, self.reason_id)

    def _decide_send_back(self, note):
        claims = self.claim_ids
        refusals = claims._get_refusals(RETURNABLE_STATES)
        return claims._decide_each(refusals, "action_send_back", note, self.reason_id)

    def _decide_goodwill(self, note):
        claims = self.claim_ids
        refusals = claims._get_refusals(EDIT_STATES)
        return claims._decide_each(
            refusals, "_grant_goodwill", self.amount, note, self.reason_id
        )

    def _decide_clear(self, note):
        self.check_ids._clear(note)

    def _decide_reduce(self, note):
        """Lines of the claims that may be changed; the others are shown."""
        lines = self.line_ids or self.claim_ids.line_ids
        claims = lines.claim_id
        refusals = claims._get_refusals(EDIT_STATES)
        return claims._decide_each(
            refusals, "_reduce", lines, self._get_reduced, note, self.reason_id
        )

    def _get_reduced(self, line) -> float:
        """Never more than the line says; what is taken from the point stays."""
        stated = max(line.amount_claimed, line.amount_approved)
        if stated <= 0:
            return line.amount_approved
        if self.reduce_by == "amount":
            return min(self.amount, stated)
        return line.currency_id.round(stated * (1 - self.percent / 100))

    @api.constrains("percent", "amount")
    def _check_reduction(self):
        for decision in self:
            if not 0 <= decision.percent <= 100 or decision.amount < 0:
                raise UserError(
                    self.env._("A reduction lies between nothing and all of it.")
                )


class ServiceClaimOutcome(models.TransientModel):
    """What a decision for many claims could not decide, and why."""

    _name = "service.claim.outcome"
    _description = "Outcome of a Decision"

    done_count = fields.Integer(string="Decided", readonly=True)
    line_ids = fields.One2many(
        "service.claim.outcome.line", "outcome_id", readonly=True
    )

    def _get_action(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Not Decided"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }

    def action_view_claims(self):
        self.ensure_one()
        return self.line_ids.claim_id._get_list_action() | {"target": "current"}


class ServiceClaimOutcomeLine(models.TransientModel):
    _name = "service.claim.outcome.line"
    _description = "Claim Not Decided"

    outcome_id = fields.Many2one(
        "service.claim.outcome", required=True, ondelete="cascade", index=True
    )
    claim_id = fields.Many2one("service.claim", required=True, ondelete="cascade")
    message = fields.Char(required=True)
