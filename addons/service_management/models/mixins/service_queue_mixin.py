import logging
import random
import time
from datetime import datetime, timedelta

from psycopg2.errors import UniqueViolation

from odoo import api, fields, models
from odoo.exceptions import ConcurrencyError, UserError
from odoo.fields import Domain
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import SQL

_logger = logging.getLogger(__name__)

QUEUE_STATES = [("pending", "Waiting"), ("done", "Done"), ("poisoned", "Failed")]
CONCURRENCY_ERRORS = (*PG_CONCURRENCY_EXCEPTIONS_TO_RETRY, ConcurrencyError)
# How often a transaction that lost against another one is begun anew
CONFLICT_TRIES = 8
# Seconds between two tries, at the most
CONFLICT_WAIT = 1.0


class ServiceQueueMixin(models.AbstractModel):
    """Rows that are worked on in the background, each exactly once.

    A consumer gains a queue in its own table and implements ``_queue_process()`` for
    one record. Work is what the hook writes in the database; it is committed together
    with the state ``done``. An effect outside of the database (a mail, a call of a
    web service) happens at least once: set ``_queue_batch_size`` to 1 then.

    1. Records whose ``next_try_at`` has come are taken in its order, locked; what
       another worker has locked is passed over.
    2. Each is processed within a savepoint: its error undoes only its own work.
    3. An error counts a try and puts the next one off, longer each time. After
       ``_queue_max_tries`` the record is ``poisoned`` and waits for a person, with the
       sentence of the error.
    4. A lost race against another transaction is no error of the record: the work is
       begun anew, record by record.
    5. When the worker died in mid-run, the next run counts the try before it works:
       a record that kills workers is poisoned like any other.
    6. A time that lies further ahead than any delay can put it comes from a clock that
       was wrong, and counts as due.
    7. Each run is recorded in ``service.job``; the next one is asked for from the rows
       themselves, not from triggers that got lost.
    """

    _name = "service.queue.mixin"
    _description = "Queue"

    # The cron that works on the queue, by external identifier
    _queue_cron = None
    # The code of the service.job; the name of the model by default
    _queue_job = None
    # Records committed together
    _queue_batch_size = 20
    _queue_max_tries = 5
    # Minutes until the next try, by the number of tries so far
    _queue_delays = (1, 5, 30, 120)

    queue_state = fields.Selection(
        QUEUE_STATES, default="pending", required=True, copy=False, readonly=True
    )
    tries = fields.Integer(default=0, copy=False, readonly=True)
    next_try_at = fields.Datetime(
        default=fields.Datetime.now, required=True, copy=False, readonly=True
    )
    last_error = fields.Text(copy=False, readonly=True)
    done_at = fields.Datetime(copy=False, readonly=True)

    _queue_idx = models.Index("(next_try_at, id) WHERE queue_state = 'pending'")
    _queue_poisoned_idx = models.Index("(id) WHERE queue_state = 'poisoned'")

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        records._queue_wake()
        return records

    def action_queue_retry(self):
        """Work on failed records again, from the first try."""
        self.check_access("write")
        # sudo: service.queue.mixin: who may change the record may have it tried again
        poisoned = self.sudo().filtered(lambda row: row.queue_state != "done")
        poisoned.write(
            {
                "queue_state": "pending",
                "tries": 0,
                "next_try_at": fields.Datetime.now(),
            }
        )
        poisoned._queue_wake()
        return True

    # To implement, to adapt

    def _queue_process(self) -> datetime | None:
        """Do the work of this one record.

        :return: a time (UTC) to be called again at, if it is too early to work now;
            nothing when the work is done
        """
        raise NotImplementedError

    def _queue_poison(self, error: str):
        """Hook: the record has failed for good; a person is told by the job."""

    @api.model
    def _queue_is_race(self, error: Exception) -> bool:
        """Hook: whether another worker may be the reason. The try counts, since it may
        be no race, but the next one comes at once."""
        return False

    @api.model
    def _queue_due_domain(self):
        """What is due now, see rule 6 above."""
        now = fields.Datetime.now()
        latest = now + timedelta(minutes=2 * max(self._queue_delays))
        return Domain("queue_state", "=", "pending") & (
            Domain("next_try_at", "<=", now)
            | (Domain("tries", ">", 0) & Domain("next_try_at", ">", latest))
        )

    # The run

    @api.model
    def _queue_run(self, limit: int | None = None, job=None) -> int:
        """Work on what is due until it, the time or ``limit`` ends; for crons.

        :param job: the ``service.job`` of a further worker on the same queue
        :return: number of records done
        """
        queue = self.sudo()
        job = job or self.env["service.job"]._get(
            self._queue_job or self._name, model=self._name, cron=self._queue_cron
        )
        careful = job._begin()
        done = 0
        error = None
        try:
            done = queue._queue_work(limit, careful)
        except Exception as exception:
            error = exception
            self.env.cr.rollback()
            self.env.invalidate_all(flush=False)
        job._end(processed=done, error=error)
        queue._queue_rearm(minutes=5 if error else 1)
        if error:
            raise error
        return done

    @api.model
    def _queue_work(self, limit, careful) -> int:
        cron = self.env["ir.cron"]
        left = cron._commit_progress(
            remaining=self.search_count(self._queue_due_domain())
        )
        done = worked = 0
        size = 1 if careful else self._queue_batch_size
        while left > 0 and (limit is None or worked < limit):
            if limit is not None:
                size = min(size, limit - worked)
            count, good = self._queue_work_batch(size, careful)
            if not count:
                # What is left is held by another worker
                cron._commit_progress(remaining=0)
                break
            worked += count
            done += good
            left = cron._commit_progress(count)
        return done

    @api.model
    def _queue_work_batch(self, size, careful) -> tuple[int, int]:
        """(records worked on, of which done), in a transaction that stays open."""
        for attempt in range(1, CONFLICT_TRIES + 1):
            try:
                records = self._queue_claim(size)
                if careful:
                    records = records._queue_count_before()
                good = sum(record._queue_process_one(careful) for record in records)
                # Here, and not by the commit: a lost race is caught here only
                self.env.cr.flush()
                return len(records), good
            except CONCURRENCY_ERRORS:
                # The snapshot is lost, and with it the work since the last commit
                self.env.cr.rollback()
                self.env.invalidate_all(flush=False)
                if attempt == CONFLICT_TRIES:
                    raise
                size = 1
                time.sleep(random.uniform(0, min(0.05 * 2**attempt, CONFLICT_WAIT)))
        raise AssertionError("unreachable")

    @api.model
    def _queue_anew(self, work):
        """``work()``, begun anew when it loses a race: crons have no such retry."""
        for attempt in range(1, CONFLICT_TRIES + 1):
            try:
                result = work()
                self.env.flush_all()
                return result
            except (*CONCURRENCY_ERRORS, UniqueViolation):
                self.env.cr.rollback()
                self.env.invalidate_all(flush=False)
                if attempt == CONFLICT_TRIES:
                    raise
                time.sleep(random.uniform(0, min(0.05 * 2**attempt, CONFLICT_WAIT)))
        raise AssertionError("unreachable")

    @api.model
    def _queue_claim(self, size):
        """The next due records, locked; those that others hold are passed over."""
        query = self._search(
            self._queue_due_domain(), order="next_try_at, id", limit=size
        )
        rows = self.env.execute_query(
            SQL("%s FOR NO KEY UPDATE SKIP LOCKED", query.select())
        )
        records = self.browse(row[0] for row in rows)
        # What the cache knows of them may be older than the lock
        records.invalidate_recordset(flush=False)
        return records

    def _queue_count_before(self):
        """Count the try before the work: the last run did not live to do it."""
        died = self.env._("The worker ended while it worked on this record.")
        spent = self.filtered(lambda row: row.tries >= row._queue_max_tries)
        for record in spent:
            record._queue_fail(record.last_error or died)
        for record in self - spent:
            record.write({"tries": record.tries + 1, "last_error": died})
        self.env["ir.cron"]._commit_progress()
        return (self - spent).try_lock_for_update(allow_referencing=True)

    def _queue_process_one(self, is_counted=False) -> bool:
        """Whether the record is done; its error touches nothing else."""
        self.ensure_one()
        if self.queue_state != "pending":
            return False
        try:
            with self.env.cr.savepoint():
                again_at = self._queue_process()
                if again_at:
                    # Never at once: a hook that is always too early would not end
                    soon = fields.Datetime.now() + timedelta(minutes=1)
                    self.write({"next_try_at": max(again_at, soon), "tries": 0})
                else:
                    self.write(
                        {
                            "queue_state": "done",
                            "done_at": fields.Datetime.now(),
                            "last_error": False,
                        }
                    )
        except CONCURRENCY_ERRORS:
            raise
        except Exception as error:
            self.env.invalidate_all(flush=False)
            if not isinstance(error, UserError):
                _logger.warning("%s failed", self, exc_info=True)
            if not is_counted:
                self.tries += 1
            self._queue_fail(self._queue_sentence(error))
            if self.queue_state == "pending" and self._queue_is_race(error):
                self.next_try_at = fields.Datetime.now()
            return False
        return not again_at

    def _queue_fail(self, sentence: str):
        now = fields.Datetime.now()
        if self.tries >= self._queue_max_tries:
            self.write({"queue_state": "poisoned", "last_error": sentence})
            self._queue_poison(sentence)
            return
        delay = self._queue_delays[min(self.tries, len(self._queue_delays)) - 1]
        self.write(
            {"next_try_at": now + timedelta(minutes=delay), "last_error": sentence}
        )

    @api.model
    def _queue_sentence(self, error: Exception) -> str:
        """What a person reads of an error."""
        text = str(error).strip() or type(error).__name__
        if isinstance(error, UserError):
            return text
        return f"{type(error).__name__}: {text}"

    # When the next run is

    def _queue_wake(self):
        """Ask the cron to come when the first of these records is due."""
        if self and self._queue_cron:
            # sudo: ir.cron: whoever adds to a queue wants it worked on
            self.env.ref(self._queue_cron).sudo()._trigger(
                at=min(self.sudo().mapped("next_try_at"))
            )

    @api.model
    def _queue_rearm(self, minutes: int = 1):
        """Ask for the next run from the rows: triggers are dropped when a run begins,
        and a run that dies leaves none.

        :param minutes: at the earliest, so that what is locked or broken does not spin
        """
        first = self.search(
            Domain("queue_state", "=", "pending"), order="next_try_at, id", limit=1
        )
        if first and self._queue_cron:
            cron_sudo = self.env.ref(self._queue_cron).sudo()
            soon = fields.Datetime.now() + timedelta(minutes=minutes)
            cron_sudo._trigger(at=max(first.next_try_at, soon))
            self.env["ir.cron"]._commit_progress()

    @api.model
    def _queue_count(self) -> dict[str, int]:
        """{"backlog": due now, "waiting": pending, "poisoned": failed}, in numbers."""
        queue = self.sudo().with_context(active_test=False)
        return {
            "backlog": queue.search_count(self._queue_due_domain()),
            "waiting": queue.search_count([("queue_state", "=", "pending")]),
            "poisoned": queue.search_count([("queue_state", "=", "poisoned")]),
        }
