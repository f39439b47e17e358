import random
import time
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from odoo.addons.service_management.models.mixins.service_queue_mixin import (
    CONCURRENCY_ERRORS,
    CONFLICT_TRIES,
)

MINUTES = {"minutes": 1, "hours": 60, "days": 1440, "weeks": 10080, "months": 44640}
# What a job is. Asking for a run of it starts the action as the superuser.
FIXED_FIELDS = {"code", "cron_id", "model"}
# A time of the past that lies further ahead than this was written by a wrong clock.
CLOCK_TOLERANCE = timedelta(minutes=5)


class ServiceJob(models.Model):
    """Work in the background, as a manager sees it: when it last went well, what is
    waiting, what has failed.

    A job that has had no good run within its expected interval is shown in red, and a
    manager gets one activity about it until it runs well again.
    """

    _name = "service.job"
    _description = "Background Job"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "name, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True, readonly=True)
    model = fields.Char(readonly=True, help="The queue that the job works on.")
    cron_id = fields.Many2one(
        "ir.cron", string="Scheduled Action", ondelete="set null", readonly=True
    )
    user_id = fields.Many2one(
        "res.users",
        string="Responsible",
        domain="[('share', '=', False)]",
        help="Is told when the job stands still or a record fails. Empty: a manager.",
    )
    expected_minutes = fields.Integer(
        string="Expected Every (Minutes)",
        compute="_compute_expected_minutes",
        store=True,
        readonly=False,
        help="A job without a good run for this long is shown in red.",
    )
    # The last runs
    running_since = fields.Datetime(readonly=True)
    started_at = fields.Datetime(string="Last Started", readonly=True)
    good_at = fields.Datetime(string="Last Good Run", readonly=True)
    duration = fields.Float(string="Last Duration (Seconds)", readonly=True)
    processed = fields.Integer(string="Done in the Last Run", readonly=True)
    failed_at = fields.Datetime(string="Last Failed", readonly=True)
    last_error = fields.Text(readonly=True)
    warned_at = fields.Datetime(readonly=True)
    # What lies in the queue
    backlog = fields.Integer(
        compute="_compute_queue", help="Records that are due and not yet worked on."
    )
    waiting = fields.Integer(
        compute="_compute_queue", help="Records that are due now or later."
    )
    poisoned = fields.Integer(
        string="Failed Records",
        compute="_compute_queue",
        help="Records that failed each time and wait for a person.",
    )
    is_overdue = fields.Boolean(compute="_compute_is_overdue")
    health = fields.Selection(
        [
            ("good", "Good"),
            ("running", "Running"),
            ("failed_records", "Failed Records"),
            ("error", "Error"),
            ("overdue", "Standing Still"),
            ("new", "Not Run Yet"),
        ],
        compute="_compute_is_overdue",
    )

    _code_uniq = models.Constraint(
        "UNIQUE (code)", "There is already a job of this code."
    )

    @api.depends("cron_id")
    def _compute_expected_minutes(self):
        for job in self:
            # sudo: ir.cron: how often the job should run, for whoever looks after it
            cron_sudo = job.sudo().cron_id
            every = cron_sudo.interval_number * MINUTES.get(cron_sudo.interval_type, 0)
            job.expected_minutes = max(2 * every, 30) if every else 1440

    @api.depends("model")
    def _compute_queue(self):
        for job in self:
            queue = job._get_queue()
            counts = queue._queue_count() if queue is not None else {}
            job.backlog = counts.get("backlog", 0)
            job.waiting = counts.get("waiting", 0)
            job.poisoned = counts.get("poisoned", 0)

    @api.depends("good_at", "expected_minutes", "running_since", "failed_at", "model")
    def _compute_is_overdue(self):
        now = fields.Datetime.now()
        for job in self:
            job.is_overdue = job._is_overdue(now)
            if job.is_overdue:
                job.health = "overdue"
            elif job.failed_at and (not job.good_at or job.failed_at > job.good_at):
                job.health = "error"
            elif job.running_since:
                job.health = "running"
            elif job.poisoned:
                job.health = "failed_records"
            else:
                job.health = "good" if job.good_at else "new"

    def _is_overdue(self, now) -> bool:
        """Whether there was no good run for too long; a job's life begins when it is
        first known, and a last run in the future proves nothing."""
        self.ensure_one()
        last = self.good_at or self.create_date
        if not last:
            return False
        limit = timedelta(minutes=self.expected_minutes)
        return now - last > limit or last - now > CLOCK_TOLERANCE

    def write(self, vals):
        if FIXED_FIELDS & vals.keys() and not self.env.su:
            raise AccessError(
                self.env._("Which work a job stands for is not changed by hand.")
            )
        return super().write(vals)

    # For the manager

    def action_retry(self):
        """Try all failed records again."""
        self._check_manager()
        for job in self:
            queue = job._get_queue()
            if queue is not None:
                queue.search([("queue_state", "=", "poisoned")]).action_queue_retry()
        return True

    def action_run(self):
        """Ask for a run as soon as possible."""
        self._check_manager()
        for job in self:
            # sudo: ir.cron: who looks after the job may ask for a run of it
            cron_sudo = job.sudo().cron_id
            if not cron_sudo.active:
                raise UserError(
                    self.env._(
                        "The scheduled action of %(job)s is switched off: an "
                        "administrator has to switch it on.",
                        job=job.name,
                    )
                )
            cron_sudo._trigger()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._("The job will run within a minute."),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def action_view_poisoned(self):
        """The failed records of the queue."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Failed Records"),
            "res_model": self.model,
            "view_mode": "list,form",
            "domain": [("queue_state", "=", "poisoned")],
        }

    def _check_manager(self):
        if not self.env.su and not self.env.user.has_group(
            "service_management.group_service_manager"
        ):
            raise AccessError(self.env._("Only a manager may run a job."))

    # For the jobs

    @api.model
    def _get(self, code, model=None, cron=None):
        """The job of this code (superuser's), made at its first run."""
        # sudo: service.job: runs are recorded whoever starts them
        jobs = self.sudo()
        job = jobs.search([("code", "=", code)], limit=1)
        if not job:
            label = self.env[model]._description if model else code
            cron_record = self.env.ref(cron, raise_if_not_found=False) if cron else None
            cron_id = cron_record.id if cron_record else self.env.context.get("cron_id")
            job = jobs.create(
                {"code": code, "model": model, "name": label, "cron_id": cron_id}
            )
        return job

    @api.model
    def _run(self, code, work, cron=None):
        """Do ``work()`` as a run of the job: recorded, and begun anew when it loses a
        race against another transaction (crons have no such retry of their own).

        :param work: called without arguments; may commit its progress, and must then
            go on from its data when it is called again
        :return: what ``work`` returned
        """
        job = self._get(code, cron=cron)
        job._begin()
        error = result = None
        for attempt in range(1, CONFLICT_TRIES + 1):
            error = None
            try:
                result = work()
                self.env.flush_all()
                break
            except CONCURRENCY_ERRORS as exception:
                error = exception
                self._roll_back()
                time.sleep(random.uniform(0, 0.05 * 2**attempt))
            except Exception as exception:
                error = exception
                self._roll_back()
                break
        job._end(error=error)
        if error:
            raise error
        return result

    @api.model
    def _roll_back(self):
        self.env.cr.rollback()
        self.env.invalidate_all(flush=False)

    def _begin(self) -> bool:
        """Record the start, at once; whether the last run did not live to its end."""
        now = fields.Datetime.now()
        died = bool(self.running_since)
        self._record({"running_since": now, "started_at": now})
        return died

    def _end(self, processed: int = 0, error: Exception | None = None):
        now = fields.Datetime.now()
        started = self.started_at or now
        vals = {
            "running_since": False,
            "processed": processed,
            # A clock that went back in between makes no negative duration
            "duration": max((now - started).total_seconds(), 0.0),
        }
        if error:
            vals |= {"failed_at": now, "last_error": f"{type(error).__name__}: {error}"}
        else:
            vals |= {"good_at": now, "last_error": False, "warned_at": False}
        self._record(vals)
        self._warn_of_poison()

    def _record(self, vals):
        """Write and commit; where two runs of a job collide, one record is enough."""
        cron = self.env["ir.cron"]
        cron._commit_progress()
        try:
            for job in self.try_lock_for_update(allow_referencing=True):
                job.write(vals)
            self.env.flush_all()
        except CONCURRENCY_ERRORS:
            self._roll_back()
            return
        cron._commit_progress()

    def _get_queue(self):
        """The model of the queue (superuser's), or None."""
        if not self.model or self.model not in self.env:
            return None
        queue = self.env[self.model].sudo()
        return queue if hasattr(queue, "_queue_run") else None

    # Watching over the jobs

    @api.model
    def _cron_watch(self):
        """Warn once of each job that stands still, and ask for the runs that got lost.

        A trigger is dropped when its run begins; a run that dies leaves none. What is
        due is in the rows: from there the next run is asked for again.
        """
        own = self._get("service_watchdog")
        own._begin()
        now = fields.Datetime.now()
        for job in self.sudo().search(Domain.TRUE):
            if job == own:
                continue
            if not job._is_overdue(now):
                if job.backlog and not job.running_since and job.cron_id.active:
                    job.cron_id._trigger()
            elif not job.warned_at:
                job._warn(
                    self.env._("%(job)s stands still", job=job.name),
                    self.env._(
                        "No good run since %(date)s. Waiting: %(count)s. %(error)s",
                        date=job.good_at or self.env._("it was set up"),
                        count=job.waiting,
                        error=job.last_error or "",
                    ),
                )
                job.warned_at = now
                if job.cron_id.active:
                    job.cron_id._trigger()
        own._end()

    def _warn_of_poison(self):
        """One open activity a job while records of it have failed."""
        for job in self:
            if not job.poisoned:
                continue
            summary = self.env._("Failed records in %(job)s", job=job.name)
            if summary in job.activity_ids.mapped("summary"):
                continue
            job._warn(
                summary,
                self.env._(
                    "Failed for good: %(count)s. Open the job, read their errors, "
                    "and have them tried again.",
                    count=job.poisoned,
                ),
            )
            self.env["ir.cron"]._commit_progress()

    def _warn(self, summary, note):
        self.ensure_one()
        self.activity_schedule(
            "mail.mail_activity_data_warning",
            summary=summary,
            note=note,
            user_id=(self.user_id or self._get_manager()).id,
        )

    @api.model
    def _get_manager(self):
        """Who looks after jobs that have nobody of their own."""
        group = self.env.ref("service_management.group_service_manager")
        # sudo: res.users: the first manager is told, whoever noticed
        users = self.env["res.users"].sudo()
        managers = users.search(
            Domain("all_group_ids", "in", group.ids)
            & Domain("share", "=", False)
            & Domain("id", "!=", self.env.ref("base.user_root").id),
            order="id",
        )
        # The administrator has every group: a manager who is none is meant rather
        system = self.env.ref("base.group_system")
        ordinary = managers.filtered(lambda user: system not in user.all_group_ids)
        return (ordinary or managers)[:1] or self.env.ref("base.user_root").sudo()
