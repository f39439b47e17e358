from odoo import fields, models
from odoo.exceptions import UserError


class ServiceEntitlementGrant(models.TransientModel):
    """Grant more than was sold, for a reason that the ledger keeps."""

    _name = "service.entitlement.grant"
    _description = "Grant More of an Entitlement"

    entitlement_id = fields.Many2one(
        "service.entitlement", required=True, readonly=True
    )
    available = fields.Float(related="entitlement_id.available", string="Left Now")
    quantity = fields.Float(default=1.0)
    reason = fields.Char(help="Kept in the ledger.")

    def action_confirm(self):
        self.ensure_one()
        self.entitlement_id.check_access("write")
        if self.quantity <= 0:
            raise UserError(self.env._("Quantity: must be above zero."))
        if not (self.reason or "").strip():
            raise UserError(self.env._("Reason is missing: say why."))
        self.entitlement_id._grant(self.quantity, self.reason)
        return {"type": "ir.actions.act_window_close"}
