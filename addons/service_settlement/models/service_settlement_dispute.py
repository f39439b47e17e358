from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

# What only filing, answering and withdrawing may set.
FILED_FIELDS = {
    "settlement_id",
    "claim_line_id",
    "adjustment_id",
    "topic",
    "reason",
    "amount_stated",
    "amount_asked",
    "filed_by_id",
    "filed_on",
}
ANSWER_FIELDS = {
    "state",
    "amount_agreed",
    "answered_by_id",
    "answered_on",
    "correction_id",
}


class ServiceSettlementDispute(models.Model):
    """What a service point does not agree with: one line of a statement, or one that
    it misses.

    The statement stays as it was issued. What the company agrees to is an adjustment
    that the next statement of the point takes along, so a dispute never keeps the
    lines from being paid that nobody disputes.
    """

    _name = "service.settlement.dispute"
    _description = "Settlement Dispute"
    _inherit = ["service.amount.mixin"]
    _order = "id desc"
    _check_company_auto = True

    settlement_id = fields.Many2one(
        "service.settlement",
        string="Statement",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        related="settlement_id.company_id", store=True, index=True
    )
    point_id = fields.Many2one(related="settlement_id.point_id", store=True, index=True)
    currency_id = fields.Many2one(related="settlement_id.currency_id")
    claim_line_id = fields.Many2one(
        "service.claim.line",
        string="Disputed Line",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    adjustment_id = fields.Many2one(
        "service.settlement.adjustment",
        string="Disputed Adjustment",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    topic = fields.Selection(
        [
            ("amount", "The amount is wrong"),
            ("distance", "The distance is wrong"),
            ("hours", "The hours are wrong"),
            ("parts", "The parts are wrong"),
            ("missing", "Something is missing"),
            ("deduction", "The deduction is not justified"),
            ("other", "Something else"),
        ],
        required=True,
        readonly=True,
        default="amount",
    )
    reason = fields.Text(required=True, readonly=True)
    amount_stated = fields.Monetary(string="Stated", readonly=True)
    amount_asked = fields.Monetary(string="Amount Asked For", readonly=True)
    filed_by_id = fields.Many2one("res.users", readonly=True)
    filed_on = fields.Datetime(readonly=True)
    # The answer
    state = fields.Selection(
        [
            ("open", "Open"),
            ("accepted", "Accepted"),
            ("refused", "Refused"),
            ("withdrawn", "Withdrawn"),
        ],
        string="Status",
        default="open",
        required=True,
        readonly=True,
        index=True,
    )
    answer = fields.Text(help="What the service point reads as the answer.")
    amount_agreed = fields.Monetary(
        readonly=True,
        help="What this line should have been. The difference comes with the next "
        "statement.",
    )
    answered_by_id = fields.Many2one("res.users", readonly=True)
    answered_on = fields.Datetime(readonly=True)
    correction_id = fields.Many2one(
        "service.settlement.adjustment",
        string="Adjustment",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )

    _open_line_uniq = models.UniqueIndex(
        "(claim_line_id) WHERE claim_line_id IS NOT NULL AND state = 'open'",
        "This line is in dispute already.",
    )
    _open_adjustment_uniq = models.UniqueIndex(
        "(adjustment_id) WHERE adjustment_id IS NOT NULL AND state = 'open'",
        "This adjustment is in dispute already.",
    )
    _one_subject = models.Constraint(
        "CHECK (claim_line_id IS NULL OR adjustment_id IS NULL)",
        "A dispute is about one line.",
    )

    @api.depends("claim_line_id", "adjustment_id", "topic")
    def _compute_display_name(self):
        topics = dict(self._fields["topic"]._description_selection(self.env))
        for dispute in self:
            # sudo: service.claim.line: who sees the dispute may know its line's name
            dispute_sudo = dispute.sudo()
            subject = dispute_sudo.claim_line_id or dispute_sudo.adjustment_id
            dispute.display_name = (
                subject.with_env(dispute_sudo.env).display_name or topics[dispute.topic]
            )

    # Guards

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            raise AccessError(
                self.env._("Disputes are filed on an issued statement, line by line.")
            )
        return super().create(vals_list)

    def write(self, vals):
        if (FILED_FIELDS | ANSWER_FIELDS) & vals.keys():
            raise UserError(
                self.env._(
                    "A dispute is answered by its buttons: %s.",
                    ", ".join(sorted((FILED_FIELDS | ANSWER_FIELDS) & vals.keys())),
                )
            )
        self._check_open()
        return super().write(vals)

    def _write_flow(self, vals):
        """Set what only the flow may set."""
        # pylint: disable=super-method-mismatch
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("A dispute is kept, with its answer."))

    def _check_open(self):
        for dispute in self:
            if dispute.state != "open":
                raise UserError(
                    self.env._(
                        "The dispute about %(line)s has been answered already.",
                        line=dispute.display_name,
                    )
                )

    # The answer

    def action_accept(self):
        """Agree to what the point asks for."""
        for dispute in self:
            dispute._accept(dispute.amount_asked, dispute.answer)
        return True

    def action_refuse(self):
        """The line stays as it is; the answer says why."""
        for dispute in self:
            dispute._refuse(dispute.answer)
        return True

    def action_answer_ask(self):
        """Open the question for the agreed amount and the answer."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "service_settlement.action_service_settlement_answer"
        )
        return action | {"context": {"default_dispute_id": self.id}}

    def _accept(self, amount, answer=None):
        """Correct the line to ``amount`` with an adjustment on the next statement."""
        self.ensure_one()
        self._lock_open()
        standing = self._get_standing(self.claim_line_id, self.adjustment_id)
        difference = self.currency_id.round(amount - standing)
        if self.currency_id.is_zero(difference):
            raise UserError(
                self.env._(
                    "The agreed amount of %(line)s is what the statement says: refuse "
                    "the dispute, or agree to another amount.",
                    line=self.display_name,
                )
            )
        # sudo: service.settlement.adjustment: its source is named by this flow
        adjustments_sudo = self.env["service.settlement.adjustment"].sudo()
        adjustment = adjustments_sudo.create(
            self._prepare_correction_vals(difference)
        ).sudo(self.env.su)
        self._close("accepted", answer, correction_id=adjustment.id, agreed=amount)
        return adjustment

    @api.model
    def _get_standing(self, line, adjustment) -> float:
        """What a line comes to by now: as the statement says, and as earlier disputes
        about it have corrected it. What was agreed once is not paid twice."""
        subject = line or adjustment
        if not subject:
            return 0.0
        name = "claim_line_id" if line else "adjustment_id"
        # sudo: service.settlement.adjustment: sums only, whoever files or answers
        answered_sudo = self.sudo().search(
            [(name, "=", subject.id), ("state", "=", "accepted")]
        )
        corrected = sum(answered_sudo.correction_id.mapped("amount"))
        amount = line.amount_approved if line else adjustment.amount
        return subject.currency_id.round(amount + corrected)

    def _prepare_correction_vals(self, difference) -> dict:
        settlement = self.settlement_id
        return {
            "company_id": settlement.company_id.id,
            "point_id": settlement.point_id.id,
            "currency_id": settlement.currency_id.id,
            "claim_id": self.claim_line_id.claim_id.id,
            "kind": "correction",
            "date": fields.Date.context_today(self),
            "amount": difference,
            "reason": self.env._(
                "Dispute of %(statement)s: %(line)s",
                statement=settlement.name,
                line=self.display_name,
            ),
            "source_ref": f"{self._name},{self.id}",
        }

    def _refuse(self, answer):
        self.ensure_one()
        self._lock_open()
        if not (answer or "").strip():
            raise UserError(
                self.env._(
                    "Say why the dispute about %(line)s is refused.",
                    line=self.display_name,
                )
            )
        self._close("refused", answer, agreed=self.amount_stated)

    def _lock_open(self):
        """Only one of two who answer at once; both only where they may."""
        self.check_access("write")
        self.lock_for_update()
        self.invalidate_recordset(["state"])
        self._check_open()

    def _close(self, state, answer, correction_id=False, agreed=0.0):
        self._write_flow(
            {
                "state": state,
                "answer": (answer or "").strip() or False,
                "amount_agreed": agreed,
                "correction_id": correction_id,
                "answered_by_id": self.env.uid,
                "answered_on": fields.Datetime.now(),
            }
        )
        self.settlement_id._after_answer(self)

    def action_withdraw(self):
        """The point, or the accountant for it, does not insist any more."""
        self.check_access("read")
        if not self.env.su and not self.has_access("write"):
            self.settlement_id._check_is_of_point()
        # sudo: service.settlement.dispute: who filed it may take it back
        for dispute in self.sudo():
            dispute._check_open()
            dispute._write_flow(
                {
                    "state": "withdrawn",
                    "answered_by_id": self.env.uid,
                    "answered_on": fields.Datetime.now(),
                }
            )
            dispute.settlement_id._after_answer(dispute)
        return True

    def action_view_settlement(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "service.settlement",
            "res_id": self.settlement_id.id,
            "view_mode": "form",
        }


class ServiceSettlement(models.Model):
    """Disputes of a statement: filed line by line, each answered on its own."""

    _inherit = "service.settlement"

    dispute_ids = fields.One2many("service.settlement.dispute", "settlement_id")
    dispute_count = fields.Integer(compute="_compute_dispute_count")
    open_dispute_count = fields.Integer(compute="_compute_dispute_count")

    @api.depends("dispute_ids.state")
    def _compute_dispute_count(self):
        counts = {}
        for settlement, state, count in self.env[
            "service.settlement.dispute"
        ]._read_group(
            [("settlement_id", "in", self.ids)], ["settlement_id", "state"], ["__count"]
        ):
            counts[settlement.id, state] = count
        states = dict(self.env["service.settlement.dispute"]._fields["state"].selection)
        for settlement in self:
            settlement.open_dispute_count = counts.get((settlement.id, "open"), 0)
            settlement.dispute_count = sum(
                counts.get((settlement.id, state), 0) for state in states
            )

    def action_issue(self):
        """What was disputed before and is not answered yet, still is."""
        result = super().action_issue()
        disputed = self.filtered("open_dispute_count")
        if disputed:
            disputed._write_flow({"state": "disputed"})
        return result

    def _dispute(self, vals_list):
        """File disputes on this statement.

        :param vals_list: dicts of ``claim_line_id`` or ``adjustment_id`` (ids, or
            neither where something is missing), ``reason``, ``amount_asked``, and
            optionally ``topic``
        :return: the disputes
        """
        self.ensure_one()
        self._check_may_confirm()
        self._check_state(("issued", "disputed"))
        # sudo: service.settlement: a point files on what it may only read
        settlement_sudo = self.sudo()
        disputes_sudo = self.env["service.settlement.dispute"].sudo()
        disputes_sudo = disputes_sudo.create(
            [settlement_sudo._prepare_dispute_vals(vals) for vals in vals_list]
        )
        settlement_sudo._write_flow({"state": "disputed"})
        settlement_sudo._tell_disputed(disputes_sudo)
        return disputes_sudo.sudo(self.env.su)

    def _prepare_dispute_vals(self, vals) -> dict:
        line = self.env["service.claim.line"].browse(vals.get("claim_line_id") or [])
        adjustment = self.env["service.settlement.adjustment"].browse(
            vals.get("adjustment_id") or []
        )
        for subject in (line, adjustment):
            # The same sentence for what does not exist and what is not theirs
            if subject and subject.exists().settlement_id != self:
                raise UserError(
                    self.env._("This line does not stand on the statement.")
                )
        reason = (vals.get("reason") or "").strip()
        if not reason:
            raise UserError(self.env._("Say what is wrong with the line."))
        disputes = self.env["service.settlement.dispute"]
        disputes._check_numbers({"amount_asked": vals.get("amount_asked")})
        stated = disputes._get_standing(line, adjustment)
        asked = self.currency_id.round(vals.get("amount_asked") or 0.0)
        if not self.currency_id.compare_amounts(asked, stated):
            raise UserError(
                self.env._("The amount that you ask for is what the statement says.")
            )
        default = "amount" if line else "deduction" if adjustment else "missing"
        return {
            "settlement_id": self.id,
            "claim_line_id": line.id,
            "adjustment_id": adjustment.id,
            "topic": vals.get("topic") or default,
            "reason": reason,
            "amount_stated": stated,
            "amount_asked": asked,
            "filed_by_id": self.env.uid,
            "filed_on": fields.Datetime.now(),
        }

    def _tell_disputed(self, disputes):
        """One message, and one activity for whoever issued the statement."""
        self.message_post(
            body=self.env._(
                "Lines disputed by the service point: %(count)s", count=len(disputes)
            )
        )
        accountant = self.issued_by_id
        summary = self.env._("Answer the disputes")
        if accountant.active and summary not in self.activity_ids.mapped("summary"):
            self.activity_schedule(
                "mail.mail_activity_data_todo", summary=summary, user_id=accountant.id
            )

    def _after_answer(self, disputes):
        """When nothing is open any more, the point may confirm what stands there."""
        # sudo: service.settlement: also when the point itself withdraws
        for settlement in disputes.settlement_id.sudo():
            settlement.invalidate_recordset(["open_dispute_count"])
            if settlement.state == "disputed" and not settlement.open_dispute_count:
                settlement._write_flow({"state": "issued"})
                settlement.message_post(
                    body=self.env._("All disputes have been answered."),
                    partner_ids=settlement.dispute_ids.filed_by_id.partner_id.ids,
                )

    def _check_disputes_answered(self):
        """The point may confirm the rest and leave its disputes open; nobody may do so
        for it."""
        for settlement in self:
            # sudo: service.point: only to compare who belongs to it
            if self.env.user in settlement.sudo().point_id.user_ids:
                continue
            if settlement.open_dispute_count:
                raise UserError(
                    self.env._(
                        "Answer the disputes of %(name)s first: only the service point "
                        "itself may confirm the rest while they are open.",
                        name=settlement.name,
                    )
                )

    def action_view_disputes(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "service_settlement.action_service_settlement_dispute"
        )
        return action | {"domain": [("settlement_id", "=", self.id)], "context": {}}
