from odoo import models
from odoo.exceptions import UserError

from .service_order import FINISHED_STATES


class ServicePoint(models.Model):
    _inherit = "service.point"

    def _check_can_leave(self):
        """A point keeps its place in the network while it has orders to finish."""
        result = super()._check_can_leave()
        if self.env.context.get("service_point_orders") == "redispatch":
            # What has not begun goes to others with the same change
            return result
        # sudo: service.order: no open order may be overlooked, whoever may see it
        groups = (
            self.env["service.order"]
            .sudo()
            ._read_group(
                [
                    ("point_id", "in", self.ids),
                    ("state", "not in", FINISHED_STATES),
                ],
                ["point_id"],
                ["__count"],
            )
        )
        if groups:
            point, count = groups[0]
            raise UserError(
                self.env._(
                    "%(point)s still has %(count)s open orders. Finish them or give "
                    "them to another service point first.",
                    point=point.display_name,
                    count=count,
                )
            )
        return result

    def _get_tree_counts(self) -> dict:
        groups = self.env["service.order"]._read_group(
            [("point_id", "in", self.ids), ("state", "not in", FINISHED_STATES)],
            ["point_id"],
            ["__count"],
        )
        orders = {point.id: count for point, count in groups}
        return super()._get_tree_counts() | {"orders": orders}
