from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Domain

from odoo.addons.service_management.models.base.turns import take_turn

# When a decision stands, the point reads what came out of it
DECIDED_STATES = ("approved", "rejected", "appealed", "settled")
# Of one claim, all uploads together
MAX_EVIDENCE = 20
MAX_EVIDENCE_MB = 60
EVIDENCE_STATES = ("unpriced", "draft", "checked", "sent_back", "approved", "appealed")


class ServiceClaim(models.Model):
    """A claim on the pages of its service point; expects sudo and plain values out.

    What the system noticed, who checked it and amounts that are not decided yet stay
    inside.
    """

    _inherit = "service.claim"

    def _get_portal_state(self) -> tuple[str, str]:
        """State and label; a statement that is not issued yet shows as approved."""
        self.ensure_one()
        labels = dict(self._fields["state"]._description_selection(self.env))
        state = self.state
        if state == "settled" and self.settlement_id.state == "draft":
            state = "approved"
        return state, labels[state]

    def _get_portal_rows(self) -> list[dict]:
        rows = []
        for claim in self:
            state, label = claim._get_portal_state()
            decided = claim.state in DECIDED_STATES
            approved = 0.0 if claim.state == "rejected" else claim.amount_approved
            rows.append(
                {
                    "id": claim.id,
                    "url": f"/my/claims/{claim.id}",
                    "name": claim.order_id.name,
                    "type": claim.type_id.name or "",
                    "product": claim.order_id.product_id.name
                    or claim.category_id.name
                    or "",
                    "date": claim.date,
                    "state": state,
                    "label": label,
                    "claimed": claim.amount_claimed,
                    "approved": approved if decided else None,
                    "currency": claim.currency_id,
                }
            )
        return rows

    def _get_portal_page(self) -> dict:
        self.ensure_one()
        [row] = self._get_portal_rows()
        decided = row["approved"] is not None
        steps = self.step_ids.filtered("is_public")
        kinds = dict(steps._fields["kind"]._description_selection(self.env))
        return row | {
            "can_file": self._can_file(),
            "can_answer": self.state == "sent_back",
            "can_appeal": self._can_appeal(),
            "can_add": self.state in EVIDENCE_STATES,
            "appeal_until": self.appeal_until,
            "reason": self.reject_reason if self.state == "rejected" else "",
            "kinds": self._get_filed_kinds(),
            "files": self.evidence_ids.mapped("name"),
            "lines": [
                {
                    "kind": line._get_kind_label(),
                    "formula": line.formula or "",
                    "note": line.note or "",
                    "reason": line.reason_id.name or "",
                    "claimed": line.amount_claimed,
                    "approved": line.amount_approved if decided else None,
                }
                for line in self.line_ids
            ],
            "steps": [
                {
                    "label": kinds[step.kind],
                    "date": step.date,
                    "text": step.text or "",
                    "is_own": step.user_id in self.point_id.user_ids,
                }
                for step in steps
            ],
        }

    def _add_evidence(self, files):
        """Files of the point: ``(name, content)``, read and checked by the page."""
        self.ensure_one()
        self._check_is_point()
        if self.sudo().state not in EVIDENCE_STATES:
            raise UserError(self.env._("Nothing can be added to this claim any more."))
        self._check_evidence_fits([len(content) for __, content in files])
        # sudo: ir.attachment: the claim is the point's, files are added only here
        self.env["ir.attachment"].sudo().create(
            [
                {
                    "name": name,
                    "raw": content,
                    "res_model": self._name,
                    "res_id": self.id,
                }
                for name, content in files
            ]
        )
        self.sudo().invalidate_recordset(["evidence_ids", "evidence_count"])

    def _check_evidence_fits(self, sizes):
        """Of two uploads at once the second one sees what the first has added."""
        self.ensure_one()
        take_turn(self)
        # sudo: ir.attachment: how many there are and how large
        [(count, size)] = (
            self.env["ir.attachment"]
            .sudo()
            ._read_group(
                [
                    ("res_model", "=", self._name),
                    ("res_id", "=", self.id),
                    ("res_field", "=", False),
                ],
                [],
                ["__count", "file_size:sum"],
            )
        )
        if (
            count + len(sizes) > MAX_EVIDENCE
            or (size or 0) + sum(sizes) > MAX_EVIDENCE_MB * 1024 * 1024
        ):
            raise UserError(
                self.env._(
                    "A claim takes %(count)s files of %(size)s MB together: that is "
                    "enough to show what was done.",
                    count=MAX_EVIDENCE,
                    size=MAX_EVIDENCE_MB,
                )
            )


class ServiceClaimAuthorisation(models.Model):
    _inherit = "service.claim.authorisation"

    def _get_portal_rows(self) -> list[dict]:
        labels = dict(self._fields["state"]._description_selection(self.env))
        return [
            {
                "name": request.order_id.name,
                "note": request.note,
                "amount": request.amount,
                "granted": request.amount_granted,
                "answer": request.answer or "",
                "state": request.state,
                "label": labels[request.state],
                "currency": request.currency_id,
            }
            for request in self
        ]


class ServiceOrder(models.Model):
    _inherit = "service.order"

    def _get_authorisable_domain(self, points) -> Domain:
        """Orders for which a point may ask before it works."""
        return Domain("point_id", "in", points.ids) & Domain(
            "state", "in", ("accepted", "scheduled", "in_progress")
        )
