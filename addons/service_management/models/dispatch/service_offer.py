import psycopg2

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

OFFER_STATES = [
    ("offered", "Offered"),
    ("accepted", "Accepted"),
    ("rejected", "Refused"),
    ("expired", "Expired"),
    ("withdrawn", "Withdrawn"),
    ("returned", "Handed Back"),
]
# By which way an answer came
ANSWER_WAYS = [
    ("office", "Back Office"),
    ("portal", "Portal"),
    ("mail", "Mail"),
    ("auto", "By Itself"),
]
EXPIRY_BATCH = 100


class ServiceOffer(models.Model):
    """An order offered to a service point, with the reasons why this point.

    Any number of offers of an order may wait for an answer; the database lets only
    one of them be accepted.
    """

    _name = "service.offer"
    _description = "Offer to a Service Point"
    _order = "offered_at desc, id desc"
    _rec_name = "order_id"

    order_id = fields.Many2one(
        "service.order", required=True, index=True, ondelete="cascade", readonly=True
    )
    company_id = fields.Many2one(
        related="order_id.company_id", store=True, precompute=True, index=True
    )
    point_id = fields.Many2one(
        "service.point", required=True, index=True, readonly=True
    )
    coverage_id = fields.Many2one(
        "service.coverage",
        string="By Coverage",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        help="The row of the point's coverage that brought the order: it counts for "
        "the row's orders a day.",
    )
    state = fields.Selection(
        OFFER_STATES, default="offered", required=True, readonly=True, index=True
    )
    day = fields.Date(
        required=True,
        readonly=True,
        default=fields.Date.context_today,
        help="The day whose capacity the offer takes.",
    )
    offered_at = fields.Datetime(
        required=True, readonly=True, default=fields.Datetime.now
    )
    expires_at = fields.Datetime(required=True, readonly=True)
    answered_at = fields.Datetime(readonly=True)
    answered_by_id = fields.Many2one("res.users", readonly=True)
    answered_via = fields.Selection(ANSWER_WAYS, readonly=True)
    reject_reason_id = fields.Many2one("service.reject.reason", readonly=True)
    note = fields.Text(readonly=True)
    # Why this point
    rank = fields.Integer(readonly=True, aggregator="avg")
    reason_data = fields.Json(readonly=True)
    candidate_data = fields.Json(
        readonly=True,
        prefetch=False,
        groups="service_management.group_service_agent",
    )
    reasons = fields.Json(compute="_compute_reasons")
    candidates = fields.Json(
        compute="_compute_candidates",
        groups="service_management.group_service_agent",
        help="The whole decision: every point that was looked at, and why.",
    )

    _accepted_uniq = models.UniqueIndex(
        "(order_id) WHERE state = 'accepted'",
        "Another service point has already accepted this order.",
    )
    _waiting_uniq = models.UniqueIndex(
        "(order_id, point_id) WHERE state = 'offered'",
        "The order is already offered to this service point.",
    )
    _expiry_idx = models.Index("(expires_at) WHERE state = 'offered'")
    _load_idx = models.Index("(point_id, day) WHERE state IN ('offered', 'accepted')")

    @api.depends("reason_data")
    @api.depends_context("lang")
    def _compute_reasons(self):
        """The stored reasons with their texts, in the reader's language."""
        order = self.env["service.order"]
        for offer in self:
            offer.reasons = order._add_reason_texts(offer.reason_data)

    @api.depends("candidate_data")
    @api.depends_context("lang")
    def _compute_candidates(self):
        order = self.env["service.order"]
        for offer in self:
            offer.candidates = [
                {**line, "reasons": order._add_reason_texts(line.get("reasons"))}
                for line in offer.candidate_data or ()
            ]

    @api.model_create_multi
    def create(self, vals_list):
        offers = super().create(vals_list)
        waiting = offers.filtered(lambda offer: offer.state == "offered")
        if waiting and self.env["service.order"]._get_moments() is None:
            cron = self.env.ref("service_management.cron_expire_offers")
            cron._trigger_list(list(set(waiting.mapped("expires_at"))))
        return offers

    # Answers

    def action_accept(self):
        """The point takes the orders. Of several points answering at once, one wins."""
        return self._accept("office")

    def _accept(self, via):
        """Take the orders; the way of every button, page and mail.

        :param str via: how the answer came, see ``ANSWER_WAYS``
        """
        self._check_may_answer()
        # sudo: service.offer: may answer was checked; answers are not editable
        offers_sudo = self.sudo()
        offers_sudo.order_id._lock_in_turn()
        self._check_waiting()
        self._check_still_fits(via)
        try:
            with self.env.cr.savepoint():
                offers_sudo._answer("accepted", answered_via=via)
        except psycopg2.errors.UniqueViolation:
            raise UserError(
                self.env._("Another service point was faster: the order is taken.")
            ) from None
        offers_sudo.order_id._on_offer_accepted(offers_sudo)
        return True

    def action_reject(self, reason_id=None, note=""):
        """The point refuses, says why, and the next candidate is asked."""
        return self._reject("office", reason_id, note)

    def _reject(self, via, reason_id, note=""):
        self._check_may_answer()
        # sudo: service.order: may answer was checked
        self.sudo().order_id._lock_in_turn()
        self._check_waiting()
        reason = self.env["service.reject.reason"].browse(reason_id).exists()
        if not reason:
            raise UserError(self.env._("Reason is missing: say why you refuse."))
        # sudo: service.offer: may answer was checked; answers are not editable
        offers_sudo = self.sudo()
        offers_sudo._answer(
            "rejected", reject_reason_id=reason.id, note=note, answered_via=via
        )
        offers_sudo._pass_on("rejected", name=reason.display_name)
        return True

    def action_withdraw(self):
        self.order_id._check_dispatcher()
        self._check_waiting()
        # sudo: service.offer: a dispatcher was checked for
        offers_sudo = self.sudo()
        offers_sudo._answer("withdrawn")
        for offer in offers_sudo:
            offer.order_id._log_event("withdrawn", name=offer.point_id.display_name)
        offers_sudo.order_id._back_to_dispatch()
        return True

    def _withdraw_all(self, reason=""):
        """End waiting offers and ask the next candidates (sudo, checked before)."""
        waiting = self.filtered(lambda offer: offer.state == "offered")
        waiting.order_id._lock_in_turn()
        waiting._answer("withdrawn")
        waiting._pass_on("withdrawn", name=reason)

    def action_open_reject(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "service.offer.reject",
            "name": self.env._("Refuse the Offer"),
            "view_mode": "form",
            "target": "new",
            "context": {"default_offer_ids": self.ids},
        }

    def _answer(self, state, **vals):
        who = False if vals.get("answered_via") == "mail" else self.env.uid
        vals = {"state": state, "answered_by_id": who, **vals}
        for moment, orders in self.order_id._group_by_moment():
            offers = self if orders == self.order_id else self & orders.offer_ids
            offers.write(vals | {"answered_at": moment})
        self.flush_recordset(["state"])

    def _check_may_answer(self):
        """Dispatchers answer for any point, others for the points they belong to."""
        user = self.env.user
        if self.env.su:
            return
        # sudo: service.offer: whose offers they are is what is checked. One that has
        # ended is no longer shown to its point, which is told so and not 'no access'
        if not self.sudo().point_id - user._get_own_service_points():
            return
        self.check_access("read")
        if not user.has_group("service_management.group_service_dispatcher"):
            raise AccessError(
                self.env._("Only the service point itself may answer its offers.")
            )

    def _check_waiting(self):
        # sudo: service.offer: the check itself needs the state, whoever asks
        for offer in self.sudo():
            now = offer.order_id._get_moment()
            if offer.state != "offered":
                labels = dict(self._fields["state"]._description_selection(self.env))
                raise UserError(
                    self.env._(
                        "The offer of %(order)s can no longer be answered: %(state)s.",
                        order=offer.order_id.name,
                        state=labels[offer.state],
                    )
                )
            if offer.expires_at <= now:
                raise UserError(
                    self.env._(
                        "The offer of %(order)s ended at %(time)s.",
                        order=offer.order_id.name,
                        time=fields.Datetime.context_timestamp(
                            self, offer.expires_at
                        ).strftime("%Y-%m-%d %H:%M"),
                    )
                )

    def _pass_on(self, kind, name=None):
        """Write down why the offers ended, then ask the next candidates."""
        for offer in self:
            offer.order_id._log_event(
                kind,
                name=" · ".join(
                    part for part in (offer.point_id.display_name, name) if part
                ),
            )
        orders = self.order_id
        orders._back_to_dispatch()
        orders.filtered(lambda order: order.state == "new")._dispatch()

    # Expiry

    @api.model
    def _cron_expire(self):
        self.env["service.job"]._run("offer_expiry", self._expire_due)

    @api.model
    def _expire_due(self):
        """End offers that nobody answered; one bad order does not stop the others."""
        domain = [
            ("state", "=", "offered"),
            ("expires_at", "<=", fields.Datetime.now()),
        ]
        cron = self.env["ir.cron"]
        due = self.search(domain)
        left = cron._commit_progress(remaining=len(due))
        for start in range(0, len(due), EXPIRY_BATCH):
            if left <= 0:
                break
            batch = due[start : start + EXPIRY_BATCH]
            # Orders are what answers lock as well: nobody waits for the other
            free = batch.order_id.try_lock_for_update()
            for offer in batch.filtered_domain(domain):
                if offer.order_id in free:
                    offer._expire_one()
            left = cron._commit_progress(len(batch))

    def _expire_one(self):
        try:
            with self.env.cr.savepoint():
                self._answer("expired")
                self._pass_on("expired")
        except (UserError, psycopg2.IntegrityError) as error:
            self.env.invalidate_all(flush=False)
            self.order_id.activity_schedule(
                "mail.mail_activity_data_warning",
                summary=self.env._("The expired offer could not be passed on"),
                note=str(error),
                user_id=self.order_id.user_id.id or self.env.uid,
            )
