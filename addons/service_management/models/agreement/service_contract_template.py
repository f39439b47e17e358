from odoo import api, fields, models


class ServiceContractTemplate(models.Model):
    """A service that is sold like goods: what is promised, for how long, on which
    terms. A product carries it; selling the product makes the contract."""

    _name = "service.contract.template"
    _description = "Contract Template"
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", index=True)
    currency_id = fields.Many2one("res.currency", compute="_compute_currency_id")
    description = fields.Text(
        translate=True, help="What the customer gets, in a sentence or two."
    )
    line_ids = fields.One2many(
        "service.contract.template.line",
        "template_id",
        string="Entitlements",
        copy=True,
    )
    # How long
    months = fields.Integer(string="Duration (Months)", default=12, required=True)
    renewal = fields.Selection(
        [("none", "Ends"), ("quotation", "Quotation for Its Renewal")],
        string="At Its End",
        default="quotation",
        required=True,
    )
    renewal_days = fields.Integer(
        string="Days Ahead",
        default=60,
        help="How long before its end a contract's renewal is quoted.",
    )
    renewal_uplift = fields.Float(
        string="Price Change (%)",
        help="Added to the price of the product when a contract is renewed.",
    )
    reminder_days = fields.Integer(
        string="Reminder (Days)",
        default=30,
        help="How long before its end somebody is reminded; 0: never.",
    )
    # What both sides owe
    sla_policy_id = fields.Many2one(
        "service.sla.policy",
        string="Service-Level Policy",
        index="btree_not_null",
        check_company=True,
        help="What is promised in time.",
    )
    provider_duties = fields.Text(string="What We Do", translate=True)
    customer_duties = fields.Text(string="What the Customer Does", translate=True)
    # What it costs
    is_per_unit = fields.Boolean(
        string="Quotas Grow With the Quantity Sold",
        default=True,
        help="Three sold give three times the quota.",
    )
    product_ids = fields.One2many(
        "product.template", "service_contract_template_id", string="Products"
    )
    contract_count = fields.Integer(compute="_compute_contract_count")

    _months_positive = models.Constraint(
        "CHECK (months > 0)", "A contract lasts a month at least."
    )
    _days_not_negative = models.Constraint(
        "CHECK (renewal_days >= 0 AND reminder_days >= 0)",
        "Days ahead cannot be negative.",
    )

    @api.depends("company_id")
    @api.depends_context("company")
    def _compute_currency_id(self):
        for template in self:
            company = template.company_id or self.env.company
            template.currency_id = company.currency_id

    def _compute_contract_count(self):
        counts = dict(
            self.env["service.contract"]._read_group(
                [("template_id", "in", self.ids)], ["template_id"], ["__count"]
            )
        )
        for template in self:
            template.contract_count = counts.get(template, 0)

    def action_view_contracts(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "service_management.action_service_contract"
        )
        return action | {"domain": [("template_id", "=", self.id)], "context": {}}

    def _prepare_contract_terms(self, factor=1.0) -> dict:
        """What a contract takes from its template; copies, so that it keeps them."""
        self.ensure_one()
        return {
            "template_id": self.id,
            "renewal": self.renewal,
            "renewal_days": self.renewal_days,
            "renewal_uplift": self.renewal_uplift,
            "reminder_days": self.reminder_days,
            "sla_policy_id": self.sla_policy_id.id,
            "provider_duties": self.provider_duties,
            "customer_duties": self.customer_duties,
            "entitlement_ids": [
                fields.Command.create(line._prepare_terms_vals(factor))
                for line in self.line_ids
            ],
        }
