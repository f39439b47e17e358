from odoo import api, fields, models
from odoo.fields import Domain

from .service_campaign_asset import DUE_STATES
from .service_order import FINISHED_STATES


class ServiceAsset(models.Model):
    _inherit = "service.asset"

    order_ids = fields.One2many("service.order", "asset_id")
    order_count = fields.Integer(compute="_compute_order_count")

    history_ids = fields.One2many("service.asset.history", "asset_id", readonly=True)

    def write(self, vals):
        """With another document shown, what is not finished is decided anew."""
        if "warranty_document_ids" not in vals:
            return super().write(vals)
        before = {asset: asset.warranty_document_ids for asset in self}
        result = super().write(vals)
        changed = self.filtered(
            lambda asset: asset.warranty_document_ids != before[asset]
        )
        # sudo: service.order: the decision follows from the asset, whoever changes it
        changed.sudo()._get_open_orders()._renew_warranty()
        return result

    def _get_open_orders(self):
        """The orders about them whose work is not finished."""
        return self.env["service.order"].search(
            Domain("asset_id", "in", self.ids)
            & Domain("state", "not in", ("draft", *FINISHED_STATES))
        )

    def _compute_order_count(self):
        counts = dict(
            self.env["service.order"]._read_group(
                [("asset_id", "in", self.ids)], ["asset_id"], ["__count"]
            )
        )
        for asset in self:
            asset.order_count = counts.get(asset, 0)

    own_requests = fields.Text(
        string="My Requests",
        compute="_compute_own_requests",
        help="The latest requests of the reader for this asset, and how far they are; "
        "what is shared shows the open ones of others, too.",
    )

    @api.depends_context("uid", "lang")
    def _compute_own_requests(self):
        # sudo: service.order: the reader's own requests, and that others reported what
        # is shared; their number and state only
        own = Domain("requester_id", "=", self.env.user.partner_id.id)
        others = (
            Domain("asset_id.is_shared", "=", True)
            & Domain("asset_id.is_internal", "=", True)
            & Domain("state", "not in", (*FINISHED_STATES, "draft"))
        )
        orders = (
            self.env["service.order"]
            .sudo()
            .search(
                Domain("asset_id", "in", self.ids) & (own | others), order="id desc"
            )
            .grouped("asset_id")
        )
        for asset in self:
            mine = orders.get(asset, self.env["service.order"])[:5].sudo()
            asset.own_requests = "\n".join(
                f"{order.name} · {order.type_id.name} · {order.stage_id.name}"
                for order in mine
            )

    def action_request_service(self):
        """What an employee asks for an asset of his or her own."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Request Service"),
            "res_model": "service.asset.request",
            "view_mode": "form",
            "target": "new",
            "context": {"default_asset_id": self.id},
        }

    def action_view_orders(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "service_management.action_service_order"
        )
        action["domain"] = [("asset_id", "=", self.id)]
        action["context"] = {
            "default_asset_id": self.id,
            "default_partner_id": self.partner_id.id,
        }
        return action

    def _get_document_owners(self):
        """With those of their orders, such as the customer's photos."""
        result = super()._get_document_owners()
        if self.env["service.order"].has_access("read"):
            orders = self.env["service.order"].search_fetch(
                [("asset_id", "in", self.ids)], ["asset_id"]
            )
            result["service.order"] = {order.id: order.asset_id.id for order in orders}
        return result

    def action_view_history(self):
        """All that happened about the assets, to be searched."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "service_management.action_service_asset_history"
        )
        return action | {"domain": [("asset_id", "in", self.ids)]}

    def _get_due_campaigns(self) -> dict:
        """Asset → running campaigns in which nothing was done about it yet."""
        assets = self._origin
        if not assets:
            return {}
        # sudo: service.campaign: whoever takes a request tells the customer
        rows = (
            self.env["service.campaign.asset"]
            .sudo()
            ._read_group(
                [
                    ("asset_id", "in", assets.ids),
                    ("state", "in", DUE_STATES),
                    ("campaign_id.state", "=", "running"),
                ],
                ["asset_id"],
                ["campaign_id:recordset"],
            )
        )
        return {asset.sudo(False): campaigns for asset, campaigns in rows}
