from odoo import fields, models

from odoo.addons.service_management.models.channel.service_call import OUTCOMES


class ServiceCallCallback(models.TransientModel):
    """What came of calling back."""

    _name = "service.call.callback"
    _description = "Call Back"

    call_ids = fields.Many2many("service.call", required=True)
    outcome = fields.Selection(
        [pair for pair in OUTCOMES if pair[0] != "called_again"],
        required=True,
        default="reached",
    )
    note = fields.Char()

    def action_apply(self):
        self.ensure_one()
        self.call_ids._record_callback(self.outcome, self.note or "")
        return True
