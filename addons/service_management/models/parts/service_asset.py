from odoo import fields, models


class ServiceAsset(models.Model):
    """Which parts were built into an asset and taken out of it."""

    _inherit = "service.asset"

    part_movement_ids = fields.One2many(
        "service.part.movement",
        "asset_id",
        string="Parts",
        readonly=True,
        help="Which parts were built in and taken out, with their serial numbers.",
    )
    part_move_count = fields.Integer(
        string="Parts Used", compute="_compute_part_move_count"
    )

    def _compute_part_move_count(self):
        # sudo: service.part.movement: how many parts were used is no secret of the
        # stock, and the service desk has no rights on it
        counts = dict(
            self.env["service.part.movement"]
            .sudo()
            ._read_group(
                [("asset_id", "in", self.ids), ("kind", "=", "use")],
                ["asset_id"],
                ["__count"],
            )
        )
        for asset in self:
            asset.part_move_count = counts.get(asset._origin, 0)

    def action_view_part_moves(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "service_management.action_service_part_movement"
        )
        action["domain"] = [("asset_id", "=", self.id)]
        return action
