from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError

# Fields that a technician shows and the resource keeps.
RESOURCE_FIELDS = ("name", "user_id", "active", "resource_calendar_id", "tz")


class ServiceTechnician(models.Model):
    """A person who carries out visits: calendar, skills, base.

    An employee's technician works on the employee's resource, so that leaves count
    for both. A technician need be neither an employee nor a user.
    """

    _name = "service.technician"
    _description = "Technician"
    _inherit = ["resource.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "name, id"
    _check_company_auto = True

    name = fields.Char(
        related="resource_id.name", store=True, readonly=False, index="trigram"
    )
    active = fields.Boolean(
        related="resource_id.active", default=True, store=True, readonly=False
    )
    color = fields.Integer()
    image_128 = fields.Image(string="Photo", max_width=128, max_height=128)
    # Where the technician belongs
    company_id = fields.Many2one(required=True)
    point_id = fields.Many2one(
        "service.point",
        string="Service Point",
        required=True,
        index=True,
        check_company=True,
        ondelete="restrict",
        tracking=True,
    )
    # Who it is
    employee_id = fields.Many2one(
        "hr.employee",
        index="btree_not_null",
        check_company=True,
        groups="hr.group_hr_user,service_management.group_service_manager",
        help="Employees of the company; leave it empty for people of a partner.",
    )
    is_kept_by_hr = fields.Boolean(
        string="Kept by Personnel",
        compute="_compute_is_kept_by_hr",
        help="An employee's name, working hours and time zone are the company's to "
        "change, not those of whoever keeps a service point.",
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Contact",
        index="btree_not_null",
        check_company=True,
        compute="_compute_partner_id",
        store=True,
        readonly=False,
    )
    user_id = fields.Many2one(
        related="resource_id.user_id",
        store=True,
        readonly=False,
        index="btree_not_null",
        help="Signs in with this user and sees the visits of this technician.",
    )
    phone = fields.Char(compute="_compute_phone", store=True, readonly=False)
    # Empty: the technician can be planned at any time. The resource has the default
    resource_calendar_id = fields.Many2one(default=None)
    # What the technician can do
    skill_ids = fields.One2many("service.technician.skill", "technician_id", copy=True)
    note = fields.Text()

    _user_uniq = models.UniqueIndex(
        "(user_id, company_id) WHERE user_id IS NOT NULL",
        "This user is already a technician of the company.",
    )
    _employee_uniq = models.UniqueIndex(
        "(employee_id) WHERE employee_id IS NOT NULL",
        "This employee is already a technician.",
    )

    @api.depends("resource_id")
    @api.depends_context("uid")
    def _compute_is_kept_by_hr(self):
        # New records have no resource that anybody else could have
        kept = (
            self.browse()
            if self._may_change_employees()
            else self._origin._filter_employees()
        )
        for technician in self:
            technician.is_kept_by_hr = technician._origin in kept

    @api.depends("user_id")
    def _compute_partner_id(self):
        for technician in self:
            technician.partner_id = (
                technician.user_id.partner_id or technician.partner_id
            )

    @api.depends("partner_id", "employee_id")
    def _compute_phone(self):
        for technician in self:
            # sudo: hr.employee: the work phone is what the technician is called by
            employee_sudo = technician.sudo().employee_id
            technician.phone = (
                technician.phone
                or employee_sudo.work_phone
                or technician.partner_id.phone
            )

    @api.constrains("point_id", "resource_id")
    def _check_company_of_point(self):
        for technician in self:
            if technician.point_id.company_id != technician.company_id:
                raise ValidationError(
                    self.env._(
                        "%(technician)s and the service point must belong to the same "
                        "company.",
                        technician=technician.name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [dict(vals) for vals in vals_list]
        if not self.env.su and any(vals.get("resource_id") for vals in vals_list):
            self._refuse_resource()
        self._link_resources(vals_list)
        return super().create(vals_list)

    def write(self, vals):
        vals = dict(vals)
        if "resource_id" in vals and not self.env.su:
            self._refuse_resource()
        if vals.get("employee_id") and "resource_id" not in vals:
            vals["resource_id"] = self._get_employee_resource(vals["employee_id"]).id
        resource_vals = {
            {"resource_calendar_id": "calendar_id"}.get(name, name): vals.pop(name)
            for name in RESOURCE_FIELDS
            if name in vals
        }
        result = super().write(vals)
        if resource_vals and not self.env.su:
            self._check_resource_is_ours(resource_vals)
        if resource_vals or "point_id" in vals:
            # Rules are asked about what was there; moving to another point needs the
            # right to work with that one, too.
            self.check_access("write")
        if resource_vals:
            # sudo: resource.resource: who may change the technician may change what
            # the technician's own resource keeps of it
            self.resource_id.sudo().write(resource_vals)
        return result

    def _refuse_resource(self):
        # Whose resource it is decides whose hours, user and leaves are written
        raise AccessError(
            self.env._("A technician's resource follows from the employee.")
        )

    def _filter_employees(self):
        """Who works on the resource of an employee, linked to the employee or not."""
        # sudo: hr.employee: only whether there is one
        employees_sudo = self.env["hr.employee"].sudo().with_context(active_test=False)
        employees_sudo = employees_sudo.search_fetch(
            [("resource_id", "in", self.sudo().resource_id.ids)], ["resource_id"]
        )
        kept = employees_sudo.resource_id
        return self.filtered(lambda technician: technician.sudo().resource_id in kept)

    @api.model
    def _may_change_employees(self) -> bool:
        return (
            self.env.su
            or self.env.user.has_group("hr.group_hr_user")
            or self.env.user.has_group("service_management.group_service_manager")
        )

    def _check_resource_is_ours(self, resource_vals):
        """What an employee's resource keeps is said at the employee, and not by
        whoever keeps a point: the user is the one who is paid, and on leave, as that
        employee (and so not even a manager of service says it); working hours are
        what planning and payroll go by."""
        if self.env.user.has_group("hr.group_hr_user"):
            return
        may_change = self._may_change_employees()
        for technician in self._filter_employees().sudo():
            resource = technician.resource_id
            changed = {
                name
                for name, value in resource_vals.items()
                if resource._fields[name].convert_to_write(resource[name], resource)
                != (value or False)
            }
            if "user_id" in changed:
                raise AccessError(
                    self.env._(
                        "%(technician)s is an employee: the user is the one of the "
                        "employee.",
                        technician=technician.name,
                    )
                )
            if changed and not may_change:
                raise AccessError(
                    self.env._(
                        "%(technician)s is an employee of the company: ask personnel "
                        "to change the name, the working hours or the time zone, or to "
                        "archive.",
                        technician=technician.name,
                    )
                )

    @api.model
    def _link_resources(self, vals_list):
        """Give each new technician the employee's resource, or a new one."""
        self.check_access("create")
        points = self.env["service.point"].browse(
            [vals["point_id"] for vals in vals_list if vals.get("point_id")]
        )
        companies = {point.id: point.company_id.id for point in points}
        missing = []
        for vals in vals_list:
            if vals.get("employee_id") and not vals.get("resource_id"):
                employee_id = vals["employee_id"]
                vals["resource_id"] = self._get_employee_resource(employee_id).id
            elif not vals.get("resource_id"):
                vals.setdefault(
                    "company_id",
                    companies.get(vals.get("point_id"), self.env.company.id),
                )
                missing.append(vals)
        # sudo: resource.resource: who may create technicians may create theirs
        resource_model_sudo = self.env["resource.resource"].sudo()
        resources_sudo = resource_model_sudo.create(
            [self._prepare_resource_values(vals, vals.get("tz")) for vals in missing]
        )
        for vals, resource in zip(missing, resources_sudo, strict=True):
            vals["resource_id"] = resource.id
        for vals in vals_list:
            # What the resource keeps is not written to it again by way of related
            # fields, which would ask for the right to change resources.
            resource = resource_model_sudo.browse(vals["resource_id"])
            for name in ("name", "user_id", "tz"):
                vals.pop(name, None)
            vals["active"] = resource.active
            vals["company_id"] = resource.company_id.id
            vals["resource_calendar_id"] = resource.calendar_id.id

    @api.model
    def _get_employee_resource(self, employee_id):
        # sudo: hr.employee: only the link is read, by who may set it
        return self.env["hr.employee"].sudo().browse(employee_id).resource_id

    def _prepare_resource_values(self, vals, tz):
        values = super()._prepare_resource_values(vals, tz)
        for name, resource_name in (
            ("user_id", "user_id"),
            ("active", "active"),
            ("resource_calendar_id", "calendar_id"),
        ):
            if name in vals:
                values[resource_name] = vals[name]
        if "resource_calendar_id" in vals:
            # Empty on purpose: a technician who can be planned at any time
            values["calendar_id"] = vals["resource_calendar_id"]
        if not values["name"] and vals.get("user_id"):
            values["name"] = self.env["res.users"].browse(vals["user_id"]).name
        return values

    def _get_missing_requirements(self, requirements, date):
        """What each technician lacks on the day.

        A requirement is met by the skill itself, at the asked level or above, with a
        validity that includes the day. A certificate that nobody has verified counts
        for nothing.

        :return: ``{technician: requirements it does not meet}``
        """
        # sudo: service.technician.skill: the decision is the same whoever asks
        skills_sudo = (
            self.env["service.technician.skill"]
            .sudo()
            .search_fetch(
                [
                    ("technician_id", "in", self.ids),
                    ("skill_id", "in", requirements.skill_id.ids),
                    ("valid_from", "<=", date),
                    ("verification", "=", "verified"),
                    "|",
                    ("valid_to", "=", False),
                    ("valid_to", ">=", date),
                ],
                ["technician_id", "skill_id", "skill_level_id"],
            )
        )
        best = defaultdict(dict)
        for skill in skills_sudo:
            levels = best[skill.technician_id.id]
            levels[skill.skill_id.id] = max(
                levels.get(skill.skill_id.id, 0), skill.level_progress
            )
        wanted = [
            (rec, rec.skill_id.id, rec.level_id.level_progress) for rec in requirements
        ]
        return {
            technician: requirements.browse(
                rec.id
                for rec, skill_id, progress in wanted
                if best[technician.id].get(skill_id, -1) < progress
            )
            for technician in self
        }
