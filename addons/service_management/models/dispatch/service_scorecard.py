from datetime import datetime

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from odoo.addons.service_management.engine import scorecard
from odoo.addons.service_management.models.network.service_point import POINT_GRADES

PERIODS = [("month", "Month"), ("quarter", "Quarter")]
# Below this many finished orders nobody is judged
MINIMUM_ORDERS = 10
# What people may still write on a card: who is right is not who is frozen
OPEN_FIELDS = {
    "is_current",
    "appeal_state",
    "appeal",
    "appeal_answer",
    "message_follower_ids",
    "message_main_attachment_id",
}


class ServiceScorecard(models.Model):
    """How good a service point or technician was in a period.

    Cards of a running period are computed anew; when it is over they are frozen.
    Computing a closed period again makes a new version beside the old one.
    """

    _name = "service.scorecard"
    _description = "Scorecard"
    _inherit = ["mail.thread"]
    _order = "date_start desc, kind, score desc, rank, id"
    _rec_name = "period_name"

    kind = fields.Selection(
        [("point", "Service Point"), ("technician", "Technician")],
        required=True,
        readonly=True,
    )
    point_id = fields.Many2one(
        "service.point",
        string="Service Point",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    technician_id = fields.Many2one(
        "service.technician", readonly=True, index="btree_not_null", ondelete="cascade"
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    period = fields.Selection(PERIODS, required=True, readonly=True)
    date_start = fields.Date(string="First Day", required=True, readonly=True)
    date_end = fields.Date(string="Last Day", required=True, readonly=True)
    period_name = fields.Char(compute="_compute_period_name")
    version = fields.Integer(default=1, required=True, readonly=True, aggregator=None)
    is_current = fields.Boolean(
        string="Newest Version", default=True, readonly=True, index=True
    )
    is_frozen = fields.Boolean(
        string="Frozen", readonly=True, help="The period is over: figures stay."
    )
    computed_at = fields.Datetime(readonly=True)
    orders = fields.Integer(string="Finished Orders", readonly=True)
    score = fields.Float(readonly=True, aggregator="avg", digits=(5, 1))
    has_score = fields.Boolean(readonly=True)
    grade = fields.Selection(
        POINT_GRADES,
        string="Proposed Grade",
        readonly=True,
        help="Empty: too few orders to judge.",
    )
    rank = fields.Integer(readonly=True, aggregator=None)
    line_ids = fields.One2many("service.scorecard.line", "scorecard_id", readonly=True)
    proposal_ids = fields.One2many("service.scorecard.proposal", "scorecard_id")
    # What the point says
    appeal_state = fields.Selection(
        [("none", "None"), ("open", "Open"), ("answered", "Appeal Answered")],
        string="Appeal Status",
        default="none",
        required=True,
    )
    appeal = fields.Text(readonly=True)
    appeal_answer = fields.Text(string="Answer to the Appeal")

    _version_uniq = models.UniqueIndex(
        "(kind, point_id, COALESCE(technician_id, 0), period, date_start, version)",
        "There is already a scorecard of this version.",
    )
    _current_idx = models.Index("(period, date_start, kind) WHERE is_current")

    @api.depends("period", "date_start")
    def _compute_period_name(self):
        for card in self:
            if not card.date_start:
                card.period_name = ""
            elif card.period == "quarter":
                quarter = (card.date_start.month + 2) // 3
                card.period_name = f"{card.date_start.year} Q{quarter}"
            else:
                card.period_name = f"{card.date_start:%Y-%m}"

    @api.depends("point_id", "technician_id", "period", "date_start")
    def _compute_display_name(self):
        for card in self:
            subject = card.technician_id.name or card.point_id.name
            card.display_name = f"{subject or ''} · {card.period_name}"

    def write(self, vals):
        if vals.keys() - OPEN_FIELDS and any(card.is_frozen for card in self):
            raise UserError(
                self.env._("A scorecard of a period that is over is not changed.")
            )
        if not self.env.su and vals.keys() - {"appeal_answer"}:
            raise AccessError(self.env._("Scorecards are computed, not written."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_frozen(self):
        if any(card.is_frozen for card in self):
            raise UserError(
                self.env._("A scorecard of a period that is over is not deleted.")
            )

    # Computing

    @api.model
    def _cron_compute(self):
        self.env["service.job"]._run("scorecard", self._compute_due)

    @api.model
    def _compute_due(self):
        """The running month and quarter anew; those before, if they are not frozen."""
        done = 0
        # sudo: res.company: the job looks after all of them
        for company in self.env["res.company"].sudo().search(Domain.TRUE):
            today = company._get_service_day()
            for period in ("month", "quarter"):
                current = self._get_period_start(period, today)
                before = self._get_period_start(period, current - relativedelta(days=1))
                if not self._is_period_frozen(period, before, company):
                    done += self._compute_period(period, before, company)
                done += self._compute_period(period, current, company)
        return done

    @api.model
    def _get_period_start(self, period, day):
        start = day.replace(day=1)
        if period == "quarter":
            start -= relativedelta(months=(start.month - 1) % 3)
        return start

    @api.model
    def _get_period_end(self, period, start):
        """The first day after the period."""
        return start + relativedelta(months=3 if period == "quarter" else 1)

    @api.model
    def _is_period_frozen(self, period, start, company) -> bool:
        return bool(
            self.sudo().search_count(
                self._get_period_domain(period, start, company)
                & Domain("is_frozen", "=", True),
                limit=1,
            )
        )

    @api.model
    def _get_period_domain(self, period, start, company) -> Domain:
        return (
            Domain("period", "=", period)
            & Domain("date_start", "=", start)
            & Domain("company_id", "=", company.id)
        )

    @api.model
    def _compute_period(self, period, start, company) -> int:
        """Make the cards of a period; a number of queries that does not grow with
        points, technicians or orders, apart from the batches of rows inserted.

        :return: how many cards were made
        """
        end = self._get_period_end(period, start)
        old = self.sudo().search(
            self._get_period_domain(period, start, company)
            & Domain("is_current", "=", True)
        )
        versions = {
            (card.kind, card.technician_id.id or card.point_id.id): card.version
            for card in old
        }
        running = old.filtered(lambda card: not card.is_frozen)
        judged = self._judge_all(start, end, company)
        (old - running).write({"is_current": False})
        kept = {
            (card.kind, card.technician_id.id or card.point_id.id)
            for card in old - running
        }
        running.unlink()
        cards = self._make_cards(
            period,
            start,
            company,
            judged,
            {key: versions.get(key, 1) + (key in kept) for key in judged},
        )
        return len(cards)

    @api.model
    def _make_cards(self, period, start, company, judged, versions):
        """Keep what was judged; what is over is frozen, and the worst are proposed."""
        end = self._get_period_end(period, start)
        frozen = end <= company._get_service_day()
        cards_sudo = self.sudo().with_context(
            tracking_disable=True, mail_create_nosubscribe=True, mail_create_nolog=True
        )
        now = fields.Datetime.now()
        vals_list = [
            {
                **vals,
                "company_id": company.id,
                "period": period,
                "date_start": start,
                "date_end": end - relativedelta(days=1),
                "is_frozen": frozen,
                "computed_at": now,
                "version": versions[key],
            }
            for key, vals in judged.items()
        ]
        cards = cards_sudo.create(vals_list)
        if frozen:
            cards._propose()
        return cards

    @api.model
    def _get_bounds(self, start, end, company) -> tuple[datetime, datetime]:
        """The period in naive UTC, by the company's own days."""
        return company._get_day_bounds(start)[0], company._get_day_bounds(end)[0]

    @api.model
    def _judge_all(self, start, end, company) -> dict:
        """``{(kind, subject id): values}`` of everybody who had something to do."""
        since, until = self._get_bounds(start, end, company)
        return self._judge_facts(
            self.env["service.scorecard.facts"]._read_facts(since, until, company)
        )

    @api.model
    def _judge_facts(self, facts) -> dict:
        measures = self.env["service.scorecard.measure"].sudo().search(Domain.TRUE)
        measure_ids = {measure.code: measure.id for measure in measures}
        engine_measures = measures._to_engine()
        priors = self._get_priors(facts)
        technicians = {
            technician.id: technician.point_id.id
            for technician in self.env["service.technician"]
            .sudo()
            .with_context(active_test=False)
            .search_fetch(
                [("id", "in", [key for kind, key in facts if kind == "technician"])],
                ["point_id"],
            )
        }
        judged, ranking = {}, []
        for (kind, subject), figures in facts.items():
            orders = figures["orders"].count if "orders" in figures else 0
            card = scorecard.judge(
                {
                    code: scorecard.Figure(fact.amount, fact.count)
                    for code, fact in figures.items()
                },
                engine_measures,
                priors[kind],
                orders,
                MINIMUM_ORDERS,
            )
            judged[kind, subject] = {
                "kind": kind,
                "point_id": subject if kind == "point" else technicians[subject],
                "technician_id": subject if kind == "technician" else False,
                "orders": orders,
                "score": card.score or 0.0,
                "has_score": card.score is not None,
                "grade": card.grade or False,
                "line_ids": [
                    fields.Command.create(
                        {
                            "measure_id": measure_ids[line.code],
                            "amount": figures[line.code].amount,
                            "cases": figures[line.code].count,
                            "rate": line.rate,
                            "shrunk": line.shrunk,
                            "network": line.prior,
                            "points": line.points,
                            "contribution": line.contribution,
                            "hits": list(figures[line.code].hits),
                        }
                    )
                    for line in card.lines
                ],
            }
            if card.grade:
                ranking.append((kind, -card.score, subject))
        place = {"point": 0, "technician": 0}
        for kind, __, subject in sorted(ranking):
            place[kind] += 1
            judged[kind, subject]["rank"] = place[kind]
        return judged

    @api.model
    def _get_priors(self, facts) -> dict:
        """The rate of the whole network, by kind and code."""
        sums = {"point": {}, "technician": {}}
        for (kind, __), figures in facts.items():
            for code, fact in figures.items():
                amount, count = sums[kind].get(code, (0.0, 0))
                sums[kind][code] = (amount + fact.amount, count + fact.count)
        return {
            kind: {code: amount / count for code, (amount, count) in by_code.items()}
            for kind, by_code in sums.items()
        }

    def _propose(self):
        """Propose what to do about the worst points of a period that is over."""
        self.env["service.scorecard.proposal"]._propose_for(
            self.filtered(lambda card: card.kind == "point" and card.grade == "d")
        )

    # For people

    def action_recompute(self):
        """Compute the period of the card again, as a new version when it is over."""
        self.ensure_one()
        self._check_manager()
        self._compute_period(self.period, self.date_start, self.company_id)
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def action_take_grade(self):
        """Give the point the grade that its card proposes; a person decides."""
        self._check_manager()
        for card in self:
            if card.kind != "point" or not card.grade or not card.is_frozen:
                raise UserError(
                    self.env._("Only a finished card of a point proposes a grade.")
                )
            card.point_id.grade = card.grade
            card.point_id.message_post(
                body=self.env._(
                    "Grade by the scorecard of %(period)s: %(score).1f points.",
                    period=card.period_name,
                    score=card.score,
                )
            )
        return True

    def action_answer_appeal(self):
        self._check_manager()
        for card in self:
            if not card.appeal_answer:
                raise UserError(self.env._("Please write the answer first."))
            # sudo: service.scorecard: the status follows from the answer
            card.sudo().appeal_state = "answered"
            card._tell_point(
                self.env._(
                    "Answer to your appeal about %(period)s: %(answer)s",
                    period=card.period_name,
                    answer=card.appeal_answer,
                )
            )
        return True

    def action_view_orders(self):
        """The orders that were done in the period."""
        self.ensure_one()
        since, until = self._get_bounds(
            self.date_start, self.date_end + relativedelta(days=1), self.company_id
        )
        subject = (
            Domain("technician_id", "=", self.technician_id.id)
            if self.kind == "technician"
            else Domain("point_id", "=", self.point_id.id)
        )
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "service_management.action_service_order"
        )
        action["domain"] = list(
            subject
            & Domain("state", "in", ("done", "closed"))
            & Domain("date_done", ">=", since)
            & Domain("date_done", "<", until)
        )
        action["context"] = {}
        return action

    def _appeal(self, text):
        """A point says what it thinks of its card; who may was checked."""
        self.ensure_one()
        if not text:
            raise UserError(self.env._("Please write why you do not agree."))
        # sudo: service.scorecard: the point may say this and nothing else
        card_sudo = self.sudo()
        card_sudo.write({"appeal": text, "appeal_state": "open"})
        card_sudo.message_post(body=text, subtype_xmlid="mail.mt_note")

    def _tell_point(self, text):
        """Mail to who works for the point, from the card."""
        self.ensure_one()
        self.sudo().message_notify(
            partner_ids=self.point_id._get_people_to_tell().ids,
            subject=self.display_name,
            body=text,
        )

    def _check_manager(self):
        if not self.env.su and not self.env.user.has_group(
            "service_management.group_service_manager"
        ):
            raise AccessError(self.env._("Only a manager may do this."))


class ServiceScorecardLine(models.Model):
    """One measure of a scorecard, with the orders behind it."""

    _name = "service.scorecard.line"
    _description = "Scorecard Line"
    _order = "scorecard_id, measure_id"
    _rec_name = "measure_id"

    scorecard_id = fields.Many2one(
        "service.scorecard", required=True, index=True, ondelete="cascade"
    )
    measure_id = fields.Many2one(
        "service.scorecard.measure", required=True, ondelete="restrict"
    )
    code = fields.Selection(
        related="measure_id.code", store=True, string="Kind of Measure"
    )
    amount = fields.Float(help="What the cases sum up to.")
    cases = fields.Integer()
    rate = fields.Float(aggregator="avg", help="Amount over cases.")
    shrunk = fields.Float(
        string="Counted As",
        aggregator="avg",
        help="Drawn towards the network's figure where there are few cases.",
    )
    network = fields.Float(aggregator="avg", help="The figure of the whole network.")
    points = fields.Float(aggregator="avg", digits=(5, 1))
    contribution = fields.Float(
        digits=(7, 4), help="What the measure adds to the score."
    )
    hits = fields.Json(help="The orders to look at.")
    hit_count = fields.Integer(string="Orders to Look At", compute="_compute_hit_count")
    # For lists and charts of lines
    point_id = fields.Many2one(
        related="scorecard_id.point_id", store=True, string="Service Point"
    )
    kind = fields.Selection(related="scorecard_id.kind", store=True)
    date_start = fields.Date(related="scorecard_id.date_start", store=True)

    @api.depends("hits")
    def _compute_hit_count(self):
        for line in self:
            line.hit_count = len(line.hits or ())

    def action_view_hits(self):
        """The very orders behind the figure."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "service_management.action_service_order"
        )
        action["domain"] = [("id", "in", self.hits or [])]
        action["context"] = {}
        return action
