from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain

from odoo.addons.service_management.models.mixins.service_queue_mixin import (
    QUEUE_STATES,
)


class ServiceSettlementBatch(models.Model):
    """A period settled in the background, service point by service point.

    Each point is one row of a queue: what it needs is committed together, a worker
    that dies leaves nothing half done, and whoever comes next goes on. A period run
    twice, also at the same time, settles each claim once.
    """

    _name = "service.settlement.batch"
    _description = "Settlement Batch"
    _inherit = ["service.amount.mixin"]
    _order = "id desc"
    _check_company_auto = True

    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True
    )
    user_id = fields.Many2one("res.users", string="Started By", readonly=True)
    date_from = fields.Date(string="From", required=True, readonly=True)
    date_to = fields.Date(string="To", required=True, readonly=True)
    until = fields.Selection(
        [
            ("draft", "Prepare drafts"),
            ("issued", "Issue to the service points"),
            ("confirmed", "Confirm for the service points"),
            ("billed", "Create the bills"),
        ],
        string="Go As Far As",
        required=True,
        readonly=True,
    )
    item_ids = fields.One2many("service.settlement.batch.item", "batch_id")
    problem_ids = fields.One2many(
        "service.settlement.batch.item", "batch_id", domain=[("message", "!=", False)]
    )
    item_count = fields.Integer(string="Service Points", compute="_compute_progress")
    done_count = fields.Integer(string="Done", compute="_compute_progress")
    problem_count = fields.Integer(
        string="With a Remark",
        compute="_compute_progress",
        help="Points that could not go on, or of which something was held back.",
    )
    progress = fields.Float(compute="_compute_progress")
    state = fields.Selection(
        [("running", "Running"), ("done", "Done")],
        string="Status",
        compute="_compute_progress",
        search="_search_state",
    )

    @api.depends("item_ids.queue_state", "item_ids.message")
    def _compute_progress(self):
        items = self.env["service.settlement.batch.item"]
        counts = {}
        for batch, state, count in items._read_group(
            [("batch_id", "in", self.ids)], ["batch_id", "queue_state"], ["__count"]
        ):
            counts.setdefault(batch, {})[state] = count
        problems = dict(
            items._read_group(
                [("batch_id", "in", self.ids), ("message", "!=", False)],
                ["batch_id"],
                ["__count"],
            )
        )
        for batch in self:
            by_state = counts.get(batch._origin, {})
            total = sum(by_state.values())
            ended = total - by_state.get("pending", 0)
            batch.item_count = total
            batch.done_count = ended
            batch.problem_count = problems.get(batch._origin, 0)
            batch.progress = 100.0 * ended / total if total else 100.0
            batch.state = "done" if ended == total else "running"

    def _search_state(self, operator, value):
        if operator != "in":
            return NotImplemented
        running = Domain("item_ids.queue_state", "=", "pending")
        found = [
            running if state == "running" else ~running
            for state in ("running", "done")
            if state in value
        ]
        return Domain.OR(found)

    @api.depends("date_from", "date_to")
    def _compute_display_name(self):
        settlements = self.env["service.settlement"]
        for batch in self:
            period = settlements.new(
                {"date_from": batch.date_from, "date_to": batch.date_to}
            )
            batch.display_name = period._get_period_label()

    @api.model
    def _start(self, company, date_from, date_to, points=None, until="issued"):
        """Queue all points that have something to be settled in the period."""
        if date_to < date_from:
            raise UserError(self.env._("A period cannot end before it begins."))
        settlements = self.env["service.settlement"].with_company(company)
        settlements.check_access("create")
        settlements._collect_dues(company, date_to, points)
        todo = settlements._get_points_to_settle(
            company, date_from, date_to, points, until
        )
        # sudo: service.settlement.batch: rows of the queue are the system's
        return (
            self.sudo()
            .create(
                {
                    "company_id": company.id,
                    "user_id": self.env.uid,
                    "date_from": date_from,
                    "date_to": date_to,
                    "until": until,
                    "item_ids": [
                        Command.create({"point_id": point.id}) for point in todo
                    ],
                }
            )
            .sudo(self.env.su)
        )

    def action_again(self):
        """Try what could not go on once more, in the name of whoever asks for it."""
        self.check_access("read")
        self.env["service.settlement"].check_access("create")
        # sudo: service.settlement.batch: rows of the queue are the system's
        batches_sudo = self.sudo().filtered("problem_ids")
        batches_sudo.user_id = self.env.user
        batches_sudo.problem_ids._begin_anew()
        return True

    def action_view_settlements(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "service_settlement.action_service_settlement"
        )
        return action | {
            "domain": [
                ("company_id", "=", self.company_id.id),
                ("date_from", "=", self.date_from),
                ("date_to", "=", self.date_to),
                ("point_id", "in", self.item_ids.point_id.ids),
            ],
            "views": [(False, "list"), (False, "kanban"), (False, "form")],
            "context": {},
        }

    def _get_form_action(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "main",
        }


class ServiceSettlementBatchItem(models.Model):
    """One service point of a batch."""

    _name = "service.settlement.batch.item"
    _description = "Settlement Batch Item"
    _inherit = "service.queue.mixin"
    _order = "id"
    _rec_name = "point_id"

    _queue_cron = "service_settlement.cron_settlement_batch"
    _queue_job = "settlement_batch"
    # What is committed together: a worker that dies loses seconds
    _queue_batch_size = 5

    # Defined here again, so that its words are translated with this addon
    queue_state = fields.Selection(QUEUE_STATES)
    batch_id = fields.Many2one(
        "service.settlement.batch",
        required=True,
        index=True,
        readonly=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(related="batch_id.company_id", store=True, index=True)
    point_id = fields.Many2one(
        "service.point",
        string="Service Point",
        required=True,
        index=True,
        readonly=True,
        ondelete="cascade",
    )
    settlement_ids = fields.Many2many(
        "service.settlement", string="Statements", readonly=True
    )
    message = fields.Text(
        string="Remark", readonly=True, help="What could not go on, and why."
    )

    _point_uniq = models.Constraint(
        "UNIQUE (batch_id, point_id)", "Each service point stands in a batch once."
    )

    def _queue_process(self):
        batch, point = self.batch_id, self.point_id
        # As whoever started it: with that person's rights and name
        settlements = (
            self.env["service.settlement"]
            .with_user(batch.user_id)
            .with_company(batch.company_id)
            .with_context(lang=batch.user_id.lang)
        )
        if not settlements._try_lock_run(batch.company_id, point):
            return fields.Datetime.now() + timedelta(minutes=1)
        settled, failures = settlements._run(
            batch.company_id, batch.date_from, batch.date_to, point, batch.until
        )
        self.write(
            {
                "settlement_ids": [Command.set(settled.ids)],
                "message": "\n".join(failure.message for failure in failures) or False,
            }
        )
        return None

    def _queue_poison(self, error):
        self.message = error

    def _begin_anew(self):
        self.write(
            {
                "queue_state": "pending",
                "message": False,
                "tries": 0,
                "next_try_at": fields.Datetime.now(),
            }
        )
        self._queue_wake()


class ServiceSettlement(models.Model):
    _inherit = "service.settlement"

    @api.model
    def _get_points_to_settle(self, company, date_from, date_to, points, until):
        """Points with claims or adjustments that wait, or with a statement of the
        period that has not yet come as far as ``until``."""
        waiting = self._get_waiting(company, date_to, points)
        settlements = self._get_period_settlements(company, date_from, date_to, points)
        states = {"draft": (), "issued": ("draft",)}.get(
            until, ("draft", "issued", "disputed", "confirmed", "approved")
        )
        unfinished = settlements.filtered(lambda rec: rec.state in states)
        return unfinished.point_id.union(*(point for point, __ in waiting))
