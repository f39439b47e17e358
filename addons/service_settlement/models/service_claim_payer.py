from odoo import api, fields, models
from odoo.exceptions import ValidationError

PAYERS = [
    ("company", "Company"),
    ("customer", "Customer"),
    ("supplier", "Supplier"),
    ("shared", "Shared"),
]
# Which promise of warranty or contract answers for a kind of cost
COVERED_BY = {
    "labour": "labour",
    "travel": "travel",
    "parts": "parts",
    "material": "parts",
    "other": "labour",
}


class ServiceClaimLine(models.Model):
    """Who bears an amount in the end. The service point is paid in any case."""

    _inherit = "service.claim.line"

    payer = fields.Selection(
        PAYERS, string="Borne By", default="company", required=True
    )
    customer_percent = fields.Float(
        string="Customer (%)", digits=(5, 2), aggregator=None
    )
    supplier_percent = fields.Float(
        string="Supplier (%)", digits=(5, 2), aggregator=None
    )
    amount_company = fields.Monetary(
        string="Company Bears", compute="_compute_payer_amounts"
    )
    amount_customer = fields.Monetary(
        string="Customer Bears", compute="_compute_payer_amounts"
    )
    amount_supplier = fields.Monetary(
        string="Supplier Bears", compute="_compute_payer_amounts"
    )

    _percents_within_all = models.Constraint(
        "CHECK (COALESCE(customer_percent, 0) >= 0 "
        "AND COALESCE(supplier_percent, 0) >= 0 "
        "AND COALESCE(customer_percent, 0) + COALESCE(supplier_percent, 0) <= 100)",
        "Customer and supplier cannot bear more than all of it.",
    )

    @api.depends("amount_approved", "payer", "customer_percent", "supplier_percent")
    def _compute_payer_amounts(self):
        """The company bears what rounding leaves, so that the parts add up."""
        for line in self:
            amount, currency = line.amount_approved, line.currency_id
            customer = supplier = 0.0
            if line.payer == "customer":
                customer = amount
            elif line.payer == "supplier":
                supplier = amount
            elif line.payer == "shared":
                customer = currency.round(amount * line.customer_percent / 100)
                supplier = currency.round(amount * line.supplier_percent / 100)
            line.amount_customer = customer
            line.amount_supplier = supplier
            line.amount_company = currency.round(amount - customer - supplier)

    @api.constrains("payer", "customer_percent", "supplier_percent")
    def _check_shared(self):
        for line in self:
            if line.payer == "shared" and not (
                line.customer_percent or line.supplier_percent
            ):
                raise ValidationError(
                    self.env._(
                        "%(line)s is shared: say how much customer and supplier bear.",
                        line=line.display_name,
                    )
                )


class ServiceOrder(models.Model):
    _inherit = "service.order"

    def _get_claim_payers(self) -> dict:
        """Order → kind of claim line → values of who bears it, where it is not the
        company: the customer pays what warranty and contract were asked about and do
        not cover, less what goodwill takes over."""
        result = {}
        for order, payers in self._get_payers().items():
            kinds = result[order] = {}
            for kind, promise in COVERED_BY.items():
                payer = payers.get(promise)
                if not payer or payer["answer"] != "not_covered":
                    continue
                if payer["share"] <= 0:
                    kinds[kind] = {"payer": "customer"}
                elif payer["share"] < 100:
                    kinds[kind] = {
                        "payer": "shared",
                        "customer_percent": 100.0 - payer["share"],
                    }
        return result
