from odoo import fields, models


class ServicePartSurplus(models.TransientModel):
    """Say what becomes of pieces that came too much."""

    _name = "service.part.surplus"
    _description = "Parts That Came Too Much"

    difference_id = fields.Many2one(
        "service.part.difference", required=True, readonly=True, ondelete="cascade"
    )
    product_id = fields.Many2one(related="difference_id.product_id")
    is_serial = fields.Boolean(related="difference_id.is_serial")
    quantity = fields.Float(
        string="Too Many", compute="_compute_quantity", digits="Product Unit"
    )
    serials = fields.Text(
        string="Serial Numbers", help="One in each line, or with commas between them."
    )
    outcome = fields.Selection(
        [
            ("keep", "The service point keeps it"),
            ("back", "It goes back to the sender"),
        ],
        default="keep",
        required=True,
    )

    def _compute_quantity(self):
        for wizard in self:
            wizard.quantity = -wizard.difference_id.quantity

    def action_confirm(self):
        self.ensure_one()
        serials = self.serials or "" if self.is_serial else None
        if self.outcome == "keep":
            self.difference_id.action_confirm(serials)
        else:
            self.difference_id.action_send_back(serials)
        return {"type": "ir.actions.act_window_close"}
