from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, format_date

from odoo.addons.service_management.engine import warranty as warranty_engine

# Which field says what the engine calls by these names
WARRANTY_DATES = {
    "install": "install_date",
    "delivery": "delivery_date",
    "sale": "purchase_date",
    "manufacture": "manufacture_date",
}


class ServiceAsset(models.Model):
    """What was promised for an asset.

    1. Registering it keeps the promise: the template of the product, or of the nearest
       category above, as it is that day (``service.warranty.promise``).
    2. A term is frozen from a line of the promise as soon as the day it starts is
       known; until then the line waits. Neither edits of templates, products and
       categories nor later dates move a frozen term.
    3. What was sold in addition comes after it (``service.warranty.extension``).
    4. A new owner ends terms early where the promise says so.
    """

    _inherit = "service.asset"

    warranty_ids = fields.One2many("service.warranty", "asset_id", copy=False)
    warranty_end = fields.Date(
        compute="_compute_warranty_end",
        store=True,
        help="The last day on which anything is covered.",
    )
    warranty_promise_id = fields.Many2one(
        "service.warranty.promise",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        help="What was promised when the asset was registered.",
    )
    warranty_pending = fields.Char(
        string="Waiting Lines",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="The lines of the promise whose first day is not known yet.",
    )
    warranty_waits_for = fields.Char(compute="_compute_warranty_waits_for")
    warranty_extension_ids = fields.One2many(
        "service.warranty.extension", "asset_id", string="Extensions", copy=False
    )
    # With kinds in the archive: what was promised with one still asks for it
    warranty_document_ids = fields.Many2many(
        "service.warranty.document",
        context={"active_test": False},
        string="Documents Shown",
        copy=False,
        help="The documents that the customer has shown; attach their pictures below.",
    )
    warranty_missing = fields.Char(
        string="Documents Missing", compute="_compute_warranty_missing"
    )
    warranty_proof_ids = fields.One2many(
        "service.warranty.proof", "asset_id", string="Documents Handed In", copy=False
    )
    warranty_proofs_waiting = fields.Boolean(
        compute="_compute_warranty_proofs_waiting",
        help="The customer has handed in documents that nobody has looked at yet.",
    )
    warranty_awaits_consent = fields.Boolean(compute="_compute_warranty_awaits_consent")

    # With those that have none: lists are sorted by it
    _warranty_end_idx = models.Index("(warranty_end)")

    @api.depends("warranty_ids.date_end", "warranty_ids.date_cut")
    def _compute_warranty_end(self):
        for asset in self:
            ends = [term.date_cut or term.date_end for term in asset.warranty_ids]
            asset.warranty_end = max(ends, default=False)

    @api.depends("warranty_pending", "warranty_promise_id")
    @api.depends_context("lang")
    def _compute_warranty_waits_for(self):
        bases = dict(
            self.env["service.warranty.template.line"]
            ._fields["basis"]
            ._description_selection(self.env)
        )
        for asset in self:
            waiting = {line.basis for line in asset._get_waiting_lines().values()}
            asset.warranty_waits_for = ", ".join(
                bases[basis] for basis in sorted(waiting)
            )

    @api.depends("warranty_document_ids", "warranty_promise_id")
    @api.depends_context("lang")
    def _compute_warranty_missing(self):
        for asset in self:
            names = asset.warranty_promise_id._get_document_names()
            shown = set(asset.warranty_document_ids.mapped("code"))
            asset.warranty_missing = ", ".join(
                name for code, name in names.items() if code not in shown
            )

    @api.depends("warranty_ids.cut_reason")
    def _compute_warranty_awaits_consent(self):
        for asset in self:
            reasons = asset.warranty_ids.mapped("cut_reason")
            asset.warranty_awaits_consent = "consent" in reasons

    def _compute_warranty_proofs_waiting(self):
        # sudo: service.warranty.proof: that there are some, to whoever reads the asset
        waiting = self.env["service.warranty.proof"].sudo()._find_waiting(self)
        for asset in self:
            asset.warranty_proofs_waiting = asset in waiting

    def _get_document_owners(self):
        """With what was handed in for their warranties."""
        result = super()._get_document_owners()
        if self.env["service.warranty.proof"].has_access("read"):
            result["service.warranty.proof"] = {
                proof.id: proof.asset_id.id for proof in self.warranty_proof_ids
            }
        return result

    def action_view_warranty_proofs(self):
        """What customers have handed in for these assets, what waits first."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "service_management.action_service_warranty_proof"
        )
        return action | {"domain": [("asset_id", "in", self.ids)], "context": {}}

    def write(self, vals):
        if "product_id" in vals:
            # Registered with another product by mistake: nothing was frozen yet
            # sudo: service.asset: the promise follows from the product
            wrong = self.sudo().filtered(lambda asset: not asset.warranty_ids)
            super(ServiceAsset, wrong).write(
                {"warranty_promise_id": False, "warranty_pending": False}
            )
        return super().write(vals)

    def unlink(self):
        # One by one: the database would leave the papers themselves behind
        self.warranty_proof_ids.unlink()
        return super().unlink()

    # Freezing

    def _freeze_warranty(self):
        """Keep what is promised to assets that have no promise yet, and freeze the
        terms whose first day is known.

        For a hundred assets as many queries as for one; the rows are inserted in one
        statement, since most of what the ORM does for each would be undone by nothing.
        """
        # sudo: service.asset, service.warranty: registering an asset grants its terms;
        # only managers may add others
        assets = self.sudo()
        assets._keep_promises()
        assets._freeze_pending()
        extended = assets.warranty_extension_ids.filtered(
            lambda extension: extension.state == "sold" and not extension.warranty_ids
        )
        # After the terms that they extend; one extension after the other
        for extension in extended.sorted(lambda rec: (rec.date, rec.id)):
            if not extension.asset_id.warranty_pending:
                assets._insert_terms(extension.asset_id._extend_terms(extension))

    def _keep_promises(self):  # pylint: disable=missing-return
        """Promise each asset without terms what its product promises today."""
        new = self.filtered(
            lambda asset: (
                asset.product_id
                and not asset.warranty_promise_id
                and not asset.warranty_ids
            )
        )
        by_asset = {}
        for company, assets in new.grouped("company_id").items():
            templates = assets.product_id._get_warranty_templates(company)
            by_asset |= {asset: templates[asset.product_id] for asset in assets}
        templates = self.env["service.warranty.template"].browse(
            {template.id for template in by_asset.values() if template}
        )
        promises = self.env["service.warranty.promise"]._freeze_templates(templates)
        for template, assets in new.grouped(lambda rec: by_asset[rec]).items():
            if not template:
                continue
            promise = promises[template.id]
            keys = ",".join(str(key) for key, __ in promise._get_lines())
            # pylint: disable=super-method-mismatch
            super(ServiceAsset, assets).write(
                {"warranty_promise_id": promise.id, "warranty_pending": keys or False}
            )

    def _get_warranty_dates(self) -> warranty_engine.Dates:
        self.ensure_one()
        return warranty_engine.Dates(
            **{key: self[name] or None for key, name in WARRANTY_DATES.items()}
        )

    def _get_waiting_lines(self) -> dict:
        """Key → line of the promise that waits for its first day."""
        self.ensure_one()
        if not self.warranty_pending:
            return {}
        waiting = {int(key) for key in self.warranty_pending.split(",")}
        lines = self.warranty_promise_id._get_lines()
        return {key: line for key, line in lines if key in waiting}

    def _freeze_pending(self):  # pylint: disable=missing-return
        """Freeze the lines that wait, of those assets whose dates are known now."""
        rows, still = [], {}
        for asset in self.filtered("warranty_pending"):
            today = asset.company_id._get_service_day()
            dates, waiting = asset._get_warranty_dates(), []
            for key, line in asset._get_waiting_lines().items():
                term = warranty_engine.freeze(line, dates, today)
                if term:
                    promise = asset.warranty_promise_id
                    rows.append(asset._prepare_term_row(term, promise, key, line))
                else:
                    waiting.append(str(key))
            pending = ",".join(waiting) or False
            if pending != asset.warranty_pending:
                still.setdefault(pending, []).append(asset.id)
        for pending, ids in still.items():
            # pylint: disable=super-method-mismatch
            super(ServiceAsset, self.browse(ids)).write({"warranty_pending": pending})
        self._insert_terms(rows)

    def _extend_terms(self, extension) -> list[dict]:
        """Values of the terms that ``extension`` adds after those there are."""
        terms = [term._prepare_term() for term in self.warranty_ids]
        rows = []
        for key, line in extension.promise_id._get_lines():
            term = warranty_engine.extend(line, terms, extension.date)
            if term:
                rows.append(
                    self._prepare_term_row(
                        term, extension.promise_id, key, line, extension
                    )
                )
        return rows

    def _prepare_term_row(self, term, promise, key, line, extension=None) -> dict:
        product = extension.product_id if extension else self.product_id
        return {
            "asset_id": self.id,
            "kind": term.kind,
            "component_id": line.component.key if line.component else None,
            "date_start": term.start,
            "date_end": term.end,
            "promise_id": promise.id,
            "line_key": key,
            "extension_id": extension.id if extension else None,
            "source": "extension" if extension else "base",
            "reason": self.env._(
                "%(product)s: %(months)s months",
                product=product.display_name,
                months=line.months,
            ),
        }

    def _insert_terms(self, rows):
        """Insert terms, and say until when their assets are covered."""
        if not rows:
            return
        names = list(rows[0])
        types = {"kind": "varchar", "reason": "varchar", "source": "varchar"}
        types |= dict.fromkeys(("date_start", "date_end"), "date")
        assets = self.env["service.asset"].browse({row["asset_id"] for row in rows})
        # What waits to be written must not come after what is written here
        assets.flush_recordset()
        self.env.execute_query(
            SQL(
                """
                INSERT INTO service_warranty (%(names)s, create_uid, create_date,
                                              write_uid, write_date)
                SELECT row.*, %(uid)s, %(now)s, %(uid)s, %(now)s
                  FROM unnest(%(columns)s) AS row(%(names)s)
                ON CONFLICT DO NOTHING
                RETURNING id
                """,
                names=SQL(", ").join(SQL.identifier(name) for name in names),
                uid=self.env.uid,
                now=self.env.cr.now(),
                columns=SQL(", ").join(
                    SQL(f"%s::{types.get(name, 'int')}[]", [row[name] for row in rows])
                    for name in names
                ),
            )
        )
        self.env.execute_query(
            SQL(
                """
                UPDATE service_asset
                   SET warranty_end = term.last
                  FROM (SELECT asset_id, max(COALESCE(date_cut, date_end)) AS last
                          FROM service_warranty
                         WHERE asset_id = ANY(%(ids)s)
                         GROUP BY asset_id) AS term
                 WHERE service_asset.id = term.asset_id
                RETURNING service_asset.id
                """,
                ids=list(assets.ids),
            )
        )
        assets.invalidate_recordset(["warranty_ids", "warranty_end"], flush=False)
        assets.warranty_extension_ids.invalidate_recordset(
            ["warranty_ids"], flush=False
        )

    # Who owns it now

    def _after_transfer(self, old, new, date):
        """The promise says whether it follows the asset to its new owner."""
        result = super()._after_transfer(old, new, date)
        # sudo: service.warranty: what was promised decides, not who notes the transfer
        for term in self.sudo().warranty_ids.filtered("promise_id"):
            rule, months = term.promise_id._get_transfer()
            cut = warranty_engine.get_cut(rule, months, date)
            if cut:
                term._cut(cut, "consent" if rule == "consent" else "transfer")
        return result

    def action_consent_transfer(self):
        """The warranty goes on for the new owner: we agreed."""
        self.check_access("write")
        if not self.env.user.has_group("service_management.group_service_manager"):
            raise UserError(
                self.env._("Only a service manager lets a warranty go on for others.")
            )
        # sudo: service.warranty: the right was checked above
        terms = self.sudo().warranty_ids.filtered(
            lambda rec: rec.cut_reason == "consent"
        )
        terms.write({"date_cut": False, "cut_reason": False})
        for asset in terms.asset_id:
            asset.message_post(
                body=self.env._("The warranty goes on for the new owner: we agreed.")
            )
        return True

    # The decision

    @api.model
    def _decide_warranties(self, cases) -> list:
        """Decisions by kind for each of ``cases``; a constant number of queries.

        :param cases: (asset, ``engine.warranty.Fault``) pairs
        """
        # sudo: service.warranty, service.warranty.promise: what was promised, to
        # whoever has to decide; each asset as it came, with those read beside it
        return [
            warranty_engine.decide(
                [term._prepare_term() for term in asset.sudo().warranty_ids],
                fault,
                {line.kind for line in asset.sudo()._get_waiting_lines().values()},
            )
            for asset, fault in cases
        ]

    def _decide_warranty(self, fault):
        """Decisions by kind for a fault or its day, as ``engine.warranty.Decision``."""
        self.ensure_one()
        if not isinstance(fault, warranty_engine.Fault):
            fault = warranty_engine.Fault(fault or None, **self._get_warranty_facts())
        return self._decide_warranties([(self, fault)])[0]

    def _get_warranty_facts(self) -> dict:
        """What the asset itself says to ``engine.warranty.Fault``."""
        self.ensure_one()
        return {
            "documents": frozenset(self.sudo().warranty_document_ids.mapped("code")),
            "is_company": self.commercial_partner_id.is_company,
        }

    # In words

    @api.model
    def _describe_warranty(self, reasons) -> str:
        """One sentence a kind, for the person who has to explain the answer.

        :param reasons: what ``engine.warranty.as_data`` gives
        """
        kinds = dict(
            self.env["service.warranty"]
            ._fields["kind"]
            ._description_selection(self.env)
        )
        lines = []
        for reason in reasons:
            text = self._describe_warranty_reason(reason)
            kind = kinds.get(reason.get("kind"))
            lines.append(
                self.env._("%(kind)s: %(reason)s", kind=kind, reason=text)
                if kind
                else text
            )
        return "\n".join(lines)

    @api.model
    def _describe_warranty_reason(self, reason) -> str:
        name = self.env["service.warranty.document"]._read_frozen_name
        start = format_date(self.env, reason.get("start"))
        end = format_date(self.env, reason.get("end"))
        component = name(reason.get("component"))
        text = {
            "covered": self.env._("covered until %s", end),
            "ended": self.env._("ended on %s", end),
            "transferred": self.env._("ended on %s, with the change of the owner", end),
            "not_started": self.env._("starts on %s", start),
            "no_date": self.env._("the date of the fault is missing"),
            "no_start": self.env._(
                "the day on which the warranty starts is not known: complete the dates "
                "of the asset"
            ),
            "no_term": self.env._("nothing was promised"),
            "no_asset": self.env._("No asset was named."),
            "excluded": self.env._("not covered: %s", name(reason.get("exclusion"))),
            "documents": self.env._(
                "covered until %s as soon as the documents are there", end
            ),
            "component": self.env._(
                "not decided: %s, so say in which section the fault is",
                ", ".join(
                    self.env._(
                        "%(component)s is covered until %(day)s",
                        component=name(row["component"]),
                        day=format_date(self.env, row["end"]),
                    )
                    for row in reason.get("open", ())
                ),
            ),
            "other_component": self.env._("only %s was promised", component),
        }[reason["code"]]
        if component and reason["code"] not in ("component", "other_component"):
            text = f"{component}: {text}"
        if reason.get("missing"):
            text = self.env._(
                "%(text)s; to be shown: %(documents)s",
                text=text,
                documents=", ".join(self._get_document_names(reason["missing"])),
            )
        return text

    @api.model
    def _get_document_names(self, codes) -> list:
        # sudo: service.warranty.document: their names are for everybody
        documents = self.env["service.warranty.document"].sudo()
        documents = documents.with_context(active_test=False).search(
            [("code", "in", list(codes))]
        )
        names = dict(
            zip(documents.mapped("code"), documents.mapped("name"), strict=True)
        )
        return [names.get(code, code) for code in codes]
