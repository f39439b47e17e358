import base64
import hashlib
import logging
import time

import psycopg2

from odoo import api, fields, models
from odoo.exceptions import AccessError, ConcurrencyError, UserError
from odoo.tools import SQL

from odoo.addons.service_management.engine import itsm_log, open_repair
from odoo.addons.service_management.engine.log_file import (
    LogFile,
    LogFileError,
    Reason,
    Refusal,
)

from .service_order_flow import Moments

_logger = logging.getLogger(__name__)

BATCH_SIZE = 500
# What comes from another transaction: the batch is tried again, nothing is refused.
CONCURRENCY_ERRORS = (
    ConcurrencyError,
    psycopg2.errors.DeadlockDetected,
    psycopg2.errors.LockNotAvailable,
    psycopg2.errors.SerializationFailure,
)
# What no line is to blame for: the import stops, and no line is refused.
SYSTEM_ERRORS = (
    *CONCURRENCY_ERRORS,
    psycopg2.InterfaceError,
    psycopg2.InternalError,
    psycopg2.OperationalError,
    psycopg2.ProgrammingError,
    MemoryError,
)
MAX_TRIES = 8
# So many lines one after the other do not fail by themselves.
MAX_FAILURES = 50
# History: nobody follows it, and its own dates stand in the events.
HISTORY_CONTEXT = {
    "tracking_disable": True,
    "mail_create_nosubscribe": True,
    "mail_create_nolog": True,
    "mail_notrack": True,
}


class ServiceImport(models.Model):
    """The history of another system, taken over from its log.

    - The file is read in batches; each is committed with the place in the file that
      it reached. Ended at any moment, the import goes on from there.
    - Every order has the key of its line: what is there already is not made again,
      and an order that stopped half-way is taken up where it stands.
    - A line that is broken is refused with the reason and stops nothing. A batch that
      fails is taken line by line, so that only the line at fault is refused.

    What a kind of log means is written in the files beside this one.
    """

    _name = "service.import"
    _description = "Import of Service Logs"
    _order = "id desc"
    _check_company_auto = True

    name = fields.Char(compute="_compute_name", store=True)
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    user_id = fields.Many2one(
        "res.users",
        string="Imported By",
        required=True,
        readonly=True,
        default=lambda self: self.env.user,
    )
    # The file
    file = fields.Binary(required=True, attachment=True)
    file_name = fields.Char()
    checksum = fields.Char(readonly=True, index="btree_not_null")
    kind = fields.Selection(
        [("open_repair", "Open Repair Log"), ("itsm", "ITSM Incident Log")],
        readonly=True,
        help="Told by the columns of the file.",
    )
    warranty_months = fields.Integer(
        string="Warranty of New Products (Months)",
        default=24,
        help="What products made by this import promise for labour, parts and travel "
        "from the year of manufacture on.",
    )
    # How far it is
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("running", "Running"),
            ("done", "Done"),
            ("cancelled", "Cancelled"),
            ("failed", "Failed"),
        ],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
    )
    error = fields.Text(readonly=True, copy=False)
    position = fields.Integer(
        string="Read", readonly=True, copy=False, help="Lines or incidents done."
    )
    unit_count = fields.Integer(string="To Read", readonly=True, copy=False)
    progress = fields.Float(compute="_compute_progress")
    duration = fields.Float(string="Seconds", readonly=True, copy=False)
    date_start = fields.Datetime(string="Started On", readonly=True, copy=False)
    date_end = fields.Datetime(string="Ended On", readonly=True, copy=False)
    # What came of it
    row_count = fields.Integer(string="Rows in the File", readonly=True, copy=False)
    created_count = fields.Integer(string="New Orders", readonly=True, copy=False)
    existing_count = fields.Integer(string="Already There", readonly=True, copy=False)
    closed_count = fields.Integer(
        string="Closed Orders",
        readonly=True,
        copy=False,
        help="Orders of the file, new or already there, that are closed now.",
    )
    refused_count = fields.Integer(string="Refused Rows", readonly=True, copy=False)
    note_count = fields.Integer(string="Notes", readonly=True, copy=False)
    failed_count = fields.Integer(
        string="Failed Rows",
        readonly=True,
        copy=False,
        help="Of the refused rows: good ones that could not be imported all the same.",
    )
    mismatch_count = fields.Integer(
        string="Not as in the Log",
        readonly=True,
        copy=False,
        help="Orders whose state is not the one that the log ends with.",
    )
    refusal_ids = fields.One2many(
        "service.import.refusal", "import_id", readonly=True, copy=False
    )
    order_ids = fields.One2many("service.order", "import_id", readonly=True)

    @api.depends("file_name")
    def _compute_name(self):
        for record in self:
            record.name = record.file_name or self.env._("Service log")

    @api.depends("position", "unit_count", "state")
    def _compute_progress(self):
        for record in self:
            if record.state == "done":
                record.progress = 100.0
            else:
                record.progress = 100.0 * record.position / (record.unit_count or 1)

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        records._check_own()
        return records

    def write(self, vals):
        result = super().write(vals)
        if {"user_id", "company_id"} & vals.keys():
            self._check_own()
        return result

    def _check_own(self):
        """Logs are imported as whoever is named, and into the company that is: nobody
        names another one over RPC."""
        if not self.env.su and any(
            record.user_id != self.env.user
            or record.company_id not in self.env.companies
            for record in self
        ):
            raise AccessError(
                self.env._(
                    "An import runs in the name and company of whoever made it, by its "
                    "buttons. Make another one for another company."
                )
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_running(self):
        if any(record.state == "running" for record in self):
            raise UserError(self.env._("Cancel the import before deleting it."))

    # Buttons

    def action_start(self):
        """Check the file and import it in the background."""
        for record in self:
            record._check_startable()
            record._start()
        self._trigger()
        return True

    def action_continue(self):
        """Go on with an import that was cancelled or has failed."""
        for record in self:
            if record.state not in ("cancelled", "failed"):
                raise UserError(self.env._("Only an ended import can be continued."))
            record._start()
        self._trigger()
        return True

    def action_cancel(self):
        """Stop after the batch at work; what is imported stays."""
        for record in self:
            if record.state not in ("draft", "running"):
                raise UserError(self.env._("The import has ended already."))
        self.write({"state": "cancelled", "date_end": fields.Datetime.now()})
        return True

    def action_view_orders(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "service_management.action_service_order"
        )
        return action | {"domain": [("import_id", "=", self.id)], "context": {}}

    def action_view_refusals(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "service_management.action_service_import_refusal"
        )
        return action | {"domain": [("import_id", "=", self.id)], "context": {}}

    def _check_startable(self):
        self.ensure_one()
        if self.state != "draft":
            raise UserError(self.env._("This import has been started already."))

    def _trigger(self):
        # sudo: ir.cron: who may import may have it done in the background
        self.env.ref("service_management.cron_service_import").sudo()._trigger()

    # Starting

    @api.model
    def _get_for_file(self, content: bytes, file_name: str):
        """The unfinished import of this very file, or a new one, ready to run."""
        checksum = hashlib.sha256(content).hexdigest()
        record = self.search(
            [
                ("checksum", "=", checksum),
                ("company_id", "=", self.env.company.id),
                ("state", "in", ("running", "cancelled", "failed")),
            ],
            limit=1,
        )
        if not record:
            record = self.create(
                [{"file": base64.b64encode(content), "file_name": file_name}]
            )
        if record.state != "running":
            record._start()
        return record

    def _start(self):
        """Say what is in the file; raises what a person can read if it is nothing."""
        self.ensure_one()
        content = self._get_content()
        units, refusals, row_count = self._read_units(content)
        vals = {
            "state": "running",
            "error": False,
            "date_end": False,
            "kind": self._detect_kind(content)[1],
            "checksum": hashlib.sha256(content).hexdigest(),
            "unit_count": len(units),
            "row_count": row_count,
        }
        if not self.date_start:
            vals["date_start"] = fields.Datetime.now()
            self._add_refusals(refusals)
        self.write(vals)

    def _get_content(self) -> bytes:
        self.ensure_one()
        return base64.b64decode(self.with_context(bin_size=False).file or b"")

    @api.model
    def _detect_kind(self, content):
        """``(log, kind)`` by the columns of the file."""
        try:
            log = LogFile.open(content)
        except LogFileError as error:
            raise UserError(self._explain_file_error(error)) from error
        if open_repair.is_open_repair(log.columns):
            return log, open_repair.KIND
        if itsm_log.is_itsm_log(log.columns):
            return log, itsm_log.KIND
        raise UserError(
            self.env._(
                "The first line names the columns %(found)s. A repair log needs "
                "%(repair)s, an incident log %(itsm)s.",
                found=", ".join(log.columns[:30])[:500] or "-",
                repair=", ".join(sorted(open_repair.REQUIRED_COLUMNS)),
                itsm=", ".join(sorted(itsm_log.REQUIRED_COLUMNS)),
            )
        )

    @api.model
    def _read_units(self, content):
        """``(units, refusals, row count)``: what the batches are made of.

        A unit is a line of a repair log, good or refused, or a whole incident.
        """
        log, kind = self._detect_kind(content)
        today = (self.company_id or self.env.company)._get_service_day()
        if kind == itsm_log.KIND:
            return itsm_log.read_incidents(log, today)
        units = list(open_repair.read_jobs(log, today))
        return units, [], len(units)

    # Running

    @api.model
    def _cron_run(self):
        """Go on with what is running, oldest first."""
        for record in self.search([("state", "=", "running")], order="id"):
            record = record.with_user(record.user_id).with_company(record.company_id)
            if not record._run_in_background():
                break

    def _run_in_background(self) -> bool:
        """Whether there is time left for another import."""
        try:
            return self._run() > 0
        except Exception as error:
            # Said where a person looks, not only in the log of the server
            if not isinstance(error, UserError):
                _logger.exception("Import %s failed", self.id)
            self.env.cr.rollback()
            self.env.invalidate_all()
            self.write({"state": "failed", "error": str(error)})
            return self.env["ir.cron"]._commit_progress() > 0

    def _run(self, report=None, size=BATCH_SIZE) -> float:
        """Import batch by batch until the end, a cancellation or the end of the time.

        :param report: called with this record after each batch
        :return: the seconds that are left for background work
        """
        self.ensure_one()
        cron = self.env["ir.cron"]
        units = self._read_units(self._get_content())[0]
        left = cron._commit_progress(remaining=max(len(units) - self.position, 0))
        tries = 0
        while left > 0:
            try:
                done = self._process_batch(units, size)
                if self.position >= len(units) and self.state == "running":
                    self._finish_run(units)
                left = cron._commit_progress(done)
            except CONCURRENCY_ERRORS:
                tries += 1
                if tries > MAX_TRIES:
                    raise
                self.env.cr.rollback()
                time.sleep(min(0.2 * tries, 1.0))
                continue
            tries = 0
            if report:
                report(self)
            if self.state != "running":
                break
        return left

    def _finish_run(self, units):
        self.write({"state": "done", "date_end": fields.Datetime.now()})

    def _process_batch(self, units, size=BATCH_SIZE) -> int:
        """Take over the next ``size`` units; the number done.

        One import at a time: two would make the same products and customers twice.
        """
        started = time.monotonic()
        self._take_turn()
        self.invalidate_recordset()
        if self.state != "running":
            return 0
        batch = units[self.position : self.position + size]
        # sudo: service.import: managers import; making products, partners and what
        # the flow makes for them is what an import is
        worker = self.sudo().with_context(**HISTORY_CONTEXT)
        try:
            with self.env.cr.savepoint():
                worker._take_units(batch)
                self.env.flush_all()
        except SYSTEM_ERRORS:
            raise
        except Exception:
            _logger.info("Import %s: a batch failed, taken one by one", self.id)
            self.env.invalidate_all(flush=False)
            worker._take_one_by_one(batch)
        self.sudo().write(
            {
                "position": self.position + len(batch),
                "duration": self.duration + time.monotonic() - started,
            }
        )
        return len(batch)

    @api.model
    def _take_turn(self):
        """Wait-free: whoever comes second tries again later."""
        [(is_free,)] = self.env.execute_query(
            SQL("SELECT pg_try_advisory_xact_lock(hashtext('service_import'))")
        )
        if not is_free:
            raise ConcurrencyError(self.env._("Another import is at work."))

    def _take_one_by_one(self, batch):
        failures = 0
        for unit in batch:
            error = self._take_alone(unit)
            failures = failures + 1 if error else 0
            if failures >= MAX_FAILURES:
                raise UserError(
                    self.env._(
                        "%(count)s lines one after the other could not be imported. "
                        "The last error: %(error)s",
                        count=failures,
                        error=error,
                    )
                )

    def _take_alone(self, unit) -> str | None:
        """Take over one unit; if even that fails, it is refused with the error."""
        try:
            with self.env.cr.savepoint():
                self._take_units([unit])
                self.env.flush_all()
            return None
        except SYSTEM_ERRORS:
            raise
        except Exception as error:
            self.env.invalidate_all(flush=False)
            if not isinstance(error, UserError | psycopg2.Error):
                _logger.warning("Import %s: line %s", self.id, unit.line, exc_info=True)
            text = str(error).strip().split("\n", 1)[0] or type(error).__name__
            self._add_refusals([Refusal(unit.line, (Reason("failed", "", text),))])
            self._count(failed_count=1)
            return text

    def _take_units(self, units):
        """Take over units of the kind of this import."""
        self._add_refusals([unit for unit in units if isinstance(unit, Refusal)])
        good = [unit for unit in units if not isinstance(unit, Refusal)]
        if good:
            getattr(self, f"_take_{self.kind}")(good)

    # What the kinds of logs share

    def _get_file_keys(self) -> list[str]:
        """Source keys of the orders in the file."""
        self.ensure_one()
        return [
            self._get_unit_key(unit)
            for unit in self._read_units(self._get_content())[0]
            if not isinstance(unit, Refusal)
        ]

    @api.model
    def _get_unit_key(self, unit) -> str:
        if isinstance(unit, itsm_log.Incident):
            return f"itsm/{unit.number}"
        return unit.key

    @api.model
    def _find_orders(self, keys) -> dict:
        """Order by source key, of those that are there already."""
        # sudo: service.order: by key, whoever owns them
        return {
            order.source_key: order
            for order in self.env["service.order"]
            .sudo()
            .search_fetch(
                [("channel", "=", "import"), ("source_key", "in", keys)],
                ["source_key", "state"],
            )
        }

    def _create_orders(self, vals_list):
        """Registered orders without an owner: those who worked on them are not ours."""
        orders = (
            self.env["service.order"]
            .with_context(
                default_user_id=False,
                default_import_id=self.id,
                service_moments=Moments(),
            )
            ._create_from_channel(vals_list)
            .with_env(self.env)
        )
        return orders

    def _count(self, **counts):
        for name, number in counts.items():
            self[name] += number

    # Records made once and found again by what the log calls them

    @api.model
    def _get_known(self, model, wanted) -> dict:
        """Records for what the log names, made where they are missing.

        They are found again by external identifiers, so that renaming one does not
        make a second one.

        :param wanted: ``{key: function giving the values of a new record}``
        :return: ``{key: record}``
        """
        names = {self._get_external_name(model, key): key for key in wanted}
        data = self.env["ir.model.data"].sudo()
        found = data.search_fetch(
            [("module", "=", "__import__"), ("name", "in", list(names))],
            ["name", "res_id"],
        )
        records = self.env[model].sudo().browse(found.mapped("res_id"))
        alive = set(records.exists().ids)
        ids = {names[row.name]: row.res_id for row in found if row.res_id in alive}
        missing = [key for key in wanted if key not in ids]
        created = records.create([wanted[key]() for key in missing])
        data._update_xmlids(
            [
                {
                    "xml_id": f"__import__.{self._get_external_name(model, key)}",
                    "record": record,
                    "noupdate": True,
                }
                for key, record in zip(missing, created, strict=True)
            ]
        )
        ids.update(zip(missing, created.ids, strict=True))
        everything = records.browse(ids.values())
        return {
            key: everything.browse(ids[key]).with_prefetch(everything.ids)
            for key in wanted
        }

    @api.model
    def _get_external_name(self, model, key) -> str:
        text = "\n".join(str(part) for part in key)
        digest = hashlib.sha256(text.encode()).hexdigest()[:24]
        return (
            f"service_import_{model.replace('.', '_')}_{self.env.company.id}_{digest}"
        )
