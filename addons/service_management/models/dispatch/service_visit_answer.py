import base64

from odoo import api, fields, models

from odoo.addons.service_management.engine import checklist as engine
from odoo.addons.service_management.engine.picture import PictureError, to_jpeg
from odoo.addons.service_management.models.catalog.service_checklist_item import KINDS

# Pixels of a printed photo, a hand's breadth wide: sharp enough on paper, and a report
# of fifty photos stays one that a mailbox takes.
PRINTED_SIDE = 480
# The field that holds the value of each kind; photos are attachments.
VALUE_FIELDS = {
    "yes_no": "value_yes_no",
    "number": "value_number",
    "choice": "value_choice",
    "text": "value_text",
}


class ServiceVisitAnswer(models.Model):
    """The answer to one item of a visit's checklist. Written through the visit, which
    checks it (``service.visit.answer_checklist``)."""

    _name = "service.visit.answer"
    _description = "Visit Answer"
    _order = "visit_id, sequence, id"
    _rec_name = "key"

    visit_id = fields.Many2one(
        "service.visit", required=True, index=True, ondelete="cascade", readonly=True
    )
    key = fields.Char(required=True, readonly=True, help="The item in the version.")
    sequence = fields.Integer(readonly=True)
    kind = fields.Selection(KINDS, required=True, readonly=True)
    value_yes_no = fields.Selection([("yes", "Yes"), ("no", "No")], readonly=True)
    value_number = fields.Float(digits=(16, 4), readonly=True, aggregator="avg")
    value_choice = fields.Char(readonly=True)
    value_text = fields.Text(readonly=True)
    photo_ids = fields.Many2many("ir.attachment", string="Photos", readonly=True)
    signature = fields.Binary(attachment=True, readonly=True)
    remark = fields.Char(readonly=True)
    is_beyond = fields.Boolean(string="Out of Limits", readonly=True)
    date = fields.Datetime(
        string="Given On", readonly=True, default=fields.Datetime.now
    )
    user_id = fields.Many2one("res.users", string="Given By", readonly=True)
    # For readers
    label = fields.Char(compute="_compute_texts", string="Question")
    value = fields.Char(compute="_compute_texts", string="Answer")

    _key_uniq = models.Constraint(
        "UNIQUE (visit_id, key)", "An item of the checklist has one answer."
    )

    @api.depends_context("lang")
    @api.depends("visit_id.checklist_version_id", *VALUE_FIELDS.values(), "photo_ids")
    def _compute_texts(self):
        # sudo: service.checklist.version: who reads the answer may read the question
        for visit, answers in self.sudo().grouped("visit_id").items():
            version = visit.checklist_version_id
            rows = {row["key"]: row for row in version and version._localise() or ()}
            for answer in answers:
                row = rows.get(answer.key)
                answer.label = row["label"] if row else answer.key
                answer.value = answer._get_value_text(row)

    def _get_printed_photos(self) -> list[dict]:
        """``name`` and ``src`` of each photo, small enough to print many; ``src`` is
        empty for what is no picture that can be read."""
        self.ensure_one()
        printed = []
        for photo in self.photo_ids:
            try:
                picture = to_jpeg(photo.raw or b"", PRINTED_SIDE)
                source = f"data:image/jpeg;base64,{base64.b64encode(picture).decode()}"
            except PictureError:
                source = ""
            printed.append({"name": photo.name, "src": source})
        return printed

    def _get_value_text(self, row) -> str:
        self.ensure_one()
        if self.kind == "yes_no":
            labels = dict(self._fields["value_yes_no"]._description_selection(self.env))
            return labels.get(self.value_yes_no, "")
        if self.kind == "number":
            return f"{self.value_number:g} {row['unit'] if row else ''}".strip()
        if self.kind == "choice":
            labels = (
                {choice["key"]: choice["label"] for choice in row["choices"]}
                if (row)
                else {}
            )
            return labels.get(self.value_choice, self.value_choice or "")
        if self.kind == "photo":
            return self.env._("%s photos", len(self.photo_ids))
        if self.kind == "signature":
            return self.env._("Signed")
        return self.value_text or ""

    def _get_value(self):
        """The value as ``engine/checklist.py`` takes it."""
        self.ensure_one()
        if self.kind == "photo":
            return len(self.photo_ids) or None
        if self.kind == "signature":
            return bool(self.signature) or None
        return self[VALUE_FIELDS[self.kind]]

    def _get_answer(self) -> engine.Answer:
        return engine.Answer(self._get_value(), self.remark or "")
