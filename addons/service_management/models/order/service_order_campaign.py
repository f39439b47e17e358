from odoo import api, fields, models


class ServiceOrder(models.Model):
    """An order of a campaign, and the campaigns due on the asset of any other."""

    _inherit = "service.order"

    campaign_id = fields.Many2one(
        "service.campaign",
        string="Recall Campaign",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    due_campaign_ids = fields.Many2many(
        "service.campaign",
        string="Recalls Due",
        compute="_compute_due_campaign_ids",
        compute_sudo=True,
        help="What is still to be done on this asset for a campaign.",
    )

    @api.depends("asset_id", "campaign_id")
    def _compute_due_campaign_ids(self):
        due = self.asset_id._get_due_campaigns()
        for order in self:
            found = due.get(order.asset_id._origin, order.campaign_id.browse())
            order.due_campaign_ids = found - order.campaign_id

    def _get_campaign_kinds(self):
        """What the campaign pays, for its own repair."""
        kinds = super()._get_campaign_kinds()
        # sudo: service.campaign: what was promised decides, whoever asks
        campaign = self.sudo().campaign_id
        if not campaign:
            return kinds
        repair = campaign.repair_code_id
        if repair and self.repair_code_id and self.repair_code_id != repair:
            return kinds
        return kinds | campaign._get_covered_kinds()

    def _on_transition(self, state):
        result = super()._on_transition(state)
        of_campaigns = self.filtered("campaign_id")
        if of_campaigns:
            # sudo: service.campaign.asset: how far it is follows from its order
            self.env["service.campaign.asset"].sudo().search(
                [("order_id", "in", of_campaigns.ids)]
            )._set_progress()
        return result

    def _prepare_intake_saved(self):
        return super()._prepare_intake_saved() | {
            "campaigns": self.due_campaign_ids.mapped("display_name")
        }

    @api.model
    @api.readonly
    def intake_context(self, partner_id):
        """Also the campaigns that are due on each asset, in one query for all."""
        context = super().intake_context(partner_id)
        assets = self.env["service.asset"].browse(
            [asset["id"] for asset in context["assets"]]
        )
        due = assets._get_due_campaigns()
        for asset, row in zip(assets, context["assets"], strict=True):
            row["campaigns"] = due.get(asset, self.campaign_id).mapped("display_name")
        return context
