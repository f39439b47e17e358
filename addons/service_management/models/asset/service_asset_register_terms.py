from odoo import api, fields, models

from odoo.addons.service_management.engine import warranty as warranty_engine
from odoo.addons.service_management.models.asset.service_asset_warranty import (
    WARRANTY_DATES,
)

TERM_COLUMNS = (
    "asset_id",
    "kind",
    "component_id",
    "date_start",
    "date_end",
    "promise_id",
    "line_key",
    "source",
    "reason",
    "create_date",
    "write_date",
)


class ServiceAsset(models.Model):
    """What ``_freeze_warranty`` does for assets there are, for those to be inserted.

    The same promises and the same engine, without a record for each asset: the terms
    of two assets with the same product and days are computed, and put into words for
    the database, once.

    Who made a term is who made its asset, so the terms do not say it again: looking up
    six keys of users cost a quarter of what registering an asset did.
    """

    _inherit = "service.asset"

    @api.model
    def _promise_rows(self, rows) -> list[str]:
        """Note in ``rows`` what is promised; the terms, as lines of ``TERM_COLUMNS``.

        :param rows: dictionaries of ``REGISTER_COLUMNS`` with the ``id`` to be
        """
        today = fields.Date.context_today(self)
        promises = self._find_promises(rows)
        lines = {promise: promise._get_lines() for promise in {*promises.values()}}
        computed, endings = {}, {}
        terms = []
        for row in rows:
            promise = promises.get((row["product_id"], row.get("company_id")))
            if not promise:
                continue
            days = tuple(row.get(name) for name in WARRANTY_DATES.values())
            key = (row["product_id"], promise.id, days)
            if key not in computed:
                computed[key] = self._compute_terms(
                    row["product_id"], promise, lines[promise], days, today, endings
                )
            pending, last, tails = computed[key]
            row["warranty_promise_id"] = promise.id
            row["warranty_pending"] = pending
            row["warranty_end"] = last
            terms += [f"{row['id']},{tail}" for tail in tails]
        return terms

    @api.model
    def _find_promises(self, rows) -> dict:
        """(product id, company id) → what the product promises today."""
        products = {}
        for row in rows:
            products.setdefault(row.get("company_id"), set()).add(row["product_id"])
        templates = {}
        for company_id, ids in products.items():
            company = self.env["res.company"].browse(company_id)
            found = self.env["product.product"].browse(ids)
            for product, template in found._get_warranty_templates(company).items():
                templates[product.id, company_id] = template
        model = self.env["service.warranty.template"]
        # sudo: service.warranty.template, .promise: registering an asset promises
        promises = (
            self.env["service.warranty.promise"]
            .sudo()
            ._freeze_templates(
                model.sudo().browse({one.id for one in templates.values() if one})
            )
        )
        return {
            key: promises[template.id]
            for key, template in templates.items()
            if template
        }

    @api.model
    def _compute_terms(self, product_id, promise, lines, days, today, endings):
        """(waiting lines, last covered day, terms) of an asset, each term as its line
        of ``TERM_COLUMNS`` without the asset.

        :param lines: of the promise, see ``_get_lines``
        :param endings: what terms end with by product, promise and line, kept for
            further assets
        """
        dates = warranty_engine.Dates(**dict(zip(WARRANTY_DATES, days, strict=True)))
        product = self.env["product.product"].browse(product_id)
        waiting, tails, last = [], {}, None
        for key, line in lines:
            term = warranty_engine.freeze(line, dates, today)
            if not term:
                waiting.append(str(key))
                continue
            if (product_id, promise.id, key) not in endings:
                reason = self.env._(
                    "%(product)s: %(months)s months",
                    product=product.display_name,
                    months=line.months,
                )
                now = self.env.cr.now()
                endings[product_id, promise.id, key] = self._format_row(
                    [promise.id, key, "base", reason, now, now]
                )
            component = line.component.key if line.component else ""
            head = f"{term.kind},{component},{term.start},{term.end}"
            tails[head] = f"{head},{endings[product_id, promise.id, key]}"
            last = max(last or term.end, term.end)
        return ",".join(waiting) or None, last, list(tails.values())

    @api.model
    def _copy_terms(self, terms):
        if terms:
            self._copy_lines("service_warranty", TERM_COLUMNS, terms)
