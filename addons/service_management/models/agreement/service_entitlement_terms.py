from odoo import api, fields, models

from .service_type_coverage import ENTITLEMENT_KINDS

ENTITLEMENT_PERIODS = [
    ("contract", "for the whole contract"),
    ("year", "a year"),
    ("quarter", "a quarter"),
    ("month", "a month"),
]


class ServiceEntitlementTerms(models.AbstractModel):
    """How much of a kind of service is promised, and on which terms.

    Shared by the lines of a contract template and the entitlements of a contract: the
    second are copies of the first. Who inherits this says what ``currency_id`` is.
    """

    _name = "service.entitlement.terms"
    _description = "Entitlement Terms"
    _order = "sequence, id"
    _rec_name = "kind"

    sequence = fields.Integer(default=10)
    currency_id = fields.Many2one("res.currency")
    kind = fields.Selection(ENTITLEMENT_KINDS, required=True, default="on_site")
    terms = fields.Char(compute="_compute_terms")
    # How much
    is_unlimited = fields.Boolean(string="Without Limit")
    quantity = fields.Float(
        digits=(16, 2), default=1.0, help="Visits, calls or hours in each period."
    )
    period = fields.Selection(
        ENTITLEMENT_PERIODS,
        string="Per",
        default="year",
        required=True,
        help="Periods count from the first day of the contract.",
    )
    unused = fields.Selection(
        [("expire", "Expires"), ("roll_over", "Rolls Over to the Next Period")],
        string="Unused at the End",
        default="expire",
        required=True,
    )
    rollover_limit = fields.Float(
        string="At Most",
        digits=(16, 2),
        help="The most that rolls over to the next period; 0: all of it.",
    )
    # Beyond it
    overage = fields.Selection(
        [("refuse", "Not Covered"), ("charge", "At a Price")],
        string="When Used Up",
        default="refuse",
        required=True,
    )
    overage_price = fields.Monetary(
        string="Price Each", help="For each visit, call or hour beyond the quota."
    )
    refusal = fields.Char(
        string="What to Say",
        translate=True,
        help="The sentence for a customer whose quota is used up.",
    )
    # Who does it
    team_id = fields.Many2one(
        "service.team",
        string="Designated Team",
        index="btree_not_null",
        help="Becomes responsible for the orders that use this entitlement.",
    )
    technician_id = fields.Many2one(
        "service.technician",
        string="Designated Technician",
        index="btree_not_null",
        help="Proposed first when a visit is planned.",
    )
    # What for
    type_ids = fields.Many2many(
        "service.type",
        context={"active_test": False},
        string="Service Types",
        help="Only for orders of these types. Empty: for all that count as this kind.",
    )
    excluded_category_ids = fields.Many2many(
        "product.category",
        string="Excluded Products",
        help="Products of these categories and of those below them.",
    )
    excluded_fault_ids = fields.Many2many(
        "service.fault.code",
        context={"active_test": False},
        string="Excluded Faults",
        help="Symptoms or circumstances that are not covered, such as water damage.",
    )
    exclusion_note = fields.Char(string="Why Excluded", translate=True)

    @api.depends("kind", "is_unlimited", "quantity", "period")
    @api.depends_context("lang")
    def _compute_terms(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        periods = dict(self._fields["period"]._description_selection(self.env))
        for line in self:
            if line.is_unlimited:
                line.terms = self.env._(
                    "%(kind)s: without limit", kind=kinds.get(line.kind, "")
                )
            else:
                line.terms = self.env._(
                    "%(kind)s: %(quantity)s %(period)s",
                    kind=kinds.get(line.kind, ""),
                    quantity=f"{line.quantity:g}",
                    period=periods.get(line.period, ""),
                )

    @api.depends("terms")
    def _compute_display_name(self):
        for line in self:
            line.display_name = line.terms

    @api.onchange("kind")
    def _onchange_kind(self):
        # A proposal for a new line, nothing that a rule depends on
        if self.kind == "hotline" and not self._origin:
            self.is_unlimited = True

    def _prepare_terms_vals(self, factor=1.0) -> dict:
        """The values of a copy of these terms with ``factor`` times the quantity."""
        self.ensure_one()
        return {
            "sequence": self.sequence,
            "kind": self.kind,
            "is_unlimited": self.is_unlimited,
            "quantity": self.quantity * factor,
            "period": self.period,
            "unused": self.unused,
            "rollover_limit": self.rollover_limit * factor,
            "overage": self.overage,
            "overage_price": self.overage_price,
            "refusal": self.refusal,
            "team_id": self.team_id.id,
            "technician_id": self.technician_id.id,
            "type_ids": [fields.Command.set(self.type_ids.ids)],
            "excluded_category_ids": [
                fields.Command.set(self.excluded_category_ids.ids)
            ],
            "excluded_fault_ids": [fields.Command.set(self.excluded_fault_ids.ids)],
            "exclusion_note": self.exclusion_note,
        }
