from odoo import fields, models


class ServiceAsset(models.Model):
    _inherit = "service.asset"

    part_move_count = fields.Integer(
        string="Parts Used", compute="_compute_part_move_count"
    )

    def _compute_part_move_count(self):
        counts = {}
        # sudo: stock.move: how many parts were used is no secret of the stock, and
        # the service desk has no rights on it
        for order, count in (
            self.env["stock.move"]
            .sudo()
            ._read_group(
                [
                    ("service_order_id.asset_id", "in", self.ids),
                    ("state", "!=", "cancel"),
                ],
                ["service_order_id"],
                ["__count"],
            )
        ):
            counts[order.asset_id.id] = counts.get(order.asset_id.id, 0) + count
        for asset in self:
            asset.part_move_count = counts.get(asset.id, 0)

    def action_view_part_moves(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Parts of %(asset)s", asset=self.name),
            "res_model": "stock.move",
            "view_mode": "list,form",
            "views": [
                (
                    self.env.ref("service_management.service_asset_move_view_list").id,
                    "list",
                ),
                (False, "form"),
            ],
            "domain": [("service_order_id.asset_id", "=", self.id)],
        }
