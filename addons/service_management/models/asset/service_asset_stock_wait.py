from odoo import api, fields, models
from odoo.fields import Domain

BATCH = 1000


class ServiceAsset(models.Model):
    """Warranties that begin although nobody sold or installed the asset.

    A line with *Months in Stock* begins at the latest so long after manufacture. No
    write tells that this day has come, so it is looked for once a day: lists, filters
    and the customer's page show it then, too.
    """

    _inherit = "service.asset"

    @api.model
    def _cron_begin_warranties(self):
        self.env["service.job"]._run("warranty_begin", self._begin_warranties)

    @api.model
    def _begin_warranties(self):
        ids = self.search(self._get_stock_wait_domain(), order="id").ids
        for start in range(0, len(ids), BATCH):
            assets = self.browse(ids[start : start + BATCH])
            assets._freeze_warranty()
            self.env["ir.cron"]._commit_progress(len(assets))

    @api.model
    def _get_stock_wait_domain(self) -> Domain:
        """Assets with a waiting line whose wait in stock has ended by today."""
        waiting = Domain("warranty_pending", "!=", False) & Domain(
            "manufacture_date", "!=", False
        )
        groups = self._read_group(waiting, ["warranty_promise_id", "warranty_pending"])
        caps_of = {}
        for promise, pending in groups:
            keys = {int(key) for key in pending.split(",")}
            caps_of[promise.id, pending] = [
                line.cap
                for key, line in promise._get_lines()
                if key in keys and line.cap
            ]
        return waiting & self.env["res.company"]._get_today_domain(
            lambda today: Domain.OR(
                Domain("warranty_promise_id", "=", promise_id)
                & Domain("warranty_pending", "=", pending)
                & Domain(
                    "manufacture_date",
                    "<=",
                    fields.Date.subtract(today, months=min(caps)),
                )
                for (promise_id, pending), caps in caps_of.items()
                if caps
            )
        )
