from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

STEPS = [
    ("warning", "Warning"),
    ("suspension", "Suspension"),
    ("removal", "Removal From the Network"),
]
# Two warnings within a year: suspension; a suspension within two: removal
WARNING_MONTHS = 12
WARNINGS = 2
SUSPENSION_MONTHS = 24
# Nobody has decided yet, or the decision is still being carried out
WAITING_STATES = ("open", "queued")


class ServiceScorecardProposal(models.Model):
    """What is proposed about a point whose scorecard is bad; a person decides.

    - A bad card proposes a warning.
    - Two warnings decided within twelve months propose a suspension.
    - A suspension decided within twenty-four months proposes removal.
    """

    _name = "service.scorecard.proposal"
    _description = "Proposal About a Service Point"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "create_date desc, id desc"
    _rec_name = "point_id"

    scorecard_id = fields.Many2one(
        "service.scorecard",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    point_id = fields.Many2one(
        "service.point",
        string="Service Point",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        related="point_id.company_id", store=True, readonly=True
    )
    score = fields.Float(related="scorecard_id.score", string="Score", store=True)
    step = fields.Selection(STEPS, string="Proposed Step", required=True, readonly=True)
    evidence = fields.Text(readonly=True)
    state = fields.Selection(
        [
            ("open", "To Be Decided"),
            ("queued", "Being Decided"),
            ("decided", "Decided"),
            ("dismissed", "Dismissed"),
        ],
        default="open",
        required=True,
        readonly=True,
        index=True,
        tracking=True,
    )
    decision = fields.Selection(
        [*STEPS, ("none", "Do Nothing")], tracking=True, help="What a person decides."
    )
    reason = fields.Text()
    decided_by_id = fields.Many2one("res.users", readonly=True)
    decided_at = fields.Datetime(readonly=True)
    history_ids = fields.Many2many(
        "service.scorecard.proposal",
        compute="_compute_history_ids",
        string="Earlier Decisions",
    )

    _one_open = models.UniqueIndex(
        "(point_id) WHERE state IN ('open', 'queued')",
        "A proposal about this service point already waits for a decision.",
    )

    @api.depends("point_id")
    def _compute_history_ids(self):
        earlier = self.search(
            [
                ("point_id", "in", self.point_id.ids),
                ("state", "not in", WAITING_STATES),
            ]
        ).grouped("point_id")
        for proposal in self:
            proposal.history_ids = (
                earlier.get(proposal.point_id, self.browse()) - proposal
            )

    def write(self, vals):
        if not self.env.su:
            if vals.keys() - {"decision", "reason"}:
                allowed = {"message_follower_ids", "activity_ids"}
                if vals.keys() - {"decision", "reason"} - allowed:
                    raise AccessError(
                        self.env._("Decide the proposal with its button.")
                    )
            if {"decision", "reason"} & vals.keys() and any(
                proposal.state != "open" for proposal in self
            ):
                raise UserError(self.env._("What was decided is not changed."))
        return super().write(vals)

    # Proposing

    @api.model
    def _propose_for(self, cards):
        """One open proposal for each point of the cards, superuser's."""
        proposals_sudo = self.sudo()
        points = cards.point_id
        waiting = proposals_sudo.search(
            [("point_id", "in", points.ids), ("state", "in", WAITING_STATES)]
        ).point_id
        today = fields.Date.context_today(self)
        counts = {
            step: dict(
                proposals_sudo._read_group(
                    Domain("point_id", "in", points.ids)
                    & Domain("state", "=", "decided")
                    & Domain("decision", "=", step)
                    & Domain("decided_at", ">=", today - relativedelta(months=months)),
                    ["point_id"],
                    ["__count"],
                )
            )
            for step, months in (
                ("warning", WARNING_MONTHS),
                ("suspension", SUSPENSION_MONTHS),
            )
        }
        # The job that computes scorecards speaks no user's language
        reader = self.env["service.job"]._get_manager()
        writer = self.with_context(lang=reader.lang or self.env.lang)
        vals_list = []
        for card in cards:
            point = card.point_id
            if point in waiting or point.state == "terminated":
                continue
            step = "warning"
            if counts["suspension"].get(point):
                step = "removal"
            elif counts["warning"].get(point, 0) >= WARNINGS:
                step = "suspension"
            waiting |= point
            vals_list.append(
                {
                    "scorecard_id": card.id,
                    "point_id": point.id,
                    "step": step,
                    "decision": step,
                    "evidence": writer._get_evidence(
                        card.with_env(writer.env),
                        counts["warning"].get(point, 0),
                        counts["suspension"].get(point, 0),
                    ),
                }
            )
        return proposals_sudo.with_context(mail_create_nosubscribe=True).create(
            vals_list
        )

    @api.model
    def _get_evidence(self, card, warnings, suspensions) -> str:
        """The worst measures of the card and what went before, as sentences."""
        labels = dict(
            self.env["service.scorecard.line"]
            ._fields["code"]
            ._description_selection(self.env)
        )
        worst = card.line_ids.sorted("points")[:3]
        sentences = [
            self.env._(
                "%(period)s: %(score).1f points of 100 for %(orders)s orders.",
                period=card.period_name,
                score=card.score,
                orders=card.orders,
            )
        ]
        sentences += [
            self.env._(
                "%(measure)s: %(own).0f%% (network %(network).0f%%), %(points).0f "
                "points.",
                measure=labels[line.code],
                own=100 * line.rate,
                network=100 * line.network,
                points=line.points,
            )
            for line in worst
        ]
        if warnings or suspensions:
            sentences.append(
                self.env._(
                    "Warned %(warnings)s times within a year, suspended "
                    "%(suspensions)s times within two years.",
                    warnings=warnings,
                    suspensions=suspensions,
                )
            )
        return "\n".join(sentences)

    # Deciding

    def _check_manager(self):
        if not self.env.su and not self.env.user.has_group(
            "service_management.group_service_manager"
        ):
            raise AccessError(self.env._("Only a manager may decide this."))

    def action_decide(self):
        """Do what was decided about the points, and tell them."""
        self._check_manager()
        self.check_access("write")
        for proposal in self:
            refusal = proposal._get_refusal()
            if refusal:
                raise UserError(refusal)
            proposal._carry_out()
        return True

    def _get_refusal(self):
        """Why the proposal cannot be decided as it is, or False."""
        if self.state == "queued":
            return self.env._("This is being decided already.")
        if self.state != "open":
            return self.env._("What was decided is not changed.")
        if not self.decision or not (self.reason or "").strip():
            return self.env._("Please choose a decision and give the reason.")
        return False

    def _carry_out(self):
        point = self.point_id.with_context(service_point_told=True)
        reason = self.reason
        # sudo: service.scorecard.proposal: who decided and when is not for a form
        self.sudo().write(
            {
                "state": "dismissed" if self.decision == "none" else "decided",
                "decided_by_id": self.env.uid,
                "decided_at": fields.Datetime.now(),
            }
        )
        if self.decision == "none":
            return
        label = dict(self._fields["decision"]._description_selection(self.env))[
            self.decision
        ]
        if self.scorecard_id.grade and self.decision != "removal":
            point.grade = self.scorecard_id.grade
        if self.decision == "suspension":
            self._suspend(point, reason)
        elif self.decision == "removal":
            self._terminate(point, reason)
        text = self.env._(
            "%(decision)s, by the scorecard of %(period)s: %(reason)s",
            decision=label,
            period=self.scorecard_id.period_name,
            reason=reason,
        )
        point.message_post(body=text, subtype_xmlid="mail.mt_note")
        self.scorecard_id._tell_point(text)

    def _suspend(self, point, reason):
        """The point's own way of being suspended."""
        point._suspend(reason)

    def _terminate(self, point, reason):
        point._terminate(reason)
