from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.service_management.engine import escalation

PLAN_BATCH = 1000


class ServiceEscalationStep(models.Model):
    """The outbox of escalation: one row per level or rule, work item and episode.

    1. *Plan.* One statement finds the open work items whose next rung is due; another
       one per rule those it holds for. Each gets a row; the unique indexes refuse a
       second one, however often and by however many workers this is done.
    2. *Act.* The rows are worked on as a queue. What a row does is committed together
       with the row being done: a worker killed in between leaves nothing half done.
    3. After the scheduler was down only what is due *now* happens: one rung. The next
       rung gets its own time from then on, so that who is asked has time to act.
    4. Outside of the working time of the order a row waits for its next working moment.
    """

    _name = "service.escalation.step"
    _description = "Escalation"
    _inherit = ["service.queue.mixin"]
    _order = "id desc"

    _queue_cron = "service_management.cron_service_escalation"
    _queue_job = "service_escalation"

    order_id = fields.Many2one(
        "service.order", required=True, index=True, ondelete="cascade", readonly=True
    )
    company_id = fields.Many2one(related="order_id.company_id", store=True, index=True)
    workitem_id = fields.Many2one(
        "service.workitem",
        string="Work Item",
        index="btree_not_null",
        ondelete="cascade",
        readonly=True,
    )
    clock_id = fields.Many2one(
        "service.sla.clock",
        string="Promise",
        index="btree_not_null",
        ondelete="cascade",
        readonly=True,
    )
    rule_id = fields.Many2one(
        "service.escalation.rule",
        index="btree_not_null",
        ondelete="restrict",
        readonly=True,
        help="Empty: a rung of the ladder that every work item has.",
    )
    level = fields.Integer(readonly=True)
    episode = fields.Integer(readonly=True)
    due_at = fields.Datetime(readonly=True, help="The time that was let pass.")
    # What was done
    outcome = fields.Selection(
        [("fired", "Escalated"), ("settled", "Settled Before")], readonly=True
    )
    kind = fields.Selection(
        [
            (escalation.MEMBER, "Next Member"),
            (escalation.REMINDER, "Reminder"),
            (escalation.LEADER, "Team Leader"),
            (escalation.TOP, "Managers"),
            ("rule", "Rule"),
        ],
        readonly=True,
    )
    from_user_id = fields.Many2one("res.users", string="Taken From", readonly=True)
    to_user_id = fields.Many2one(
        "res.users", string="To", index="btree_not_null", readonly=True
    )
    reasons = fields.Json(readonly=True)
    note = fields.Text(string="Reason", readonly=True)

    _level_uniq = models.UniqueIndex(
        "(workitem_id, episode, level) WHERE rule_id IS NULL",
        "This level has already been escalated.",
    )
    _rule_uniq = models.UniqueIndex(
        "(rule_id, workitem_id, episode) WHERE workitem_id IS NOT NULL",
        "This rule has already acted on the work item.",
    )
    _clock_uniq = models.UniqueIndex(
        "(rule_id, clock_id, episode) WHERE clock_id IS NOT NULL",
        "This rule has already acted on the promise.",
    )

    @api.depends("kind", "level", "rule_id")
    def _compute_display_name(self):
        labels = dict(self._fields["kind"]._description_selection(self.env))
        for step in self:
            step.display_name = step.rule_id.name or self.env._(
                "Level %(level)s: %(kind)s",
                level=step.level,
                kind=labels.get(step.kind, ""),
            )

    # Plan

    @api.model
    def _cron_escalate(self):
        """Plan what has become due, then do it."""
        self._queue_anew(self.env["service.workitem"]._mend_escalation_times)
        self._queue_anew(self._plan)
        self._queue_run()

    @api.model
    def _plan(self):
        self._plan_ladder()
        self._hurry_moved()
        for rule in self.env["service.escalation.rule"].sudo().search(Domain.TRUE):
            self._plan_rule(rule)
        self.env["ir.cron"]._commit_progress()

    @api.model
    def _plan_ladder(self) -> int:
        """A row for each work item whose next rung is due.

        One statement; its cost grows with the items newly due, not with those open.
        """
        self.env["service.workitem"].flush_model()
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO service_escalation_step
                    (order_id, company_id, workitem_id, level, episode, due_at,
                     next_try_at, queue_state, tries, create_date, create_uid)
                SELECT order_id, company_id, id, escalation_level + 1, episode,
                       escalate_at, escalate_at, 'pending', 0, %(now)s, %(uid)s
                  FROM service_workitem
                 WHERE state = 'open' AND escalate_at <= %(now)s
                ON CONFLICT (workitem_id, episode, level) WHERE rule_id IS NULL
                DO NOTHING
                """,
                now=fields.Datetime.now(),
                uid=self.env.uid,
            )
        )
        return self.env.cr.rowcount

    @api.model
    def _plan_rule(self, rule):
        """A row for each work item or clock that the rule will act on, at its time."""
        field = "clock_id" if rule._is_about_clocks() else "workitem_id"
        while subjects := rule._search_new_subjects(PLAN_BATCH):
            vals_list = []
            for subject, due_at, at in rule._get_due_times(subjects):
                # What was due before the rule was there is left alone
                is_old = not at or at < rule.effective_from
                vals_list.append(
                    {
                        "order_id": subject.order_id.id,
                        field: subject.id,
                        "rule_id": rule.id,
                        "episode": subject.episode,
                        "due_at": due_at,
                        "next_try_at": at or fields.Datetime.now(),
                        "queue_state": "done" if is_old else "pending",
                        "outcome": "settled" if is_old else False,
                    }
                )
            self.create(vals_list)
            self.env["ir.cron"]._commit_progress()

    # Act

    def _queue_process(self):
        # The sentences are for the people of the order's company
        language = self.company_id.partner_id.lang or self.env.user.lang
        step = self.with_context(
            lang=language, mail_notify_force_send=False
        ).with_company(self.company_id)
        return step._act_on_rule() if step.rule_id else step._act_on_ladder()

    def _settle(self):
        """Somebody acted before the row did."""
        self.outcome = "settled"

    def _act_on_ladder(self):
        item = self.workitem_id
        if (
            item.state != "open"
            or item.episode != self.episode
            or item.escalation_level >= self.level
            or not item.escalate_at
        ):
            return self._settle()
        now = self.order_id._get_moment()
        if item.escalate_at > now:
            # Its time limit was moved in the meantime
            return item.escalate_at
        if at := item.order_id._get_working_moment(now):
            return at
        former = item.user_id
        decision = item._decide_escalation()
        item._climb(decision)
        self.write(
            {
                "outcome": "fired",
                "kind": decision.kind,
                "due_at": self.due_at or now,
                "from_user_id": former.id,
                "to_user_id": decision.person.key if decision.person else False,
                "reasons": decision.as_json(),
            }
        )
        # The job that escalates speaks no user's language
        reader = self.to_user_id or former
        self.note = self.with_context(lang=reader.lang or self.env.lang)._describe()
        self._tell(former)
        return None

    def _tell(self, former):
        """The timeline, who has it now, who had it, and the order's owner."""
        item, order = self.workitem_id, self.order_id
        data = {"workitem_id": item.id, "level": self.level, **self.reasons}
        order._log_event("escalated", name=self.note, data=data)
        if self.to_user_id and self.to_user_id != former:
            order._log_event(
                "reassigned",
                name=item._describe_change(former, self.to_user_id),
                data={
                    "workitem_id": item.id,
                    "from": former.id,
                    "to": self.to_user_id.id,
                },
            )
        item.filtered("is_asked_for")._drop_escalation_activities()
        if self.kind == escalation.TOP:
            actors = self._get_managers()
        elif self.kind == escalation.REMINDER:
            actors = item._get_actors()
        else:
            actors = self.to_user_id
        order._ask_to_act(item, actors, self.note)
        order._notify_users(
            actors | former | order.user_id,
            self.env._(
                "%(order)s escalated to level %(level)s",
                order=order.display_name,
                level=self.level,
            ),
            self.note,
        )

    @api.model
    def _get_managers(self):
        """Who is told when nobody else is left."""
        return self.env["service.job"]._get_manager()

    def _describe(self) -> str:
        """Why, who was considered, who has it now: what the timeline shows."""
        item = self.workitem_id
        parts = [
            self.env._(
                "%(item)s: nobody acted within the time limit (level %(level)s).",
                item=item.display_name,
                level=self.level,
            )
        ]
        words = {
            escalation.MEMBER: self.env._("Given to %(name)s, the next of the team."),
            escalation.LEADER: self.env._("Given to %(name)s, who leads %(team)s."),
            escalation.REMINDER: self.env._("Who is to act was reminded."),
            escalation.TOP: self.env._("Nobody is left above: the managers are told."),
        }
        team = self.env["service.team"].browse(self.reasons["team_id"] or [])
        parts.append(
            words[self.kind] % {"name": self.to_user_id.name, "team": team.name}
        )
        judged = self.reasons["judged"]
        parts += [self._describe_judged(entry) for entry in judged]
        return "\n".join(parts)

    def _describe_judged(self, entry) -> str:
        words = {
            "asked": self.env._("asked before"),
            "off_duty": self.env._("not on duty"),
            "skill": self.env._("lacks %(value)s"),
            "load": self.env._("open work items: %(value)s"),
            "no_leader": self.env._("no leader"),
        }
        reasons = ", ".join(
            words[reason["code"]] % {"value": reason["value"]}
            for reason in entry["reasons"]
        )
        mark = "✓" if entry["eligible"] else "✗"
        return f"{mark} {entry['name']}: {reasons}"

    # By rules

    def _act_on_rule(self):
        rule, subject = self.rule_id, self.clock_id or self.workitem_id
        wanted = "running" if self.clock_id else "open"
        if (
            not rule.active
            or subject.state != wanted
            or subject.episode != self.episode
            or not rule._is_fitting(self.order_id)
        ):
            return self._settle()
        now = fields.Datetime.now()
        [(__, due_at, at)] = rule._get_due_times(subject)
        if at and at > now:
            # The due time has moved since the row was made
            self.due_at = due_at
            return at
        calendar = rule._get_calendars(subject)[subject]
        if not calendar.is_working(now) and (again := calendar.add(now, 0)):
            return again
        self.write(
            {
                "outcome": "fired",
                "kind": "rule",
                "due_at": due_at,
                "from_user_id": self.workitem_id.user_id.id,
            }
        )
        rule._act(self)
        return None

    @api.model
    def _hurry_moved(self):
        """Rows whose due time came nearer are looked at again."""
        self.flush_model()
        self.env.cr.execute(
            SQL(
                """
                UPDATE service_escalation_step step
                   SET next_try_at = %(now)s
                  FROM service_escalation_rule rule, service_workitem item
                 WHERE step.queue_state = 'pending' AND step.tries = 0
                   AND step.next_try_at > %(now)s AND rule.id = step.rule_id
                   AND item.id = step.workitem_id AND item.deadline < step.due_at
                   AND rule.trigger IN ('before_due', 'after_due')
                """,
                now=fields.Datetime.now(),
            )
        )
        self.env.cr.execute(
            SQL(
                """
                UPDATE service_escalation_step step
                   SET next_try_at = %(now)s
                  FROM service_sla_clock clock
                 WHERE step.queue_state = 'pending' AND step.tries = 0
                   AND step.next_try_at > %(now)s
                   AND clock.id = step.clock_id AND clock.due_at < step.due_at
                """,
                now=fields.Datetime.now(),
            )
        )
        self.invalidate_model(["next_try_at"])

    @api.autovacuum
    def _gc_settled(self):
        """Rows that did nothing are of no use once their episode is over."""
        self.search(
            [
                ("outcome", "=", "settled"),
                ("workitem_id.state", "in", ("done", "cancelled")),
                ("done_at", "<", fields.Datetime.now() - timedelta(days=30)),
            ],
            limit=10000,
        ).unlink()
