import secrets

from odoo import api, fields, models
from odoo.fields import Domain


class ServicePointCampaign(models.Model):
    """A link under which service points are looked for: in one region, at a fair, until
    a day. Archived or past its day, the link takes no more applications."""

    _name = "service.point.campaign"
    _description = "Campaign for Service Points"
    _order = "date_end desc, id desc"

    name = fields.Char(required=True, help="Applicants see it above the form.")
    active = fields.Boolean(
        default=True, help="Archived: the link takes no more applications."
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        default=lambda self: self.env.company,
        index=True,
    )
    date_end = fields.Date(
        string="Open Until", help="The last day of the link. Empty: until archived."
    )
    token = fields.Char(
        required=True,
        readonly=True,
        copy=False,
        default=lambda self: secrets.token_urlsafe(18),
        groups="service_management.group_service_quality",
    )
    url = fields.Char(string="Link", compute="_compute_url")
    is_open = fields.Boolean(compute="_compute_is_open")
    application_ids = fields.One2many("service.point.application", "campaign_id")
    application_count = fields.Integer(compute="_compute_counts")
    approved_count = fields.Integer(string="Approved", compute="_compute_counts")

    _token_uniq = models.Constraint(
        "UNIQUE (token)", "The link of a campaign must be its own."
    )

    @api.depends("token")
    def _compute_url(self):
        for campaign in self:
            base = campaign.get_base_url()
            campaign.url = f"{base}/service/apply?campaign={campaign.token}"

    @api.depends("active", "date_end")
    def _compute_is_open(self):
        today = fields.Date.context_today(self)
        for campaign in self:
            is_past = campaign.date_end and campaign.date_end < today
            campaign.is_open = campaign.active and not is_past

    @api.depends("application_ids.state")
    def _compute_counts(self):
        counts: dict = {}
        for campaign, state, count in self.env["service.point.application"]._read_group(
            [("campaign_id", "in", self.ids)], ["campaign_id", "state"], ["__count"]
        ):
            counts.setdefault(campaign.id, {})[state] = count
        for campaign in self:
            by_state = counts.get(campaign._origin.id, {})
            campaign.application_count = sum(by_state.values())
            campaign.approved_count = by_state.get("approved", 0)

    def action_new_link(self):
        """Replace the link: who has the old one can no longer apply by it."""
        for campaign in self:
            campaign.token = secrets.token_urlsafe(18)
        return True

    def action_view_applications(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "service_management.action_service_point_application"
        )
        return action | {
            "domain": [("campaign_id", "=", self.id)],
            "context": {"create": False},
        }

    @api.model
    def _find_open(self, token):
        """The open campaign of a link (sudo), or none."""
        # sudo: the link itself is the right to apply by it
        campaigns_sudo = self.sudo()
        if not token or not isinstance(token, str):
            return campaigns_sudo.browse()
        return campaigns_sudo.search(Domain("token", "=", token), limit=1).filtered(
            "is_open"
        )


class ServicePointApplication(models.Model):
    _inherit = "service.point.application"

    campaign_id = fields.Many2one(
        "service.point.campaign",
        string="Recruiting Campaign",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
