from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command

# In whose name and company rows are taken, and when: never said by hand.
FIXED_FIELDS = {"company_id", "user_id", "state"}


class ServiceSheetMixin(models.AbstractModel):
    """A spreadsheet that somebody sends, read and then imported by its buttons.

    A consumer gains that an import belongs to whoever made it and moves by its buttons
    alone, the columns that were guessed, and the sentences for files and rows that
    cannot be read. It defines ``column_ids`` of a model with
    ``service.sheet.column.mixin``.
    """

    _name = "service.sheet.mixin"
    _description = "Import of a Spreadsheet"

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company, index=True
    )
    user_id = fields.Many2one(
        "res.users",
        string="Imported By",
        required=True,
        readonly=True,
        copy=False,
        default=lambda self: self.env.user,
    )
    file = fields.Binary(required=True, attachment=True)
    file_name = fields.Char()
    state = fields.Selection(
        [
            ("draft", "New"),
            ("ready", "Read"),
            ("running", "Running"),
            ("done", "Done"),
            ("cancelled", "Cancelled"),
        ],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
    )

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        if not self.env.su and any(
            record.user_id != self.env.user
            or record.company_id not in self.env.companies
            or record.state != "draft"
            for record in records
        ):
            self._refuse_fixed()
        return records

    def write(self, vals):
        if FIXED_FIELDS & vals.keys() and not self.env.su:
            self._refuse_fixed()
        return super().write(vals)

    def _refuse_fixed(self):
        raise AccessError(
            self.env._(
                "An import runs in the name and company of whoever made it, by its "
                "buttons. Make another one for another company."
            )
        )

    def _move_to(self, state, **vals):
        """By a button, for those who may write the import."""
        self.check_access("write")
        # sudo: service.sheet.mixin: the buttons alone change the state
        self.sudo().write({"state": state, **vals})

    @api.ondelete(at_uninstall=False)
    def _unlink_except_running(self):
        if any(record.state == "running" for record in self):
            raise UserError(self.env._("Cancel the import before deleting it."))

    def _check_state(self, *states):
        if self.state not in states:
            raise UserError(self.env._("This is not possible now."))

    def _set_columns(self, columns, targets, sample):
        """Keep what the columns are called and what they are taken to mean.

        :param sample: the first row, or what there is of it
        """
        texts = dict(enumerate(sample))
        rows = enumerate(zip(columns, targets, strict=True))
        self.column_ids = [
            Command.clear(),
            *(
                Command.create(
                    {
                        "position": position,
                        "name": name,
                        "target": target,
                        "sample": str(texts.get(position, ""))[:80],
                    }
                )
                for position, (name, target) in rows
            ),
        ]

    # Sentences

    @api.model
    def _get_row_texts(self) -> dict[str, str]:
        return {
            "columns": self.env._("another number of columns than the first line"),
            "quotes": self.env._("a quotation mark is opened and not closed"),
            "nul": self.env._("contains NUL bytes"),
            "encoding": self.env._("is not text in any known encoding"),
        }

    @api.model
    def _explain_file_error(self, error) -> str:
        texts = {
            "empty": self.env._("The file is empty."),
            "damaged": self.env._("The file is damaged: %(value)s"),
            "too_large": self.env._("The file is too large. Split it."),
            "too_many_rows": self.env._("More than %(value)s rows. Split the file."),
            "old_excel": self.env._(
                "Excel files from before 2007 (.xls) are not read: save it as .xlsx."
            ),
            "column_twice": self.env._("Two columns of the file are called %(value)s."),
        }
        return texts[error.code] % {"value": error.value}


class ServiceSheetColumnMixin(models.AbstractModel):
    """What a column of a spreadsheet means. A consumer defines ``import_id`` and
    ``_get_targets``."""

    _name = "service.sheet.column.mixin"
    _description = "Column of a Spreadsheet"
    _order = "position"

    position = fields.Integer(required=True, readonly=True)
    name = fields.Char(string="Column", readonly=True)
    target = fields.Selection(
        selection="_get_targets", string="Means", help="Empty: the column is left out."
    )
    sample = fields.Char(readonly=True)

    @api.model
    def _get_targets(self) -> list[tuple[str, str]]:
        raise NotImplementedError
