import ast

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from .service_campaign_asset import CAMPAIGN_ASSET_STATES

CAMPAIGN_STATES = [
    ("draft", "Draft"),
    ("running", "Running"),
    ("done", "Done"),
    ("cancelled", "Cancelled"),
]
# What is promised to customers and points stays as it was when it began
STARTED_FIELDS = {
    "company_id",
    "type_id",
    "repair_code_id",
    "covers_labour",
    "covers_parts",
    "covers_travel",
}


class ServiceCampaign(models.Model):
    """A recall, or a check of many assets: an order for each, and who pays it.

    Starting it writes a row for each asset that fits, in one statement; the rows are a
    queue that makes the orders in the background. A row is unique per campaign and
    asset, and its order is made in the same transaction: killed and run again, or run
    twice at once, each asset has one order.
    """

    _name = "service.campaign"
    _description = "Recall Campaign"
    _inherit = ["mail.thread"]
    _order = "date_due, id desc"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    code = fields.Char(
        required=True,
        copy=False,
        help="As the manufacturer calls it, like R-2026-3.",
    )
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company, index=True
    )
    active = fields.Boolean(default=True)
    state = fields.Selection(
        CAMPAIGN_STATES,
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        tracking=True,
    )
    user_id = fields.Many2one(
        "res.users",
        string="Responsible",
        default=lambda self: self.env.user,
        required=True,
        index=True,
        domain="[('share', '=', False)]",
    )
    date_due = fields.Date(string="To Be Done By")
    # Which assets
    product_ids = fields.Many2many("product.product", string="Products")
    serial_from = fields.Char(
        string="First Serial Number",
        help="Compared as text. When both have the same length, so have those between.",
    )
    serial_to = fields.Char(string="Last Serial Number")
    made_from = fields.Date()
    made_to = fields.Date(string="Made Until")
    asset_domain = fields.Char(string="Further Conditions")
    found_count = fields.Integer(string="Assets Found", compute="_compute_found_count")
    # What is to be done, and who pays it
    type_id = fields.Many2one(
        "service.type", string="Service Type", required=True, index=True
    )
    symptom_id = fields.Many2one(
        "service.fault.code", domain="[('kind', '=', 'symptom')]"
    )
    section_id = fields.Many2one(
        "service.fault.code", domain="[('kind', '=', 'section')]"
    )
    repair_code_id = fields.Many2one(
        "service.fault.code",
        domain="[('kind', '=', 'repair')]",
        help="What is covered is this repair. An order on which another one is coded "
        "is paid by warranty, contract or customer.",
    )
    description = fields.Text(
        string="What Is to Be Done", required=True, help="For who does it."
    )
    customer_note = fields.Text(
        string="What Customers Are Told", translate=True, help="In the letter."
    )
    covers_labour = fields.Boolean(string="Labour", default=True)
    covers_parts = fields.Boolean(string="Parts", default=True)
    covers_travel = fields.Boolean(string="Travel", default=True)
    mail_template_id = fields.Many2one(
        "mail.template",
        string="Letter to the Customer",
        domain="[('model', '=', 'service.campaign.asset')]",
        help="Empty: customers are called.",
    )
    # How far it is
    line_ids = fields.One2many("service.campaign.asset", "campaign_id", copy=False)
    asset_count = fields.Integer(compute="_compute_progress")
    to_contact_count = fields.Integer(string="To Contact", compute="_compute_progress")
    ordered_count = fields.Integer(string="Orders Made", compute="_compute_progress")
    scheduled_count = fields.Integer(string="Scheduled", compute="_compute_progress")
    done_count = fields.Integer(string="Done", compute="_compute_progress")
    refused_count = fields.Integer(string="Refused", compute="_compute_progress")
    unreachable_count = fields.Integer(
        string="Unreachable", compute="_compute_progress"
    )
    failed_count = fields.Integer(string="Failed", compute="_compute_progress")
    progress = fields.Float(
        string="Done (%)", compute="_compute_progress", aggregator=None
    )

    _code_uniq = models.Constraint(
        "UNIQUE (company_id, code)", "There is a campaign with this code already."
    )
    _serials_in_order = models.Constraint(
        "CHECK (made_from IS NULL OR made_to IS NULL OR made_to >= made_from)",
        "The last day of manufacture must not be before the first.",
    )

    @api.depends(
        "product_ids", "serial_from", "serial_to", "made_from", "made_to",
        "asset_domain", "company_id",
    )  # fmt: skip
    def _compute_found_count(self):
        for campaign in self:
            domain = campaign._get_asset_domain()
            campaign.found_count = (
                self.env["service.asset"].search_count(domain)
                if campaign._has_criteria()
                else 0
            )

    @api.depends("line_ids.state")
    def _compute_progress(self):
        counts = {campaign: {} for campaign in self}
        for campaign, state, count in self.env["service.campaign.asset"]._read_group(
            [("campaign_id", "in", self.ids)], ["campaign_id", "state"], ["__count"]
        ):
            counts[campaign][state] = count
        failed = dict(
            self.env["service.campaign.asset"]._read_group(
                [("campaign_id", "in", self.ids), ("queue_state", "=", "poisoned")],
                ["campaign_id"],
                ["__count"],
            )
        )
        for campaign in self:
            by_state = counts[campaign]
            total = sum(by_state.values())
            campaign.asset_count = total
            campaign.failed_count = failed.get(campaign, 0)
            for state, __ in CAMPAIGN_ASSET_STATES:
                campaign[f"{state}_count"] = by_state.get(state, 0)
            campaign.progress = (
                100.0 * by_state.get("done", 0) / total if total else 0.0
            )

    @api.depends("code", "name")
    def _compute_display_name(self):
        for campaign in self:
            campaign.display_name = f"{campaign.code} {campaign.name}"

    @api.constrains("asset_domain")
    def _check_asset_domain(self):
        for campaign in self:
            try:
                campaign._get_asset_domain().validate(self.env["service.asset"])
            except (ValueError, SyntaxError, TypeError) as error:
                raise ValidationError(
                    self.env._("These conditions cannot be read: %s", error)
                ) from error

    def write(self, vals):
        if STARTED_FIELDS & vals.keys() and any(
            campaign.state != "draft" for campaign in self
        ):
            raise UserError(
                self.env._(
                    "What a campaign does and pays is fixed when it begins: points and "
                    "customers rely on it. Begin another one."
                )
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_started(self):
        if any(campaign.state != "draft" for campaign in self):
            raise UserError(
                self.env._("A campaign that has begun is kept: cancel it instead.")
            )

    # Which assets

    def _has_criteria(self) -> bool:
        """A campaign never means every asset there is because a field was left out."""
        self.ensure_one()
        return bool(
            self.product_ids
            or self.serial_from
            or self.serial_to
            or self.made_from
            or self.made_to
            or ast.literal_eval(self.asset_domain or "[]")
        )

    def _get_asset_domain(self) -> Domain:
        self.ensure_one()
        domain = Domain("company_id", "in", (self.company_id.id, False)) & Domain(
            "state", "!=", "retired"
        )
        if self.product_ids:
            domain &= Domain("product_id", "in", self.product_ids._origin.ids)
        first, last = (self.serial_from or "").strip(), (self.serial_to or "").strip()
        if first:
            domain &= Domain("serial", ">=", first)
        if last:
            domain &= Domain("serial", "<=", last)
        if first and len(first) == len(last):
            domain &= Domain("serial", "=like", "_" * len(first))
        if self.made_from:
            domain &= Domain("manufacture_date", ">=", self.made_from)
        if self.made_to:
            domain &= Domain("manufacture_date", "<=", self.made_to)
        return domain & Domain(ast.literal_eval(self.asset_domain or "[]"))

    def action_view_found(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "service_management.action_service_asset"
        )
        found = list(self._get_asset_domain())
        return action | {
            "domain": found if self._has_criteria() else [("id", "=", False)],
            "context": {},
        }

    # Its life

    def action_start(self):
        """Take in all assets that fit, and have their orders made."""
        self.check_access("write")
        for campaign in self:
            if campaign.state not in ("draft", "running"):
                raise UserError(self.env._("%s has ended.", campaign.display_name))
            if not campaign._has_criteria():
                raise UserError(
                    self.env._(
                        "Say which assets are concerned: products, serial numbers, "
                        "days of manufacture or further conditions."
                    )
                )
            campaign.state = "running"
            campaign._take_in_assets()
        return True

    def _take_in_assets(self) -> int:
        """Rows for the assets that have none yet, in one statement.

        :return: how many
        """
        self.ensure_one()
        self.flush_recordset()
        query = self.env["service.asset"]._search(self._get_asset_domain())
        # A second run meets the rows of the first and adds nothing
        rows = self.env.execute_query(
            SQL(
                """
                INSERT INTO service_campaign_asset
                    (campaign_id, company_id, asset_id, partner_id, state, is_contacted,
                     queue_state, tries, next_try_at,
                     create_uid, create_date, write_uid, write_date)
                SELECT %(campaign)s, %(company)s, asset.id, asset.partner_id,
                       'to_contact', FALSE, 'pending', 0, %(now)s,
                       %(uid)s, %(now)s, %(uid)s, %(now)s
                  FROM service_asset asset
                 WHERE asset.id IN %(found)s
                ON CONFLICT (campaign_id, asset_id) DO NOTHING
                RETURNING id
                """,
                campaign=self.id,
                company=self.company_id.id,
                found=query.subselect(),
                now=self.env.cr.now(),
                uid=self.env.uid,
            )
        )
        self.invalidate_recordset()
        lines = self.env["service.campaign.asset"].browse(row[0] for row in rows)
        if lines:
            # sudo: ir.cron: whoever begins a campaign wants its orders made
            self.env.ref(lines._queue_cron).sudo()._trigger()
        return len(lines)

    def action_done(self):
        """Nothing more is to be done; what is open stays as it is."""
        self.check_access("write")
        self.filtered(lambda campaign: campaign.state == "running").state = "done"
        return True

    def action_cancel(self):
        """No further order is made, and those that nobody has begun are cancelled."""
        self.check_access("write")
        campaigns = self.filtered(lambda campaign: campaign.state == "running")
        campaigns.state = "cancelled"
        for campaign in campaigns:
            campaign.line_ids.order_id.filtered(
                lambda order: order.state in ("new", "offered", "accepted", "scheduled")
            ).action_cancel(self.env._("The campaign %s was cancelled.", campaign.code))
        return True

    def action_view_lines(self):
        """The list behind a figure; the figure's button names its state."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "service_management.action_service_campaign_asset"
        )
        state = self.env.context.get("campaign_state")
        context = {f"search_default_{state}": 1} if state else {}
        return action | {
            "domain": [("campaign_id", "=", self.id)],
            "context": context,
        }

    def _get_covered_kinds(self) -> set:
        self.ensure_one()
        return {
            kind for kind in ("labour", "parts", "travel") if self[f"covers_{kind}"]
        }

    def _prepare_order_vals(self, asset) -> dict:
        """The order that an asset of the campaign gets."""
        self.ensure_one()
        due = self.date_due
        return {
            "company_id": self.company_id.id,
            "partner_id": asset.partner_id.id,
            "asset_id": asset.id,
            "type_id": self.type_id.id,
            "symptom_id": self.symptom_id.id,
            "section_id": self.section_id.id,
            "description": f"{self.display_name}\n{self.description}",
            "user_id": self.user_id.id,
            "channel": "plan",
            "source_key": f"campaign:{self.id}:{asset.id}",
            "campaign_id": self.id,
            **({"date_due": self.company_id._get_day_end(due)} if due else {}),
        }
