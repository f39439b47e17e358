from odoo import fields, models


class ServiceWorkitem(models.Model):
    _inherit = "service.workitem"

    partner_id = fields.Many2one(related="order_id.partner_id", string="Customer")

    def action_open_order(self):
        """Where the work is done: the order itself."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "service.order",
            "res_id": self.order_id.id,
            "view_mode": "form",
            "views": [(False, "form")],
        }
