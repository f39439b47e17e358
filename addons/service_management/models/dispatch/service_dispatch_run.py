from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import clean_context

from .service_order import DISPATCHABLE_STATES

RUN_STATES = [
    ("draft", "New"),
    ("queued", "Being Computed"),
    ("proposed", "Proposed"),
    ("applying", "Being Applied"),
    ("applied", "Applied"),
    ("failed", "Failed"),
    ("cancelled", "Cancelled"),
]
# More orders than this are worked on in the background: a page answers at once.
AT_ONCE = 200
# What users may set; everything else follows from the run.
OPTIONS = {
    "area_id",
    "company_id",
    "include_offered",
    "message_follower_ids",
    "overtime",
    "type_ids",
    "user_id",
}


class ServiceDispatchRun(models.Model):
    """All orders that wait, given to service points at once at the least cost.

    A run reads what `service.order` knows of its candidates, asks ``engine.assignment``
    and proposes; nothing changes until somebody accepts, all or row by row. What is
    accepted takes the same way as an offer by hand (``_send_offers``).

    - ``draft`` → ``queued`` → ``proposed``: computed (`service_dispatch_run_solve`)
    - ``proposed`` → ``applying`` → ``applied``: offered (`service_dispatch_run_apply`)
    """

    _name = "service.dispatch.run"
    _description = "Batch Dispatch"
    _inherit = ["mail.thread", "service.queue.mixin"]
    _order = "id desc"
    _check_company_auto = True
    _queue_cron = "service_management.cron_dispatch_run"
    _queue_job = "dispatch_run"
    _queue_batch_size = 1
    _queue_max_tries = 2

    name = fields.Char(readonly=True, copy=False)
    company_id = fields.Many2one(
        "res.company",
        required=True,
        readonly=True,
        default=lambda self: self.env.company,
        index=True,
    )
    user_id = fields.Many2one(
        "res.users",
        string="Dispatcher",
        default=lambda self: self.env.user,
        domain="[('share', '=', False)]",
    )
    mode = fields.Selection(
        [("batch", "By Hand"), ("online", "Automatic"), ("review", "Looking Back")],
        default="batch",
        required=True,
        readonly=True,
        help="Automatic runs collect new orders and apply the answer by themselves. "
        "Looking back computes what would have been best for the whole day before, to "
        "know what a slot was worth.",
    )
    state = fields.Selection(
        RUN_STATES, default="draft", required=True, readonly=True, copy=False
    )
    # A draft is nobody's work yet: the queue takes what was asked for
    queue_state = fields.Selection(default="done")
    # What is asked
    type_ids = fields.Many2many(
        "service.type",
        context={"active_test": False},
        string="Service Types",
        help="Empty: every service type.",
    )
    area_id = fields.Many2one(
        "service.area", help="Orders of this area and those within it. Empty: all."
    )
    include_offered = fields.Boolean(
        string="Reconsider Unanswered Offers",
        help="Orders whose offer waits for an answer may go to another service point; "
        "only where that is worth more than leaving them.",
    )
    overtime = fields.Float(
        string="Overtime Allowed",
        help="By how much points may go above their orders a day; such slots are dear.",
    )
    # What came of it
    line_ids = fields.One2many("service.dispatch.run.line", "run_id", readonly=False)
    price_ids = fields.One2many("service.dispatch.price", "run_id")
    computed_at = fields.Datetime(readonly=True, copy=False)
    order_count = fields.Integer(string="Orders", readonly=True, copy=False)
    proposed_count = fields.Integer(string="Proposed", readonly=True, copy=False)
    unserved_count = fields.Integer(string="Not Served", readonly=True, copy=False)
    other_count = fields.Integer(
        string="Other Than One by One",
        readonly=True,
        copy=False,
        help="Orders that go to another point than choosing for one order after the "
        "other would have sent them to.",
    )
    cost = fields.Float(readonly=True, copy=False, digits=(12, 2), aggregator=None)
    greedy_cost = fields.Float(
        string="Cost One by One",
        readonly=True,
        copy=False,
        digits=(12, 2),
        aggregator=None,
        help="What choosing the best point for one order after the other would cost.",
    )
    saving = fields.Float(
        string="Saved",
        compute="_compute_saving",
        help="How much less the proposal costs than choosing one by one.",
    )
    gap = fields.Float(
        string="Above the Optimum at Most",
        readonly=True,
        copy=False,
        digits=(12, 2),
        help="0: proven to be the cheapest. Above 0 only where the points' hours are "
        "short: then no plan is cheaper by more than this.",
    )
    solver = fields.Char(readonly=True, copy=False)
    cpu_seconds = fields.Float(
        string="CPU Seconds", readonly=True, copy=False, digits=(8, 2)
    )
    short = fields.Json(readonly=True, copy=False)
    short_text = fields.Char(
        string="Shares Missed", compute="_compute_short_text", readonly=True
    )
    applied_count = fields.Integer(string="Applied", compute="_compute_line_counts")
    refused_count = fields.Integer(string="Refused", compute="_compute_line_counts")
    accepted_count = fields.Integer(string="Agreed", compute="_compute_line_counts")

    @api.depends("cost", "greedy_cost")
    def _compute_saving(self):
        for run in self:
            saved = run.greedy_cost - run.cost
            run.saving = saved / run.greedy_cost if run.greedy_cost else 0.0

    @api.depends("line_ids.state", "line_ids.is_accepted")
    def _compute_line_counts(self):
        counts = {}
        for run, state, accepted, count in self.env[
            "service.dispatch.run.line"
        ]._read_group(
            [("run_id", "in", self.ids)],
            ["run_id", "state", "is_accepted"],
            ["__count"],
        ):
            counts[run, state, accepted] = count
        for run in self:
            run.accepted_count = counts.get((run, "proposed", True), 0)
            for state in ("applied", "refused"):
                run[f"{state}_count"] = sum(
                    counts.get((run, state, accepted), 0) for accepted in (True, False)
                )

    @api.depends("short")
    @api.depends_context("lang")
    def _compute_short_text(self):
        for run in self:
            run.short_text = ", ".join(
                self.env._("%(name)s: %(count)s orders short", name=name, count=count)
                for name, count in (run.short or {}).items()
            )

    @api.model_create_multi
    def create(self, vals_list):
        # A form sends its empty list of rows
        given = {
            name
            for vals in vals_list
            for name in vals
            if name != "line_ids" or vals[name]
        }
        self._check_options(given - {"name"})
        if not self.env.su:
            self = self.with_context(clean_context(self.env.context))
        for vals in vals_list:
            if not vals.get("name"):
                vals["name"] = self.env["ir.sequence"].next_by_code(
                    "service.dispatch.run"
                )
        return super().create(vals_list)

    def write(self, vals):
        self._check_options(vals.keys() - {"line_ids"})
        return super().write(vals)

    def _check_options(self, names):
        if not self.env.su and names - OPTIONS:
            raise AccessError(
                self.env._("The result of a batch dispatch is not changed by hand.")
            )

    # Which orders

    def _get_order_domain(self) -> Domain:
        """Orders that wait for a point, and those whose point has not answered."""
        self.ensure_one()
        states = DISPATCHABLE_STATES if self.include_offered else ("new",)
        domain = Domain(
            [
                ("company_id", "=", self.company_id.id),
                ("state", "in", states),
                ("type_id.visit_required", "=", True),
                ("workitem_ids", "any", self._get_task_domain()),
            ]
        )
        if self.type_ids:
            domain &= Domain("type_id", "in", self.type_ids.ids)
        if self.area_id:
            domain &= Domain("area_id", "child_of", self.area_id.id)
        return domain

    @api.model
    def _get_task_domain(self) -> Domain:
        """Only what its workflow lets somebody dispatch now."""
        return Domain("state", "=", "open") & Domain(
            "step", "in", ("dispatch", "answer")
        )

    def _get_orders(self):
        """In the order in which they came: the first come is the first served where
        orders are chosen for one by one."""
        orders = self.env["service.order"].search(
            self._get_order_domain(), order="date_request, id"
        )
        # An offer to a whole pool is out for everybody: it is not moved
        pooled = orders.offer_ids.filtered(
            lambda offer: offer.state == "offered" and offer.is_pool
        )
        return orders - pooled.order_id

    # Buttons

    def action_compute(self):
        """Work out a proposal; many orders are worked on in the background."""
        self._check_dispatcher()
        for run in self:
            run._check_run_state(("draft", "proposed", "failed"))
            # sudo: service.dispatch.run: a dispatcher was checked for
            run_sudo = run.sudo()
            count = self.env["service.order"].search_count(run._get_order_domain())
            if not count:
                raise UserError(self.env._("No order waits for a service point."))
            if count > AT_ONCE:
                run_sudo._enqueue("queued")
            else:
                run_sudo._compute_proposal()
        return True

    def action_apply(self):
        """Make the offers of all rows that are accepted."""
        self._check_dispatcher()
        for run in self:
            run._check_run_state(("proposed",))
            rows = run.line_ids.filtered(
                lambda line: line.state == "proposed" and line.is_accepted
            )
            if not rows:
                raise UserError(
                    self.env._("Nothing is accepted: tick the rows to apply.")
                )
            # sudo: service.dispatch.run: a dispatcher was checked for
            run_sudo = run.sudo()
            if len(rows) > AT_ONCE:
                run_sudo._enqueue("applying")
            else:
                run_sudo._apply()
        return True

    def action_accept_all(self):
        self._check_dispatcher()
        self.line_ids.filtered(lambda line: line.state == "proposed").is_accepted = True
        return True

    def action_accept_none(self):
        self._check_dispatcher()
        self.line_ids.filtered(
            lambda line: line.state == "proposed"
        ).is_accepted = False
        return True

    def action_cancel(self):
        self._check_dispatcher()
        for run in self:
            run._check_run_state(("draft", "queued", "proposed", "failed"))
        # sudo: service.dispatch.run: a dispatcher was checked for
        self.sudo().write({"state": "cancelled", "queue_state": "done"})
        return True

    def action_refresh(self):
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def action_view_lines(self):
        return self._get_own_action("service_management.action_service_dispatch_line")

    def action_view_unserved(self):
        action = self.action_view_lines()
        action["domain"] += [("state", "in", ("unserved", "refused"))]
        return action

    def action_view_prices(self):
        return self._get_own_action("service_management.action_service_dispatch_price")

    def _get_own_action(self, xmlid) -> dict:
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(xmlid)
        return action | {"domain": [("run_id", "=", self.id)], "context": {}}

    def _check_dispatcher(self):
        self.env["service.order"]._check_dispatcher()
        self.check_access("write")

    def _check_run_state(self, states):
        self.ensure_one()
        if self.state not in states:
            labels = dict(self._fields["state"]._description_selection(self.env))
            raise UserError(
                self.env._(
                    "%(run)s is '%(state)s': this cannot be done any more.",
                    run=self.name,
                    state=labels[self.state],
                )
            )

    # In the background

    def _enqueue(self, state):
        """Superuser's: have the queue go on with the run."""
        self.write(
            {
                "state": state,
                "queue_state": "pending",
                "tries": 0,
                "next_try_at": fields.Datetime.now(),
                "last_error": False,
            }
        )
        self._queue_wake()

    def _queue_process(self):
        if self.state == "queued":
            self._compute_proposal()
        elif self.state == "applying":
            self._apply()
        self._tell_dispatcher()

    def _queue_poison(self, error):
        self.state = "failed"
        self._tell_dispatcher()

    def _tell_dispatcher(self):
        """A note on the screen of whoever waits for the run."""
        self.ensure_one()
        if self.mode != "batch" or not self.user_id:
            return
        labels = dict(
            self._fields["state"]._description_selection(
                self.with_context(lang=self.user_id.lang).env
            )
        )
        self.user_id._bus_send(
            "simple_notification",
            {
                "type": "danger" if self.state == "failed" else "success",
                "title": self.name,
                "message": labels[self.state],
            },
        )
