from odoo import fields, models
from odoo.exceptions import UserError


class ServiceClaim(models.Model):
    """A claim may be held back: it stays approved, but comes onto no statement."""

    _inherit = "service.claim"

    hold_reason = fields.Char(
        readonly=True,
        copy=False,
        help="Why this claim comes onto no statement for the time being.",
    )

    def action_hold_ask(self):
        """Open the question for the reason."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "service_settlement.action_service_claim_hold"
        )
        return action | {"context": {"default_claim_ids": self.ids}}

    def _hold(self, reason):
        """Keep claims off statements, and take them off drafts.

        Statements that have been issued stay as they are.
        """
        self.check_access("write")
        reason = (reason or "").strip()
        if not reason:
            raise UserError(self.env._("Say why the claim is held back."))
        self._check_state(("approved", "settled"))
        drafts = self.settlement_id
        self.filtered("settlement_id")._write_flow(
            {"settlement_id": False, "state": "approved"}
        )
        self.write({"hold_reason": reason})
        drafts._draw_advances()
        return True

    def action_release(self):
        """Let the next statement take them."""
        self.check_access("write")
        return self.write({"hold_reason": False})
