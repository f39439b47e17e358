from odoo import api, fields, models

from odoo.addons.service_management.models.order.service_order import FINISHED_STATES


class ServicePoint(models.Model):
    _inherit = "service.point"

    auto_accept = fields.Boolean(
        string="Accepts by Itself",
        compute="_compute_auto_accept",
        store=True,
        readonly=False,
        precompute=True,
        help="Offers to this point are accepted at once; for own centres, which do not "
        "choose their work.",
    )

    tree_order_count = fields.Integer(
        string="Open Orders with Those Below", compute="_compute_tree_order_count"
    )

    @api.depends("ownership")
    def _compute_auto_accept(self):
        for point in self:
            point.auto_accept = point.ownership == "own"

    def _compute_tree_order_count(self):
        counts = dict.fromkeys(self._origin.ids, 0)
        for point, count in self.env["service.order"]._read_group(
            self._get_tree_order_domain(), ["point_id"], ["__count"]
        ):
            # sudo: service.point: only where the point is in the tree
            for above in point.sudo().parent_path.split("/")[:-1]:
                if int(above) in counts:
                    counts[int(above)] += count
        for point in self:
            point.tree_order_count = counts.get(point._origin.id, 0)

    def _get_tree_order_domain(self) -> list:
        return [
            ("point_id", "child_of", self._origin.ids),
            ("state", "not in", FINISHED_STATES),
        ]

    def action_view_open_orders(self):
        """What is open at the point and all below it."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "service_management.action_service_order"
        )
        return action | {
            "name": self.env._("Open Orders of %(point)s", point=self.display_name),
            "domain": self._get_tree_order_domain(),
            "context": {},
        }

    def action_view_scorecards(self):
        """How good the point was, month by month, newest first."""
        return self._get_own_action("service_management.action_service_scorecard") | {
            "context": {"search_default_points": 1, "search_default_current": 1}
        }
