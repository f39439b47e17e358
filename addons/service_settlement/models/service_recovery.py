from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from odoo.addons.service_management.models.base.flow_defaults import without_defaults
from odoo.addons.service_management.models.base.numbers import number_each
from odoo.addons.service_management.models.base.states import check_state
from odoo.addons.service_management.models.base.turns import take_turn

FLOW_FIELDS = {
    "name",
    "state",
    "order_id",
    "return_id",
    "company_id",
    "claimed_on",
    "answered_on",
    "move_id",
    "amount_claimed",
}


class ServiceRecovery(models.Model):
    """What the supplier of a defective part is asked to pay back.

    Filed when a part that came back goes to the supplier, with its cost and, where
    claims say that the supplier bears them, the fees of the service point. Claimed,
    answered and credited amounts are kept apart; accepted ones of one supplier become
    one vendor credit note.
    """

    _name = "service.recovery"
    _description = "Recovery From a Supplier"
    _inherit = ["mail.thread", "mail.activity.mixin", "service.amount.mixin"]
    _order = "id desc"
    _check_company_auto = True

    name = fields.Char(
        required=True, readonly=True, copy=False, default=lambda self: self.env._("New")
    )
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company, index=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    partner_id = fields.Many2one(
        "res.partner",
        string="Supplier",
        index=True,
        tracking=True,
        help="Who delivered the part; from the vendors of the product.",
    )
    order_id = fields.Many2one(
        "service.order",
        string="Service Order",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    return_id = fields.Many2one(
        "service.part.return",
        string="Part That Came Back",
        readonly=True,
        ondelete="restrict",
        check_company=True,
    )
    product_id = fields.Many2one(
        "product.product", string="Part", required=True, check_company=True
    )
    lot_id = fields.Many2one("stock.lot", string="Lot/Serial", readonly=True)
    quantity = fields.Float(digits="Product Unit", default=1.0, readonly=True)
    defect_id = fields.Many2one(related="order_id.defect_id")
    amount_part = fields.Monetary(string="Cost of the Part")
    amount_labour = fields.Monetary(
        string="Labour and Travel",
        help="Fees of the service point that the supplier bears, by the claim.",
    )
    amount_claimed = fields.Monetary(compute="_compute_amount_claimed", store=True)
    amount_accepted = fields.Monetary(tracking=True)
    supplier_reference = fields.Char(help="The number that the supplier gave it.")
    answer = fields.Char(string="Answer of the Supplier", tracking=True)
    state = fields.Selection(
        [
            ("draft", "To Claim"),
            ("claimed", "Claimed"),
            ("accepted", "Accepted"),
            ("refused", "Refused"),
            ("credited", "Credited"),
        ],
        string="Status",
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
    )
    claimed_on = fields.Date(readonly=True, copy=False)
    answered_on = fields.Date(readonly=True, copy=False)
    move_id = fields.Many2one(
        "account.move",
        string="Credit Note",
        readonly=True,
        copy=False,
        index="btree_not_null",
        check_company=True,
    )

    _return_uniq = models.UniqueIndex(
        "(return_id) WHERE return_id IS NOT NULL",
        "This part has been claimed from its supplier already.",
    )
    _amounts_not_negative = models.Constraint(
        "CHECK (COALESCE(amount_part, 0) >= 0 AND COALESCE(amount_labour, 0) >= 0 "
        "AND COALESCE(amount_accepted, 0) >= 0)",
        "Amounts claimed from a supplier cannot be negative.",
    )

    @api.depends("amount_part", "amount_labour")
    def _compute_amount_claimed(self):
        for recovery in self:
            recovery.amount_claimed = recovery.amount_part + recovery.amount_labour

    @api.model_create_multi
    def create(self, vals_list):
        model = self
        if not self.env.su:
            names = FLOW_FIELDS - {"order_id", "company_id"}
            if any(names & vals.keys() for vals in vals_list):
                raise UserError(self.env._("A recovery begins as one to claim."))
            model = without_defaults(self, names)
        number_each(self.env, "service.recovery", vals_list)
        return super(ServiceRecovery, model).create(vals_list)

    def write(self, vals):
        if not self.env.su and FLOW_FIELDS & vals.keys():
            raise UserError(self.env._("The way of a recovery changes by its buttons."))
        if {"amount_part", "amount_labour", "partner_id"} & vals.keys():
            self._check_state("draft")
        if "amount_accepted" in vals:
            self._check_state("draft", "claimed")
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_claimed(self):
        self._check_state("draft")

    # Filing

    @api.model
    def _file(self, returns):
        """One recovery for each part that goes to its supplier (sudo)."""
        # Two parts that come back at once do not both carry the fees
        take_turn(returns.sudo().order_id.claim_ids)
        known = self.sudo().search([("return_id", "in", returns.ids)]).return_id
        filed = {}
        vals_list = []
        for row in (returns - known).sudo():
            labour = 0.0
            if row.order_id not in filed:
                # The fees of an order are claimed once, with its first part
                fees = filed[row.order_id] = self._get_fee_lines(row.order_id)
                currency = row.company_id.currency_id
                labour = fees._sum_shares("amount_supplier", currency)
            vals_list.append(
                {
                    "company_id": row.company_id.id,
                    "partner_id": self._get_supplier(row.product_id, row.company_id).id,
                    "order_id": row.order_id.id,
                    "return_id": row.id,
                    "product_id": row.product_id.id,
                    "lot_id": row.lot_id.id,
                    "quantity": row.quantity,
                    "amount_part": row.value,
                    "amount_labour": labour,
                }
            )
        recoveries = self.sudo().create(vals_list)
        for order, own in recoveries.grouped("order_id").items():
            filed[order]._write_link({"recovery_id": own[0].id})
        return recoveries

    @api.model
    def _get_supplier(self, product, company):
        sellers = product.seller_ids.filtered(
            lambda seller: (
                seller.company_id in (company, seller.company_id.browse())
                and seller.product_id in (product, seller.product_id.browse())
            )
        )
        return sellers[:1].partner_id

    @api.model
    def _get_fee_lines(self, order):
        """Lines of the order's claim that the supplier bears and nobody claimed yet;
        the part itself is claimed at its own cost."""
        claims = order.claim_ids.filtered(lambda claim: claim.state != "rejected")
        return claims.line_ids.filtered(
            lambda line: (
                line.kind != "parts" and line.amount_supplier and not line.recovery_id
            )
        )

    # Its way

    def action_claim(self):
        """It was sent to the supplier."""
        self._check_state("draft")
        self.check_access("write")
        for recovery in self:
            if not recovery.partner_id:
                raise UserError(
                    self.env._(
                        "%(name)s has no supplier: choose one, or enter a vendor for "
                        "%(part)s.",
                        name=recovery.name,
                        part=recovery.product_id.display_name,
                    )
                )
            if recovery.currency_id.is_zero(recovery.amount_claimed):
                raise UserError(
                    self.env._("%s claims nothing: enter an amount.", recovery.name)
                )
        self._set_state("claimed", claimed_on=fields.Date.context_today(self))
        return True

    def action_accept(self):
        """The supplier pays, all of it unless an accepted amount was entered."""
        self._check_state("claimed")
        self.check_access("write")
        for recovery in self:
            if recovery.currency_id.is_zero(recovery.amount_accepted):
                recovery.amount_accepted = recovery.amount_claimed
        self._set_state("accepted", answered_on=fields.Date.context_today(self))
        return True

    def action_refuse(self):
        self._check_state("claimed")
        self.check_access("write")
        for recovery in self:
            if not (recovery.answer or "").strip():
                raise UserError(
                    self.env._(
                        "%s: write down why the supplier refuses.", recovery.name
                    )
                )
        self._set_state(
            "refused", answered_on=fields.Date.context_today(self), amount_accepted=0.0
        )
        return True

    def action_credit(self):
        """One draft credit note a supplier, one line a part and kind of cost."""
        self._check_state("accepted")
        self.check_access("write")
        self.lock_for_update()
        moves = self.env["account.move"]
        groups = defaultdict(self.browse)
        for recovery in self:
            key = recovery.company_id, recovery.partner_id.commercial_partner_id
            groups[key] |= recovery
        for (company, partner), recoveries in groups.items():
            move = (
                self.env["account.move"]
                .with_company(company)
                .create(
                    {
                        "move_type": "in_refund",
                        "partner_id": partner.id,
                        "company_id": company.id,
                        "invoice_date": fields.Date.context_today(self),
                        "invoice_origin": ", ".join(recoveries.mapped("name")),
                        "invoice_line_ids": [
                            Command.create(recovery._prepare_credit_line())
                            for recovery in recoveries
                        ],
                    }
                )
            )
            recoveries._set_state("credited", move_id=move.id)
            moves |= move
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "account.action_move_in_refund_type"
        )
        return action | {"domain": [("id", "in", moves.ids)], "context": {}}

    def _prepare_credit_line(self) -> dict:
        self.ensure_one()
        vals = {
            "product_id": self.product_id.id,
            "name": f"{self.name} {self.order_id.name} {self.product_id.display_name}",
            "quantity": 1.0,
            "price_unit": self.amount_accepted,
        }
        distribution = self.order_id._get_analytic_distribution()
        if distribution:
            vals["analytic_distribution"] = distribution
        return vals

    def _set_state(self, state, **vals):
        # sudo: service.recovery: the flow sets what nobody writes by hand
        self.sudo().write({"state": state, **vals})

    def _check_state(self, *states):
        check_state(self, states)
