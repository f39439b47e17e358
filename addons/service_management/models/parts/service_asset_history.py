from odoo import fields, models
from odoo.tools import SQL


class ServiceAssetHistory(models.Model):
    _inherit = "service.asset.history"
    _depends = {
        "stock.move.line": ["date", "state"],
        "stock.move": ["service_asset_id", "service_kind", "service_order_id"],
    }

    kind = fields.Selection(selection_add=[("part", "Part")])
    part_line_id = fields.Many2one("stock.move.line", readonly=True)

    def _get_source_columns(self):
        return super()._get_source_columns() | {"part_line_id": "part"}

    def _get_sources(self):
        return super()._get_sources() | {
            "part": SQL(
                """
                SELECT line.id AS key, move.service_asset_id AS asset_id, line.date,
                       move.service_order_id AS order_id, NULL::int AS author_id,
                       move.company_id
                  FROM stock_move move
                  JOIN stock_move_line line ON line.move_id = move.id
                 WHERE move.service_asset_id IS NOT NULL
                   AND move.service_kind IS NOT NULL
                   AND line.state = 'done'
                """
            ),
        }

    def _describe_part(self) -> list[str]:
        kinds = dict(
            self.env["stock.move"]
            ._fields["service_kind"]
            ._description_selection(self.env)
        )
        texts = []
        for row in self:
            line = row.part_line_id
            old = line.move_id.service_old_serial
            texts.append(
                self._join(
                    kinds[line.move_id.service_kind],
                    f"{line.product_id.display_name} × {line.quantity:g}",
                    line.lot_id.name,
                    self.env._("taken out: %s", old) if old else "",
                )
            )
        return texts
