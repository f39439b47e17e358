from odoo import fields, models


class ServicePartReturnSend(models.TransientModel):
    """Send old parts back in one parcel."""

    _name = "service.part.return.send"
    _description = "Send Old Parts Back"

    return_ids = fields.Many2many(
        "service.part.return",
        string="Parts",
        required=True,
        default=lambda self: self.env.context.get("active_ids"),
    )
    parcel = fields.Char(string="Parcel Number")

    def action_confirm(self):
        self.ensure_one()
        self.return_ids.action_send(self.parcel)
        return {"type": "ir.actions.act_window_close"}
