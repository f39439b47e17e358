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
        # Together: each product by itself would be read by itself
        products = self.env["product.product"].browse({key[0] for key in promises})
        names = {product.id: product.display_name for product in products}
        spoken = {
            key: self._get_spoken(names[key[0]], promise)
            for key, promise in promises.items()
        }
        starts_of = {
            promise_id: sorted({(line.basis, line.cap) for __, line, __ in lines})
            for promise_id, lines in spoken.values()
        }
        computed, heads = {}, {}
        terms = []
        for row in rows:
            product_id = row["product_id"]
            found = spoken.get((product_id, row.get("company_id")))
            if not found:
                continue
            promise_id, lines = found
            dates = warranty_engine.Dates(
                *(row.get(name) for name in WARRANTY_DATES.values())
            )
            # What the days come to: most rows differ in days, few in these
            starts = tuple(
                warranty_engine.get_begin(basis, cap, dates, today)
                for basis, cap in starts_of[promise_id]
            )
            key = (product_id, promise_id, starts)
            if key not in computed:
                begins = dict(zip(starts_of[promise_id], starts, strict=True))
                computed[key] = self._compute_terms(lines, begins, heads)
            pending, last, tails = computed[key]
            row["warranty_promise_id"] = promise_id
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
    def _get_spoken(self, product_name, promise):
        """(promise id, its lines as ``(key, line, how their terms end)``): the part of
        ``TERM_COLUMNS`` that no day changes."""
        now = self.env.cr.now()
        lines = []
        for key, line in promise._get_lines():
            reason = self.env._(
                "%(product)s: %(months)s months",
                product=product_name,
                months=line.months,
            )
            ending = self._format_row([promise.id, key, "base", reason, now, now])
            lines.append((key, line, ending))
        return promise.id, lines

    @api.model
    def _compute_terms(self, lines, begins, heads):
        """(waiting lines, last covered day, terms) of an asset, each term as its line
        of ``TERM_COLUMNS`` without the asset.

        :param lines: of the promise, see ``_get_spoken``
        :param begins: first day by basis and cap, ``None`` while it is not known
        :param heads: how terms begin, kept for further assets
        """
        waiting, tails, last = [], {}, None
        for key, line, ending in lines:
            start = begins[line.basis, line.cap]
            if (line, start) not in heads:
                term = warranty_engine.begin(line, start)
                component = line.component.key if line.component else ""
                heads[line, start] = term and (
                    f"{term.kind},{component},{term.start},{term.end}",
                    term.end,
                )
            if not heads[line, start]:
                waiting.append(str(key))
                continue
            head, end = heads[line, start]
            tails[head] = f"{head},{ending}"
            last = max(last or end, end)
        return ",".join(waiting) or None, last, list(tails.values())

    @api.model
    def _copy_terms(self, terms):
        if terms:
            self._copy_lines("service_warranty", TERM_COLUMNS, terms)
