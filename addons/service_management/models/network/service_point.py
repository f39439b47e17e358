from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

POINT_KINDS = [
    ("hq", "Headquarters"),
    ("branch", "Branch"),
    ("centre", "Service Centre"),
    ("point", "Service Point"),
    ("agent", "Agency"),
    ("training", "Training Centre"),
]
POINT_OWNERSHIPS = [("own", "Own"), ("partner", "Partner Point")]
POINT_STATES = [
    ("applied", "Applied"),
    ("probation", "On Probation"),
    ("active", "Active"),
    ("suspended", "Suspended"),
    ("terminated", "Terminated"),
]
# In these states a point gets orders
OPEN_STATES = ("probation", "active")
POINT_GRADES = [("a", "A"), ("b", "B"), ("c", "C"), ("d", "D")]


class ServicePoint(models.Model):
    """Who does the service: an own centre or an authorised partner.

    Points are a tree (headquarters, branch, centre, point) on partners. Each has a
    stock location of its own, made with it and renamed with it.
    """

    _name = "service.point"
    _description = "Service Point"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "code, name, id"
    _parent_store = True
    _rec_names_search = ["name", "code"]
    _check_company_auto = True

    name = fields.Char(required=True, tracking=True, index="trigram")
    code = fields.Char(
        required=True,
        copy=False,
        tracking=True,
        default=lambda self: self.env["ir.sequence"].next_by_code("service.point"),
    )
    active = fields.Boolean(default=True, tracking=True)
    color = fields.Integer()
    company_id = fields.Many2one(
        "res.company",
        required=True,
        default=lambda self: self.env.company,
        index=True,
    )
    state = fields.Selection(
        POINT_STATES,
        default="active",
        required=True,
        copy=False,
        tracking=True,
        help="An applicant gets no orders yet. A point on probation works like an "
        "active one, with a limit of orders a day. A suspended point keeps its work "
        "and gets no new orders. A terminated one has left the network.",
    )
    # What it is
    kind = fields.Selection(POINT_KINDS, default="point", required=True)
    ownership = fields.Selection(POINT_OWNERSHIPS, default="partner", required=True)
    grade = fields.Selection(
        POINT_GRADES,
        default="b",
        tracking=True,
        help="What the point is paid by and how far it is trusted; A is best.",
    )
    parent_id = fields.Many2one(
        "service.point",
        string="Belongs To",
        index="btree_not_null",
        check_company=True,
        ondelete="restrict",
        tracking=True,
    )
    parent_path = fields.Char(index=True)
    child_ids = fields.One2many("service.point", "parent_id", string="Points Below")
    # Where it is
    partner_id = fields.Many2one(
        "res.partner",
        required=True,
        index=True,
        check_company=True,
        ondelete="restrict",
        help="The organisation and the address of the point.",
    )
    partner_latitude = fields.Float(related="partner_id.partner_latitude")
    partner_longitude = fields.Float(related="partner_id.partner_longitude")
    phone = fields.Char(related="partner_id.phone")
    email = fields.Char(related="partner_id.email")
    area_id = fields.Many2one(
        "service.area",
        compute="_compute_area_id",
        store=True,
        readonly=False,
        precompute=True,
        index="btree_not_null",
        help="The area the point itself is in. What it serves is its coverage.",
    )
    # Who works there
    user_ids = fields.Many2many(
        "res.users",
        relation="service_point_res_users_rel",
        column1="point_id",
        column2="user_id",
        string="Users",
        help="Answer offers and plan visits of the point, in the back office or in "
        "the portal.",
    )
    technician_ids = fields.One2many("service.technician", "point_id")
    technician_count = fields.Integer(compute="_compute_counts")
    # What it can do
    coverage_ids = fields.One2many("service.coverage", "point_id", copy=True)
    coverage_count = fields.Integer(compute="_compute_counts")
    resource_calendar_id = fields.Many2one(
        "resource.calendar",
        string="Opening Hours",
        compute="_compute_resource_calendar_id",
        store=True,
        readonly=False,
        precompute=True,
        check_company=True,
    )
    daily_capacity = fields.Integer(
        string="Orders a Day", help="Zero: without a limit.", aggregator="sum"
    )
    probation_orders = fields.Integer(
        string="Orders a Day on Probation",
        default=5,
        help="So many orders a day at most while on probation. Zero: without a limit.",
        aggregator=None,
    )
    probation_end = fields.Date(
        tracking=True, copy=False, help="On this day somebody decides how it goes on."
    )
    satisfaction = fields.Float(
        default=0.8,
        aggregator="avg",
        help="How content customers are with the point, from 0 to 100 %.",
    )
    location_id = fields.Many2one(
        "stock.location",
        string="Stock Location",
        readonly=True,
        copy=False,
        index="btree_not_null",
        check_company=True,
        ondelete="restrict",
    )
    note = fields.Html(groups="service_management.group_service_user")

    _code_uniq = models.Constraint(
        "UNIQUE (company_id, code)", "The code of a service point must be unique."
    )
    _satisfaction_is_share = models.Constraint(
        "CHECK (satisfaction BETWEEN 0 AND 1)",
        "Satisfaction lies between 0 and 100%.",
    )
    _capacity_not_negative = models.Constraint(
        "CHECK (daily_capacity >= 0)", "The orders a day cannot be negative."
    )

    @api.depends("code", "name")
    def _compute_display_name(self):
        for point in self:
            point.display_name = (
                f"[{point.code}] {point.name or ''}" if point.code else point.name
            )

    @api.depends("partner_id.service_area_id")
    def _compute_area_id(self):
        for point in self:
            point.area_id = point.partner_id.service_area_id or point.area_id

    @api.depends("company_id")
    def _compute_resource_calendar_id(self):
        for point in self:
            if point.resource_calendar_id.company_id != point.company_id:
                point.resource_calendar_id = point.company_id.resource_calendar_id

    def _compute_counts(self):
        counts = {
            model: dict(
                self.env[model]._read_group(
                    [("point_id", "in", self.ids)], ["point_id"], ["__count"]
                )
            )
            for model in ("service.technician", "service.coverage")
        }
        for point in self:
            origin = point._origin
            point.technician_count = counts["service.technician"].get(origin, 0)
            point.coverage_count = counts["service.coverage"].get(origin, 0)

    @api.constrains("parent_id")
    def _check_parent_id(self):
        if self._has_cycle():
            raise ValidationError(
                self.env._(
                    "A service point cannot be, through its parents, above itself."
                )
            )

    @api.model_create_multi
    def create(self, vals_list):
        points = super().create(vals_list)
        points._create_locations()
        if any(vals.get("user_ids") for vals in vals_list):
            self._forget_rules()
        return points

    def write(self, vals):
        if vals.get("state") == "terminated" or vals.get("active", True) is False:
            self._check_can_leave()
        result = super().write(vals)
        if "name" in vals or "code" in vals:
            self._rename_locations()
        if "user_ids" in vals or "parent_id" in vals:
            self._forget_rules()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        # sudo: stock.quant, stock.move: whether a point was used is no secret
        for model, field_names in (
            ("stock.quant", ["location_id"]),
            ("stock.move.line", ["location_id", "location_dest_id"]),
        ):
            for name in field_names:
                used = (
                    self.env[model]
                    .sudo()
                    .search([(name, "in", self.location_id.ids)], limit=1)
                )
                if used:
                    raise UserError(
                        self.env._(
                            "The stock location of %(point)s has been used. Archive "
                            "the service point instead of deleting it.",
                            point=used[name].name,
                        )
                    )

    def unlink(self):
        # sudo: stock.location: made by the point, so it goes with the point
        locations_sudo = self.sudo().location_id
        result = super().unlink()
        locations_sudo.unlink()
        return result

    @api.model
    def _get_open_states(self) -> tuple:
        """The states in which a point gets orders."""
        return OPEN_STATES

    def _is_open(self) -> bool:
        """Whether the point gets orders, by its state."""
        self.ensure_one()
        return self.state in self._get_open_states()

    def action_view_technicians(self):
        return self._get_own_action("service_management.action_service_technician")

    def action_view_coverage(self):
        return self._get_own_action("service_management.action_service_coverage")

    def _get_own_action(self, xmlid):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(xmlid)
        action["domain"] = [("point_id", "=", self.id)]
        action["context"] = {"default_point_id": self.id}
        return action

    def _check_can_leave(self):
        """Raise when work of the points is unfinished; areas that give work extend."""

    def _forget_rules(self):
        # Record rules name the points of a user, and their domains are cached.
        self.env.registry.clear_cache()

    def _create_locations(self):
        points = self.filtered(lambda point: not point.location_id)
        if not points:
            return
        # sudo: stock.location: who may create service points need not be allowed to
        # configure the warehouse
        locations_sudo = (
            self.env["stock.location"]
            .sudo()
            .create([point._prepare_location_vals() for point in points])
        )
        for point, location in zip(points, locations_sudo, strict=True):
            point.sudo().location_id = location

    def _prepare_location_vals(self) -> dict:
        self.ensure_one()
        return {
            "name": self._get_location_name(),
            "usage": "internal",
            "location_id": self.company_id._get_service_point_location().id,
            "company_id": self.company_id.id,
        }

    def _get_location_name(self) -> str:
        self.ensure_one()
        return f"{self.code} {self.name}"

    def _rename_locations(self):
        for point in self:
            # sudo: stock.location: made by the point, so it is called like it
            point.sudo().location_id.name = point._get_location_name()
