from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command, Domain

from odoo.addons.service_management.engine import escalation

# Further ahead than the hours of a rung can lie, holidays included
BEYOND_ANY_RUNG = timedelta(days=60)


class ServiceWorkitem(models.Model):
    """Where a work item stands on the ladder.

    An episode begins when the item opens, and anew when somebody takes it, gives it
    back or is given it by a person: then each level may happen once more.
    """

    _inherit = "service.workitem"

    episode = fields.Integer(default=1, required=True, copy=False)
    escalation_level = fields.Integer(
        string="Escalated",
        default=0,
        copy=False,
        aggregator="max",
        help="How many rungs of the ladder were climbed since somebody last took it.",
    )
    escalation_rung = fields.Integer(default=-1, copy=False, aggregator=None)
    escalate_at = fields.Datetime(
        string="Escalates At",
        compute="_compute_escalate_at",
        store=True,
        readonly=False,
        precompute=True,
        copy=False,
        help="When the next one is asked, if nobody acts until then.",
    )
    asked_user_ids = fields.Many2many(
        "res.users",
        relation="service_workitem_asked_rel",
        string="Asked Before",
        copy=False,
    )
    opened_at = fields.Datetime(default=fields.Datetime.now, copy=False)
    is_asked_for = fields.Boolean(
        copy=False, help="Somebody has an activity that asks to act on it."
    )
    taken_at = fields.Datetime(copy=False)
    taken_by_id = fields.Many2one("res.users", copy=False)

    _escalate_idx = models.Index("(escalate_at, id) WHERE state = 'open'")

    @api.depends("deadline", "state")
    def _compute_escalate_at(self):
        """The time limit itself is the first rung's; later ones are set by the ladder.

        While a history is replayed nothing is somebody's to do, and for a timer nobody
        can do anything: they escalate nobody.
        """
        is_replayed = self.env["service.order"]._get_moments() is not None
        for item in self:
            if item.state != "open" or item.kind == "timer" or is_replayed:
                item.escalate_at = False
            elif not item.escalation_level:
                item.escalate_at = item.deadline
            else:
                item.escalate_at = item.escalate_at

    def write(self, vals):
        result = super().write(vals)
        if vals.get("state", "open") != "open":
            self.filtered("is_asked_for")._drop_escalation_activities()
        return result

    # Taking and giving back

    def action_take(self):
        """The user answers for these work items from now on: the ladder is left."""
        for item in self:
            item._check_open()
            item._check_may_take()
        # sudo: service.workitem: it was checked who may take it
        for item in self.sudo():
            former = item.user_id
            item._begin_episode({"user_id": self.env.uid})
            item.write({"taken_at": item.opened_at, "taken_by_id": self.env.uid})
            item.order_id._log_event(
                "taken",
                name=item._describe_change(former, self.env.user),
                data={"workitem_id": item.id, "from": former.id, "to": self.env.uid},
            )
        return True

    def action_give_back(self, reason=None):
        """Back to the team: somebody else is to do it."""
        for item in self:
            item._check_open()
            if item.user_id != self.env.user:
                item.order_id._check_dispatcher()
        # sudo: service.workitem: it was checked who may give it back
        for item in self.sudo():
            former = item.user_id
            if not former:
                continue
            team = item.team_id or item.order_id.team_id
            if not (team or item.point_id or item.technician_id):
                raise UserError(
                    self.env._(
                        "%(order)s has no team that could take the work back: hand it "
                        "over to somebody.",
                        order=item.order_id.display_name,
                    )
                )
            item._begin_episode({"user_id": False, "team_id": team.id})
            item.asked_user_ids = [Command.link(former.id)]
            item.order_id._log_event(
                "given_back",
                name=" · ".join(
                    part
                    for part in (item._describe_change(former, team), reason)
                    if part
                ),
                data={"workitem_id": item.id, "from": former.id, "team_id": team.id},
            )
        return True

    def _begin_episode(self, vals):
        """Give the item to somebody; its ladder starts from the ground."""
        self.ensure_one()
        now = fields.Datetime.now()
        self.filtered("is_asked_for")._drop_escalation_activities()
        self.write(
            {
                **vals,
                "episode": self.episode + 1,
                "escalation_level": 0,
                "escalation_rung": -1,
                "asked_user_ids": [Command.clear()],
                "opened_at": now,
                "escalate_at": self._get_next_escalation(
                    self.order_id.company_id.service_workitem_hours
                ),
            }
        )

    def _check_open(self):
        self.ensure_one()
        if self.state != "open":
            raise UserError(
                self.env._(
                    "'%(item)s' of %(order)s is no longer open.",
                    item=self.display_name,
                    order=self.order_id.display_name,
                )
            )

    def _check_may_take(self):
        """Members and leaders of its team and of those above, those it is shared with
        to work on; dispatchers any."""
        self.ensure_one()
        self.check_access("read")
        user = self.env.user
        if self.env.su or user.has_group("service_management.group_service_dispatcher"):
            return
        # sudo: service.team: who belongs to a team is what is asked
        item_sudo = self.sudo()
        chain = item_sudo._get_team_chain()
        if user == item_sudo.user_id or user in chain.leader_id | chain.member_ids:
            return
        if item_sudo.order_id._is_shared_to_work_on(user):
            return
        if item_sudo.point_id and item_sudo.point_id in user._get_own_service_points():
            return
        raise AccessError(
            self.env._(
                "You cannot take '%(item)s': you belong to none of its teams.",
                item=item_sudo.display_name,
            )
        )

    # The ladder

    def _get_team_chain(self):
        """The team of the item and those above it, the lowest first."""
        self.ensure_one()
        team = self.team_id or self.order_id.team_id
        chain = team
        while team.parent_id:
            team = team.parent_id
            chain += team
        return chain.filtered("active")

    def _get_next_escalation(self, hours):
        """The time by which ``hours`` of the order's working time have passed."""
        self.ensure_one()
        now = self.order_id._get_moment()
        calendar = self.order_id._get_escalation_calendars()[self.order_id.id]
        return calendar.add(now, round(hours * 3600)) or now + timedelta(hours=hours)

    def _get_escalation_hours(self) -> float:
        self.ensure_one()
        team = self.team_id or self.order_id.team_id
        return (
            team.escalation_hours or self.order_id.company_id.service_escalation_hours
        )

    def _decide_escalation(self) -> escalation.Decision:
        """Who is asked next, with everybody who was considered."""
        self.ensure_one()
        chain = self._get_team_chain()
        users = chain[:1].member_ids | chain.leader_id
        people = self._get_people(users)
        return escalation.decide(
            [
                escalation.Team(
                    team.id,
                    team.name,
                    people.get(team.leader_id.id),
                    tuple(people[user.id] for user in team.member_ids if user.active)
                    if team == chain[0]
                    else (),
                )
                for team in chain
            ],
            last_rung=self.escalation_rung,
            asked={*self.asked_user_ids.ids, self.user_id.id},
            is_passed_on=not (self.point_id or self.technician_id),
        )

    def _get_people(self, users) -> dict[int, escalation.Person]:
        """What the engine has to know of each user."""
        users = users.filtered("active")
        loads = dict(
            self.env["service.workitem"]._read_group(
                [("user_id", "in", users.ids), ("state", "=", "open")],
                ["user_id"],
                ["__count"],
            )
        )
        on_duty = users._filter_on_duty(self.order_id.company_id)
        missing = users._get_missing_skills(self._get_skill_requirements())
        return {
            user.id: escalation.Person(
                key=user.id,
                name=user.name,
                load=loads.get(user, 0),
                is_on_duty=user in on_duty,
                missing=tuple(missing.get(user, ())),
            )
            for user in users
        }

    def _get_skill_requirements(self):
        """The skills that who does the work itself must have; talking and planning
        need none."""
        self.ensure_one()
        order = self.order_id
        if self.step not in ("resolve", "visit", "task"):
            return order.type_id.requirement_ids.browse()
        return order.type_id._get_requirements(order.category_id)

    def _climb(self, decision: escalation.Decision):
        """Give the item to whom the decision names, and set the next rung's time."""
        self.ensure_one()
        former = self.user_id
        vals = {
            "escalation_level": self.escalation_level + 1,
            "escalation_rung": decision.rung,
            "asked_user_ids": [Command.link(former.id)] if former else [],
            "escalate_at": False,
        }
        if decision.kind != escalation.TOP:
            vals["escalate_at"] = self._get_next_escalation(
                self._get_escalation_hours()
            )
        if decision.person:
            vals["user_id"] = decision.person.key
            vals["asked_user_ids"] += [Command.link(decision.person.key)]
        self.write(vals)

    def _get_actors(self):
        """The users who may act on the item as it stands."""
        self.ensure_one()
        if self.user_id:
            return self.user_id
        if self.technician_id.user_id:
            return self.technician_id.user_id
        if self.point_id:
            return self.point_id.user_ids
        return self.team_id.leader_id

    @api.model
    def _mend_escalation_times(self):
        """Times set by a clock that was far ahead: the rung gets its time anew."""
        # sudo: service.workitem: the ladder's own times
        for item in self.sudo().search(
            Domain("state", "=", "open")
            & Domain("escalate_at", ">", fields.Datetime.now() + BEYOND_ANY_RUNG)
            & (Domain("escalation_level", ">", 0) | Domain("episode", ">", 1))
        ):
            item.escalate_at = item._get_next_escalation(item._get_escalation_hours())

    # Words

    def _describe_change(self, former, new) -> str:
        """ "Answer the Request: Ann → Bob"."""
        self.ensure_one()
        names = " → ".join(record.name for record in (former, new) if record)
        return f"{self.display_name}: {names}"

    def _drop_escalation_activities(self):
        """What asked somebody to act on the item is settled."""
        if not self:
            return
        # sudo: mail.activity: it is somebody else's, and about this item only
        self.env["mail.activity"].sudo().search(
            [("service_workitem_id", "in", self.ids)]
        ).unlink()
        self.is_asked_for = False
