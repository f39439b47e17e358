from datetime import timedelta

from odoo import fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.service_management.engine.working_time import ALWAYS
from odoo.addons.service_management.models.catalog.service_type import PRIORITIES


class ServiceEscalationRule(models.Model):
    """Which work items a rule holds for, when it acts on each, and what it does."""

    _inherit = "service.escalation.rule"

    def _is_about_clocks(self) -> bool:
        self.ensure_one()
        return self.trigger in ("before_clock", "after_clock")

    def _get_subject_domain(self) -> Domain:
        """The work items or clocks that the rule may have to act on."""
        self.ensure_one()
        domain = Domain("order_id", "any", self._get_order_domain())
        # Working time never passes faster than time itself: what cannot be due yet
        # by the clock on the wall is looked at later
        latest = fields.Datetime.now() - timedelta(hours=self.amount)
        if self._is_about_clocks():
            domain &= Domain("state", "=", "running") & Domain("due_at", "!=", False)
            if self.metric:
                domain &= Domain("metric", "=", self.metric)
        else:
            domain &= Domain("state", "=", "open")
        if self.trigger == "after_clock":
            domain &= Domain("due_at", "<=", latest)
        elif self.trigger == "after_due":
            domain &= Domain("deadline", "<=", latest)
        elif self.trigger == "idle":
            domain &= Domain("opened_at", "<=", latest)
        return domain

    def _search_new_subjects(self, limit):
        """Work items or clocks without a row of this rule in their episode yet."""
        self.ensure_one()
        column = "clock_id" if self._is_about_clocks() else "workitem_id"
        subjects = self.env[
            "service.sla.clock" if self._is_about_clocks() else "service.workitem"
        ].sudo()
        query = subjects._search(self._get_subject_domain(), order="id", limit=limit)
        query.add_where(
            SQL(
                """NOT EXISTS (
                    SELECT 1 FROM service_escalation_step step
                     WHERE step.rule_id = %s
                       AND step.%s = %s
                       AND step.episode = %s)""",
                self.id,
                SQL.identifier(column),
                SQL.identifier(subjects._table, "id"),
                SQL.identifier(subjects._table, "episode"),
            )
        )
        self.env["service.escalation.step"].flush_model()
        return subjects.browse(query)

    def _is_fitting(self, order) -> bool:
        return bool(order.filtered_domain(self._get_order_domain()))

    def _get_calendars(self, subjects) -> dict:
        """``{work item or clock: the calendar its time is counted in}``."""
        if self.around_clock:
            return dict.fromkeys(subjects, ALWAYS)
        if self._is_about_clocks():
            calendars = self.env["resource.calendar"]
            return {
                clock: calendars._get_service_calendar(
                    clock.calendar_id.id or 0, clock.zone or ""
                )
                for clock in subjects
            }
        by_order = subjects.order_id._get_escalation_calendars()
        return {item: by_order[item.order_id.id] for item in subjects}

    def _get_due_times(self, subjects):
        """(work item or clock, its due time, when the rule acts) triples, in UTC.

        A share of the time is counted back from its end: what is left to the due time
        is then the same, however often the limit was moved or the clock paused.
        """
        result = []
        for subject, calendar in self._get_calendars(subjects).items():
            due = subject.due_at if self._is_about_clocks() else subject.deadline
            seconds = round(self.amount * 3600)
            if self.trigger == "idle":
                due = subject.opened_at or subject.create_date
            elif self.trigger.startswith("before"):
                if self.unit == "percent":
                    span = self._get_span(subject, calendar)
                    seconds = round(span * (100 - self.amount) / 100)
                seconds = -seconds
            result.append(
                (subject, due, calendar.add(due, seconds) if seconds else due)
            )
        return result

    def _get_span(self, subject, calendar) -> int:
        """Seconds of working time between the beginning and the due time."""
        if self._is_about_clocks():
            return subject.target_minutes * 60
        opened = subject.opened_at or subject.create_date
        return calendar.elapsed(opened, subject.deadline)

    # What it does

    def _act(self, step):
        """All that the rule says, for one work item (of the order, if for a clock)."""
        self.ensure_one()
        order = step.order_id
        item = step.workitem_id or order._get_first_open_item()
        done = []
        if self.raise_priority:
            done += self._raise_priority(order)
        if self.reassign != "none" and item:
            done += self._reassign(step, item)
        # sudo: ir.actions.server: chosen by an administrator for the rule
        if action_sudo := self.sudo().action_id:
            action_sudo.with_context(
                active_model=order._name, active_id=order.id, active_ids=order.ids
            ).run()
            done.append(self.env._("Ran: %(action)s.", action=action_sudo.name))
        step.note = "\n".join([self._describe_trigger(step.clock_id or item), *done])
        order._log_event(
            "escalated",
            name=f"{self.name}: {step.note}",
            data={"workitem_id": item.id, "rule_id": self.id},
        )
        users = self._get_notified(item)
        order._notify_users(
            users | step.to_user_id, f"{self.name}: {order.display_name}", step.note
        )
        if step.to_user_id:
            item.filtered("is_asked_for")._drop_escalation_activities()
            order._ask_to_act(item, step.to_user_id, step.note)

    def _describe_trigger(self, subject) -> str:
        values = {"item": subject.display_name, "hours": f"{self.amount:g}"}
        sentences = {
            "idle": self.env._("%(item)s: nobody acted for %(hours)s hours."),
            "after_due": self.env._("%(item)s is late by %(hours)s hours."),
            "before_due": self.env._("%(item)s is due soon."),
            "before_clock": self.env._("%(item)s: the promise is at risk."),
            "after_clock": self.env._(
                "%(item)s: the promise is broken, %(hours)s hours after it was due."
            ),
        }
        return sentences[self.trigger] % values

    def _raise_priority(self, order):
        highest = PRIORITIES[-1][0]
        if order.priority >= highest:
            return []
        order.priority = str(int(order.priority) + 1)
        label = dict(order._fields["priority"]._description_selection(self.env))
        return [
            self.env._("Priority raised to %(level)s.", level=label[order.priority])
        ]

    def _reassign(self, step, item):
        former = item.user_id
        team = user = None
        if self.reassign == "next":
            decision = item._decide_escalation()
            step.reasons = decision.as_json()
            if not decision.person:
                return []
            item._climb(decision)
            user = item.user_id
        elif self.reassign == "leader":
            user = item._get_team_chain()[:1].leader_id
        elif self.reassign == "user":
            user = self.reassign_user_id
        else:
            team = self.reassign_team_id
        if not (user or team):
            return []
        if self.reassign != "next":
            episode = item.episode
            item._begin_episode(
                {"team_id": team.id, "user_id": False} if team else {"user_id": user.id}
            )
            # The rule's own row belongs to the new episode: else it would act again
            if step.workitem_id and episode != item.episode:
                step.episode = item.episode
        if user:
            step.to_user_id = user
        sentence = item._describe_change(former, user or team)
        step.order_id._log_event(
            "reassigned",
            name=sentence,
            data={"workitem_id": item.id, "from": former.id, "to": user and user.id},
        )
        return [sentence]

    def _get_notified(self, item):
        users = self.notify_user_ids
        if self.notify_assignee:
            users |= item._get_actors()
        if self.notify_owner:
            users |= item.order_id.user_id
        if self.notify_leader:
            users |= item._get_team_chain()[:1].leader_id
        if self.notify_manager:
            users |= self.env["service.escalation.step"]._get_managers()
        return users
