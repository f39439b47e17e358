from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from .service_claim import OPEN_STATES

APPROVABLE_STATES = ("unpriced", "draft", "checked", "appealed")
CHECKABLE_STATES = ("unpriced", "draft")
REJECTABLE_STATES = (*OPEN_STATES, "appealed")
RETURNABLE_STATES = ("unpriced", "draft", "checked")


class ServiceClaim(models.Model):
    """What people decide about claims: each of many, and never half of one.

    * Decisions are taken for sets with a constant number of queries. What cannot be
      decided is found before anything is written, with the sentence for each claim:
      buttons of the list decide the others and show these.
    * An amount that differs from the claimed one says why, by a reason or a note.
    * An appeal is decided by another person than the decision it is about.
    * Every decision is a step in the claim's history.
    """

    _inherit = "service.claim"

    @api.model
    def _to_settle_domain(self) -> Domain:
        """Claims that may go onto a statement."""
        return Domain("state", "=", "approved") & Domain(
            "order_id.state", "in", ("done", "closed")
        )

    def action_reprice(self):
        """Price again with the tariff as it stands now."""
        self._check_refusals(self._get_reprice_refusals())
        self.check_access("write")
        # sudo: service.order: pricing reads visits, parts and places of the order
        self.sudo()._price()
        self._log_step("repriced")
        return True

    def _get_reprice_refusals(self) -> dict:
        """Claim → why it cannot be priced again."""
        return self._get_refusals(OPEN_STATES)

    def action_check(self):
        """A person has looked at the amounts."""
        self._check_refusals(self._get_refusals(CHECKABLE_STATES, "amount_checked"))
        self._write_flow({"state": "checked", "checked_by_id": self.env.uid})
        self._log_step("checked")
        return True

    def action_approve(self):
        self._check_refusals(self._get_approve_refusals())
        self._write_flow(
            {"state": "approved", "approved_by_id": self.env.uid}
            | self._prepare_decision()
        )
        reduced = self.filtered(lambda claim: claim._is_reduced())
        reduced._log_step("reduced")
        (self - reduced)._log_step("approved")
        return True

    def action_reject(self, reason=None, code=None):
        """Nothing is paid for this order; the reason is kept.

        :param reason: the sentence
        :param code: ``service.claim.reason`` record
        """
        self._check_refusals(self._get_refusals(REJECTABLE_STATES))
        reason = (reason or "").strip() or (code.name if code else "")
        if not reason:
            raise UserError(self.env._("Say why the claim is rejected."))
        self._write_flow(
            {"state": "rejected", "reject_reason": reason} | self._prepare_decision()
        )
        self._log_step("rejected", reason, code)
        return True

    def action_send_back(self, reason=None, code=None):
        """The point has to add something before the claim can be decided."""
        self._check_refusals(self._get_refusals(RETURNABLE_STATES))
        reason = (reason or "").strip() or (code.name if code else "")
        if not reason:
            raise UserError(self.env._("Say what the service point has to add."))
        self._write_flow({"state": "sent_back"})
        self._log_step("sent_back", reason, code)
        return True

    def action_back_to_check(self):
        self._check_state(("checked", "approved", "rejected", "sent_back"))
        for state, claims in self.grouped(
            lambda claim: "draft" if claim.line_ids else "unpriced"
        ).items():
            claims._write_flow(
                {
                    "state": state,
                    "reject_reason": False,
                    "checked_by_id": False,
                    "approved_by_id": False,
                }
            )
        self._log_step("reopened")
        return True

    # Many at once

    def action_approve_each(self):
        """Approve what can be approved; show what cannot, and why."""
        return self._decide_each(self._get_approve_refusals(), "action_approve")

    def action_check_each(self):
        """Note what can be noted as checked; show what cannot, and why."""
        refusals = self._get_refusals(CHECKABLE_STATES, "amount_checked")
        return self._decide_each(refusals, "action_check")

    def action_reprice_each(self):
        """Price again what nobody has settled; show the others."""
        return self._decide_each(self._get_reprice_refusals(), "action_reprice")

    def _decide_each(self, refusals, method, *args):
        """Decide the claims without a refusal; for one claim the refusal is raised.

        :param refusals: claim → sentence
        :return: an action that shows what was refused, or ``True``
        """
        self.check_access("write")
        if len(self) == 1:
            self._check_refusals(refusals)
        good = self - self.browse(claim.id for claim in refusals)
        if good:
            getattr(good, method)(*args)
        if not refusals:
            return True
        outcome = self.env["service.claim.outcome"].create(
            {
                "done_count": len(good),
                "line_ids": [
                    fields.Command.create({"claim_id": claim.id, "message": message})
                    for claim, message in refusals.items()
                ],
            }
        )
        return outcome._get_action()

    def action_reject_ask(self):
        """Open the question for the reason."""
        return self._ask("reject")

    def action_send_back_ask(self):
        return self._ask("send_back")

    def action_reduce_ask(self):
        return self._ask("reduce")

    def action_goodwill_ask(self):
        return self._ask("goodwill")

    def _ask(self, kind):
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "service_settlement.action_service_claim_decision"
        )
        action["context"] = {"default_kind": kind, "default_claim_ids": self.ids}
        return action

    def action_view_order(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "service.order",
            "res_id": self.order_id.id,
            "view_mode": "form",
        }

    def _get_list_action(self):
        """Open the claims: one in its form, several in a list."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "service_settlement.action_service_claim"
        )
        if len(self) == 1:
            action |= {"views": [(False, "form")], "res_id": self.id}
        else:
            action |= {"domain": [("id", "in", self.ids)], "context": {}}
        return action

    # What stands against a decision

    def _prepare_decision(self) -> dict:
        return {"decided_by_id": self.env.uid, "decided_on": fields.Datetime.now()}

    def _is_reduced(self) -> bool:
        self.ensure_one()
        return (
            self.currency_id.compare_amounts(self.amount_approved, self.amount_claimed)
            < 0
        )

    def _check_state(self, states):
        self._check_refusals(self._get_refusals(states))

    def _check_refusals(self, refusals):
        for message in refusals.values():
            raise UserError(message)

    def _get_refusals(self, states, amount=None) -> dict:
        """Claim → why it cannot be decided now; what is not in it can.

        :param states: those that allow the decision
        :param amount: the field of the lines that is decided on, if one is
        """
        labels = dict(self._fields["state"]._description_selection(self.env))
        refusals = {}
        for claim in self:
            if claim.state not in states:
                refusals[claim] = self.env._(
                    "The claim for %(order)s is in the state '%(state)s': this is "
                    "not possible now.",
                    order=claim.display_name,
                    state=labels[claim.state],
                )
            elif claim.state == "appealed" and claim._is_own_decision():
                refusals[claim] = self.env._(
                    "You decided the claim for %(order)s: its appeal is decided by "
                    "another person.",
                    order=claim.display_name,
                )
            elif amount:
                message = claim._get_unexplained(amount)
                if message:
                    refusals[claim] = message
        return refusals

    def _get_approve_refusals(self) -> dict:
        refusals = self._get_refusals(APPROVABLE_STATES, "amount_approved")
        # sudo: service.claim.check: whoever approves hears what blocks the claim
        for claim in self.sudo():
            if claim.is_blocked and claim not in refusals:
                blocking = claim.check_ids.filtered(
                    lambda check: check.state == "open" and check.severity == "block"
                )
                refusals[claim.with_env(self.env)] = self.env._(
                    "%(order)s is blocked: %(check)s (%(text)s). Clear this check "
                    "first.",
                    order=claim.display_name,
                    check=blocking[0].display_name,
                    text=blocking[0].text,
                )
        return refusals

    def _is_own_decision(self) -> bool:
        """Whether the user took the decision that the appeal is about."""
        return not self.env.su and self.env.user == self.decided_by_id

    def _get_unexplained(self, amount) -> str | None:
        """What is missing before there is something to decide on: amounts, and why
        they differ from the claimed ones."""
        self.ensure_one()
        if not self.line_ids:
            return self.env._(
                "The claim for %(order)s has no amounts: price it again, add a line "
                "by hand or reject it.",
                order=self.display_name,
            )
        for line in self.line_ids:
            differs = line.currency_id.compare_amounts(
                line[amount], line.amount_claimed
            )
            if differs and not line.note and not line.reason_id:
                return self.env._(
                    "%(order)s, %(kind)s: say in the note why the amount differs from "
                    "the claimed one.",
                    order=self.display_name,
                    kind=line._get_kind_label(),
                )
        return None

    def _reduce(self, lines, get_amount, note, reason=None):
        """Less for each of these lines, with the reason beside it.

        :param get_amount: called with a line
        """
        self.check_access("write")
        lines = lines.filtered(lambda line: line.claim_id in self)
        for amount, alike in lines.grouped(get_amount).items():
            alike.write(
                {
                    "amount_checked": amount,
                    "amount_approved": amount,
                    "reason_id": reason.id if reason else False,
                    "note": note,
                }
            )
        return True
