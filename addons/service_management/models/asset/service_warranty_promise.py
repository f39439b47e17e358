import hashlib
import json

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, ormcache

from odoo.addons.service_management.engine import warranty as warranty_engine


class ServiceWarrantyPromise(models.Model):
    """A warranty template as it was when somebody was promised it.

    Never changed: assets that were promised the same share a row, found by the digest
    of its values. A hundred thousand assets of one product cost one promise.
    """

    _name = "service.warranty.promise"
    _description = "Warranty Promise"
    _order = "id desc"

    name = fields.Char(required=True, readonly=True)
    template_id = fields.Many2one(
        "service.warranty.template",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    digest = fields.Char(required=True, readonly=True)
    data = fields.Json(
        string="Terms",
        readonly=True,
        help="Everything that was promised, with the names of that time.",
    )
    create_date = fields.Datetime(string="First Promised On")
    text = fields.Text(string="In Words", compute="_compute_text")

    _digest_uniq = models.Constraint(
        "UNIQUE (digest)", "The same promise is kept once."
    )

    @api.depends("data")
    @api.depends_context("lang")
    def _compute_text(self):
        line_model = self.env["service.warranty.template.line"]
        kinds = dict(line_model._fields["kind"]._description_selection(self.env))
        bases = dict(line_model._fields["basis"]._description_selection(self.env))
        name = self.env["service.warranty.document"]._read_frozen_name
        for promise in self:
            texts = []
            for line in promise.data["lines"]:
                excluded = [name(row["name"]) for row in line["exclusions"]]
                component = line["component"]
                texts += [
                    self.env._(
                        "%(what)s: %(months)s months",
                        what=" · ".join(
                            part
                            for part in (
                                kinds.get(line.get("kind")),
                                component and name(component["name"]),
                                bases.get(line.get("basis")),
                            )
                            if part
                        ),
                        months=line.get("months", 0),
                    ),
                    self.env._("Not covered: %s", ", ".join(excluded))
                    if excluded
                    else "",
                ]
            needed = list(promise._get_document_names().values())
            if needed:
                texts.append(self.env._("To be shown: %s", ", ".join(needed)))
            promise.text = "\n".join(text for text in texts if text)

    def write(self, vals):
        if vals.keys() - {"template_id"}:
            raise UserError(
                self.env._(
                    "What was promised is never changed. Change the warranty template: "
                    "it applies to assets that are registered from now on."
                )
            )
        return super().write(vals)

    @api.model
    def _freeze_templates(self, templates) -> dict:
        """Template → the promise with its values of now; new ones in one statement."""
        rows = {}
        for template in templates:
            data = template._prepare_promise_data()
            text = json.dumps(data, sort_keys=True, ensure_ascii=False)
            digest = hashlib.sha256(text.encode()).hexdigest()
            rows[template.id] = (digest, data["name"], text)
        return self._keep(rows)

    @api.model
    def _freeze_component(self, component):
        """The promise of a term for ``component`` that somebody adds by hand."""
        data = {
            "template": False,
            "name": component.name,
            "documents": [],
            "strict": False,
            "transfer": "follows",
            "transfer_months": 0,
            "lines": [
                {"component": component._prepare_frozen_vals(), "exclusions": []}
            ],
        }
        text = json.dumps(data, sort_keys=True, ensure_ascii=False)
        digest = hashlib.sha256(text.encode()).hexdigest()
        return self._keep({False: (digest, component.name, text)})[False]

    @api.model
    def _keep(self, rows) -> dict:
        """Template id (or ``False``) → promise, for (digest, name, data as text)."""
        if not rows:
            return {}
        digests = [digest for digest, __, __ in rows.values()]
        known = self._find(digests)
        new = {key: row for key, row in rows.items() if row[0] not in known}
        if new:
            # Two who promise the same at once: the second waits and runs again
            self.env.execute_query(
                SQL(
                    """
                    INSERT INTO service_warranty_promise
                        (digest, name, data, template_id, create_uid, create_date,
                         write_uid, write_date)
                    SELECT digest, name, data::jsonb, template, %(uid)s, %(now)s,
                           %(uid)s, %(now)s
                      FROM unnest(%(digests)s, %(names)s, %(data)s,
                                  %(templates)s::int[])
                        AS row(digest, name, data, template)
                    ON CONFLICT (digest) DO NOTHING
                    RETURNING id
                    """,
                    uid=self.env.uid,
                    now=self.env.cr.now(),
                    digests=[row[0] for row in new.values()],
                    names=[row[1] for row in new.values()],
                    data=[row[2] for row in new.values()],
                    templates=[key or None for key in new],
                )
            )
            known = self._find(digests)
        return {key: known[row[0]] for key, row in rows.items()}

    def _find(self, digests) -> dict:
        promises = self.search_fetch([("digest", "in", digests)], ["digest", "data"])
        return {promise.digest: promise for promise in promises}

    # What it says

    # A promise never changes: what was read of it once stays right in any worker

    @ormcache("self.id")
    def _get_lines(self) -> tuple:
        """(key, ``engine.warranty.Line``) of what was promised."""
        self.ensure_one()
        return tuple(
            (
                key,
                warranty_engine.Line(
                    line["kind"],
                    line["months"],
                    line["basis"],
                    line["cap"],
                    _read_component(line["component"]),
                ),
            )
            for key, line in enumerate(self.data["lines"])
        )

    @ormcache("self.id")
    def _get_transfer(self) -> tuple:
        """(rule, months) of what happens to it when the asset has a new owner."""
        self.ensure_one()
        return self.data["transfer"], self.data["transfer_months"]

    @ormcache("self.id", "key")
    def _get_term_values(self, key) -> dict:
        """What ``engine.warranty.Term`` takes from line ``key`` beside its dates."""
        self.ensure_one()
        line = self.data["lines"][key]
        return {
            "component": _read_component(line["component"]),
            "exclusions": tuple(
                warranty_engine.Exclusion(
                    row["code"],
                    row["scope"],
                    frozenset(row["faults"]),
                    frozenset(row["categories"]),
                    row["companies"],
                    row["name"],
                )
                for row in line["exclusions"]
            ),
            "documents": tuple(row["code"] for row in self.data["documents"]),
            "strict": self.data["strict"],
        }

    def _get_document_names(self) -> dict:
        """Code → name of the documents that were asked for."""
        return {
            row["code"]: self.env["service.warranty.document"]._read_frozen_name(
                row["name"]
            )
            for promise in self
            for row in promise.data["documents"]
        }


def _read_component(data):
    if not data:
        return None
    return warranty_engine.Component(
        data["id"],
        frozenset(data["sections"]),
        frozenset(data["categories"]),
        data["name"],
    )
