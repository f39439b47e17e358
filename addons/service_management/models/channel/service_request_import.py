import base64
import csv
import hashlib
import io
import logging
from zoneinfo import ZoneInfo

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from odoo.addons.service_management.engine.log_file import LogFileError
from odoo.addons.service_management.engine.request_input import read_request
from odoo.addons.service_management.engine.request_sheet import (
    disarm,
    guess_fields,
    read_sheet,
)
from odoo.addons.service_management.models.order.service_import import SYSTEM_ERRORS

_logger = logging.getLogger(__name__)

BATCH_SIZE = 200
# Files up to this size are imported while one waits.
DIRECT_ROWS = 200
CRON = "service_management.cron_service_request_import"


class ServiceRequestImport(models.Model):
    """Requests that somebody sends as a spreadsheet.

    - The file is read into rows; what its columns mean is guessed and can be changed.
    - *Check* says for each row what would come of it and makes nothing.
    - *Import* takes the rows in batches, each committed: ended at any moment, it goes
      on with the rows that are left. A bad row is refused with its reasons and stops
      no other.
    - A row is known again by its key column, without one by all that it says:
      importing a file twice, or a longer one later, makes nothing twice.
    """

    _name = "service.request.import"
    _description = "Import of Requests"
    _inherit = ["service.sheet.mixin"]
    _order = "id desc"
    _check_company_auto = True

    name = fields.Char(compute="_compute_name", store=True)
    column_ids = fields.One2many(
        "service.request.import.column", "import_id", string="Columns", copy=False
    )
    line_ids = fields.One2many(
        "service.request.import.line", "import_id", string="Rows", copy=False
    )
    left_out = fields.Char(
        string="Columns Left Out",
        compute="_compute_left_out",
        help="Columns without meaning.",
    )
    is_checked = fields.Boolean(readonly=True, copy=False)
    error = fields.Char(string="Stopped Because", readonly=True, copy=False)
    # What came of it
    row_count = fields.Integer(string="Rows in the File", compute="_compute_counts")
    open_count = fields.Integer(string="Left to Do", compute="_compute_counts")
    valid_count = fields.Integer(string="Can Be Imported", compute="_compute_counts")
    created_count = fields.Integer(string="New Orders", compute="_compute_counts")
    existing_count = fields.Integer(string="Already There", compute="_compute_counts")
    refused_count = fields.Integer(string="Refused Rows", compute="_compute_counts")
    progress = fields.Float(compute="_compute_counts")
    report = fields.Binary(string="Import Report", compute="_compute_report")
    report_name = fields.Char(compute="_compute_report")

    @api.depends("file_name")
    def _compute_name(self):
        for record in self:
            record.name = record.file_name or self.env._("Requests")

    @api.depends("column_ids.target")
    def _compute_left_out(self):
        for record in self:
            unused = record.column_ids.filtered(lambda column: not column.target)
            record.left_out = ", ".join(name for name in unused.mapped("name") if name)

    @api.depends("line_ids.state")
    def _compute_counts(self):
        groups = self.env["service.request.import.line"]._read_group(
            [("import_id", "in", self.ids)], ["import_id", "state"], ["__count"]
        )
        counts = {(record.id, state): count for record, state, count in groups}
        for record in self:
            of = {
                state: counts.get((record.id, state), 0)
                for state in ("pending", "valid", "created", "existing", "refused")
            }
            record.row_count = sum(of.values())
            record.open_count = of["pending"] + of["valid"]
            record.valid_count = of["valid"]
            record.created_count = of["created"]
            record.existing_count = of["existing"]
            record.refused_count = of["refused"]
            done = record.row_count - record.open_count
            record.progress = 100.0 * done / (record.row_count or 1)

    @api.depends("line_ids.state", "line_ids.reason", "column_ids")
    def _compute_report(self):
        for record in self:
            record.report = base64.b64encode(record._make_report())
            record.report_name = self.env._(
                "Report %(name)s.csv", name=(record.file_name or "").rsplit(".", 1)[0]
            )

    # Buttons

    def action_read(self):
        """Read the file into rows, guess what its columns mean, and check them."""
        self.ensure_one()
        if self.state not in ("draft", "ready"):
            raise UserError(self.env._("This file has been imported already."))
        content = base64.b64decode(self.with_context(bin_size=False).file or b"")
        try:
            sheet = read_sheet(content)
        except LogFileError as error:
            raise UserError(self._explain_file_error(error)) from error
        targets = guess_fields(sheet.columns)
        sample = sheet.rows[0][1] if sheet.rows else ()
        self._set_columns(sheet.columns, targets, sample)
        self.line_ids = [Command.clear()]
        self.env["service.request.import.line"].create(
            [
                {
                    "import_id": self.id,
                    "line": line,
                    "values": values,
                    "summary": " · ".join(value for value in values if value)[:120],
                }
                for line, values in sheet.rows
            ]
            + [
                {
                    "import_id": self.id,
                    "line": line,
                    "values": [],
                    "state": "refused",
                    "reason": self._get_row_texts().get(code, code),
                }
                for line, code in sheet.refusals
            ]
        )
        self._move_to("ready", is_checked=False)
        if {"type", "description"} <= set(filter(None, targets)):
            self.action_check()
        return True

    def action_check(self):
        """What would come of each row; nothing is made."""
        self.ensure_one()
        self._check_state("ready")
        self._check_columns()
        lines = self.line_ids.filtered("values")
        lines.write({"state": "pending", "reason": False, "order_id": False})
        for start in range(0, len(lines), BATCH_SIZE):
            self._take_lines(lines[start : start + BATCH_SIZE], dry=True)
        self.is_checked = True
        return True

    def action_start(self):
        """Import the rows: a short file at once, a long one in the background."""
        self.ensure_one()
        self._check_state("ready")
        self._check_columns()
        self._check_right()
        # What a check refused may be right now: a type or customer was made meanwhile
        self.line_ids.filtered(
            lambda line: line.values and line.state == "refused"
        ).write({"state": "pending", "reason": False})
        self._move_to("running")
        if self.open_count <= DIRECT_ROWS:
            self._take_lines(self._get_open_lines())
            self._finish()
        else:
            # sudo: ir.cron: who may import may have it done in the background
            self.env.ref(CRON).sudo()._trigger()
        return True

    def action_cancel(self):
        """Stop after the batch at work; what is imported stays."""
        self._move_to("cancelled")
        return True

    def action_continue(self):
        """Go on with the rows that are left."""
        self.ensure_one()
        self._check_state("cancelled")
        self._move_to("running", error=False)
        self.env.ref(CRON).sudo()._trigger()
        return True

    def action_view_orders(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "service_management.action_service_order"
        )
        return action | {
            "domain": [("id", "in", self.line_ids.order_id.ids)],
            "context": {},
        }

    def action_template(self):
        """An empty file with the columns that are understood."""
        language = "zh" if (self.env.lang or "").startswith("zh") else "en"
        return {
            "type": "ir.actions.act_url",
            "url": f"/service_management/static/examples/requests_{language}.csv",
            "target": "download",
        }

    def _check_columns(self):
        targets = set(self.column_ids.mapped("target"))
        labels = dict(self.column_ids._get_targets())
        missing = [
            labels[name] for name in ("type", "description") if name not in targets
        ]
        if missing:
            raise UserError(
                self.env._(
                    "No column means: %(fields)s. Say in the list of columns which one "
                    "it is.",
                    fields=", ".join(missing),
                )
            )

    def _check_right(self):
        self.check_access("write")
        self.env["service.order"].check_access("create")

    # Running

    @api.model
    def _cron_run(self):
        self.env["service.job"]._run("service_request_import", self._run_all, CRON)

    @api.model
    def _run_all(self):
        """Go on with what is running, oldest first, until the time is over."""
        cron = self.env["ir.cron"]
        running = self.search([("state", "=", "running")], order="id")
        left = cron._commit_progress(remaining=sum(running.mapped("open_count")))
        for record in running:
            worker = record.with_user(record.user_id).with_company(record.company_id)
            while left > 0 and record.state == "running":
                try:
                    with self.env.cr.savepoint():
                        count = worker._take_batch()
                except SYSTEM_ERRORS:
                    raise
                except Exception as error:
                    # Who made it may have lost the right, say: the others go on
                    _logger.warning("Import of requests %s stops", record.id)
                    self.env.invalidate_all(flush=False)
                    record._move_to("cancelled", error=str(error))
                    count = 0
                left = cron._commit_progress(count)
                record.invalidate_recordset()

    def _take_batch(self) -> int:
        """Take the next rows; how many there were."""
        lines = self._get_open_lines(BATCH_SIZE)
        self._take_lines(lines)
        if len(lines) < BATCH_SIZE:
            self._finish()
        self.env.flush_all()
        return len(lines)

    def _get_open_lines(self, limit=None):
        return self.env["service.request.import.line"].search(
            [("import_id", "=", self.id), ("state", "in", ("pending", "valid"))],
            limit=limit,
        )

    def _finish(self):
        self._move_to("done")

    def _take_lines(self, lines, dry=False):
        """Make the orders of ``lines``, or only say what would come of them."""
        now = fields.Datetime.now()
        zone = ZoneInfo(self.env.user.tz or self.company_id._get_service_zone())
        targets = {
            column.position: column.target
            for column in self.column_ids
            if column.target
        }
        read = []
        for line in lines:
            data = {
                targets[position]: value
                for position, value in enumerate(line.values)
                if position in targets
            }
            request, problems = read_request(data, now, zone, need_key=False)
            if not request.key:
                digest = hashlib.sha256(request.as_text().encode()).hexdigest()
                request.key = f"row-{digest[:32]}"
            read.append((request, problems))
        orders = self.env["service.order"].with_company(self.company_id)
        answers = orders._take_requests(
            read, "import", f"request/{self.company_id.id}:", dry
        )
        keys = [request.key for request, __ in read]
        for index, (line, answer) in enumerate(zip(lines, answers, strict=True)):
            reason = "; ".join(error["message"] for error in answer["errors"])
            if answer["result"] == "existing" and keys[index] in keys[:index]:
                twin = lines[keys.index(keys[index])]
                reason = self.env._("the same as row %s", twin.line)
            line.write(
                {
                    "state": answer["result"],
                    "reason": reason,
                    "order_id": answer["id"],
                }
            )

    # Report

    def _make_report(self) -> bytes:
        """The rows as they were, with what came of each; spreadsheets read it."""
        states = dict(self.line_ids._fields["state"]._description_selection(self.env))
        columns = self.column_ids.sorted("position")
        out = io.StringIO()
        writer = csv.writer(out)
        writer.writerow(
            [
                self.env._("Row"),
                self.env._("Result"),
                self.env._("Order"),
                self.env._("Why"),
                *columns.mapped(lambda column: column.name or ""),
            ]
        )
        for line in self.line_ids:
            row = [
                line.line,
                states[line.state],
                line.order_id.name or "",
                line.reason or "",
                *(line.values or ()),
            ]
            writer.writerow([disarm(cell) for cell in row])
        return out.getvalue().encode("utf-8-sig")
