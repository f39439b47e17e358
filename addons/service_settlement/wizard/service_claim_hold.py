from odoo import fields, models


class ServiceClaimHold(models.TransientModel):
    _name = "service.claim.hold"
    _description = "Hold Claims Back"

    claim_ids = fields.Many2many("service.claim", required=True)
    reason = fields.Char(required=True)

    def action_hold(self):
        self.ensure_one()
        self.claim_ids._hold(self.reason)
        return {"type": "ir.actions.act_window_close"}
