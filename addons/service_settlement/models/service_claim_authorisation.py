from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

# The checks that compare a claim with what was granted
AUTHORISATION_CODES = {"no_authorisation", "above_authorisation"}


class ServiceClaimAuthorisation(models.Model):
    """What a point may spend on an order, asked before the work.

    Above the amount in the settings a claim without one is blocked. What was granted is
    carried into the claim, which shows and checks it.
    """

    _name = "service.claim.authorisation"
    _description = "Claim Authorisation"
    _inherit = ["service.amount.mixin"]
    _order = "id desc"
    _check_company_auto = True

    order_id = fields.Many2one(
        "service.order",
        string="Service Order",
        required=True,
        index=True,
        ondelete="cascade",
        check_company=True,
        domain="[('state', 'not in', ('done', 'closed', 'cancelled'))]",
    )
    company_id = fields.Many2one(
        related="order_id.company_id", store=True, index=True, precompute=True
    )
    point_id = fields.Many2one(
        "service.point",
        string="Service Point",
        compute="_compute_point_id",
        store=True,
        precompute=True,
        index=True,
        help="Who asked: the point that had the order then.",
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    amount = fields.Monetary(string="Asked For", required=True)
    note = fields.Text(string="What It Is For", required=True)
    state = fields.Selection(
        [("asked", "Asked"), ("granted", "Granted"), ("refused", "Refused")],
        string="Status",
        default="asked",
        required=True,
        readonly=True,
        index=True,
    )
    amount_granted = fields.Monetary(string="Granted")
    answer = fields.Char()
    asked_by_id = fields.Many2one(
        "res.users", readonly=True, default=lambda self: self.env.uid
    )
    decided_by_id = fields.Many2one("res.users", readonly=True)
    decided_on = fields.Datetime(readonly=True)

    _amounts_positive = models.Constraint(
        "CHECK (amount > 0 AND COALESCE(amount_granted, 0) >= 0)",
        "The amounts of an authorisation are above zero.",
    )

    @api.depends("order_id")
    def _compute_point_id(self):
        for request in self:
            if not request.point_id:
                request.point_id = request.order_id.point_id

    @api.depends("order_id.name")
    def _compute_display_name(self):
        for request in self:
            # sudo: service.order: who sees the request may know its order's number
            request.display_name = request.sudo().order_id.name

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            orders_sudo = self.env["service.order"].sudo()
            # Who asks names neither another asker nor what will be granted; the
            # point is that of the order, and rules say whether it is their own
            vals_list = [
                {
                    **vals,
                    "asked_by_id": self.env.uid,
                    "point_id": orders_sudo.browse(
                        vals.get("order_id") or []
                    ).point_id.id,
                    "amount_granted": 0.0,
                    "answer": False,
                    "decided_by_id": False,
                    "decided_on": False,
                }
                for vals in vals_list
            ]
        requests = super().create(vals_list)
        for request in requests:
            if request.state != "asked":
                raise UserError(
                    self.env._("An authorisation is asked for first, then granted.")
                )
            # sudo: service.order: only whether the work is done
            if request.sudo().order_id.state in ("done", "closed", "cancelled"):
                raise UserError(
                    self.env._(
                        "%s is finished: authorisation is asked for before the work.",
                        request.display_name,
                    )
                )
        return requests

    def write(self, vals):
        fixed = vals.keys() & {"order_id", "point_id", "amount", "note", "state"}
        decided = vals.keys() & {"decided_by_id", "decided_on"}
        if not self.env.su and (fixed - {"note"} or decided):
            raise UserError(self.env._("What was asked for stays; grant or refuse it."))
        if not self.env.su and any(request.state != "asked" for request in self):
            raise UserError(self.env._("This was decided already."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_decided(self):
        if any(request.state != "asked" for request in self):
            raise UserError(self.env._("What was decided is kept."))

    def action_grant(self):
        """Grant what is written as granted, or all that was asked for."""
        self._decide("granted")
        return True

    def action_refuse(self):
        self._decide("refused")
        return True

    def _decide(self, state):
        self.check_access("write")
        for request in self:
            if request.state != "asked":
                raise UserError(self.env._("This was decided already."))
            if state == "refused" and not request.answer:
                raise UserError(self.env._("Say in the answer why it is refused."))
            if not self.env.su and request.asked_by_id == self.env.user:
                raise UserError(
                    self.env._("You asked for this: another person decides it.")
                )
            granted = request.amount_granted or request.amount
            # sudo: service.claim.authorisation: decided by this method only
            request.sudo().write(
                {
                    "state": state,
                    "amount_granted": granted if state == "granted" else 0.0,
                    "decided_by_id": self.env.uid,
                    "decided_on": fields.Datetime.now(),
                }
            )

    @api.model
    def _ask(self, order, amount, note):
        """A point asks for one of its orders; who may ask was its user."""
        # sudo: service.order: only whose it is
        point = order.sudo().point_id
        if not self.env.su and self.env.user not in point.user_ids:
            raise AccessError(self.env._("This order is not yours."))
        note = (note or "").replace("\x00", "").strip()[:2000]
        if not isinstance(amount, int | float) or amount <= 0:
            raise UserError(self.env._("Please enter an amount above zero."))
        if not note:
            raise UserError(self.env._("Say what the amount is for."))
        # sudo: service.claim.authorisation: points ask through this method only
        return self.sudo().create(
            {
                "order_id": order.id,
                "amount": amount,
                "note": note,
                "asked_by_id": self.env.uid,
            }
        )


class ServiceClaim(models.Model):
    _inherit = "service.claim"

    authorisation_ids = fields.One2many(
        related="order_id.authorisation_ids",
        groups="service_settlement.group_settlement_accountant",
    )
    amount_authorised = fields.Monetary(
        string="Authorised",
        compute="_compute_amount_authorised",
        groups="service_settlement.group_settlement_accountant",
        help="What was granted before the work.",
    )

    def _compute_amount_authorised(self):
        granted = dict(
            self.env["service.claim.authorisation"]._read_group(
                [("order_id", "in", self.order_id.ids), ("state", "=", "granted")],
                ["order_id"],
                ["amount_granted:sum"],
            )
        )
        for claim in self:
            claim.amount_authorised = granted.get(claim.order_id, 0.0)


class ServiceClaimLine(models.Model):
    """What a person adds or raises may need an authorisation, too."""

    _inherit = "service.claim.line"

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        if not self.env.su:
            lines.claim_id._run_checks(AUTHORISATION_CODES)
        return lines

    def write(self, vals):
        result = super().write(vals)
        if not self.env.su and {"amount_checked", "amount_approved"} & vals.keys():
            self.claim_id._run_checks(AUTHORISATION_CODES)
        return result


class ServiceOrder(models.Model):
    _inherit = "service.order"

    authorisation_ids = fields.One2many(
        "service.claim.authorisation",
        "order_id",
        groups="service_settlement.group_settlement_accountant",
    )
