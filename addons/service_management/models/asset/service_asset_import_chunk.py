import base64
import json

from psycopg2.errors import UniqueViolation

from odoo import api, fields, models
from odoo.fields import Domain

from odoo.addons.service_management.models.asset.asset_rows import AssetRows

HELPER_CRON = "service_management.cron_service_asset_import_help"
HELPER_JOB = "service_asset_import_help"


class ServiceAssetImportChunk(models.Model):
    """Some thousand rows of a file: taken over together, each exactly once.

    The first part of an import reads the file and leaves the others. Rows become
    assets by the entry that every registration takes: ``service.asset``,
    ``_insert_registered``. Two scheduled actions work on the parts, side by side where
    there are two workers for such actions: a third of the time goes by in this process,
    two thirds in the database's.
    """

    _name = "service.asset.import.chunk"
    _description = "Part of an Import of Assets"
    _inherit = ["service.queue.mixin"]
    _order = "import_id, first_line, id"
    _rec_name = "first_line"

    _queue_cron = "service_management.cron_service_asset_import"
    _queue_job = "service_asset_import"
    # A part is large enough for a transaction of its own
    _queue_batch_size = 1

    import_id = fields.Many2one(
        "service.asset.import", required=True, index=True, ondelete="cascade"
    )
    is_reading = fields.Boolean(readonly=True)
    first_line = fields.Integer(readonly=True, aggregator=None)
    row_count = fields.Integer(string="Rows", readonly=True)
    content = fields.Binary(string="Stored Rows", attachment=True, readonly=True)
    created_count = fields.Integer(string="New Assets", readonly=True)
    existing_count = fields.Integer(string="Already There", readonly=True)
    refused_count = fields.Integer(string="Rows Refused", readonly=True)

    @api.model
    def _cron_run(self):
        self._queue_run()
        self._queue_anew(self.env["service.asset.import"]._finish_done)

    @api.model
    def _cron_help(self):
        """A second worker on the same parts; each sees its own death by its own job."""
        job = self.env["service.job"]._get(HELPER_JOB, cron=HELPER_CRON)
        self._queue_run(job=job)
        self._queue_anew(self.env["service.asset.import"]._finish_done)

    def _queue_wake(self):
        result = super()._queue_wake()
        if len(self) > 1:
            # sudo: ir.cron: whoever adds to a queue wants it worked on
            self.env.ref(HELPER_CRON).sudo()._trigger()
        return result

    @api.model
    def _queue_is_race(self, error):
        """The other worker registered one of the assets, further up in the file."""
        return isinstance(error, UniqueViolation)

    @api.model
    def _queue_due_domain(self):
        return super()._queue_due_domain() & Domain("import_id.state", "=", "running")

    def _queue_process(self):
        record = self.import_id
        if self.is_reading:
            record._cut_into_chunks()
            return
        # sudo: service.asset: whoever started the import might register assets
        worker = (
            self.with_user(record.user_id)
            .with_company(record.company_id)
            .with_context(lang=record.user_id.lang)
            .sudo()
        )
        worker._take_rows()

    def _take_rows(self):
        record = self.import_id
        rows = json.loads(base64.b64decode(self.content))
        result = self._resolve_rows(record, rows)
        self.env["service.asset"]._insert_registered(result.good)
        self.env["service.asset.import.line"]._add_refusals(
            record, result.refused, chunk_id=self.id
        )
        self.write(
            {
                "created_count": len(result.good),
                "existing_count": result.existing,
                "refused_count": len(result.refused),
                # What is taken over is in the assets, what is refused in the lines
                "content": False,
            }
        )

    @api.model
    def _resolve_rows(self, record, rows) -> AssetRows:
        """What rows of a file mean; a constant number of queries, nothing is made.

        :param rows: ``[(line, values or the code of what is broken)]``
        """
        targets = {
            column.position: column.target
            for column in record.column_ids
            if column.target
        }
        env = self.with_company(record.company_id).env
        result = AssetRows(env, record, targets)
        result.resolve(rows)
        return result
