from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command, Domain
from odoo.tools import clean_context

from odoo.addons.service_management.models.base.states import check_state

RUN_STATES = [
    ("draft", "New"),
    ("queued", "Waiting"),
    ("computing", "Computing"),
    ("proposed", "Proposed"),
    ("applying", "Being Applied"),
    ("applied", "Applied"),
    ("failed", "Failed"),
]
# What a plan is asked for; what comes of it is not set by hand.
ASKED = {"company_id", "mode", "day", "point_ids", "order_ids"}
OPTIONS = {*ASKED, "reason", "user_id", "seed", "cpu_seconds"}
# The figures of a plan, before and after it
FIGURES = ("travel", "overtime", "late", "unserved")
WHEN = ("before", "after")
RESULTS = [
    *(f"{name}_{when}" for name in (*FIGURES, "unanswered") for when in WHEN),
    "expected_requests",
    "history_count",
    "history_days",
]


class ServicePlanningRun(models.Model):
    """A plan of visits as a proposal: computed in the background, shown as what
    changes, applied by a person, all of it or row by row.

    - ``day``: who visits whom on a day that is ahead
    - ``repair``: the running day after something has happened; what is past, begun or
      locked stays, few technicians change
    - ``standby``: who should wait at the service point during the rest of the running
      day for requests that nobody knows yet; visits stay
    """

    _name = "service.planning.run"
    _description = "Visit Plan"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "id desc"
    _check_company_auto = True

    name = fields.Char(compute="_compute_name", store=True)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    mode = fields.Selection(
        [
            ("day", "Plan a Day"),
            ("repair", "Repair the Running Day"),
            ("standby", "Stand By on the Running Day"),
        ],
        default="day",
        required=True,
    )
    day = fields.Date(required=True, default=lambda self: self._default_day())
    point_ids = fields.Many2many(
        "service.point",
        context={"active_test": False},
        string="Service Points",
        check_company=True,
        help="With the points below them. Empty: all points of the company.",
    )
    order_ids = fields.Many2many(
        "service.order",
        string="Orders to Insert",
        check_company=True,
        domain="[('state', '=', 'accepted')]",
        help="Waiting orders that a repair serves on the same day.",
    )
    reason = fields.Char(help="What has happened, where the plan repairs a day.")
    state = fields.Selection(
        RUN_STATES,
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        index=True,
    )
    user_id = fields.Many2one(
        "res.users",
        string="Dispatcher",
        default=lambda self: self.env.user,
        domain="[('share', '=', False)]",
    )
    # How it is computed: the same seed and facts give the same search
    seed = fields.Integer(default=1, help="The same seed searches the same way.")
    cpu_seconds = fields.Integer(
        string="Computing Time (Seconds)",
        default=lambda self: self.env.company.service_plan_seconds,
        help="For each service point.",
    )
    cpu_used = fields.Float(string="Computed For (Seconds)", readonly=True, copy=False)
    iterations = fields.Integer(readonly=True, copy=False)
    # How far it is
    done_point_ids = fields.Many2many(
        "service.point",
        "service_planning_run_done_rel",
        string="Points Done",
        readonly=True,
        copy=False,
    )
    progress = fields.Float(readonly=True, copy=False)
    computed_at = fields.Datetime(readonly=True, copy=False)
    note = fields.Text(readonly=True, copy=False)
    error = fields.Text(readonly=True, copy=False)
    # What came of it
    line_ids = fields.One2many(
        "service.planning.run.line", "run_id", readonly=True, copy=False
    )
    travel_before = fields.Integer(readonly=True, copy=False)
    travel_after = fields.Integer(readonly=True, copy=False)
    overtime_before = fields.Integer(readonly=True, copy=False)
    overtime_after = fields.Integer(readonly=True, copy=False)
    late_before = fields.Integer(readonly=True, copy=False)
    late_after = fields.Integer(readonly=True, copy=False)
    unserved_before = fields.Integer(readonly=True, copy=False)
    unserved_after = fields.Integer(readonly=True, copy=False)
    proposed_count = fields.Integer(compute="_compute_line_counts")
    applied_count = fields.Integer(compute="_compute_line_counts")
    left_out_count = fields.Integer(compute="_compute_line_counts")
    stale_count = fields.Integer(compute="_compute_line_counts")
    failed_count = fields.Integer(compute="_compute_line_counts")

    _cpu_positive = models.Constraint(
        "CHECK (cpu_seconds BETWEEN 1 AND 600)",
        "A plan needs between 1 and 600 seconds of computing time.",
    )

    def _default_day(self):
        return self.env.company._get_service_day() + timedelta(days=1)

    @api.depends("mode", "day", "point_ids.name")
    def _compute_name(self):
        for run in self:
            places = run.point_ids.mapped("name")
            text = ", ".join(places[:2]) + ("…" if len(places) > 2 else "")
            run.name = " · ".join(filter(None, (str(run.day or ""), text))) or "-"

    @api.depends("line_ids.state", "line_ids.kind")
    def _compute_line_counts(self):
        for run in self:
            lines = run.line_ids
            by_state = lines.grouped("state")
            open_lines = by_state.get("proposed", lines.browse())
            moving = open_lines.filtered(lambda line: line.kind != "left_out")
            run.proposed_count = len(moving)
            run.applied_count = len(
                lines.filtered(lambda line: line.state == "applied")
            )
            run.left_out_count = len(
                lines.filtered(lambda line: line.kind == "left_out")
            )
            run.stale_count = len(moving.filtered("stale_reason"))
            run.failed_count = len(by_state.get("failed", ()))

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            self._check_options(set().union(*vals_list))
            self = self.with_context(clean_context(self.env.context))
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su:
            self._check_options(vals.keys())
            if ASKED & vals.keys():
                self._check_run_state(("draft", "failed"))
        return super().write(vals)

    def _check_options(self, names):
        # activities and messages have rules of their own
        own = {
            name
            for name in names
            if not name.startswith(("activity_", "message_", "my_activity_"))
        }
        if own - OPTIONS:
            raise AccessError(
                self.env._("The result of a plan is not changed by hand.")
            )

    # What a dispatcher does

    def action_compute(self):
        """Have the plan computed in the background."""
        self._check_may_plan()
        self._check_run_state(("draft", "failed", "proposed"))
        for run in self:
            today = run.company_id._get_service_day()
            if run.mode == "repair" and run.day != today:
                raise UserError(
                    self.env._(
                        "Only the running day is repaired. Plan the day instead."
                    )
                )
            if run.mode == "standby" and run.day != today:
                raise UserError(
                    self.env._("Who stands by is proposed for the running day only.")
                )
        # sudo: service.planning.run: state and lines follow from the action
        runs = self.sudo()
        runs.line_ids.unlink()
        runs.write(
            {
                "state": "queued",
                "done_point_ids": False,
                "progress": 0.0,
                "error": False,
                "note": False,
                "cpu_used": 0.0,
                "iterations": 0,
                **dict.fromkeys(RESULTS, 0),
            }
        )
        self._wake()
        return True

    def action_apply(self):
        """Apply every proposed change that is still possible."""
        self._check_may_plan()
        self._check_run_state(("proposed",))
        return self.line_ids.filtered(
            lambda line: line.state == "proposed" and line.kind != "left_out"
        ).action_apply()

    def action_dismiss(self):
        """Put the plan aside; visits stay as they are."""
        self._check_may_plan()
        self._check_run_state(("proposed",))
        # sudo: service.planning.run.line: a dispatcher was checked for
        self.sudo().line_ids.filtered(
            lambda line: line.state == "proposed"
        ).state = "dismissed"
        self._finish()
        return True

    def action_view_lines(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.name,
            "res_model": "service.planning.run.line",
            "view_mode": "list,form",
            "domain": [("run_id", "=", self.id)],
            "context": {
                "search_default_left_out": bool(self.env.context.get("left_out")),
                "search_default_by_technician": not self.env.context.get("left_out"),
            },
        }

    def _finish(self):
        """A plan without open proposals is done with."""
        for run in self.sudo():
            if run.state == "proposed" and not run.line_ids.filtered(
                lambda line: line.state == "proposed" and line.kind != "left_out"
            ):
                run.state = "applied"
                run.activity_unlink(["mail.mail_activity_data_todo"])

    def _check_may_plan(self):
        self.check_access("read")
        if not self.env.su and not self.env.user.has_group(
            "service_management.group_service_dispatcher"
        ):
            raise AccessError(self.env._("Only a dispatcher may plan visits."))

    def _check_run_state(self, states):
        check_state(self, states)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_computing(self):
        if any(run.state in ("computing", "applying") for run in self):
            raise UserError(
                self.env._("A plan cannot be deleted while it is computed or applied.")
            )

    # Repairs that the day itself asks for

    @api.model
    def _propose_repair(self, points, reason, orders=None):
        """Ask for a repair of today at each point, once while one is under way.

        :param orders: waiting orders that are to be served today
        :return: the runs that are new or will be computed anew
        """
        # sudo: service.planning.run: the day asks for it, whoever changed it
        runs_sudo = self.sudo()
        asked = runs_sudo.browse()
        orders = orders or self.env["service.order"]
        for point in points.sudo():
            company = point.company_id
            if not company.service_repair_propose:
                continue
            today = company._get_service_day()
            inserted = orders.filtered(lambda order, p=point: order.point_id == p)
            run = runs_sudo.search(
                [
                    ("mode", "=", "repair"),
                    ("day", "=", today),
                    ("point_ids", "=", point.id),
                    ("state", "in", ("draft", "queued", "proposed")),
                ],
                limit=1,
            )
            if run:
                known = (run.reason or "").split("; ")
                run.write(
                    {
                        "reason": "; ".join(dict.fromkeys([*known, reason])),
                        "order_ids": [Command.link(order.id) for order in inserted],
                    }
                )
            else:
                run = runs_sudo.create(
                    {
                        "mode": "repair",
                        "day": today,
                        "company_id": company.id,
                        "point_ids": [Command.set(point.ids)],
                        "order_ids": [Command.set(inserted.ids)],
                        "reason": reason,
                        "user_id": self._get_repair_user(inserted).id,
                        "cpu_seconds": max(1, min(5, company.service_plan_seconds)),
                    }
                )
            asked |= run
        asked.filtered(lambda run: run.state != "queued").action_compute()
        return asked

    @api.model
    def _get_repair_user(self, orders):
        """Whoever dispatches: the acting dispatcher, else the first manager."""
        user = self.env.user
        if not self.env.su and user.has_group(
            "service_management.group_service_dispatcher"
        ):
            return user
        return self.env["service.job"]._get_manager()

    @api.model
    def _wake(self):
        # sudo: ir.cron: who may plan may have plans computed
        self.env.ref("service_management.cron_planning_run").sudo()._trigger()

    @api.autovacuum
    def _gc_old_runs(self):
        limit = fields.Datetime.now() - timedelta(days=90)
        self.sudo().search(
            Domain("write_date", "<", limit)
            & Domain("state", "not in", ("computing", "applying")),
            limit=1000,
        ).unlink()
