from odoo import api, fields, models


class ServiceAssetImportLine(models.Model):
    """A reason why a row of a list of assets was refused, and what to do about it."""

    _name = "service.asset.import.line"
    _description = "Refused Row of Assets"
    _order = "line, id"
    _rec_name = "reason"
    _log_access = False

    import_id = fields.Many2one(
        "service.asset.import", required=True, index=True, ondelete="cascade"
    )
    chunk_id = fields.Many2one(
        "service.asset.import.chunk", index="btree_not_null", ondelete="cascade"
    )
    is_sample = fields.Boolean(readonly=True)
    line = fields.Integer(string="Row", required=True, aggregator=None, readonly=True)
    column = fields.Char(readonly=True)
    value = fields.Char(readonly=True)
    code = fields.Char(
        readonly=True, help="The same for rows that are refused for the same cause."
    )
    reason = fields.Char(string="Why", compute="_compute_texts")
    advice = fields.Char(string="What to Do", compute="_compute_texts")
    # Of the first reason of a row: what it said in each column
    row_values = fields.Json(readonly=True)

    @api.depends("code")
    @api.depends_context("lang")
    def _compute_texts(self):
        texts = self._get_texts()
        for line in self:
            line.reason, line.advice = texts.get(line.code, (line.code, False))

    def _get_sentence(self) -> str:
        place = f"{self.column}: " if self.column else ""
        return f"{place}{self.reason} {self.advice or ''}".strip()

    @api.model
    def _get_texts(self) -> dict[str, tuple[str, str]]:
        """Code → what is wrong, and what whoever sent the file can do."""
        rows = self.env["service.asset.import"]._get_row_texts()
        again = self.env._("Correct the row and import it again.")
        return {code: (text, again) for code, text in rows.items()} | {
            "missing": (
                self.env._("Nothing is said."),
                self.env._("Fill the column in."),
            ),
            "too_long": (
                self.env._("The text is too long."),
                self.env._("Shorten it."),
            ),
            "control": (
                self.env._("The text holds signs that cannot be printed."),
                self.env._("Type the value anew."),
            ),
            "not_a_date": (
                self.env._("This is no day."),
                self.env._("Write year, month and day, such as 2026-03-02."),
            ),
            "in_future": (
                self.env._("The day has not come yet."),
                self.env._("Check the year."),
            ),
            "before_made": (
                self.env._("The day is before the product was made."),
                self.env._("Check both days."),
            ),
            "product_unknown": (
                self.env._("No product has this code, barcode or name."),
                self.env._("Make the product first, or correct the code."),
            ),
            "product_many": (
                self.env._("Several products are called so."),
                self.env._("Write the internal reference of the product."),
            ),
            "customer_missing": (
                self.env._("The customer is missing."),
                self.env._("Fill in a reference, phone number, email address or name."),
            ),
            "customer_unknown": (
                self.env._("No customer is known by this."),
                self.env._("Import the customer first, or correct the value."),
            ),
            "customer_many": (
                self.env._("Several customers are known by this."),
                self.env._("Write the reference of the customer."),
            ),
            "site_unknown": (
                self.env._("The customer has no address with this reference."),
                self.env._("Make the address first, or leave the column empty."),
            ),
            "point_unknown": (
                self.env._("No service point has this code or name."),
                self.env._("Correct it, or leave the column empty."),
            ),
            "point_many": (
                self.env._("Several service points are called so."),
                self.env._("Write the code of the service point."),
            ),
            "employee_many": (
                self.env._("Several employees are called so."),
                self.env._("Write the email address of the employee."),
            ),
            "department_many": (
                self.env._("Several departments are called so."),
                self.env._("Leave the column empty, or give one another name."),
            ),
            "employee_unknown": (
                self.env._("No employee has this email address or name."),
                self.env._("Correct it, or leave the column empty."),
            ),
            "department_unknown": (
                self.env._("No department is called so."),
                self.env._("Correct it, or leave the column empty."),
            ),
            "taken": (
                self.env._("It is registered to another customer."),
                self.env._("Change the owner of the asset instead."),
            ),
            "code_taken": (
                self.env._("Another asset has this asset number."),
                self.env._("Give the asset a number of its own."),
            ),
        }

    @api.model
    def _add_refusals(self, record, refused, **vals):
        """Keep why rows were refused.

        :param refused: ``[(line, values, problems)]``, problems of ``asset_sheet``
        """
        names = dict(record.column_ids._get_targets()) | {
            column.target: column.name for column in record.column_ids if column.target
        }
        self.create(
            [
                {
                    "import_id": record.id,
                    "line": line,
                    "column": names.get(problem.field),
                    "value": problem.value,
                    "code": problem.code,
                    "row_values": None if number else values,
                    **vals,
                }
                for line, values, problems in refused
                for number, problem in enumerate(problems)
            ]
        )


class ServiceAssetImportColumn(models.Model):
    """What a column of a list of assets means."""

    _name = "service.asset.import.column"
    _description = "Column of Assets"
    _inherit = ["service.sheet.column.mixin"]

    import_id = fields.Many2one(
        "service.asset.import", required=True, index=True, ondelete="cascade"
    )

    _target_uniq = models.UniqueIndex(
        "(import_id, target) WHERE target IS NOT NULL",
        "Two columns cannot mean the same.",
    )

    def _get_targets(self):
        return [
            ("product", self.env._("Product")),
            ("serial", self.env._("Serial Number")),
            ("code", self.env._("Asset Number")),
            ("customer_ref", self.env._("Customer Reference")),
            ("phone", self.env._("Phone")),
            ("email", self.env._("Email")),
            ("customer_name", self.env._("Customer Name")),
            ("site_ref", self.env._("Reference of the Address")),
            ("place", self.env._("Place on Site")),
            ("manufacture_date", self.env._("Made On")),
            ("purchase_date", self.env._("Purchase Date")),
            ("delivery_date", self.env._("Delivered On")),
            ("install_date", self.env._("Install Date")),
            ("point", self.env._("Installed By")),
            ("employee", self.env._("Used By")),
            ("department", self.env._("Department")),
            ("note", self.env._("Note")),
        ]
