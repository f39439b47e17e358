from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from odoo.addons.service_management.models.base.turns import take_turn

from .service_claim_payer import COVERED_BY

# What has been decided, and is paid to the service point
DECIDED_STATES = ("approved", "settled")
# As long as the order itself asks the customer for something, that is what is due
UNCHARGED_STATES = ("none", "refused")
LINK_FIELDS = ("recovery_id", "charge_line_id")
SHARE_FIELDS = {
    "amount_checked",
    "amount_approved",
    "payer",
    "customer_percent",
    "supplier_percent",
}


class ServiceClaimLine(models.Model):
    """What customer and supplier bear of a claim is asked for from them, once.

    A share of the supplier goes with the part that comes back (``service_recovery``)
    or, where none does, on a recovery of its own. A share of the customer that a person
    decided, where the order itself charges nothing, becomes a quotation.
    """

    _inherit = "service.claim.line"

    recovery_id = fields.Many2one(
        "service.recovery",
        string="Claimed From the Supplier",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        groups="service_settlement.group_settlement_accountant",
    )
    charge_line_id = fields.Many2one(
        "sale.order.line",
        string="Charged to the Customer",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        groups="service_settlement.group_settlement_accountant",
    )
    is_supplier_share = fields.Boolean(
        string="Supplier's Share to Claim",
        compute="_compute_shares",
        search="_search_is_supplier_share",
        groups="service_settlement.group_settlement_accountant",
    )
    is_customer_share = fields.Boolean(
        string="Customer's Share to Charge",
        compute="_compute_shares",
        search="_search_is_customer_share",
        groups="service_settlement.group_settlement_accountant",
    )

    @api.depends("claim_id.state", *SHARE_FIELDS, *LINK_FIELDS)
    def _compute_shares(self):
        of_suppliers = self._filter_supplier_shares()
        of_customers = self._filter_customer_shares()
        for line in self:
            line.is_supplier_share = line in of_suppliers
            line.is_customer_share = line in of_customers

    def _filter_supplier_shares(self):
        return self._origin.filtered_domain(self._get_supplier_share_domain())

    def _filter_customer_shares(self):
        return self._origin.filtered_domain(self._get_customer_share_domain())

    @api.model
    def _search_is_supplier_share(self, operator, value):
        if operator != "in" or set(value) != {True}:
            return NotImplemented
        return self._get_supplier_share_domain()

    @api.model
    def _search_is_customer_share(self, operator, value):
        if operator != "in" or set(value) != {True}:
            return NotImplemented
        return self._get_customer_share_domain()

    @api.model
    def _get_decided_domain(self) -> Domain:
        return Domain("claim_id.state", "in", DECIDED_STATES) & Domain(
            "amount_approved", ">", 0
        )

    @api.model
    def _get_bearer_domain(self, payer) -> Domain:
        return Domain("payer", "=", payer) | (
            Domain("payer", "=", "shared") & Domain(f"{payer}_percent", ">", 0)
        )

    @api.model
    def _get_supplier_share_domain(self) -> Domain:
        return (
            self._get_decided_domain()
            & self._get_bearer_domain("supplier")
            & Domain("recovery_id", "=", False)
        )

    @api.model
    def _get_customer_share_domain(self) -> Domain:
        return (
            self._get_decided_domain()
            & self._get_bearer_domain("customer")
            & (
                Domain("charge_line_id", "=", False)
                | Domain("charge_line_id.state", "=", "cancel")
            )
            & Domain("claim_id.order_id.charge_state", "in", UNCHARGED_STATES)
        )

    # What was asked for from others stays as it was decided

    def write(self, vals):
        if not self.env.su and SHARE_FIELDS & vals.keys():
            self._check_not_collected()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_collected(self):
        self._check_not_collected()

    def _check_not_collected(self):
        # sudo: service.claim.line: only whether it was asked for
        for line in self.sudo():
            if line._is_collected():
                raise UserError(line._get_collected_text())

    def _get_collected_text(self) -> str:
        self.ensure_one()
        return self.env._(
            "%(line)s was claimed from the supplier or charged to the customer: what "
            "was decided about it stays.",
            line=self.display_name,
        )

    def _is_collected(self) -> bool:
        self.ensure_one()
        return bool(self.recovery_id) or (
            bool(self.charge_line_id) and self.charge_line_id.state != "cancel"
        )

    # The supplier's

    def action_claim_from_supplier(self):
        """One recovery an order, with what its supplier bears and nobody claimed."""
        self.check_access("write")
        take_turn(self.claim_id)
        lines = self._filter_supplier_shares()
        if not lines:
            raise UserError(
                self.env._("None of these lines has a supplier's share to claim.")
            )
        recoveries = self.env["service.recovery"]._file_shares(lines)
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "service_settlement.action_service_recovery"
        )
        return action | {"domain": [("id", "in", recoveries.ids)], "context": {}}

    # The customer's

    def action_charge_customer(self):
        """One quotation an order, with what its customer bears and nobody charged."""
        self.check_access("write")
        take_turn(self.claim_id)
        lines = self._filter_customer_shares()
        if not lines:
            raise UserError(
                self.env._(
                    "None of these lines has a customer's share to charge: what the "
                    "order itself charges is under Orders to Charge."
                )
            )
        # sudo: sale.order: accountants charge services without the rights of sales
        sales = self.env["sale.order"].sudo()
        for order, own in lines.grouped("order_id").items():
            sales |= own.sudo()._quote_share(order.sudo())
        return sales._get_quotation_action()

    def _quote_share(self, order):
        """The quotation of these lines (sudo), which all belong to ``order``."""
        product = self.env.ref(
            "service_settlement.product_customer_share", raise_if_not_found=False
        )
        if not product:
            raise UserError(
                self.env._(
                    "The product for shares of customers has been deleted: upgrade the "
                    "settlement module to bring it back."
                )
            )
        groups = defaultdict(self.browse)
        for line in self:
            groups[COVERED_BY.get(line.kind, "labour")] |= line
        partner = order.partner_id.with_company(order.company_id)
        currency = (
            partner.property_product_pricelist.currency_id
            or order.company_id.currency_id
        )
        sale = order._create_charge_sale(
            [
                self._prepare_share_line(order, product, kind)
                | {"price_unit": lines._sum_shares("amount_customer", currency)}
                for kind, lines in groups.items()
            ]
        )
        for line, lines in zip(sale.order_line, groups.values(), strict=True):
            lines._write_link({"charge_line_id": line.id})
        sale.action_quotation_sent()
        order._log_event("quoted", name=sale._get_service_text(), is_public=True)
        return sale

    def _prepare_share_line(self, order, product, kind) -> dict:
        labels = dict(
            self.env["sale.order.line"]
            ._fields["service_charge_kind"]
            ._description_selection(
                self.with_context(lang=order.partner_id.lang or self.env.lang).env
            )
        )
        vals = {
            "product_id": product.id,
            "name": f"{product.with_context(lang=order.partner_id.lang).name}: "
            f"{labels[kind]} ({order.name})",
            "product_uom_qty": 1.0,
            "service_charge_kind": kind,
            "service_charge_code": "share",
        }
        distribution = order._get_analytic_distribution()
        if distribution:
            vals["analytic_distribution"] = distribution
        return vals

    def _sum_shares(self, field, currency) -> float:
        """What these lines say in ``field``, in ``currency``: what was done on one day
        is converted, and rounded, once."""
        rates = self.grouped(
            lambda line: (line.currency_id, line.company_id, line.date)
        )
        return sum(
            source._convert(sum(lines.mapped(field)), currency, company, date)
            for (source, company, date), lines in rates.items()
        )


class ServiceClaim(models.Model):
    _inherit = "service.claim"

    def _get_reprice_refusals(self):
        refusals = super()._get_reprice_refusals()
        for claim in self:
            # sudo: service.claim.line: only whether it was asked for
            for line in claim.sudo().line_ids:
                if claim not in refusals and line._is_collected():
                    refusals[claim] = line._get_collected_text()
        return refusals

    def _refresh(self):
        """What others were asked to bear is not priced anew behind their back."""
        collected = self.line_ids.filtered(lambda line: line._is_collected())
        return super(ServiceClaim, self - collected.claim_id)._refresh()


class ServiceRecovery(models.Model):
    _inherit = "service.recovery"

    claim_line_ids = fields.One2many(
        "service.claim.line", "recovery_id", string="Fees Claimed", readonly=True
    )

    @api.model
    def _file_shares(self, lines):
        """Recoveries of fees without a part: added to what an order still has to
        claim from the same supplier, else one of their own."""
        recoveries = self.browse()
        # sudo: service.recovery: filed by this flow only
        for order, own in lines.grouped("order_id").items():
            order_sudo, own_sudo = order.sudo(), own.sudo()
            recovery_sudo, supplier_sudo = self.sudo()._find_for_shares(order_sudo)
            amount = own_sudo._sum_shares(
                "amount_supplier", order_sudo.company_id.currency_id
            )
            if recovery_sudo:
                recovery_sudo.amount_labour += amount
            else:
                vals = self._prepare_share_vals(order_sudo) | {"amount_labour": amount}
                if supplier_sudo:
                    vals["partner_id"] = supplier_sudo.id
                recovery_sudo = recovery_sudo.create(vals)
            own_sudo._write_link({"recovery_id": recovery_sudo.id})
            recoveries |= recovery_sudo.sudo(self.env.su)
        return recoveries

    @api.model
    def _find_for_shares(self, order):
        """What the order still has to claim from the supplier of its fees, and this
        supplier: who bears fees of it already, else who delivered the part that came
        back; where parts came from several, who delivers the product."""
        recoveries = self.search([("order_id", "=", order.id)], order="id")
        drafts = recoveries.filtered(lambda recovery: recovery.state == "draft")
        supplier = recoveries.filtered("claim_line_ids").partner_id[:1]
        if not supplier and len(drafts.partner_id) > 1:
            supplier = self._get_supplier(order.product_id, order.company_id)
            drafts = drafts.filtered(lambda recovery: recovery.partner_id == supplier)
        if supplier:
            drafts = drafts.filtered(
                lambda recovery: recovery.partner_id in (supplier, supplier.browse())
            )
        return drafts[:1], supplier

    @api.model
    def _prepare_share_vals(self, order) -> dict:
        product = order.product_id
        if not product:
            raise UserError(
                self.env._(
                    "%(order)s names no product, so nobody knows its supplier: enter "
                    "the product on the order first.",
                    order=order.name,
                )
            )
        return {
            "company_id": order.company_id.id,
            "order_id": order.id,
            "product_id": product.id,
            "lot_id": order.asset_id.lot_id.id,
            "partner_id": self._get_supplier(product, order.company_id).id,
        }
