import base64
import csv
import io
import itertools
import json

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.service_management.engine.asset_sheet import NAMES
from odoo.addons.service_management.engine.log_file import LogFileError
from odoo.addons.service_management.engine.request_sheet import (
    disarm,
    guess_fields,
    index_names,
    open_sheet,
)

# Rows that are taken over together, and committed
CHUNK_ROWS = 10_000
# So many rows are looked at before anything is imported
SAMPLE_ROWS = 1000
BY_NAME = index_names(NAMES)


class ServiceAssetImport(models.Model):
    """The installed base as a list: hundreds of thousands of assets in one file.

    1. *Read* looks at the columns, guesses what they mean, and tries the first rows:
       what would be refused is seen before anything is made.
    2. *Import* cuts the file into chunks (``service.asset.import.chunk``), which are
       worked on in the background, each in a transaction of its own: killed at any
       moment, it goes on with what is left, and no chunk is taken twice.
    3. A row is one asset by its serial number, or its asset number. What is there
       already is left as it is: importing a file again makes nothing twice.
    4. A bad row is refused with each of its reasons and stops no other.
    """

    _name = "service.asset.import"
    _description = "Import of Assets"
    _inherit = ["service.sheet.mixin"]
    _order = "id desc"
    _check_company_auto = True

    name = fields.Char(compute="_compute_name", store=True)
    is_internal = fields.Boolean(
        string="Internal Assets",
        help="The company's own equipment: rows need no customer.",
    )
    column_ids = fields.One2many(
        "service.asset.import.column", "import_id", string="Columns", copy=False
    )
    chunk_ids = fields.One2many(
        "service.asset.import.chunk", "import_id", string="Chunks", copy=False
    )
    line_ids = fields.One2many(
        "service.asset.import.line",
        "import_id",
        string="Refused Rows",
        copy=False,
        domain=[("is_sample", "=", False)],
    )
    sample_line_ids = fields.One2many(
        "service.asset.import.line",
        "import_id",
        string="What Would Be Refused",
        copy=False,
        domain=[("is_sample", "=", True)],
    )
    sample_text = fields.Char(readonly=True, copy=False)
    # What came of it
    row_count = fields.Integer(string="Rows in the File", compute="_compute_counts")
    open_count = fields.Integer(string="Left to Do", compute="_compute_counts")
    created_count = fields.Integer(string="New Assets", compute="_compute_counts")
    existing_count = fields.Integer(string="Already There", compute="_compute_counts")
    refused_count = fields.Integer(string="Rows Refused", compute="_compute_counts")
    failed_count = fields.Integer(string="Failed Parts", compute="_compute_counts")
    progress = fields.Float(compute="_compute_counts")

    @api.depends("file_name")
    def _compute_name(self):
        for record in self:
            record.name = record.file_name or self.env._("Assets")

    @api.depends("chunk_ids.queue_state")
    def _compute_counts(self):
        names = ("row_count", "created_count", "existing_count", "refused_count")
        sums = {name: {} for name in names}
        state_rows = {}
        failed = {}
        for record, state, rows, created, existing, refused, count in self.env[
            "service.asset.import.chunk"
        ]._read_group(
            [("import_id", "in", self.ids)],
            ["import_id", "queue_state"],
            [*(f"{name}:sum" for name in names), "__count"],
        ):
            for name, value in zip(
                names, (rows, created, existing, refused), strict=True
            ):
                sums[name][record.id] = sums[name].get(record.id, 0) + value
            state_rows[record.id, state] = rows
            if state == "poisoned":
                failed[record.id] = count
        for record in self:
            for name in names:
                record[name] = sums[name].get(record.id, 0)
            record.open_count = state_rows.get((record.id, "pending"), 0)
            record.failed_count = failed.get(record.id, 0)
            done = record.row_count - record.open_count
            record.progress = 100.0 * done / (record.row_count or 1)

    # Buttons

    def action_read(self):
        """Look at the columns and guess what they mean; try the first rows."""
        self.ensure_one()
        self._check_state("draft", "ready")
        try:
            columns, lines = open_sheet(self._get_content())
            rows = list(itertools.islice(lines, SAMPLE_ROWS))
        except LogFileError as error:
            raise UserError(self._explain_file_error(error)) from error
        first = next((row for __, row in rows if not isinstance(row, str)), [])
        self._set_columns(columns, guess_fields(columns, BY_NAME), first)
        self._move_to("ready", sample_text=False)
        if not self._get_missing_columns():
            self._try_rows(rows)
        return True

    def action_check(self):
        """Try the first rows with the columns as they are said now."""
        self.ensure_one()
        self._check_state("ready")
        self._check_columns()
        self._try_rows(
            list(itertools.islice(open_sheet(self._get_content())[1], SAMPLE_ROWS))
        )
        return True

    def action_start(self):
        """Import the file in the background."""
        self.ensure_one()
        self._check_state("ready")
        self._check_columns()
        self.check_access("write")
        self.env["service.asset"].check_access("create")
        self._move_to("running")
        # sudo: service.asset.import.chunk: made by the import alone
        self.sudo().sample_line_ids.unlink()
        self.env["service.asset.import.chunk"].sudo().create(
            {"import_id": self.id, "is_reading": True}
        )
        return True

    def action_cancel(self):
        """Stop after the part at work; what is imported stays."""
        self.ensure_one()
        self._check_state("running")
        self._move_to("cancelled")
        # sudo: service.asset.import.chunk: parts of the own import
        self.sudo().chunk_ids.filtered(
            lambda chunk: chunk.queue_state != "done"
        ).unlink()
        return True

    def action_retry(self):
        """Try the parts again that failed."""
        self.ensure_one()
        self._check_state("running", "done")
        self._move_to("running")
        # sudo: service.asset.import.chunk: parts of the own import
        self.sudo().chunk_ids.filtered(
            lambda chunk: chunk.queue_state == "poisoned"
        ).action_queue_retry()
        return True

    def action_view_assets(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "service_management.action_service_asset"
        )
        return action | {"domain": [("import_id", "=", self.id)], "context": {}}

    def action_view_refused(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Refused Rows"),
            "res_model": "service.asset.import.line",
            "view_mode": "list",
            "domain": [("import_id", "=", self.id), ("is_sample", "=", False)],
        }

    def action_download_refused(self):
        """The refused rows as they were, with what to do: corrected in a spreadsheet,
        the same file can be imported again."""
        self.ensure_one()
        name = (self.file_name or "").rsplit(".", 1)[0]
        attachment = self.env["ir.attachment"].create(
            {
                "name": self.env._("Refused %(name)s.csv", name=name),
                "raw": self._make_report(),
                "mimetype": "text/csv",
                "res_model": self._name,
                "res_id": self.id,
            }
        )
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{attachment.id}?download=true",
            "target": "download",
        }

    def action_template(self):
        """An empty file with the columns that are understood."""
        language = "zh" if (self.env.lang or "").startswith("zh") else "en"
        return {
            "type": "ir.actions.act_url",
            "url": f"/service_management/static/examples/assets_{language}.csv",
            "target": "download",
        }

    def _get_missing_columns(self) -> list[str]:
        """What no column means, as people read it."""
        targets = set(self.column_ids.mapped("target"))
        labels = dict(self.column_ids._get_targets())
        missing = [] if "product" in targets else [labels["product"]]
        if not targets & {"serial", "code"}:
            missing.append(labels["serial"])
        if not self.is_internal and not targets & {
            "customer_ref",
            "phone",
            "email",
            "customer_name",
        }:
            missing.append(labels["customer_ref"])
        return missing

    def _check_columns(self):
        missing = self._get_missing_columns()
        if missing:
            raise UserError(
                self.env._(
                    "No column means: %(fields)s. Say in the list of columns which one "
                    "it is.",
                    fields=", ".join(missing),
                )
            )

    def _get_content(self) -> bytes:
        return base64.b64decode(self.with_context(bin_size=False).file or b"")

    def _try_rows(self, rows):
        """Say what would come of ``rows``; nothing is made of them."""
        chunk = self.env["service.asset.import.chunk"].sudo()
        result = chunk._resolve_rows(self, rows)
        # sudo: service.asset.import.line: rows of the own import
        lines = self.env["service.asset.import.line"].sudo()
        self.sudo().sample_line_ids.unlink()
        lines._add_refusals(self, result.refused, is_sample=True)
        self.sudo().sample_text = self.env._(
            "Of the first %(rows)s rows: %(good)s can be imported, %(existing)s are "
            "there already, %(refused)s would be refused.",
            rows=len(rows),
            good=len(result.good),
            existing=result.existing,
            refused=len(result.refused),
        )

    # Running

    def _cut_into_chunks(self):
        """Read the file once and leave its rows in parts that can be worked on."""
        self.ensure_one()
        vals_list = []
        lines = open_sheet(self._get_content())[1]
        while rows := list(itertools.islice(lines, CHUNK_ROWS)):
            vals_list.append(
                {
                    "import_id": self.id,
                    "first_line": rows[0][0],
                    "row_count": len(rows),
                    "content": base64.b64encode(
                        json.dumps(rows, ensure_ascii=False).encode()
                    ),
                }
            )
        self.env["service.asset.import.chunk"].create(vals_list)

    @api.model
    def _finish_done(self):
        """Those of which no part is left are done; who imported is told."""
        done = self.sudo().search(
            [
                ("state", "=", "running"),
                ("chunk_ids", "not any", [("queue_state", "=", "pending")]),
            ]
        )
        done.write({"state": "done"})
        for record in done:
            record.user_id._bus_send(
                "simple_notification",
                {
                    "type": "warning" if record.refused_count else "success",
                    "title": record.name,
                    "message": record.with_context(lang=record.user_id.lang).env._(
                        "%(created)s assets imported, %(existing)s were there already, "
                        "%(refused)s rows refused.",
                        created=record.created_count,
                        existing=record.existing_count,
                        refused=record.refused_count,
                    ),
                },
            )

    # Report

    def _make_report(self) -> bytes:
        columns = self.column_ids.sorted("position")
        out = io.StringIO()
        writer = csv.writer(out)
        writer.writerow(
            [
                *columns.mapped(lambda column: column.name or ""),
                self.env._("Row"),
                self.env._("Why"),
            ]
        )
        for lines in self.line_ids.sorted("id").grouped("line").values():
            values = lines[0].row_values or ()
            why = "; ".join(line._get_sentence() for line in lines)
            row = [*values, *[""] * (len(columns) - len(values)), lines[0].line, why]
            writer.writerow([disarm(cell) for cell in row])
        return out.getvalue().encode("utf-8-sig")
