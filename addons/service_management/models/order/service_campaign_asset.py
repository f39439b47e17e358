from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import hash_sign, verify_hash_signed

CAMPAIGN_ASSET_STATES = [
    ("to_contact", "To Contact"),
    ("ordered", "Order Made"),
    ("scheduled", "Scheduled"),
    ("done", "Done"),
    ("refused", "Refused"),
    ("unreachable", "Unreachable"),
]
# Nothing was done about the asset yet
DUE_STATES = ("to_contact", "ordered", "scheduled", "unreachable")
SCOPE = "service-campaign-answer"
ANSWER_HOURS = 24 * 180


class ServiceCampaignAsset(models.Model):
    """One asset of a campaign: its order, and how far it is.

    A queue: an order is made for each row, in the transaction that marks it as done.
    """

    _name = "service.campaign.asset"
    _description = "Recalled Asset"
    _inherit = ["service.queue.mixin"]
    _order = "campaign_id, id"
    _rec_name = "asset_id"

    _queue_cron = "service_management.cron_service_campaign"
    _queue_batch_size = 20

    campaign_id = fields.Many2one(
        "service.campaign",
        string="Recall Campaign",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        related="campaign_id.company_id", store=True, precompute=True, index=True
    )
    asset_id = fields.Many2one(
        "service.asset", required=True, readonly=True, index=True, ondelete="restrict"
    )
    partner_id = fields.Many2one(
        "res.partner", string="Customer", readonly=True, index=True
    )
    phone = fields.Char(related="partner_id.phone")
    order_id = fields.Many2one(
        "service.order", readonly=True, index="btree_not_null", ondelete="restrict"
    )
    order_stage_id = fields.Many2one(related="order_id.stage_id", string="Stage")
    point_id = fields.Many2one(related="order_id.point_id")
    state = fields.Selection(
        CAMPAIGN_ASSET_STATES, default="to_contact", required=True, readonly=True
    )
    is_contacted = fields.Boolean(
        string="Contacted", readonly=True, help="The customer was written to or called."
    )
    note = fields.Char(help="What the customer said.")

    _asset_uniq = models.Constraint(
        "UNIQUE (campaign_id, asset_id)", "The asset is in this campaign already."
    )
    _due_idx = models.Index("(asset_id) WHERE state NOT IN ('done', 'refused')")

    def write(self, vals):
        if not self.env.su and vals.keys() - {"note"}:
            raise UserError(
                self.env._(
                    "How far a recalled asset is follows from its order and from what "
                    "the customer says: use the buttons."
                )
            )
        return super().write(vals)

    # The order

    def _queue_process(self):
        campaign = self.campaign_id
        if campaign.state != "running" or self.order_id:
            return
        order = (
            self.env["service.order"]
            .with_company(campaign.company_id)
            .create(campaign._prepare_order_vals(self.asset_id))
        )
        order.action_register()
        self.order_id = order
        order._log_event("campaign", name=campaign.display_name)
        if campaign.mail_template_id and self.partner_id.email:
            # Queued with the order: sent if, and only if, this is committed
            campaign.mail_template_id.send_mail(self.id)
            self.is_contacted = True
        self._set_progress()

    def _set_progress(self):
        """How far each row is, from its order and what the customer said."""
        for line in self:
            line.state = line._get_progress()

    def _get_progress(self) -> str:
        self.ensure_one()
        state = self.order_id.state
        if state in ("done", "closed"):
            return "done"
        if state == "cancelled" or self.state == "refused":
            return "refused"
        if state in ("scheduled", "in_progress"):
            return "scheduled"
        if self.state == "unreachable":
            return "unreachable"
        return "ordered" if self.order_id and self.is_contacted else "to_contact"

    # What the customer says

    def action_contacted(self):
        """The customer was called: the order waits for its time."""
        self.check_access("write")
        # sudo: service.campaign.asset: the state follows from what is said
        lines_sudo = self.sudo()
        lines_sudo.filtered(
            lambda line: line.state in ("refused", "unreachable")
        ).state = "to_contact"
        lines_sudo.is_contacted = True
        lines_sudo._set_progress()
        return True

    def action_refused(self):
        """The customer does not want it: the order is cancelled, with the reason."""
        self.check_access("write")
        self._check_open()
        self._give_up("refused")
        return True

    def action_unreachable(self):
        """Nobody answers; the order stays, so that whoever meets the asset knows."""
        self.check_access("write")
        self._check_open()
        # sudo: service.campaign.asset: as above
        self.sudo().state = "unreachable"
        return True

    def _check_open(self):
        over = self.filtered(lambda line: line.state == "done")
        if over:
            raise UserError(
                self.env._("%s: this was done already.", over[0].asset_id.display_name)
            )

    def _give_up(self, state):
        # sudo: service.campaign.asset, service.order: follows from what is said
        lines_sudo = self.sudo()
        lines_sudo.state = state
        for line in lines_sudo:
            line.order_id.filtered(
                lambda order: order.state not in ("done", "closed", "cancelled")
            ).action_cancel(line.note or self.env._("The customer does not want it."))

    def action_open_order(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "service.order",
            "res_id": self.order_id.id,
            "view_mode": "form",
        }

    # The link in the letter

    def _get_answer_url(self) -> str:
        """Where the customer chooses a time without signing in, for this row only."""
        self.ensure_one()
        token = hash_sign(
            self.sudo().env, SCOPE, [self.id], expiration_hours=ANSWER_HOURS
        )
        return f"{self.get_base_url()}/service/campaign/{token}"

    @api.model
    def _find_by_answer(self, token):
        """The row (superuser's) that a link was signed for; empty when it is not valid
        or nothing is left to be answered."""
        # sudo: service.campaign.asset: the link is the right to answer for this one
        lines = self.sudo()
        try:
            values = verify_hash_signed(lines.env, SCOPE, token or "")
        except ValueError:
            # Not even encoded as a link of ours is
            values = None
        if not values:
            return lines.browse()
        return (
            lines.browse(values[0])
            .exists()
            .filtered(
                lambda line: (
                    line.campaign_id.state == "running" and line.state in DUE_STATES
                )
            )
        )
