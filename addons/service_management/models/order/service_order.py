from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from odoo.addons.service_management.models.catalog.service_type import PRIORITIES

CHANNELS = [
    ("phone", "Phone"),
    ("email", "Email"),
    ("portal", "Portal"),
    ("chat", "Chat"),
    ("walk_in", "Walk-in"),
    ("api", "API"),
    ("plan", "Plan"),
    ("import", "Import"),
]
OUTCOMES = [
    ("fixed", "Fixed"),
    ("repairable", "Repairable, Further Work Needed"),
    ("no_fault", "No Fault Found"),
    ("not_fixed", "Not Fixed"),
    ("end_of_life", "End of Life"),
]
WARRANTY_STATES = [
    ("none", "Not Known"),
    ("in", "In Warranty"),
    ("partial", "Partly in Warranty"),
    ("out", "Out of Warranty"),
]
# Made first, at once and also by who is on standby
URGENT = "3"
CLOSED_STATES = ("closed", "cancelled")
FINISHED_STATES = ("done", *CLOSED_STATES)
# A change of these after registration is decided anew
WARRANTY_FIELDS = {
    "partner_id",
    "asset_id",
    "date_fault",
    "condition_id",
    "symptom_id",
    "section_id",
    "defect_id",
    "repair_code_id",
    "warranty_exclusion_ids",
}
# Set by what happens to an order, never by hand: not by a form, an import or RPC.
FLOW_FIELDS = {
    "name",
    "source_key",
    "stage_id",
    "state",
    "point_id",
    "date_done",
    "date_closed",
    "warranty_state",
    "warranty_reasons",
    "warranty_facts",
    "campaign_id",
    # set by the service-level clocks
    "sla_state",
    "sla_due_at",
    "entitlement_id",
    "entitlement_period_id",
    "entitlement_held",
    "entitlement_use",
    "coverage_state",
    "coverage_reasons",
    "coverage_price",
    "charge_line_id",
    # what the customer said of it
    "rating_last_value",
    "rating_asked_at",
    # what the customer pays (service_settlement)
    "charge_due",
    "charge_undecided",
    "charge_reasons",
    "charge_state",
    "workflow_version_id",
    "workflow_error",
    "workflow_turn",
    # what follows from the customer, the visits and merging
    "commercial_partner_id",
    "phone_key",
    "technician_id",
    "planned_start",
    "merged_into_id",
    # where it came from, and what was compared with it
    "handover_model",
    "handover_res_id",
    "handover_template_id",
    "import_id",
    "inbox_id",
    "is_compared",
    "sale_order_id",
    # the chat that it was made of (service_portal)
    "livechat_id",
}
# What a share to work on lets one write by hand who is not of the service desk. All
# else, above all whose order it is and for what, is the desk's to say.
SHARED_WORK_FIELDS = {
    "outcome",
    "outcome_note",
    "condition_id",
    "symptom_id",
    "section_id",
    "defect_id",
    "repair_code_id",
    "warranty_exclusion_ids",
    "date_preferred",
    # discussing and planning
    "activity_ids",
    "message_follower_ids",
    "message_main_attachment_id",
    "message_partner_ids",
}


class ServiceOrder(models.Model):
    """One thing a customer asks for, from request to closed.

    This file says what an order knows; ``service_order_flow`` what happens to it.
    """

    _name = "service.order"
    _description = "Service Order"
    _inherit = ["rating.mixin", "mail.thread", "mail.activity.mixin", "portal.mixin"]
    _order = "priority desc, date_request desc, id desc"
    _rec_names_search = ["name", "partner_id.name", "asset_id.serial"]
    _check_company_auto = True
    _mail_post_access = "read"

    name = fields.Char(
        string="Number", default="", copy=False, readonly=True, index="trigram"
    )
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company, index=True
    )
    # Who asks, and for where
    partner_id = fields.Many2one(
        "res.partner", string="Customer", index=True, check_company=True
    )
    commercial_partner_id = fields.Many2one(
        related="partner_id.commercial_partner_id",
        store=True,
        precompute=True,
        index=True,
    )
    requester_id = fields.Many2one(
        "res.partner",
        index="btree_not_null",
        help="Who asked, where this is not the customer.",
    )
    phone = fields.Char(
        compute="_compute_contact", store=True, readonly=False, precompute=True
    )
    email = fields.Char(
        compute="_compute_contact", store=True, readonly=False, precompute=True
    )
    site_id = fields.Many2one(
        "res.partner",
        compute="_compute_site_id",
        store=True,
        readonly=False,
        precompute=True,
        index="btree_not_null",
    )
    area_id = fields.Many2one(
        "service.area",
        string="Service Area",
        compute="_compute_area_id",
        store=True,
        readonly=False,
        precompute=True,
        index="btree_not_null",
    )
    # What for
    type_id = fields.Many2one("service.type", string="Service Type", index=True)
    asset_id = fields.Many2one(
        "service.asset",
        index="btree_not_null",
        check_company=True,
        domain="[('commercial_partner_id', '=?', commercial_partner_id)]",
    )
    product_id = fields.Many2one(
        "product.product",
        compute="_compute_product_id",
        store=True,
        readonly=False,
        precompute=True,
        index="btree_not_null",
    )
    category_id = fields.Many2one(
        "product.category",
        string="Product Category",
        compute="_compute_category_id",
        store=True,
        readonly=False,
        precompute=True,
        index="btree_not_null",
    )
    description = fields.Text(help="The request in the customer's words.")
    internal_note = fields.Text(groups="service_management.group_service_agent")
    # What is wrong, in the terms of the fault library
    condition_id = fields.Many2one(
        "service.fault.code",
        string="Fault Condition",
        domain="[('kind', '=', 'condition')]",
        index="btree_not_null",
    )
    symptom_id = fields.Many2one(
        "service.fault.code",
        domain="[('kind', '=', 'symptom')]",
        index="btree_not_null",
    )
    section_id = fields.Many2one(
        "service.fault.code",
        domain="[('kind', '=', 'section')]",
        index="btree_not_null",
    )
    defect_id = fields.Many2one(
        "service.fault.code",
        domain="[('kind', '=', 'defect')]",
        index="btree_not_null",
    )
    repair_code_id = fields.Many2one(
        "service.fault.code",
        domain="[('kind', '=', 'repair')]",
        index="btree_not_null",
    )
    # How it came in
    channel = fields.Selection(CHANNELS, default="phone", required=True)
    source_key = fields.Char(
        copy=False,
        readonly=True,
        help="The request's own identity in its channel: asked twice, one order.",
    )
    parent_id = fields.Many2one(
        "service.order", string="Follows From", index="btree_not_null", copy=False
    )
    child_ids = fields.One2many("service.order", "parent_id")
    # Whose it is
    priority = fields.Selection(
        PRIORITIES,
        compute="_compute_priority",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
    )
    user_id = fields.Many2one(
        "res.users",
        string="Owner",
        index="btree_not_null",
        default=lambda self: self._default_user_id(),
        domain="[('share', '=', False)]",
    )
    team_id = fields.Many2one(
        "service.team",
        compute="_compute_team_id",
        store=True,
        readonly=False,
        precompute=True,
        index="btree_not_null",
        check_company=True,
    )
    stage_id = fields.Many2one(
        "service.stage",
        required=True,
        readonly=True,
        copy=False,
        index=True,
        default=lambda self: self.env["service.stage"]._get_by_state("draft"),
        group_expand="_group_expand_stage_id",
    )
    state = fields.Selection(
        related="stage_id.state", store=True, index=True, precompute=True
    )
    point_id = fields.Many2one(
        "service.point",
        string="Service Point",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    # When
    date_request = fields.Datetime(
        string="Requested On", default=fields.Datetime.now, required=True, index=True
    )
    date_fault = fields.Date(
        string="Fault Date",
        compute="_compute_date_fault",
        store=True,
        readonly=False,
        precompute=True,
    )
    date_due = fields.Datetime(
        string="Promised By",
        compute="_compute_date_due",
        store=True,
        readonly=False,
        precompute=True,
        index=True,
    )
    date_preferred = fields.Char(
        string="Preferred Time", help="When it would suit the customer, as told."
    )
    date_done = fields.Datetime(string="Done On", readonly=True, copy=False)
    date_closed = fields.Datetime(string="Closed On", readonly=True, copy=False)
    is_late = fields.Boolean(compute="_compute_is_late", search="_search_is_late")
    # What was promised
    contract_id = fields.Many2one(
        "service.contract",
        copy=False,
        index="btree_not_null",
        check_company=True,
        domain="[('commercial_partner_id', '=', commercial_partner_id)]",
    )
    warranty_state = fields.Selection(
        WARRANTY_STATES, string="Warranty", default="none", readonly=True, copy=False
    )
    warranty_reasons = fields.Json(
        string="Warranty Decision", readonly=True, copy=False
    )
    warranty_note = fields.Text(
        string="Warranty Reasons", compute="_compute_warranty_note"
    )
    # What came of it
    outcome = fields.Selection(OUTCOMES, copy=False)
    outcome_note = fields.Text(string="Result", copy=False)
    # Its history
    event_ids = fields.One2many("service.order.event", "order_id", copy=False)
    workitem_ids = fields.One2many(
        "service.workitem", "order_id", string="Work Items", copy=False
    )
    duplicate_ids = fields.Many2many(
        "service.order",
        compute="_compute_duplicate_ids",
        string="Possible Duplicates",
        help="Other open orders for the same asset and fault.",
    )
    duplicate_count = fields.Integer(compute="_compute_duplicate_ids")

    _source_uniq = models.UniqueIndex(
        "(channel, source_key) WHERE source_key IS NOT NULL",
        "This request has already been received through this channel.",
    )
    _owned_unless_closed = models.Constraint(
        "CHECK (COALESCE(user_id, team_id) IS NOT NULL "
        "OR state IN ('closed', 'cancelled'))",
        "An open order needs an owner or a team.",
    )
    _due_idx = models.Index(
        "(date_due) WHERE state NOT IN ('done', 'closed', 'cancelled')"
    )
    _point_queue_idx = models.Index(
        "(point_id, state) WHERE state NOT IN ('closed', 'cancelled')"
    )

    def _default_user_id(self):
        return self.env.uid if not self.env.user.share else False

    @api.depends("name", "partner_id.name")
    def _compute_display_name(self):
        for order in self:
            order.display_name = order.name or self.env._(
                "Draft for %(customer)s",
                customer=order.partner_id.name or self.env._("a new caller"),
            )

    @api.depends("partner_id", "requester_id")
    def _compute_contact(self):
        for order in self:
            contact = order.requester_id or order.partner_id
            order.phone = contact.phone or order.phone
            order.email = contact.email or order.email

    @api.depends("partner_id", "asset_id")
    def _compute_site_id(self):
        for order in self:
            order.site_id = order.asset_id.site_id or order.site_id or order.partner_id

    @api.depends("site_id")
    def _compute_area_id(self):
        for order in self:
            order.area_id = order.site_id.service_area_id or order.area_id

    @api.depends("asset_id")
    def _compute_product_id(self):
        for order in self:
            order.product_id = order.asset_id.product_id or order.product_id

    @api.depends("asset_id", "product_id")
    def _compute_category_id(self):
        for order in self:
            order.category_id = (
                order.asset_id.category_id
                or order.product_id.categ_id
                or order.category_id
            )

    @api.depends("type_id")
    def _compute_team_id(self):
        # By its cached id: `ref` asks the database whether it exists, for each order
        default_team = self.env["service.team"].browse(
            self.env["ir.model.data"]._xmlid_to_res_id(
                "service_management.team_service_desk", raise_if_not_found=False
            )
        )
        for order in self:
            order.team_id = order.team_id or order.type_id.team_id or default_team

    @api.depends("type_id")
    def _compute_priority(self):
        for order in self:
            order.priority = order.type_id.priority or order.priority or "1"

    @api.depends("date_request")
    def _compute_date_fault(self):
        for order in self:
            order.date_fault = order.date_fault or fields.Date.to_date(
                order.date_request
            )

    @api.depends("type_id", "date_request")
    def _compute_date_due(self):
        for order in self:
            hours = order.type_id.promise_hours
            if order.date_request and hours:
                order.date_due = order.date_request + timedelta(hours=hours)
            else:
                order.date_due = order.date_due

    @api.depends("warranty_reasons")
    @api.depends_context("lang")
    def _compute_warranty_note(self):
        for order in self:
            order.warranty_note = order.asset_id._describe_warranty(
                order.warranty_reasons or ()
            )

    @api.depends("date_due", "state")
    def _compute_is_late(self):
        now = fields.Datetime.now()
        for order in self:
            due = order.date_due
            if order.state in CLOSED_STATES:
                order.is_late = False
            else:
                order.is_late = bool(due and due < (order.date_done or now))

    def _search_is_late(self, operator, value):
        if operator != "in":
            return NotImplemented
        late = Domain("state", "not in", FINISHED_STATES) & Domain(
            "date_due", "<", fields.Datetime.now()
        )
        return late if True in value else ~late

    @api.depends("asset_id", "partner_id", "category_id", "symptom_id", "date_request")
    def _compute_duplicate_ids(self):
        candidates = self._search_open_siblings()
        for order in self:
            duplicates = candidates.filtered(order._is_duplicated_by)
            order.duplicate_ids = duplicates
            order.duplicate_count = len(duplicates)

    def _search_open_siblings(self):
        """Open orders of the same assets or customers, in one query."""
        domain = Domain.OR(
            [
                Domain("asset_id", "in", self.asset_id.ids),
                Domain("partner_id", "in", self.partner_id.ids),
            ]
        )
        return self.search(
            domain & Domain("state", "not in", ("draft", *FINISHED_STATES))
        )

    def _is_duplicated_by(self, other) -> bool:
        self.ensure_one()
        if other == self._origin or not self.partner_id:
            return False
        window = timedelta(days=self.company_id.service_duplicate_days)
        if self.date_request and abs(self.date_request - other.date_request) > window:
            return False
        if self.asset_id:
            same_thing = other.asset_id == self.asset_id
        else:
            same_thing = (
                other.partner_id == self.partner_id
                and self.category_id
                and other.category_id == self.category_id
            )
        same_fault = (
            not self.symptom_id
            or not other.symptom_id
            or self.symptom_id == other.symptom_id
        )
        return bool(same_thing and same_fault)

    def _group_expand_stage_id(self, stages, domain):
        # One search, so that the columns stand in the order of the stages, with orders
        # in them or not
        usual = Domain("state", "!=", "draft") & Domain("is_side", "=", False)
        return stages.search(usual | Domain("id", "in", stages.ids))

    def _compute_access_url(self):
        result = super()._compute_access_url()
        for order in self:
            order.access_url = f"/my/service/orders/{order.id}"
        return result

    @api.model_create_multi
    def create(self, vals_list):
        # What a context gives as default is given by the caller too
        defaults = {name.removeprefix("default_") for name in self.env.context}
        self._check_flow_fields(defaults.union(*vals_list))
        # The event says that it was created: a message saying it again would be the
        # dearest part of creating an order
        silent = self.with_context(mail_create_nolog=True)
        orders = super(ServiceOrder, silent).create(vals_list).with_env(self.env)
        orders._log_event("created")
        if not self._is_filed():
            orders._start_workflow()
        return orders

    def write(self, vals):
        self._check_flow_fields(vals.keys())
        self._check_shared_work_fields(vals.keys())
        result = super().write(vals)
        if WARRANTY_FIELDS & vals.keys():
            self._renew_warranty(vals.keys())
        return result

    def _check_flow_fields(self, names):
        refused = FLOW_FIELDS.intersection(names)
        if refused and not self.env.su:
            # sudo: service.order: the names of fields that not everybody may read
            labels = self.sudo().fields_get(list(refused), ["string"])
            raise UserError(
                self.env._(
                    "%(fields)s: set by what happens to the order, not by hand. Use "
                    "the buttons of the order instead.",
                    fields=", ".join(sorted(x["string"] for x in labels.values())),
                )
            )

    def _check_shared_work_fields(self, names):
        refused = self._fields.keys() & names - SHARED_WORK_FIELDS
        if (
            refused
            and not self.env.su
            and not self.env.user.has_group("service_management.group_service_agent")
        ):
            # sudo: service.order: the names of fields that not everybody may read
            labels = self.sudo().fields_get(list(refused), ["string"])
            raise AccessError(
                self.env._(
                    "%(fields)s: only the service desk changes this. Who works on a "
                    "shared order writes down the fault and the result.",
                    fields=", ".join(sorted(x["string"] for x in labels.values())),
                )
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_registered(self):
        registered = self.filtered(lambda order: order.state != "draft")
        if registered:
            raise UserError(
                self.env._(
                    "Registered orders are kept. Cancel %(orders)s instead.",
                    orders=", ".join(registered.mapped("display_name")),
                )
            )
