from odoo import fields, models


class ServiceOfferReject(models.TransientModel):
    _name = "service.offer.reject"
    _description = "Refuse an Offer"

    offer_ids = fields.Many2many("service.offer", required=True)
    reason_id = fields.Many2one("service.reject.reason", required=True)
    note = fields.Text()

    def action_confirm(self):
        self.ensure_one()
        self.offer_ids.action_reject(self.reason_id.id, self.note or "")
        return {"type": "ir.actions.act_window_close"}
