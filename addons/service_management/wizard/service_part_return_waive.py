from odoo import fields, models


class ServicePartReturnWaive(models.TransientModel):
    """Let parts go that need not come back."""

    _name = "service.part.return.waive"
    _description = "Waive Parts Due Back"

    return_ids = fields.Many2many(
        "service.part.return",
        string="Parts",
        required=True,
        default=lambda self: self.env.context.get("active_ids"),
    )
    reason = fields.Char(required=True)

    def action_confirm(self):
        self.ensure_one()
        self.return_ids.action_waive(self.reason)
        return {"type": "ir.actions.act_window_close"}
