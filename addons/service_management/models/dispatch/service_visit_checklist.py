import base64

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.service_management.engine import checklist as engine
from odoo.addons.service_management.engine.picture import (
    PictureError,
    to_jpeg,
    to_signature,
)
from odoo.addons.service_management.models.catalog.service_checklist import localise

from .service_visit import OPEN_STATES
from .service_visit_answer import VALUE_FIELDS

MAX_PHOTOS = 12
MAX_PICTURE = 14 * 2**20  # base64 of 10 MB


class ServiceVisit(models.Model):
    """The checklist of a visit: which one, its answers, and what is still missing.

    A visit takes the version that is current when it begins: with its first step or
    its first answer. Until then it shows what it would begin with now.
    """

    _inherit = "service.visit"

    checklist_version_id = fields.Many2one(
        "service.checklist.version", readonly=True, index="btree_not_null"
    )
    answer_ids = fields.One2many("service.visit.answer", "visit_id", readonly=True)
    checklist = fields.Json(
        compute="_compute_checklist",
        help="The checklist and its answers for whoever works on the visit: "
        "{version, name, items, answers, missing}.",
    )

    @api.depends("answer_ids", "checklist_version_id", "order_id.type_id")
    @api.depends_context("lang")
    def _compute_checklist(self):
        # sudo: service.visit: who may read the visit may read its checklist
        for visit, data in self.sudo()._get_checklist_data().items():
            visit.checklist = data

    # Which one

    def _find_checklists(self) -> dict:
        """``{visit: checklist}`` that each would begin with now (sudo)."""
        return {
            visit: visit.order_id.type_id._find_checklist(visit.order_id.category_id)
            for visit in self
        }

    def _begin_checklist(self, digest=None):
        """Bind visits that have just begun to what they ask.

        :param str digest: the version that the device showed; kept if it is one of
            the same checklist, so that answers fit what was asked
        """
        begun = self.filtered(lambda visit: not visit.checklist_version_id)
        checklists = begun._find_checklists()
        wanted = begun.env["service.checklist"].union(*checklists.values())
        versions = wanted._get_versions()
        for visit, checklist in checklists.items():
            if not checklist:
                continue
            shown = checklist.version_ids.filtered(
                lambda version: version.digest == digest
            )
            visit.checklist_version_id = shown or versions[checklist]

    def _get_contents(self) -> dict:
        """``{visit: (digest, name, content)}`` of visits that have a checklist; reads
        a checklist once, however many visits ask it."""
        waiting = self.filtered(lambda visit: not visit.checklist_version_id)
        checklists = waiting._find_checklists()
        wanted = waiting.env["service.checklist"].union(*checklists.values())
        today = wanted._get_contents()
        result = {}
        for visit in self:
            version = visit.checklist_version_id
            if version:
                name = version.checklist_id.name
                result[visit] = (version.digest, name, version.content)
            elif checklists.get(visit):
                checklist = checklists[visit]
                digest, content = today[checklist]
                result[visit] = (digest, checklist.name, content)
        return result

    def _get_checklist_data(self) -> dict:
        """``{visit: checklist as plain data in the reader's language}``, ``False``
        for visits without one (sudo)."""
        contents = self._get_contents()
        lang = self.env.lang or "en_US"
        data = {}
        for visit in self:
            if visit not in contents:
                data[visit] = False
                continue
            digest, name, content = contents[visit]
            state = visit._evaluate_checklist(content)
            data[visit] = {
                "version": digest,
                "name": name,
                "items": localise(content, lang),
                "answers": visit._get_answer_values(),
                "missing": [*state.missing, *state.remarks, *state.blocking],
            }
        return data

    def _get_answer_values(self) -> dict:
        self.ensure_one()
        return {
            answer.key: {
                "value": answer._get_value(),
                "remark": answer.remark or "",
                "photos": answer.photo_ids.ids,
            }
            for answer in self.answer_ids
        }

    # What is missing

    def _evaluate_checklist(self, content) -> engine.Evaluation:
        self.ensure_one()
        return engine.evaluate(
            engine.read_items(content),
            {answer.key: answer._get_answer() for answer in self.answer_ids},
        )

    def _needs_checklist(self, vals) -> bool:
        """Whether the work ends with this visit: nobody fills in measurements of a
        machine that waits for a part, or of a door that nobody opened."""
        self.ensure_one()
        outcome = vals.get("outcome", self.outcome)
        return outcome != "not_fixed" and not vals.get(
            "needs_next_visit", self.needs_next_visit
        )

    def _check_checklist(self, vals):
        """Refuse to finish a visit with an item unanswered, each by its name (sudo)."""
        for visit, (__, __, content) in self._get_contents().items():
            if not visit._needs_checklist(vals):
                continue
            state = visit._evaluate_checklist(content)
            if state.is_complete:
                continue
            labels = {
                row["key"]: row["label"]
                for row in localise(content, self.env.lang or "en_US")
            }
            lines = [
                *(labels[key] for key in state.missing),
                *(
                    self.env._(
                        "%(item)s (out of limits: needs a remark)", item=labels[key]
                    )
                    for key in state.remarks
                ),
                *(
                    self.env._(
                        "%(item)s (out of limits: must be put right)", item=labels[key]
                    )
                    for key in state.blocking
                ),
            ]
            raise UserError(
                self.env._(
                    "The checklist of %(visit)s is not complete:\n%(items)s",
                    visit=visit.display_name,
                    items="\n".join(f"- {line}" for line in lines),
                )
            )

    def action_done(self, vals=None, report=None):
        self._check_may_act()
        self._check_visit_state(OPEN_STATES)
        # sudo: service.visit: may act was checked
        self.sudo()._check_checklist(vals or {})
        return super().action_done(vals, report)

    def _note_step(self, kind, report=None):
        self._begin_checklist()
        return super()._note_step(kind, report)

    # Answers

    def answer_checklist(self, key, value, remark=None):
        """Answer an item of the checklist, or take the answer back with no value.

        :return: the checklist as it is then, see the field ``checklist``
        """
        self.ensure_one()
        self._check_may_act()
        # sudo: service.visit: may act was checked; answers are checked by their item
        self.sudo()._answer(key, value, remark)
        self.invalidate_recordset(["checklist"])
        return self.checklist

    def answer_checklist_picture(self, key, data):
        """Add a photo to an item that asks for photos, or sign one that asks for a
        signature.

        :param str data: the picture in base64
        :return: the checklist as it is then
        """
        self.ensure_one()
        self._check_may_act()
        # sudo: service.visit: may act was checked; the picture is written anew
        visit_sudo = self.sudo()
        try:
            content = base64.b64decode(str(data)[:MAX_PICTURE], validate=True)
            if visit_sudo._get_item_kind(key) == "signature":
                signature = base64.b64encode(to_signature(content))
                visit_sudo._answer_signature(key, signature)
            else:
                visit_sudo._answer_photo(key, "photo.jpg", to_jpeg(content))
        except (PictureError, ValueError):
            raise UserError(self.env._("This is not a picture we can read.")) from None
        self.invalidate_recordset(["checklist"])
        return self.checklist

    def _get_item_kind(self, key):
        for __, __, content in self._get_contents().values():
            return next((row["kind"] for row in content if row["key"] == key), None)

    def _answer(self, key, value, remark=None, date=None):
        """Write one answer (sudo, may act was checked)."""
        item, index = self._get_answerable(key)
        try:
            value = engine.read_value(item, value)
        except engine.AnswerError:
            raise UserError(
                self.env._(
                    "%(item)s: this is no answer that can be given here.",
                    item=self._get_item_label(key),
                )
            ) from None
        answer = self.answer_ids.filtered(lambda answer: answer.key == key)
        if value is None:
            answer.unlink()
            return answer.browse()
        vals = {
            VALUE_FIELDS[item.kind]: value,
            "is_beyond": engine.is_beyond(item, value),
            "date": date or fields.Datetime.now(),
            "user_id": self.env.uid,
        }
        if remark is not None:
            vals["remark"] = str(remark).replace("\x00", "").strip()[:500]
        return self._put_answer(item, index, vals)

    def _answer_signature(self, key, signature, date=None):
        """:param signature: PNG in base64, checked by whoever took it; ``False``
        takes it back"""
        item, index = self._get_answerable(key, "signature")
        vals = {"signature": signature, "date": date or fields.Datetime.now()}
        return self._put_answer(item, index, {**vals, "user_id": self.env.uid})

    def _answer_photo(self, key, name, content, date=None):
        """Add a photo, a JPEG that was checked by whoever took it, to an item."""
        item, index = self._get_answerable(key, "photo")
        answer = self.answer_ids.filtered(lambda answer: answer.key == key)
        if len(answer.photo_ids) >= MAX_PHOTOS:
            raise UserError(
                self.env._("There are %s photos already: that is enough.", MAX_PHOTOS)
            )
        vals = {"date": date or fields.Datetime.now(), "user_id": self.env.uid}
        answer = self._put_answer(item, index, vals)
        # It hangs on the answer: who may read that reads it, nobody changes it by
        # hand, and it goes with the answer.
        photo = self.env["ir.attachment"].create(
            {
                "name": name,
                "raw": content,
                "mimetype": "image/jpeg",
                "res_model": answer._name,
                "res_id": answer.id,
            }
        )
        answer.photo_ids |= photo
        return photo

    def _put_answer(self, item, index, vals):
        answer = self.answer_ids.filtered(lambda answer: answer.key == item.key)
        if answer:
            answer.write(vals)
            return answer
        return self.env["service.visit.answer"].create(
            {
                "visit_id": self.id,
                "key": item.key,
                "kind": item.kind,
                "sequence": index,
                **vals,
            }
        )

    def _get_answerable(self, key, kind=None):
        """(item, its place) of an open visit's checklist; the visit begins with it."""
        self.ensure_one()
        self._check_visit_state(OPEN_STATES)
        self._begin_checklist()
        items = engine.read_items(self.checklist_version_id.content or ())
        for index, item in enumerate(items):
            has_own_way = item.kind in ("photo", "signature")
            if item.key == key and (item.kind == kind if kind else not has_own_way):
                return item, index
        raise UserError(self.env._("The checklist of this visit does not ask this."))

    def _get_item_label(self, key) -> str:
        rows = self.checklist_version_id._localise()
        return next((row["label"] for row in rows if row["key"] == key), key)
