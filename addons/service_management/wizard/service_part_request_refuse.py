from odoo import fields, models


class ServicePartRequestRefuse(models.TransientModel):
    """Refuse a request for parts, with a reason."""

    _name = "service.part.request.refuse"
    _description = "Refuse a Part Request"

    request_ids = fields.Many2many(
        "service.part.request",
        required=True,
        default=lambda self: self.env.context.get("active_ids"),
    )
    reason = fields.Char(required=True)

    def action_confirm(self):
        self.ensure_one()
        self.request_ids.action_refuse(self.reason)
        return {"type": "ir.actions.act_window_close"}
