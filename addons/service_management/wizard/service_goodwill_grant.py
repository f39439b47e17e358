from odoo import fields, models


class ServiceGoodwillGrant(models.TransientModel):
    """Ask what is granted and why; the order keeps both."""

    _name = "service.goodwill.grant"
    _description = "Grant Goodwill"

    order_ids = fields.Many2many(
        "service.order",
        string="Orders",
        required=True,
        readonly=True,
        default=lambda self: self.env.context.get("active_ids"),
    )
    labour = fields.Boolean()
    parts = fields.Boolean()
    travel = fields.Boolean()
    percent = fields.Integer(
        string="Per Cent", default=100, help="Zero takes back what was granted before."
    )
    reason = fields.Text(required=True)

    def action_confirm(self):
        self.ensure_one()
        kinds = [kind for kind in ("labour", "parts", "travel") if self[kind]]
        self.order_ids.action_goodwill(kinds, self.reason, self.percent)
        return {"type": "ir.actions.act_window_close"}
