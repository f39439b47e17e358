from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain


class ServiceContract(models.Model):
    """What was sold to a customer, for how long and for which assets."""

    _name = "service.contract"
    _description = "Service Contract"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "date_end desc, id desc"
    _rec_names_search = ["name", "code"]
    _check_company_auto = True

    name = fields.Char(required=True, tracking=True)
    code = fields.Char(
        string="Contract Number",
        required=True,
        copy=False,
        index="trigram",
        default=lambda self: self.env["ir.sequence"].next_by_code("service.contract"),
    )
    company_id = fields.Many2one(
        "res.company", default=lambda self: self.env.company, index=True
    )
    currency_id = fields.Many2one("res.currency", compute="_compute_currency_id")
    partner_id = fields.Many2one(
        "res.partner", string="Customer", required=True, index=True, tracking=True
    )
    commercial_partner_id = fields.Many2one(
        related="partner_id.commercial_partner_id",
        store=True,
        precompute=True,
        index=True,
    )
    user_id = fields.Many2one(
        "res.users",
        string="Responsible",
        index="btree_not_null",
        default=lambda self: self.env.uid if not self.env.user.share else False,
        domain="[('share', '=', False)]",
        tracking=True,
        help="Reminded before the contract ends.",
    )
    date_start = fields.Date(
        string="Start Date", required=True, default=fields.Date.context_today
    )
    date_end = fields.Date(
        string="End Date",
        required=True,
        tracking=True,
        compute="_compute_date_end",
        store=True,
        readonly=False,
        precompute=True,
    )
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("active", "Active"),
            ("suspended", "Suspended"),
            ("closed", "Closed"),
        ],
        default="draft",
        required=True,
        tracking=True,
        copy=False,
    )
    # What was promised
    template_id = fields.Many2one(
        "service.contract.template",
        index="btree_not_null",
        check_company=True,
        help="The terms that the contract started with.",
    )
    asset_ids = fields.Many2many(
        "service.asset",
        context={"active_test": False},
        string="Covered Assets",
        check_company=True,
        domain="[('commercial_partner_id', '=', commercial_partner_id)]",
        help="Empty: every asset of the customer.",
    )
    entitlement_ids = fields.One2many(
        "service.entitlement", "contract_id", string="Entitlements", copy=True
    )
    note = fields.Html()

    _code_uniq = models.Constraint(
        "UNIQUE (company_id, code)", "The contract number is already in use."
    )
    _dates_in_order = models.Constraint(
        "CHECK (date_end >= date_start)",
        "A contract must end on or after the day it starts.",
    )

    @api.depends("company_id")
    @api.depends_context("company")
    def _compute_currency_id(self):
        for contract in self:
            company = contract.company_id or self.env.company
            contract.currency_id = company.currency_id

    @api.depends("date_start", "template_id")
    def _compute_date_end(self):
        for contract in self:
            months = contract.template_id.months
            if contract.date_start and months and contract.state == "draft":
                contract.date_end = contract._get_end(contract.date_start, months)
            else:
                contract.date_end = contract.date_end

    @api.model
    def _get_end(self, start, months):
        """The last day of a contract of ``months`` that starts on ``start``."""
        return start + relativedelta(months=months, days=-1)

    @api.onchange("template_id")
    def _onchange_template_id(self):
        """A draft starts with the terms of its template, to be changed as agreed."""
        if self.template_id and self.state == "draft":
            self.entitlement_ids = [fields.Command.clear()]
            self.update(self.template_id._prepare_contract_terms())
            self.name = self.name or self.template_id.name

    @api.model_create_multi
    def create(self, vals_list):
        contracts = super().create(vals_list)
        contracts._open_periods()
        return contracts

    def write(self, vals):
        if "date_start" in vals:
            self._check_not_started()
        result = super().write(vals)
        if {"state", "date_end"} & vals.keys():
            self._open_periods()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_running(self):
        if any(contract.state != "draft" for contract in self):
            raise UserError(
                self.env._("A contract that was active is kept. Close it instead.")
            )

    def _check_not_started(self):
        if any(contract.state != "draft" for contract in self):
            raise UserError(
                self.env._(
                    "The first day of a contract that runs cannot be moved: its "
                    "entitlements are counted from there."
                )
            )

    def _open_periods(self):
        """The quotas of active contracts: one ledger period each, granted once."""
        active = self.filtered(lambda contract: contract.state == "active")
        active.entitlement_ids._open_periods()

    def action_activate(self):
        self.filtered(lambda contract: contract.state != "active").state = "active"

    def action_close(self):
        self.state = "closed"

    def action_view_entries(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "service_management.action_service_entitlement_entry"
        )
        return action | {
            "domain": [("contract_id", "=", self.id)],
            "context": {"create": False},
        }

    @api.model
    def _get_valid_domain(self, day) -> Domain:
        return Domain(
            [
                ("state", "=", "active"),
                ("date_start", "<=", day),
                ("date_end", ">=", day),
            ]
        )

    def _is_covering(self, asset, day) -> bool:
        """Whether the contract holds on ``day`` for ``asset`` (may be empty)."""
        self.ensure_one()
        return (
            self.state == "active"
            and self.date_start <= day <= self.date_end
            and (not self.asset_ids or asset in self.asset_ids)
        )
