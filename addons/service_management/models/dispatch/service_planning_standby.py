import time

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from odoo.addons.service_management.engine import readiness

from .planning_facts import get_position_of
from .standby_facts import StandbyFacts

# Looking at what somebody can answer now takes this part of looking at all that
# somebody could answer from the service point
SHARE = 8
# Nobody is sent to wait for less, in minutes
SHORTEST = 15.0


class ServicePlanningRun(models.Model):
    """Who should wait at the service point, and until when, for requests that nobody
    knows yet.

    Possible requests are drawn from those that came on days like this one. Where one
    finds nobody who could be there in time, somebody with time to spare is proposed to
    wait where tools and parts are, as long as the requests that this is expected to
    save are worth more than the work that it costs.
    """

    _inherit = "service.planning.run"

    expected_requests = fields.Float(
        readonly=True,
        copy=False,
        digits=(10, 1),
        help="Requests that are to be expected until the end of the day and must be "
        "begun on the same day, as they came on days like this one.",
    )
    history_count = fields.Integer(
        string="Past Requests",
        readonly=True,
        copy=False,
        help="What came on days like this one and had to be begun on the same day.",
    )
    history_days = fields.Integer(string="Days Looked At", readonly=True, copy=False)
    unanswered_before = fields.Float(readonly=True, copy=False, digits=(10, 1))
    unanswered_after = fields.Float(readonly=True, copy=False, digits=(10, 1))

    def _compute_point(self, point):
        if self.mode == "standby":
            return self._compute_standby(point)
        return super()._compute_point(point)

    def _compute_standby(self, point):
        """Propose who of one point stands by during the rest of the day."""
        begun = time.process_time()
        weeks = self.company_id.service_standby_weeks
        facts = StandbyFacts(point, self.day, fields.Datetime.now(), weeks)
        self.history_count += len(facts.history)
        self.history_days = max(self.history_days, facts.days)
        resources = [one for one in facts.make_resources() if one.key > 0]
        requests, expected = facts.draw_requests(resources, self.seed)
        reason = self._find_no_standby(facts, resources, requests)
        if reason:
            self._add_note(reason)
            return
        minutes, times = facts.read_travel()
        if times.error:
            self._add_note(
                self.env._("Travel times are estimated: %(error)s.", error=times.error)
            )
        people = facts.make_people(resources, minutes)
        answers = self._find_answers(people, requests, minutes, begun)
        missed = len(set(range(len(requests))).difference(*answers.values()))
        share = expected / len(requests)
        told = self._choose_standbys(facts, people, requests, answers, minutes, share)
        self._write_standbys(facts, told, missed)
        saved = sum(len(standby.answers) for standby in told.values())
        self.expected_requests += expected
        self.unanswered_before += missed * share
        self.unanswered_after += (missed - saved) * share
        self.iterations += len(requests)
        self.cpu_used += time.process_time() - begun

    def _find_no_standby(self, facts, resources, requests) -> str:
        """Why nothing can be said about a point, if so."""
        point = facts.point
        if not resources:
            return self.env._(
                "%(point)s: nobody works there any more on this day.", point=point.name
            )
        if not get_position_of(point):
            return self.env._(
                "%(point)s: nobody knows where it is. Its address needs coordinates.",
                point=point.name,
            )
        if not facts.past:
            return self.env._(
                "%(point)s: no requests for the same day came on %(days)s days like "
                "this one. Without a history nobody is proposed.",
                point=point.name,
                days=facts.days,
            )
        if not requests:
            return self.env._(
                "%(point)s: on days like this one nothing came in after this hour.",
                point=point.name,
            )
        return ""

    def _choose_standbys(self, facts, people, requests, answers, minutes, share):
        """Who of those that do not wait already should, see ``engine.readiness``.

        :param share: as many requests are expected for each of those drawn
        """
        idle = [
            ahead
            for ahead in people
            if ahead.resource.key in answers
            and ahead.resource.key not in facts.watches.waits
        ]
        worth = self.company_id.service_standby_worth * share
        chosen = readiness.choose_standby(
            idle, requests, answers, minutes, facts.get_now(), worth
        )
        told = readiness.explain_standby(idle, requests, answers, minutes, chosen)
        return {
            key: standby
            for key, standby in told.items()
            if standby.answers and standby.until - standby.start >= SHORTEST
        }

    def _find_answers(self, people, requests, minutes, begun):
        """What each can answer, of as many as there is computing time for."""
        answers = {}
        for ahead in people:
            if time.process_time() - begun > max(self.cpu_seconds / SHARE, 0.5):
                self._add_note(
                    self.env._(
                        "Only %(count)s technicians were looked at: give the plan more "
                        "computing time.",
                        count=len(answers),
                    )
                )
                break
            answers |= readiness.find_answers([ahead], requests, minutes)
        return answers

    def _add_note(self, text):
        self.note = "\n".join(filter(None, (self.note, text)))

    def _write_standbys(self, facts, told, missed):
        self.env["service.planning.run.line"].create(
            [
                {
                    "run_id": self.id,
                    "kind": "standby",
                    "point_id": facts.point.id,
                    "technician_ids": [Command.set([key])],
                    "technician_id": key,
                    "start": facts.to_moment(standby.start),
                    "end": facts.to_moment(standby.until),
                    "reasons": [
                        {
                            "code": "covers",
                            "value": f"{len(standby.answers)} / {missed}",
                        },
                        {"code": "seconds", "value": len(standby.seconds)},
                        {"code": "costs", "value": str(round(standby.cost))},
                    ],
                }
                for key, standby in told.items()
            ]
        )


class ServicePlanningRunLine(models.Model):
    _inherit = "service.planning.run.line"

    standby_id = fields.Many2one(
        "service.standby",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
    )

    _order_or_standby = models.Constraint(
        "CHECK (order_id IS NOT NULL OR kind = 'standby')",
        "A planned change needs an order.",
    )

    @api.model
    def _get_reason_labels(self):
        return {
            **super()._get_reason_labels(),
            "covers": self.env._("possible requests that nobody else could answer:"),
            "seconds": self.env._("second for:"),
            "costs": self.env._("minutes of work:"),
            "ready": self.env._("stands by for it"),
        }

    @api.depends("order_id", "technician_id")
    def _compute_display_name(self):
        for line in self:
            line.display_name = (line.order_id or line.technician_id).display_name

    def _find_outdated(self) -> dict:
        """Why standbys cannot be any more, in two queries."""
        lines = self.filtered(lambda line: line.kind == "standby")
        if not lines:
            return super()._find_outdated()
        start, end = min(lines.mapped("start")), max(lines.mapped("end"))
        # sudo: service.technician, service.standby: whether somebody is free, not why
        technicians = lines.sudo().technician_id
        away = technicians._get_leaves(technicians.resource_id, start, end)
        standbys = (
            self.env["service.standby"]
            .sudo()
            .search_fetch(
                [
                    ("technician_id", "in", technicians.ids),
                    ("start", "<", end),
                    ("end", ">", start),
                ],
                ["technician_id", "start", "end"],
            )
            .grouped("technician_id")
        )
        now = fields.Datetime.now()
        found = {}
        for line in lines:
            technician = line.sudo().technician_id
            leaves = away[technician.resource_id.id]
            taken = [(row.start, row.end) for row in standbys.get(technician, ())]
            if line.end <= now:
                found[line] = self.env._("the time is over")
            elif not technician.active or technician.point_id != line.sudo().point_id:
                found[line] = self.env._("the technician works elsewhere by now")
            elif line._meets(leaves):
                found[line] = self.env._("the technician is away by now")
            elif line._meets(taken):
                found[line] = self.env._("the technician is on standby by now")
        return super()._find_outdated() | found

    def _meets(self, spans) -> bool:
        return any(since < self.end and until > self.start for since, until in spans)

    def _get_taken_text(self):
        if self[:1].kind == "standby":
            return self.env._("the technician is on standby by now")
        return super()._get_taken_text()

    def _apply_one(self, user_env):
        if self.kind != "standby":
            return super()._apply_one(user_env)
        # With the rights of whoever accepts
        self.standby_id = (
            self.env["service.standby"]
            .with_env(user_env)
            .create(self._prepare_standby_vals())
        )
        return None

    def _prepare_standby_vals(self) -> dict:
        self.ensure_one()
        return {
            "technician_id": self.technician_id.id,
            "place_id": self.point_id.id,
            "start": self.start,
            "end": self.end,
        }

    def action_call_off(self):
        """What was accepted is not wanted any more: the standby goes, or ends now."""
        self.run_id._check_may_plan()
        if self.filtered(lambda line: not line.standby_id):
            raise UserError(self.env._("This standby has been removed already."))
        self.standby_id._call_off()
        # sudo: service.planning.run.line: a dispatcher was checked for
        self.sudo().state = "dismissed"
        return True
