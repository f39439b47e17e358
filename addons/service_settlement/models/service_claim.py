from odoo import api, fields, models
from odoo.exceptions import UserError

# Set by what happens to a claim, never by a form, an import or RPC.
FLOW_FIELDS = {
    "order_id",
    "point_id",
    "company_id",
    "currency_id",
    "tariff_id",
    "date",
    "state",
    "settlement_id",
    "reasons",
    "reject_reason",
    "is_filed",
    "checked_by_id",
    "approved_by_id",
    "decided_by_id",
    "decided_on",
    "appealed_on",
    # The sums of the lines: approval and the statement go by them
    "amount_claimed",
    "amount_checked",
    "amount_approved",
}
# As long as nobody settled it, a claim may be priced again.
OPEN_STATES = ("unpriced", "draft", "checked", "approved", "sent_back")


class ServiceClaim(models.Model):
    """What a service point claims for one order.

    A claim is made when the order is done, priced by the tariff of that day,
    checked and approved by a person or, where the company says so, at once. Then it
    waits for the statement of its point. Claimed, checked and approved amounts are
    kept apart. On an issued statement a claim no longer changes.

    What people decide is in ``service_claim_flow``, what the point may do in
    ``service_claim_filing``, what the system looks for in ``service_claim_signals``.
    """

    _name = "service.claim"
    _description = "Settlement Claim"
    _inherit = ["service.amount.mixin"]
    _order = "date desc, id desc"
    _rec_names_search = ["order_id.name"]
    _check_company_auto = True

    order_id = fields.Many2one(
        "service.order",
        string="Service Order",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    point_id = fields.Many2one(
        "service.point",
        string="Service Point",
        required=True,
        readonly=True,
        index=True,
        check_company=True,
    )
    date = fields.Date(
        string="Done On",
        required=True,
        readonly=True,
        help="The day on which the work was done: it chooses the tariff and the month.",
    )
    type_id = fields.Many2one(related="order_id.type_id")
    category_id = fields.Many2one(related="order_id.category_id")
    warranty_state = fields.Selection(related="order_id.warranty_state")
    tariff_id = fields.Many2one(
        "service.tariff",
        readonly=True,
        ondelete="restrict",
        index="btree_not_null",
        groups="service_settlement.group_settlement_accountant",
    )
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    state = fields.Selection(
        [
            ("unpriced", "Not Priced"),
            ("draft", "To Check"),
            ("sent_back", "Sent Back"),
            ("checked", "Checked"),
            ("approved", "Approved"),
            ("rejected", "Rejected"),
            ("appealed", "Appealed"),
            ("settled", "On a Statement"),
        ],
        string="Status",
        default="draft",
        required=True,
        readonly=True,
    )
    reasons = fields.Json(readonly=True, help="Why the tariff gives no price, as data.")
    reason_text = fields.Text(
        string="Why It Is Not Priced", compute="_compute_reason_text"
    )
    reject_reason = fields.Char(readonly=True)
    line_ids = fields.One2many("service.claim.line", "claim_id")
    # Money
    amount_claimed = fields.Monetary(
        string="Claimed", compute="_compute_amounts", store=True
    )
    amount_checked = fields.Monetary(
        string="Checked Amount", compute="_compute_amounts", store=True
    )
    amount_approved = fields.Monetary(
        string="Approved Amount", compute="_compute_amounts", store=True
    )
    # Who decided; empty where the company approves at once
    checked_by_id = fields.Many2one("res.users", readonly=True)
    approved_by_id = fields.Many2one("res.users", readonly=True)
    # The last decision of a person, and what the point had to say
    decided_by_id = fields.Many2one("res.users", readonly=True)
    decided_on = fields.Datetime(readonly=True)
    is_filed = fields.Boolean(
        string="Own Amounts",
        readonly=True,
        help="The service point has filed amounts of its own.",
    )
    appealed_on = fields.Datetime(readonly=True)
    # Where it went
    settlement_id = fields.Many2one(
        "service.settlement",
        string="Statement",
        readonly=True,
        ondelete="restrict",
        index="btree_not_null",
        check_company=True,
    )
    settlement_state = fields.Selection(
        related="settlement_id.state", string="Statement Status"
    )

    _order_uniq = models.Constraint(
        "UNIQUE (order_id)", "This order has already been claimed."
    )
    _settled_on_a_statement = models.Constraint(
        "CHECK ((state = 'settled') = (settlement_id IS NOT NULL))",
        "A claim is settled exactly when it stands on a statement.",
    )
    # In the course of time nearly all of them are settled
    _state_idx = models.Index("(state) WHERE state != 'settled'")
    _to_settle_idx = models.Index(
        "(company_id, point_id, date) WHERE state = 'approved'"
    )

    @api.depends("order_id.name")
    def _compute_display_name(self):
        for claim in self:
            # sudo: service.order: who sees the claim may know its order's number
            claim.display_name = claim.sudo().order_id.name

    @api.depends(
        "line_ids.amount_claimed", "line_ids.amount_checked", "line_ids.amount_approved"
    )
    def _compute_amounts(self):
        for claim in self:
            for name in ("amount_claimed", "amount_checked", "amount_approved"):
                claim[name] = sum(claim.line_ids.mapped(name))

    @api.depends("reasons")
    def _compute_reason_text(self):
        for claim in self:
            claim.reason_text = "\n".join(
                claim._describe_reason(reason) for reason in claim.reasons or ()
            )

    def _describe_reason(self, reason: dict) -> str:
        claim_line = self.env["service.claim.line"]
        kinds = dict(claim_line._fields["kind"]._description_selection(self.env))
        kind = kinds.get(reason.get("kind"), "")
        texts = {
            "no_tariff": self.env._(
                "No active tariff holds for %(point)s on %(date)s.",
                point=self.point_id.name,
                date=reason.get("date"),
            ),
            "no_line": self.env._(
                "%(kind)s: no line of the tariff %(tariff)s matches this job: %(job)s.",
                kind=kind or self.env._("Any kind"),
                tariff=reason.get("tariff"),
                job=", ".join(claim_line._describe_conditions(reason.get("job") or {})),
            ),
            "distance_unknown": self.env._(
                "%(kind)s: the distance is not known, and the tariff has no line "
                "without a distance band. Give the site and the point coordinates.",
                kind=kind,
            ),
            "hours_unknown": self.env._(
                "%(kind)s: the tariff pays by the hour, and the visit has no start "
                "and end.",
                kind=kind,
            ),
        }
        return texts.get(reason.get("code"), reason.get("code") or "")

    # Guards

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            raise UserError(
                self.env._("Claims are made when an order is done, not by hand.")
            )
        return super().create(vals_list)

    def write(self, vals):
        if FLOW_FIELDS & vals.keys():
            raise UserError(
                self.env._(
                    "The flow of a claim changes by its buttons: %s.",
                    ", ".join(sorted(FLOW_FIELDS & vals.keys())),
                )
            )
        self._check_not_issued()
        return super().write(vals)

    def _write_flow(self, vals):
        """Set what only the flow may set; the statement's lock holds all the same."""
        self._check_not_issued()
        # pylint: disable=super-method-mismatch
        return super().write(vals)

    def _check_not_issued(self):
        """An issued statement is a document: nothing that stands on it changes."""
        for settlement in self.settlement_id:
            if settlement.state != "draft":
                raise UserError(
                    self.env._(
                        "The statement %(name)s has been issued: correct it by an "
                        "adjustment on the next one.",
                        name=settlement.name,
                    )
                )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_settled(self):
        for claim in self:
            if claim.settlement_id:
                raise UserError(
                    self.env._(
                        "The claim for %(order)s stands on a statement.",
                        order=claim.display_name,
                    )
                )

    # Pricing

    def _is_untouched(self) -> bool:
        """Whether only the system has decided on this claim so far."""
        self.ensure_one()
        return self.state in OPEN_STATES and not (
            self.checked_by_id
            or self.approved_by_id
            or self.decided_by_id
            or self.is_filed
        )

    def _refresh(self):
        """Follow the order, which was done again, and price anew."""
        for claim in self:
            claim._write_flow(claim.order_id._prepare_claim_owner())
        self._price()

    def _price(self):
        """Give each claim the lines of the tariff, or the reasons why there are none.

        Works on any number of claims with a constant number of queries.
        """
        priced = self._get_price_vals(self.order_id)
        self.line_ids.unlink()
        line_vals = []
        for claim in self:
            vals = priced[claim.order_id]
            for command in vals.pop("line_ids"):
                line_vals.append(command[2] | {"claim_id": claim.id})
            claim._write_flow(vals | {"checked_by_id": False, "approved_by_id": False})
        self.env["service.claim.line"].create(line_vals)
        self.order_id._log_priced(self)
        self._run_checks()

    @api.model
    def _get_price_vals(self, orders) -> dict:
        """Order → values of its claim, lines included."""
        days = {order: order._get_claim_date() for order in orders}
        tariffs = self.env["service.tariff"]._find_many(
            (order.company_id, order.point_id, days[order]) for order in orders
        )
        books = {
            tariff: tariff._get_book()
            for tariff in self.env["service.tariff"].union(*tariffs.values())
        }
        by_order = {
            order: tariffs.get((order.company_id, order.point_id, days[order]))
            for order in orders
        }
        facts = orders._get_job_facts(
            by_order, frozenset().union(*(book.needs for book in books.values()))
        )
        snapshots, payers = {}, orders._get_claim_payers()
        result = {}
        for order, tariff in by_order.items():
            vals = result[order] = order._prepare_claim_vals(
                days[order], tariff, books.get(tariff), facts[order], snapshots
            )
            if payers[order]:
                for __, __, line in vals["line_ids"]:
                    line.update(payers[order].get(line["kind"], {}))
        return result
