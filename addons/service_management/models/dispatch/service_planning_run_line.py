import psycopg2

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from .service_order import PLANNABLE_STATES

# In these states a change is still to be made
WAITING_STATES = ("proposed", "accepted")
# More changes than a person waits for are made in the background
APPLY_AT_ONCE = 50


class ServicePlanningRunLine(models.Model):
    """One change that a plan proposes: now, then, and why."""

    _name = "service.planning.run.line"
    _description = "Planned Change"
    _order = "run_id desc, kind, technician_id, start, id"
    _rec_name = "order_id"

    run_id = fields.Many2one(
        "service.planning.run",
        string="Visit Plan",
        required=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(related="run_id.company_id", store=True, index=True)
    run_state = fields.Selection(related="run_id.state", string="State of the Plan")
    order_id = fields.Many2one("service.order", index=True, ondelete="cascade")
    visit_id = fields.Many2one(
        "service.visit", index="btree_not_null", ondelete="set null"
    )
    point_id = fields.Many2one("service.point", index=True, ondelete="cascade")
    partner_id = fields.Many2one(related="order_id.partner_id")
    priority = fields.Selection(related="order_id.priority")
    date_due = fields.Datetime(related="order_id.date_due")
    kind = fields.Selection(
        [
            ("move", "Moved"),
            ("new", "New Visit"),
            ("standby", "Standby"),
            ("left_out", "Not Fitted In"),
        ],
        required=True,
    )
    state = fields.Selection(
        [
            ("proposed", "Proposed"),
            ("accepted", "Agreed"),
            ("applied", "Applied"),
            ("failed", "Not Possible"),
            ("dismissed", "Dismissed"),
        ],
        default="proposed",
        required=True,
        index=True,
    )
    # As it is
    now_technician_ids = fields.Many2many(
        "service.technician", "service_planning_line_now_rel", string="Now With"
    )
    now_start = fields.Datetime(string="Now At")
    now_end = fields.Datetime(string="Now Until")
    # As proposed
    technician_ids = fields.Many2many(
        "service.technician", "service_planning_line_new_rel", string="Technicians"
    )
    technician_id = fields.Many2one(
        "service.technician", index="btree_not_null", help="The first of the crew."
    )
    start = fields.Datetime(string="Then At")
    end = fields.Datetime(string="Then Until")
    travel_minutes = fields.Integer(string="Travel (Minutes)")
    reasons = fields.Json()
    why = fields.Char(compute="_compute_why")
    error = fields.Char(string="Why Not")
    stale_reason = fields.Char(
        string="Outdated",
        compute="_compute_stale_reason",
        help="What has changed since the plan was computed.",
    )

    @api.depends("reasons")
    @api.depends_context("lang")
    def _compute_why(self):
        labels = self._get_reason_labels()
        for line in self:
            line.why = "; ".join(
                labels.get(reason["code"], reason["code"])
                + (f" {reason['value']}" if "value" in reason else "")
                for reason in line.reasons or ()
            )

    @api.depends_context("uid")
    @api.depends("state", "order_id.state", "order_id.point_id", "visit_id.state")
    def _compute_stale_reason(self):
        """What has changed since, in the words of whoever decides now."""
        open_lines = self.filtered(
            lambda line: line.state in WAITING_STATES and line.kind != "left_out"
        )
        outdated = open_lines._find_outdated()
        booked = open_lines._find_bookings()
        # Visits that the plan moves away are no obstacle
        moved = {
            run: set(
                run.line_ids.filtered(
                    lambda line: line.state in WAITING_STATES and line.kind == "move"
                ).visit_id.ids
            )
            for run in open_lines.run_id
        }
        for line in self:
            line.stale_reason = outdated.get(line, False) or (
                line._get_stale_reason(booked, moved[line.run_id])
                if line in open_lines and line.order_id
                else False
            )

    def _find_outdated(self) -> dict:
        """Hook: why lines without an order cannot be any more, by line."""
        return {}

    def _find_bookings(self) -> dict:
        """(start, end, visit id) of the booked visits by technician id, in a query."""
        rows = (
            # sudo: service.visit.crew: whether somebody is free, not for what
            self.env["service.visit.crew"]
            .sudo()
            .search_fetch(
                [
                    ("technician_id", "in", self.technician_ids.ids),
                    ("is_active", "=", True),
                    ("planned_start", "<", max(self.mapped("end"), default=False)),
                    ("planned_end", ">", min(self.mapped("start"), default=False)),
                ],
                ["technician_id", "planned_start", "planned_end", "visit_id"],
            )
            if self
            else ()
        )
        booked: dict = {}
        for row in rows:
            booked.setdefault(row.technician_id.id, []).append(
                (row.planned_start, row.planned_end, row.visit_id.id)
            )
        return booked

    def _get_stale_reason(self, booked, moved) -> str | bool:
        self.ensure_one()
        # sudo: service.order, service.visit: only whether they have changed is told
        order, visit = self.sudo().order_id, self.sudo().visit_id
        if order.state not in PLANNABLE_STATES or order.point_id != self.point_id:
            return self.env._("the order is not this point's to plan any more")
        if self.kind == "move":
            same = (
                visit.state == "planned"
                and not visit.is_locked
                and visit.planned_start == self.now_start
                and visit.crew_ids.technician_id == self.now_technician_ids
            )
            if not same:
                return self.env._("the visit has changed meanwhile")
        elif order.state == "scheduled":
            return self.env._("the order has a visit already")
        for technician in self.technician_ids:
            for since, until, visit_id in booked.get(technician.id, ()):
                if since < self.end and until > self.start and visit_id not in moved:
                    return self.env._("the technician has another visit by now")
        return False

    # What a plan proposes

    @api.model
    def _prepare_left_out(self, run, task, code) -> dict:
        return {
            **self._prepare_now(run, task),
            "kind": "left_out",
            "reasons": [{"code": code}],
        }

    @api.model
    def _prepare_change(self, run, facts, task, found) -> dict | None:
        """Values of a line, or ``None`` where nothing changes."""
        stop = found["stop"]
        start, end = facts.to_moment(stop.start), facts.to_moment(stop.end)
        people = found["people"]
        visit = task.visit
        if visit and visit.planned_start == start and set(task.people) == set(people):
            return None
        reasons = [{"code": "travel", "value": round(stop.travel)}]
        wishes = facts.get_wishes(task)
        met = {code for key in people for code in wishes.get(key, ())}
        reasons += [
            {"code": code} for code in ("designated", "language") if code in met
        ]
        if found["standby"]:
            reasons.append({"code": "standby"})
        if found["depot"]:
            reasons.append({"code": "depot"})
        if task.order.date_due:
            late = facts.is_late(task.order, stop.start)
            reasons.append({"code": "late" if late else "in_time"})
        if visit and set(task.people) != set(people):
            missing = [key for key in task.people if not facts.shifts.get(key)]
            if missing:
                reasons.append({"code": "away"})
        return {
            **self._prepare_now(run, task),
            "kind": "move" if visit else "new",
            "technician_ids": [Command.set(people)],
            "technician_id": people[0],
            "start": start,
            "end": end,
            "travel_minutes": round(stop.travel),
            "reasons": reasons,
        }

    @api.model
    def _prepare_now(self, run, task) -> dict:
        visit = task.visit
        return {
            "run_id": run.id,
            "order_id": task.order.id,
            "visit_id": visit.id,
            "point_id": task.order.point_id.id,
            "now_technician_ids": [Command.set(list(task.people))],
            "now_start": visit.planned_start,
            "now_end": visit.planned_end,
        }

    @api.model
    def _get_reason_labels(self) -> dict[str, str]:
        return {
            "travel": self.env._("minutes of travel:"),
            "designated": self.env._("the technician the customer wants"),
            "language": self.env._("speaks the customer's language"),
            "depot": self.env._("fetches parts or tools at the service point"),
            "in_time": self.env._("within the promised time"),
            "late": self.env._("later than promised"),
            "away": self.env._("the technician is away"),
            "standby": self.env._("on standby, outside working hours"),
            # left out
            "closed": self.env._("the service point is closed on that day"),
            "position": self.env._("nobody knows where the site is"),
            "allowed": self.env._("nobody of the service point works on that day"),
            "skill": self.env._("nobody who works on that day has the skills"),
            "tool": self.env._(
                "neither a technician nor the service point has the tools"
            ),
            "part": self.env._("neither a van nor the service point holds the parts"),
            "crew": self.env._("not enough technicians for the crew"),
            "window": self.env._("no time is left within what was promised"),
            "shift": self.env._("it does not fit into anybody's working hours"),
            "after": self.env._("an order that must be done before is not"),
            "full": self.env._("whoever could come has no time left on that day"),
            "price": self.env._("no room that day; other visits matter more"),
        }

    # Applying

    def action_apply(self):
        """Make the changes, each on its own: one that has become impossible says why.

        Visits may swap places: what is in the way is tried again when the others have
        moved, and what is still in each other's way is moved together.
        """
        self.run_id._check_may_plan()
        self.run_id._check_run_state(("proposed",))
        # sudo: service.planning.run.line: a dispatcher was checked for; what the
        # lines do is done with the dispatcher's own rights
        waiting = self.sudo().filtered(
            lambda line: (
                line.state in ("proposed", "failed") and line.kind != "left_out"
            )
        )
        if len(waiting) > APPLY_AT_ONCE:
            return waiting._apply_later()
        waiting.run_id.try_lock_for_update(allow_referencing=True)
        waiting._make_changes()
        return True

    def _make_changes(self, keep=None):
        """Make the changes of the lines (superuser, with the user whose rights count).

        :param keep: called now and then, to keep what has been done so far
        """
        stale = self.filtered("stale_reason")
        for line in stale:
            line.write({"state": "failed", "error": line.stale_reason})
        waiting = self - stale
        while waiting:
            done = self.browse()
            for number, line in enumerate(waiting, start=1):
                if line._try([line]):
                    done += line
                if keep and not number % APPLY_AT_ONCE:
                    keep()
            waiting -= done
            if not done:
                break
        moving = waiting.filtered(lambda line: line.kind == "move")
        if len(moving) > 1 and moving[0]._try(moving):
            waiting -= moving
        waiting.state = "failed"
        self.run_id._finish()

    def action_dismiss(self):
        self.run_id._check_may_plan()
        # sudo: service.planning.run.line: a dispatcher was checked for
        self.sudo().filtered(lambda line: line.state == "proposed").state = "dismissed"
        self.run_id._finish()
        return True

    def _try(self, lines) -> bool:
        """Whether the changes could be made, all of them; else the error is kept."""
        user_env = self.env(su=False) if self.env.uid != 1 else self.env
        try:
            with self.env.cr.savepoint():
                if len(lines) > 1:
                    lines.visit_id._release_crews()
                for line in lines:
                    line._apply_one(user_env)
                self.env.flush_all()
        except UserError as error:
            self.env.invalidate_all(flush=False)
            for line in lines:
                line.error = str(error)
            return False
        except psycopg2.errors.ExclusionViolation:
            self.env.invalidate_all(flush=False)
            for line in lines:
                line.error = self._get_taken_text()
            return False
        for line in lines:
            line.write({"state": "applied", "error": False})
        return True

    def _get_taken_text(self) -> str:
        return self.env._("the technician has another visit by now")

    def _apply_one(self, user_env):
        self.ensure_one()
        technicians = self.technician_ids
        if self.kind == "new":
            order = self.order_id.with_env(user_env)
            visit = order._plan_visit(
                technicians.with_env(user_env), self.start, self.end
            )
            self.visit_id = visit.id
        else:
            self.visit_id.with_env(user_env)._replan(
                technicians.with_env(user_env), self.start, self.end
            )
        self.visit_id.travel_minutes = self.travel_minutes
