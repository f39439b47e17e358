from odoo import api, fields, models
from odoo.exceptions import ValidationError

KINDS = [
    ("yes_no", "Yes or No"),
    ("number", "Measured Number"),
    ("choice", "Choice"),
    ("text", "Text"),
    ("photo", "Photo"),
    ("signature", "Signature"),
]
BEYOND = [
    ("mark", "Mark It"),
    ("remark", "Ask for a Remark"),
    ("block", "Keep From Finishing"),
]
OPERATORS = [
    ("yes", "Is Yes"),
    ("no", "Is No"),
    ("is", "Is"),
    ("is_not", "Is Not"),
    ("above", "Is Above"),
    ("below", "Is Below"),
    ("beyond", "Is Out of Its Limits"),
    ("answered", "Is Answered"),
]
# The operators that an item of each kind can be asked about with.
OPERATORS_BY_KIND = {
    "yes_no": ("yes", "no", "answered"),
    "number": ("above", "below", "beyond", "answered"),
    "choice": ("is", "is_not", "answered"),
}


class ServiceChecklistItem(models.Model):
    """One question, measurement, photo or signature of a checklist."""

    _name = "service.checklist.item"
    _description = "Checklist Item"
    _order = "checklist_id, sequence, id"

    checklist_id = fields.Many2one(
        "service.checklist", required=True, index=True, ondelete="cascade"
    )
    sequence = fields.Integer(default=10)
    name = fields.Char(string="Question", required=True, translate=True)
    hint = fields.Char(
        translate=True, help="How to measure it or what to look at, shown below it."
    )
    kind = fields.Selection(KINDS, required=True, default="yes_no")
    is_required = fields.Boolean(
        string="Required", default=True, help="The visit cannot be finished without it."
    )
    # Numbers
    unit = fields.Char(translate=True)
    has_minimum = fields.Boolean(string="At Least")
    minimum = fields.Float(digits=(16, 4))
    has_maximum = fields.Boolean(string="At Most")
    maximum = fields.Float(digits=(16, 4))
    beyond = fields.Selection(
        BEYOND,
        string="Out of Limits",
        required=True,
        default="mark",
        help="What a number out of its limits does.",
    )
    # Choices
    choice_ids = fields.One2many("service.checklist.choice", "item_id", copy=True)
    # Asked only if
    condition_item_id = fields.Many2one(
        "service.checklist.item",
        string="Asked Only If",
        index="btree_not_null",
        ondelete="set null",
        copy=False,
        domain="[('checklist_id', '=', checklist_id), "
        "('kind', 'in', ('yes_no', 'number', 'choice'))]",
        help="An earlier item on whose answer this one hangs.",
    )
    condition_kind = fields.Selection(
        related="condition_item_id.kind", string="Kind of the Earlier Item"
    )
    condition_operator = fields.Selection(OPERATORS)
    condition_choice_id = fields.Many2one(
        "service.checklist.choice",
        ondelete="set null",
        index="btree_not_null",
        copy=False,
        domain="[('item_id', '=', condition_item_id)]",
    )
    condition_number = fields.Float(digits=(16, 4))

    _limits_in_order = models.Constraint(
        "CHECK (NOT (has_minimum AND has_maximum) OR minimum <= maximum)",
        "The lower limit must not be above the upper one.",
    )

    @api.constrains("kind", "choice_ids")
    def _check_choices(self):
        for item in self:
            if item.kind == "choice" and len(item.choice_ids) < 2:
                raise ValidationError(
                    self.env._(
                        "%(item)s: give at least two answers to choose from.",
                        item=item.name,
                    )
                )

    @api.constrains(
        "sequence",
        "checklist_id",
        "kind",
        "condition_item_id",
        "condition_operator",
        "condition_choice_id",
    )
    def _check_condition(self):
        """Items hang on earlier ones: so no circle, and no question that waits for
        an answer that comes after it. Moving an item concerns those that hang on it."""
        order = {
            item: index
            for checklist in self.checklist_id
            for index, item in enumerate(
                checklist.item_ids.sorted(lambda item: (item.sequence, item.id))
            )
        }
        for item in self.checklist_id.item_ids:
            earlier = item.condition_item_id
            if earlier and order.get(earlier, len(order)) >= order[item]:
                raise ValidationError(
                    self.env._(
                        "%(item)s can only hang on an item that stands before it in "
                        "the same checklist.",
                        item=item.name,
                    )
                )
            if earlier and not item._has_whole_condition():
                raise ValidationError(
                    self.env._(
                        "%(item)s: say which answer to '%(earlier)s' it is asked for.",
                        item=item.name,
                        earlier=earlier.name,
                    )
                )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_asked_about(self):
        left = self.checklist_id.item_ids.filtered("condition_item_id") - self
        for item in left:
            if item.condition_item_id in self:
                raise ValidationError(
                    self.env._(
                        "'%(item)s' hangs on the answer to '%(earlier)s'. Change that "
                        "first.",
                        item=item.name,
                        earlier=item.condition_item_id.name,
                    )
                )

    def _has_whole_condition(self) -> bool:
        self.ensure_one()
        earlier, operator = self.condition_item_id, self.condition_operator
        if operator not in OPERATORS_BY_KIND.get(earlier.kind, ()):
            return False
        if operator in ("is", "is_not"):
            return self.condition_choice_id in earlier.choice_ids
        return True

    def _prepare_content(self, langs) -> list[dict]:
        """The items as plain data, see ``engine/checklist.py``; texts by language."""
        texts = {
            lang: {
                item.id: {
                    "label": item.name,
                    "hint": item.hint or "",
                    "unit": item.unit or "",
                    "choices": item.choice_ids.mapped("name"),
                }
                for item in self.with_context(lang=lang)
            }
            for lang in langs
        }
        return [
            {
                "key": item._get_key(),
                "kind": item.kind,
                "label": {lang: texts[lang][item.id]["label"] for lang in langs},
                "hint": {lang: texts[lang][item.id]["hint"] for lang in langs},
                "unit": {lang: texts[lang][item.id]["unit"] for lang in langs},
                "required": item.is_required,
                "minimum": item.minimum if item._has_limit("minimum") else None,
                "maximum": item.maximum if item._has_limit("maximum") else None,
                "beyond": item.beyond,
                "choices": [
                    {
                        "key": choice._get_key(),
                        "label": {
                            lang: texts[lang][item.id]["choices"][index]
                            for lang in langs
                        },
                    }
                    for index, choice in enumerate(item.choice_ids)
                ]
                if item.kind == "choice"
                else [],
                "condition": item._prepare_condition(),
            }
            for item in self
        ]

    def _has_limit(self, name) -> bool:
        return self.kind == "number" and self[f"has_{name}"]

    def _get_key(self) -> str:
        return f"i{self.id}"

    def _prepare_condition(self):
        self.ensure_one()
        if not self.condition_item_id:
            return None
        operator, value = self.condition_operator, None
        if operator in ("yes", "no"):
            operator, value = "is", operator
        elif operator in ("is", "is_not"):
            value = self.condition_choice_id._get_key()
        elif operator in ("above", "below"):
            value = self.condition_number
        return {
            "key": self.condition_item_id._get_key(),
            "operator": operator,
            "value": value,
        }


class ServiceChecklistChoice(models.Model):
    """An answer to choose."""

    _name = "service.checklist.choice"
    _description = "Checklist Choice"
    _order = "item_id, sequence, id"

    item_id = fields.Many2one(
        "service.checklist.item", required=True, index=True, ondelete="cascade"
    )
    sequence = fields.Integer(default=10)
    name = fields.Char(string="Answer", required=True, translate=True)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_asked_about(self):
        asking = self.item_id.checklist_id.item_ids.filtered(
            lambda item: item.condition_choice_id in self
        )
        if asking - self.item_id:
            raise ValidationError(
                self.env._(
                    "'%(item)s' is asked for this answer. Change that first.",
                    item=asking[0].name,
                )
            )

    def _get_key(self) -> str:
        return f"c{self.id}"
