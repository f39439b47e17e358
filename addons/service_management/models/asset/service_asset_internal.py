from odoo import api, fields, models
from odoo.fields import Domain


class ServiceAsset(models.Model):
    """The company's own equipment: who uses it, and in which department."""

    _inherit = "service.asset"

    is_internal = fields.Boolean(
        string="Internal Asset",
        help="Owned and used by the company itself, such as a laptop or a copier.",
    )
    employee_id = fields.Many2one(
        "hr.employee",
        string="Used By",
        check_company=True,
        index="btree_not_null",
        tracking=True,
    )
    department_id = fields.Many2one(
        "hr.department",
        compute="_compute_department_id",
        store=True,
        readonly=False,
        precompute=True,
        check_company=True,
        index="btree_not_null",
    )
    is_shared = fields.Boolean(
        string="Shared",
        help="Such as a copier or a meeting room: everybody of the department, or of "
        "the company where no department is named, may request service for it.",
    )
    is_mine = fields.Boolean(
        string="Mine to Use", compute="_compute_is_mine", search="_search_is_mine"
    )
    # What record rules ask for: whose asset it is, without reading personnel files
    user_id = fields.Many2one(
        related="employee_id.user_id",
        string="User",
        store=True,
        precompute=True,
        index="btree_not_null",
        related_sudo=True,
    )

    _internal_idx = models.Index("(name) WHERE is_internal IS TRUE")

    @api.depends("employee_id")
    def _compute_department_id(self):
        for asset in self:
            # sudo: hr.employee: the department is no secret, the file is
            employee = asset.employee_id.sudo()
            asset.department_id = employee.department_id or asset.department_id

    @api.depends("user_id", "is_internal", "is_shared", "department_id")
    @api.depends_context("uid")
    def _compute_is_mine(self):
        # sudo: service.asset, hr.employee: whether the reader uses it
        mine = self.sudo().filtered_domain(self._get_mine_domain())
        for asset in self:
            asset.is_mine = asset in mine.sudo(False)

    @api.model
    def _search_is_mine(self, operator, value):
        if operator != "in":
            return NotImplemented
        domain = self._get_mine_domain()
        return domain if True in value else ~domain

    @api.model
    def _get_mine_domain(self) -> Domain:
        """What the user uses, alone or with others; the record rule says the same."""
        # sudo: hr.department: the user's own
        own = self.env.user.sudo().employee_ids.department_id
        return Domain("user_id", "=", self.env.uid) | (
            Domain("is_internal", "=", True)
            & Domain("is_shared", "=", True)
            & Domain("department_id", "in", [*own.ids, False])
        )

    @api.onchange("is_internal")
    def _onchange_is_internal(self):
        if self.is_internal and not self.partner_id:
            self.partner_id = (self.company_id or self.env.company).partner_id

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if vals.get("is_internal") and not vals.get("partner_id"):
                company = self.env["res.company"].browse(
                    vals.get("company_id") or self.env.company.id
                )
                vals["partner_id"] = company.sudo().partner_id.id
        return super().create(vals_list)
