from odoo import fields, models


class ServiceAssetTransfer(models.TransientModel):
    """Asks to whom assets go, and from which day on."""

    _name = "service.asset.transfer"
    _description = "Change of Owner"

    asset_ids = fields.Many2many(
        "service.asset",
        string="Assets",
        required=True,
        default=lambda self: self.env.context.get("active_ids"),
    )
    partner_id = fields.Many2one("res.partner", string="New Owner", required=True)
    date = fields.Date(string="From", required=True, default=fields.Date.context_today)
    reason = fields.Char(help="Kept in the history of the asset.")

    def action_apply(self):
        self.ensure_one()
        self.asset_ids.action_transfer(self.partner_id, self.date)
        if self.reason:
            self.asset_ids._message_log_batch(
                bodies={asset.id: self.reason for asset in self.asset_ids}
            )
        return {"type": "ir.actions.act_window_close"}
