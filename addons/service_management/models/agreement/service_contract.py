from odoo import api, fields, models
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
    partner_id = fields.Many2one(
        "res.partner", string="Customer", required=True, index=True, tracking=True
    )
    commercial_partner_id = fields.Many2one(
        related="partner_id.commercial_partner_id",
        store=True,
        precompute=True,
        index=True,
    )
    date_start = fields.Date(required=True, default=fields.Date.context_today)
    date_end = fields.Date(required=True, tracking=True)
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
    )
    asset_ids = fields.Many2many(
        "service.asset",
        string="Covered Assets",
        check_company=True,
        domain="[('commercial_partner_id', '=', commercial_partner_id)]",
        help="Empty: every asset of the customer.",
    )
    note = fields.Html()

    _code_uniq = models.Constraint(
        "UNIQUE (company_id, code)", "The contract number is already in use."
    )
    _dates_in_order = models.Constraint(
        "CHECK (date_end >= date_start)",
        "A contract must end on or after the day it starts.",
    )

    def action_activate(self):
        self.state = "active"

    def action_suspend(self):
        self.state = "suspended"

    def action_close(self):
        self.state = "closed"

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
