import hashlib
import json

from odoo import api, fields, models
from odoo.tools import SQL


class ServiceChecklist(models.Model):
    """What is to be asked, measured and photographed on a visit.

    A checklist is edited freely; visits work on its versions, which never change, so
    a visit keeps the checklist it began with.
    """

    _name = "service.checklist"
    _description = "Checklist"
    _order = "type_id, category_id, id"

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    type_id = fields.Many2one(
        "service.type",
        string="Service Type",
        required=True,
        index=True,
        ondelete="cascade",
    )
    category_id = fields.Many2one(
        "product.category",
        string="Product Category",
        index="btree_not_null",
        ondelete="cascade",
        help="For products of this category and of those below it, unless one of those "
        "has a checklist of its own. Empty: for every other product.",
    )
    item_ids = fields.One2many("service.checklist.item", "checklist_id", copy=True)
    version_ids = fields.One2many("service.checklist.version", "checklist_id")

    _place_uniq = models.UniqueIndex(
        "(type_id, (COALESCE(category_id, 0))) WHERE active",
        "There is a checklist for this service type and category already. Add to it.",
    )

    def copy_data(self, default=None):
        """A copy waits, archived, until it takes the place of the other."""
        return super().copy_data({"active": False, **(default or {})})

    def copy(self, default=None):
        """Conditions of the copies hang on the copies, not on the items copied."""
        copies = super().copy(default)
        for source, target in zip(self, copies, strict=True):
            items = dict(zip(source.item_ids, target.item_ids, strict=True))
            for item, new in items.items():
                earlier = items.get(item.condition_item_id)
                if not earlier:
                    continue
                choices = dict(
                    zip(
                        item.condition_item_id.choice_ids,
                        earlier.choice_ids,
                        strict=True,
                    )
                )
                choice = choices.get(item.condition_choice_id)
                new.write(
                    {
                        "condition_item_id": earlier.id,
                        "condition_choice_id": choice.id if choice else False,
                    }
                )
        return copies

    def _get_contents(self) -> dict:
        """``{checklist: (digest, content)}`` of what each asks today."""
        contents = {checklist: checklist._prepare_content() for checklist in self}
        return {key: (_digest(content), content) for key, content in contents.items()}

    def _get_versions(self) -> dict:
        """``{checklist: version}`` of what each asks today; a new version is kept
        where it asks something else than before."""
        # sudo: service.checklist.version: kept when it is first needed, by whoever
        versions = self.env["service.checklist.version"].sudo()
        return {
            checklist: versions._keep(checklist, digest, content)
            for checklist, (digest, content) in self._get_contents().items()
        }

    def _prepare_content(self) -> list[dict]:
        """The items as data, texts in every language that is installed."""
        self.ensure_one()
        codes = [code for code, __ in self.env["res.lang"].get_installed()]
        return self.item_ids._prepare_content(codes)


class ServiceChecklistVersion(models.Model):
    """A checklist as it was when visits began with it. Nobody changes it."""

    _name = "service.checklist.version"
    _description = "Checklist Version"
    _order = "checklist_id, id desc"
    _rec_name = "digest"

    checklist_id = fields.Many2one(
        "service.checklist", required=True, index=True, ondelete="restrict"
    )
    digest = fields.Char(required=True, readonly=True)
    content = fields.Json(string="Questions", required=True, readonly=True)
    create_date = fields.Datetime(string="First Used", readonly=True)
    item_count = fields.Integer(compute="_compute_item_count", string="Items")

    _content_uniq = models.Constraint(
        "UNIQUE (checklist_id, digest)",
        "This version of the checklist exists.",
    )

    @api.depends("content")
    def _compute_item_count(self):
        for version in self:
            version.item_count = len(version.content or ())

    @api.model
    def _keep(self, checklist, digest, content):
        """The version with this content. Two transactions that need it at once keep
        one: the second waits, and runs again if it cannot see the first's."""
        known = self.search(
            [("checklist_id", "=", checklist.id), ("digest", "=", digest)], limit=1
        )
        if known:
            return known
        rows = self.env.execute_query(
            SQL(
                """
                INSERT INTO service_checklist_version
                    (checklist_id, digest, content, create_uid, create_date,
                     write_uid, write_date)
                VALUES (%(checklist)s, %(digest)s, %(content)s, %(uid)s, now() at time
                        zone 'UTC', %(uid)s, now() at time zone 'UTC')
                ON CONFLICT (checklist_id, digest)
                DO UPDATE SET digest = EXCLUDED.digest
                RETURNING id
                """,
                checklist=checklist.id,
                digest=digest,
                content=json.dumps(content),
                uid=self.env.uid,
            )
        )
        return self.browse(rows[0][0])

    def _localise(self, lang=None) -> list[dict]:
        """The items with texts in one language, for whoever answers them."""
        self.ensure_one()
        return localise(self.content, lang or self.env.lang or "en_US")


def localise(content, lang) -> list[dict]:
    def pick(texts):
        return texts.get(lang) or texts.get("en_US") or next(iter(texts.values()), "")

    return [
        {
            **row,
            "label": pick(row["label"]),
            "hint": pick(row["hint"]),
            "unit": pick(row["unit"]),
            "choices": [
                {"key": choice["key"], "label": pick(choice["label"])}
                for choice in row["choices"]
            ],
        }
        for row in content
    ]


def _digest(content) -> str:
    text = json.dumps(content, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
