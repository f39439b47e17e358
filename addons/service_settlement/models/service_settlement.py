from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_date

from odoo.addons.service_management.models.base.flow_defaults import without_defaults
from odoo.addons.service_management.models.base.numbers import number_each
from odoo.addons.service_management.models.base.states import check_state

# Until there is a bill a statement can still be set back to draft.
RETURNABLE_STATES = ("issued", "disputed", "confirmed", "approved")
# Set by buttons and by the run, or the sum of what stands on it: approval looks at it.
FLOW_FIELDS = {
    "name",
    "state",
    "move_id",
    "issued_on",
    "issued_by_id",
    "confirmed_on",
    "confirmed_by_id",
    "approved_on",
    "tier_id",
    "claim_ids",
    "claim_count",
    "amount_claims",
    "amount_adjustments",
    "amount_total",
}
# What a statement is about: fixed once it is issued.
IDENTITY_FIELDS = {
    "company_id",
    "point_id",
    "currency_id",
    "date_from",
    "date_to",
    "adjustment_ids",
}


class ServiceSettlement(models.Model):
    """The statement of one service point for one period and currency.

    draft → issued to the point → confirmed (or disputed line by line first) →
    approved, where its amount asks for that → billed → paid. Claims and adjustments
    come onto it only while it is a draft. From issuing on it is a document: what is
    wrong is corrected by an adjustment on the next statement.

    Making drafts is in ``service_settlement_run``, what the point disputes in
    ``service_settlement_dispute``, approval in ``service_settlement_approval``, billing
    in ``service_settlement_bill``.
    """

    _name = "service.settlement"
    _description = "Settlement Statement"
    _inherit = ["mail.thread", "mail.activity.mixin", "service.amount.mixin"]
    _order = "date_to desc, point_id, id desc"
    _rec_names_search = ["name", "point_id.name", "point_id.code"]
    _check_company_auto = True

    name = fields.Char(
        string="Number", readonly=True, copy=False, index="trigram", default=""
    )
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company, index=True
    )
    point_id = fields.Many2one(
        "service.point",
        string="Service Point",
        required=True,
        index=True,
        check_company=True,
        ondelete="restrict",
    )
    partner_id = fields.Many2one(related="point_id.partner_id", string="Vendor")
    currency_id = fields.Many2one(
        "res.currency",
        required=True,
        default=lambda self: self.env.company.currency_id,
    )
    date_from = fields.Date(string="From", required=True)
    date_to = fields.Date(string="To", required=True)
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("issued", "Issued"),
            ("disputed", "Disputed"),
            ("confirmed", "Confirmed"),
            ("approved", "Approved"),
            ("billed", "Billed"),
            ("paid", "Paid"),
        ],
        string="Status",
        compute="_compute_state",
        store=True,
        default="draft",
        index=True,
        tracking=True,
        group_expand=True,
    )
    # What stands on it
    claim_ids = fields.One2many("service.claim", "settlement_id", readonly=True)
    claim_count = fields.Integer(
        string="Claims", compute="_compute_amounts", store=True
    )
    adjustment_ids = fields.One2many("service.settlement.adjustment", "settlement_id")
    amount_claims = fields.Monetary(
        string="Claims Total", compute="_compute_amounts", store=True
    )
    amount_adjustments = fields.Monetary(
        string="Adjustments Total", compute="_compute_amounts", store=True
    )
    amount_total = fields.Monetary(
        string="Total",
        compute="_compute_amounts",
        store=True,
        help="Without taxes: these are added by the bill.",
    )
    # Its way
    issued_on = fields.Datetime(readonly=True, copy=False)
    issued_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    confirmed_on = fields.Datetime(readonly=True, copy=False)
    confirmed_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    approved_on = fields.Datetime(readonly=True, copy=False)
    move_id = fields.Many2one(
        "account.move",
        string="Vendor Bill",
        readonly=True,
        copy=False,
        index="btree_not_null",
        groups="account.group_account_invoice,account.group_account_readonly",
    )
    payment_state = fields.Selection(
        related="move_id.payment_state",
        string="Payment",
        related_sudo=True,
    )
    note = fields.Text()

    _period_uniq = models.Constraint(
        "UNIQUE (company_id, point_id, currency_id, date_from, date_to)",
        "This service point already has a statement for this period.",
    )
    _move_uniq = models.UniqueIndex(
        "(move_id) WHERE move_id IS NOT NULL", "This bill belongs to another statement."
    )
    _dates_in_order = models.Constraint(
        "CHECK (date_to >= date_from)", "A period cannot end before it begins."
    )

    @api.depends("move_id.state", "move_id.payment_state")
    def _compute_state(self):
        for settlement in self:
            state, move = settlement.state or "draft", settlement.move_id
            if move and move.state != "cancel":
                paid = move.payment_state in ("paid", "in_payment")
                state = "paid" if paid and move.state == "posted" else "billed"
            elif state in ("billed", "paid"):
                state = "approved" if settlement.approved_on else "confirmed"
            settlement.state = state

    @api.depends(
        "claim_ids.amount_approved",
        "claim_ids.settlement_id",
        "adjustment_ids.amount",
        "adjustment_ids.settlement_id",
    )
    def _compute_amounts(self):
        claims = {
            settlement: (count, amount)
            for settlement, count, amount in self.env["service.claim"]._read_group(
                [("settlement_id", "in", self.ids)],
                ["settlement_id"],
                ["__count", "amount_approved:sum"],
            )
        }
        adjustments = dict(
            self.env["service.settlement.adjustment"]._read_group(
                [("settlement_id", "in", self.ids)], ["settlement_id"], ["amount:sum"]
            )
        )
        for settlement in self:
            count, amount = claims.get(settlement._origin, (0, 0.0))
            settlement.claim_count = count
            settlement.amount_claims = amount
            settlement.amount_adjustments = adjustments.get(settlement._origin, 0.0)
            settlement.amount_total = settlement.currency_id.round(
                amount + settlement.amount_adjustments
            )

    @api.depends("name", "point_id.name")
    def _compute_display_name(self):
        for settlement in self:
            # sudo: service.point: who sees the statement may know its point's name
            parts = (settlement.name, settlement.sudo().point_id.name)
            settlement.display_name = " · ".join(part for part in parts if part)

    # Guards

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_flow_fields(vals.keys())
        number_each(self.env, "service.settlement", vals_list)
        model = without_defaults(self, FLOW_FIELDS)
        return super(ServiceSettlement, model).create(vals_list)

    def write(self, vals):
        self._check_flow_fields(vals.keys())
        if IDENTITY_FIELDS & vals.keys():
            self._check_draft()
            if (IDENTITY_FIELDS - {"adjustment_ids"}) & vals.keys():
                self._check_empty()
        return super().write(vals)

    def _write_flow(self, vals):
        """Set what only the flow may set."""
        # pylint: disable=super-method-mismatch
        return super().write(vals)

    def _check_flow_fields(self, names):
        wrong = FLOW_FIELDS & set(names)
        if wrong:
            raise UserError(
                self.env._(
                    "A statement goes its way by its buttons; these cannot be "
                    "written: %s.",
                    ", ".join(sorted(wrong)),
                )
            )

    def _check_draft(self):
        for settlement in self:
            if settlement.state != "draft":
                raise UserError(
                    self.env._(
                        "The statement %(name)s has been issued: correct it by an "
                        "adjustment on the next one.",
                        name=settlement.name,
                    )
                )

    def _check_empty(self):
        for settlement in self:
            if settlement.claim_ids or settlement.adjustment_ids:
                raise UserError(
                    self.env._(
                        "Claims stand on the statement %(name)s: its point, period and "
                        "currency cannot change.",
                        name=settlement.name,
                    )
                )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_issued(self):
        self._check_deletable()

    def unlink(self):
        # Claims and adjustments go back to those that wait for a statement; none do
        # where the guard above would refuse.
        self._check_deletable()
        self._release()
        return super().unlink()

    def _check_deletable(self):
        self._check_draft()

    def _release(self):
        # sudo: service.claim: the flow of claims is the system's
        self.claim_ids.sudo()._write_flow({"settlement_id": False, "state": "approved"})
        # sudo: service.settlement.adjustment: as they were taken
        self.adjustment_ids.sudo().write({"settlement_id": False})

    # Flow

    def action_collect(self):
        """Take the approved claims and adjustments that wait onto this draft."""
        self._check_draft()
        for settlement in self:
            settlement._collect()
        return True

    def action_issue(self):
        """Hand the statement to the point; from now on it is fixed."""
        self._check_draft()
        for settlement in self:
            if not settlement.claim_count and not settlement.adjustment_ids:
                raise UserError(
                    self.env._("The statement %(name)s is empty.", name=settlement.name)
                )
        self._carry_negative()
        self._write_flow(
            {
                "state": "issued",
                "issued_on": fields.Datetime.now(),
                "issued_by_id": self.env.uid,
            }
        )
        self._log_step("issued")
        return True

    def action_confirm(self):
        """The point, or the accountant for it, agrees with the statement."""
        self._check_may_confirm()
        self._check_state(("issued", "disputed"))
        self._check_disputes_answered()
        # sudo: service.settlement: users of the point read it and may only confirm it
        self.sudo()._write_confirmed(
            {
                "state": "confirmed",
                "confirmed_on": fields.Datetime.now(),
                "confirmed_by_id": self.env.uid,
            }
        )
        self._log_step("confirmed")
        return True

    def action_draft(self):
        """Back to draft, as long as there is no bill."""
        self._check_state(RETURNABLE_STATES)
        self.check_access("write")
        self._revoke_approvals()
        self._write_flow(
            {
                "state": "draft",
                "issued_on": False,
                "issued_by_id": False,
                "confirmed_on": False,
                "confirmed_by_id": False,
                "approved_on": False,
                "tier_id": False,
            }
        )
        self._log_step("returned")
        self._undo_carry()
        return True

    def action_bill(self):
        """Make and post the vendor bill of each statement that may be paid."""
        self._check_approved()
        self._create_bills()
        return True

    def action_view_claims(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "service_settlement.action_service_claim"
        )
        return action | {"domain": [("settlement_id", "=", self.id)], "context": {}}

    def action_view_lines(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "service_settlement.action_service_claim_line"
        )
        return action | {"domain": [("settlement_id", "=", self.id)], "context": {}}

    def action_view_bill(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "account.move",
            "res_id": self.move_id.id,
            "view_mode": "form",
        }

    def _check_may_confirm(self):
        self.check_access("read")
        if not self.env.su and not self.has_access("write"):
            self._check_is_of_point()

    def _check_is_of_point(self):
        # sudo: service.point: only to compare who belongs to it
        if any(self.env.user not in rec.sudo().point_id.user_ids for rec in self):
            raise AccessError(
                self.env._("Only the service point or an accountant may confirm this.")
            )

    def _check_state(self, states):
        check_state(self, states)

    # For the printed statement

    def _get_period_label(self) -> str:
        self.ensure_one()
        return self.env._(
            "%(start)s – %(end)s",
            start=format_date(self.env, self.date_from),
            end=format_date(self.env, self.date_to),
        )

    def _get_kind_totals(self) -> list[tuple[str, int, float]]:
        """(label, number of lines, amount) by kind, adjustments last."""
        self.ensure_one()
        labels = dict(
            self.env["service.claim.line"]
            ._fields["kind"]
            ._description_selection(self.env)
        )
        totals = [
            (labels[kind], count, amount)
            for kind, count, amount in self.env["service.claim.line"]._read_group(
                [("claim_id.settlement_id", "=", self.id)],
                ["kind"],
                ["__count", "amount_approved:sum"],
            )
        ]
        if self.adjustment_ids:
            totals.append(
                (
                    self.env._("Adjustments"),
                    len(self.adjustment_ids),
                    self.amount_adjustments,
                )
            )
        return totals
