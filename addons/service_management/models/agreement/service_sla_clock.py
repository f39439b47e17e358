from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from .service_sla_target import METRICS

OPEN_STATES = ("running", "paused")


class ServiceSlaClock(models.Model):
    """One promise to one order: how much of its time has passed, and until when.

    A clock is what the order's events mean for a target (``engine.sla_clock``).
    Whatever happens to the order, its clocks are read from the log again and written
    in one statement; no column changes because time passes, except that a job marks
    the clocks whose warning or due time has come.
    """

    _name = "service.sla.clock"
    _description = "Service-Level Clock"
    _order = "due_at, id"
    _rec_name = "metric"
    _log_access = False

    metric = fields.Selection(METRICS, required=True, readonly=True)
    state = fields.Selection(
        [
            ("running", "Running"),
            ("paused", "Paused"),
            ("met", "Met"),
            ("missed", "Missed"),
        ],
        required=True,
        readonly=True,
        default="running",
    )
    # What was promised, by which line, in which hours
    policy_id = fields.Many2one(
        "service.sla.policy", readonly=True, index=True, ondelete="restrict"
    )
    target_id = fields.Many2one(
        "service.sla.target",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    calendar_id = fields.Many2one(
        "resource.calendar",
        string="Service Hours",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        help="Empty: counted around the clock.",
    )
    zone = fields.Char(
        string="Time Zone", readonly=True, help="Empty: that of the service hours."
    )
    target_minutes = fields.Integer(string="Promised (Minutes)", readonly=True)
    warn_minutes = fields.Integer(string="Warning After (Minutes)", readonly=True)
    reasons = fields.Json(readonly=True)
    reason_text = fields.Text(string="Why This Target", compute="_compute_reason_text")
    # Where it stands
    started_at = fields.Datetime(readonly=True)
    running_since = fields.Datetime(
        readonly=True, help="Time since then is not yet in the elapsed minutes."
    )
    paused_at = fields.Datetime(string="Paused Since", readonly=True)
    pause_keys = fields.Json(string="Paused For", readonly=True)
    stopped_at = fields.Datetime(readonly=True)
    warn_at = fields.Datetime(string="Warning On", readonly=True)
    due_at = fields.Datetime(string="Due On", readonly=True)
    breach_at = fields.Datetime(
        string="Broken From",
        readonly=True,
        help="The due time; where that is the end of a working period, the start of "
        "the next one.",
    )
    elapsed_minutes = fields.Float(
        readonly=True,
        help="Working time that had passed when the clock last started or stopped.",
    )
    late_minutes = fields.Float(
        readonly=True, help="Working time beyond what was promised."
    )
    episode = fields.Integer(
        readonly=True,
        default=1,
        help="Goes up with each new target, each reopening and each update given.",
    )
    misses = fields.Integer(
        readonly=True, help="Earlier intervals that were not kept in this clock."
    )
    is_warned = fields.Boolean(string="At Risk", readonly=True)
    is_breached = fields.Boolean(string="Overdue", readonly=True)
    is_stale = fields.Boolean(
        readonly=True, help="The hours or the policy changed: to be measured anew."
    )

    # The queues of the job: as long as what is newly due, not as what is open
    _breach_idx = models.Index(
        "(breach_at) WHERE state = 'running' AND is_breached IS NOT TRUE"
    )
    _warn_idx = models.Index(
        "(warn_at) WHERE state = 'running' AND is_warned IS NOT TRUE"
    )
    _stale_idx = models.Index("(id) WHERE is_stale")

    @api.depends("reasons", "target_id", "calendar_id", "policy_id")
    @api.depends_context("lang")
    def _compute_reason_text(self):
        for clock in self:
            clock.reason_text = "\n".join(clock._describe_reasons(clock.reasons or {}))

    def _describe_reasons(self, reasons) -> list[str]:
        """A sentence for each code: whose policy, which line, what hours."""
        policy = reasons.get("policy") or ""
        # sudo: resource.calendar: the name of the hours that the promise counts in
        calendar = self.sudo().calendar_id.name or ""
        source = {
            "contract": self.env._("Policy %s, from the contract.", policy),
            "type": self.env._("Policy %s, from the service type.", policy),
            "company": self.env._("Policy %s, the company's default.", policy),
        }.get(reasons.get("source"))
        conditions = {
            "grade": self.env._("the customer's grade"),
            "category": self.env._("the product category"),
            "type": self.env._("the service type"),
            "priority": self.env._("the priority"),
        }
        named = [conditions[code] for code in reasons.get("conditions", ())]
        target = self.env._("This target is for every order of the policy.")
        if named:
            target = self.env._("This target is for %s.", ", ".join(named))
        hours = {
            "always": self.env._("Counted around the clock."),
            "policy": self.env._("Counted in the hours of the policy: %s.", calendar),
            "team": self.env._("Counted in the hours of the team: %s.", calendar),
            "company": self.env._("Counted in the hours of the company: %s.", calendar),
            "none": self.env._(
                "Nobody has working hours: counted around the clock until some are set."
            ),
        }.get(reasons.get("hours"))
        lines = [line for line in (source, target, hours) if line]
        if reasons.get("skipped"):
            lines.append(
                self.env._("Without any hours and passed over: %s.", reasons["skipped"])
            )
        if self.zone:
            lines.append(self.env._("In the time zone of the site: %s.", self.zone))
        return lines

    @api.model
    def _mark_stale(self, domain):
        """Have the job measure the open clocks of ``domain`` anew, soon."""
        # sudo: service.sla.clock: follows from hours or promises that were changed
        clocks_sudo = self.sudo()
        query = clocks_sudo._search(
            domain & Domain("state", "in", OPEN_STATES) & Domain("is_stale", "!=", True)
        )
        if self.env.execute_query(
            SQL(
                "UPDATE service_sla_clock SET is_stale = TRUE WHERE id IN %s "
                "RETURNING id",
                query.subselect(),
            )
        ):
            clocks_sudo.invalidate_model(["is_stale"], flush=False)
            self.env.ref("service_management.ir_cron_sla").sudo()._trigger()
