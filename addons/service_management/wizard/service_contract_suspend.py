from odoo import api, fields, models
from odoo.exceptions import UserError


class ServiceContractSuspend(models.TransientModel):
    """Suspend a contract with its reason, or resume it."""

    _name = "service.contract.suspend"
    _description = "Suspend or Resume a Contract"

    contract_id = fields.Many2one("service.contract", required=True, readonly=True)
    state = fields.Selection(related="contract_id.state")
    reason = fields.Char()
    suspended_on = fields.Date(related="contract_id.suspended_on")
    days = fields.Integer(string="Days Suspended", compute="_compute_days")
    extend = fields.Boolean(
        string="Add These Days at the End",
        help="The contract ends as many days later as it was suspended.",
    )

    @api.depends("contract_id.suspended_on")
    def _compute_days(self):
        today = fields.Date.context_today(self)
        for change in self:
            since = change.contract_id.suspended_on
            change.days = (today - since).days if since else 0

    def action_confirm(self):
        self.ensure_one()
        contract = self.contract_id
        contract.check_access("write")
        if contract.state == "suspended":
            contract.action_resume(self.extend)
        else:
            if not (self.reason or "").strip():
                raise UserError(self.env._("Reason is missing: say why."))
            contract.action_suspend(self.reason)
        return {"type": "ir.actions.act_window_close"}
