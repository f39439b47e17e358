from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from .service_claim_line import EDIT_STATES
from .service_tariff_line import KINDS

# What a point may claim by itself; bonus and penalty follow from results
FILED_KINDS = ("labour", "travel", "parts", "material", "other")
# Of these a job has one amount: another one takes its place
SINGLE_KINDS = ("labour", "travel", "parts")
FILE_STATES = ("unpriced", "draft", "approved", "sent_back")
APPEAL_STATES = ("rejected", "approved")
MAX_AMOUNT = 10_000_000


class ServiceClaim(models.Model):
    """What the service point does with its claims: amounts of its own, evidence, an
    answer to what was sent back, an appeal. Each method says who may call it."""

    _inherit = "service.claim"

    evidence_ids = fields.One2many(
        "ir.attachment",
        "res_id",
        domain=[("res_model", "=", "service.claim"), ("res_field", "=", False)],
    )
    evidence_count = fields.Integer(compute="_compute_evidence_count")
    appeal_until = fields.Date(compute="_compute_appeal_until")

    def _compute_evidence_count(self):
        counts = dict(
            self.env["ir.attachment"]
            .sudo()  # sudo: ir.attachment: a number only
            ._read_group(
                [
                    ("res_model", "=", self._name),
                    ("res_id", "in", self.ids),
                    ("res_field", "=", False),
                ],
                ["res_id"],
                ["__count"],
            )
        )
        for claim in self:
            claim.evidence_count = counts.get(claim.id, 0)

    @api.depends(
        "state",
        "decided_on",
        "appealed_on",
        "amount_claimed",
        "amount_approved",
        "company_id.service_claim_appeal_days",
    )
    def _compute_appeal_until(self):
        """The last day on which the point may appeal; none if there is nothing to."""
        for claim in self:
            can = (
                claim.state in APPEAL_STATES
                and claim.decided_on
                and not claim.appealed_on
                and (claim.state == "rejected" or claim._is_reduced())
            )
            claim.appeal_until = can and claim.company_id._get_service_day(
                claim.decided_on
                + timedelta(days=claim.company_id.service_claim_appeal_days)
            )

    def _check_is_point(self):
        """Only the point speaks for itself, or an accountant in its name."""
        if self.env.su or self.env.user.has_group(
            "service_settlement.group_settlement_accountant"
        ):
            self.check_access("write")
            return
        # sudo: service.point: only to compare who belongs to it
        points = self.sudo().point_id
        if any(self.env.user not in point.user_ids for point in points):
            raise AccessError(
                self.env._("Only the service point may do this with its claims.")
            )

    def _can_file(self) -> bool:
        self.ensure_one()
        days = timedelta(days=self.company_id.service_claim_file_days)
        return (
            self.state in FILE_STATES
            and not self.decided_by_id
            and self.company_id._get_service_day() <= self.date + days
        )

    def _can_appeal(self) -> bool:
        self.ensure_one()
        until = self.appeal_until
        return bool(until) and self.company_id._get_service_day() <= until

    def _file(self, rows, note=""):
        """The point claims amounts of its own; a person has to look at them.

        Where the tariff has paid the kind, its amount stays what is checked and
        approved until a person decides otherwise.

        :param rows: list of ``{"kind", "amount", "note"}``
        """
        self.ensure_one()
        self._check_is_point()
        claim_sudo = self.sudo()  # sudo: service.claim: the point may only file
        if not claim_sudo._can_file():
            raise UserError(
                self.env._("Amounts for this claim can no longer be filed.")
            )
        if not rows:
            raise UserError(self.env._("Say which amount you claim."))
        for row in rows:
            claim_sudo._file_row(**self._read_row(row))
        claim_sudo._write_flow({"state": "draft", "is_filed": True})
        self._log_step("filed", note)
        claim_sudo._run_checks()
        return True

    def _read_row(self, row) -> dict:
        """One filed amount, checked: it comes from a form outside."""
        kind, amount = row.get("kind"), row.get("amount")
        note = (row.get("note") or "").replace("\x00", "").strip()[:200]
        if kind not in FILED_KINDS:
            raise UserError(self.env._("This kind of cost cannot be claimed."))
        if not isinstance(amount, int | float) or not 0 < amount <= MAX_AMOUNT:
            raise UserError(self.env._("Please enter an amount above zero."))
        if not note:
            raise UserError(
                self.env._(
                    "%s: say what the amount is for.",
                    dict(self._get_filed_kinds())[kind],
                )
            )
        return {"kind": kind, "amount": self.currency_id.round(amount), "note": note}

    def _get_filed_kinds(self) -> list[tuple]:
        labels = dict(
            self.env["service.claim.line"]
            ._fields["kind"]
            ._description_selection(self.env)
        )
        return [(kind, labels[kind]) for kind, __ in KINDS if kind in FILED_KINDS]

    def _file_row(self, kind, amount, note):
        """Another amount for what the tariff pays, or a new line."""
        line = self.env["service.claim.line"]
        if kind in SINGLE_KINDS:
            line = self.line_ids.filtered(
                lambda line: line.kind == kind and not line.tariff_line_id.occasion
            )[:1]
        if line:
            vals = {"amount_claimed": amount, "is_filed": True, "note": note}
            if not line.is_filed:
                vals["amount_tariff"] = line.amount_claimed
            elif not line.tariff_line_id:
                vals |= {"amount_checked": amount, "amount_approved": amount}
            line.write(vals)
            return
        if self.line_ids.filtered(
            lambda line: (
                line.is_filed
                and line.kind == kind
                and line.note == note
                and not self.currency_id.compare_amounts(line.amount_claimed, amount)
            )
        ):
            raise UserError(
                self.env._("This amount was filed already: say what else it is for.")
            )
        self.env["service.claim.line"].create(
            {
                "claim_id": self.id,
                "kind": kind,
                "amount_claimed": amount,
                "is_filed": True,
                "note": note,
                **self.order_id._get_claim_payers()[self.order_id].get(kind, {}),
            }
        )

    def _answer(self, text):
        """The point has added what was missing: back to be checked."""
        self.ensure_one()
        self._check_is_point()
        text = (text or "").strip()
        if self.sudo().state != "sent_back":
            raise UserError(self.env._("This claim was not sent back."))
        if not text:
            raise UserError(self.env._("Please write an answer."))
        # sudo: service.claim: the point may only answer
        self.sudo()._write_flow(
            {"state": "draft" if self.sudo().line_ids else "unpriced"}
        )
        self._log_step("answered", text)
        self.sudo()._run_checks()
        return True

    def _appeal(self, text):
        """The point does not agree: another person decides, once."""
        self.ensure_one()
        self._check_is_point()
        text = (text or "").strip()
        claim_sudo = self.sudo()  # sudo: service.claim: the point may only appeal
        if not claim_sudo._can_appeal():
            raise UserError(
                self.env._(
                    "This decision can no longer be appealed: it is settled, it was "
                    "appealed before, or the time for it is over."
                )
            )
        if not text:
            raise UserError(self.env._("Please say why you do not agree."))
        claim_sudo.lock_for_update()
        claim_sudo._write_flow(
            {"state": "appealed", "appealed_on": fields.Datetime.now()}
        )
        self._log_step("appealed", text)
        return True

    def _grant_goodwill(self, amount, note, reason=None):
        """Pay more than is owed, at the company's cost, and say why."""
        self.check_access("write")
        if not note:
            raise UserError(self.env._("Say why goodwill is granted."))
        if amount <= 0:
            raise UserError(self.env._("Please enter an amount above zero."))
        self._check_state(EDIT_STATES)
        reason = reason or self.env.ref(
            "service_settlement.claim_reason_goodwill", raise_if_not_found=False
        )
        self.env["service.claim.line"].create(
            [
                {
                    "claim_id": claim.id,
                    "kind": "other",
                    "amount_checked": amount,
                    "amount_approved": amount,
                    "reason_id": reason.id if reason else False,
                    "note": note,
                    "payer": "company",
                }
                for claim in self
            ]
        )
        self._log_step("goodwill", note, reason)
        return True
