from odoo import fields, models


class ServiceOrderHandBack(models.TransientModel):
    _name = "service.order.hand.back"
    _description = "Hand an Order Back"

    order_id = fields.Many2one("service.order", required=True, readonly=True)
    reason_id = fields.Many2one("service.reject.reason", required=True)
    note = fields.Text()

    def action_confirm(self):
        self.ensure_one()
        self.order_id.action_hand_back(self.reason_id.id, self.note or "")
        return {"type": "ir.actions.act_window_close"}
