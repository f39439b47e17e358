from odoo import fields, models


class ServiceClaimReject(models.TransientModel):
    _name = "service.claim.reject"
    _description = "Reject Claims"

    claim_ids = fields.Many2many("service.claim", required=True)
    reason = fields.Char(required=True)

    def action_reject(self):
        self.ensure_one()
        self.claim_ids.action_reject(self.reason)
        return {"type": "ir.actions.act_window_close"}
