import base64

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.service_management.engine.csv_table import read_table
from odoo.addons.service_management.models.network.service_area_division import (
    AreaImportResult,
    DivisionRow,
)

# Level, field of its file, names the parent's column may have.
DIVISION_FILES = [
    ("province", "province_file", ()),
    ("city", "city_file", ("provincecode", "province_code", "parent_code")),
    ("district", "district_file", ("citycode", "city_code", "parent_code")),
    ("street", "street_file", ("areacode", "area_code", "parent_code")),
]
PREFIX_COLUMNS = ("prefix", "zip", "postcode")
SHOWN_REFUSALS = 100


class ServiceAreaImport(models.TransientModel):
    """Areas from the files of official codes, or from a file of postcode prefixes."""

    _name = "service.area.import"
    _description = "Import Areas"

    kind = fields.Selection(
        [
            ("division", "Administrative Areas"),
            ("zip", "Postcode Prefixes"),
        ],
        string="Import",
        default="division",
        required=True,
    )
    country_id = fields.Many2one(
        "res.country",
        required=True,
        default=lambda self: self.env.company.country_id,
    )
    province_file = fields.Binary(string="Provinces")
    province_filename = fields.Char(string="Name of the Provinces File")
    city_file = fields.Binary(string="Cities")
    city_filename = fields.Char(string="Name of the Cities File")
    district_file = fields.Binary(string="Districts")
    district_filename = fields.Char(string="Name of the Districts File")
    street_file = fields.Binary(string="Streets")
    street_filename = fields.Char(string="Name of the Streets File")
    zip_file = fields.Binary(string="Prefixes")
    zip_filename = fields.Char(string="Name of the Prefixes File")
    # What came of it
    state = fields.Selection(
        [("draft", "Choose Files"), ("done", "Done")], default="draft", required=True
    )
    created = fields.Integer(readonly=True)
    updated = fields.Integer(readonly=True)
    unchanged = fields.Integer(readonly=True)
    refused = fields.Integer(readonly=True)
    refusals = fields.Text(string="Refused Lines", readonly=True)

    def action_import(self):
        self.ensure_one()
        if self.kind == "division":
            results = self._import_division_files()
        else:
            results = self._import_zip_file()
        if not results:
            raise UserError(self.env._("Choose at least one file to import."))
        total = AreaImportResult()
        lines = []
        for label, result in results:
            total += result
            for refusal in result.refusals:
                lines.append(
                    self.env._(
                        "%(file)s, line %(line)s: %(reason)s",
                        file=label,
                        line=refusal.line,
                        reason=self._describe_refusal(refusal),
                    )
                )
        if len(lines) > SHOWN_REFUSALS:
            more = len(lines) - SHOWN_REFUSALS
            lines[SHOWN_REFUSALS:] = [self.env._("… and %s more", more)]
        self.write(
            {
                "state": "done",
                "created": total.created,
                "updated": total.updated,
                "unchanged": total.unchanged,
                "refused": len(total.refusals),
                "refusals": "\n".join(lines),
            }
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Import Areas"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }

    def action_view_areas(self):
        return self.env["ir.actions.act_window"]._for_xml_id(
            "service_management.action_service_area"
            if self.kind == "division"
            else "service_management.action_service_area_zip"
        )

    def _import_division_files(self):
        """``[(label, AreaImportResult)]`` for each file that was chosen."""
        results = []
        for level, name, parent_columns in DIVISION_FILES:
            if not self[name]:
                continue
            label = self[name.replace("_file", "_filename")] or name
            table = self._read_file(self[name], label, {"code", "name"})
            parent_column = next(
                (column for column in parent_columns if column in table.columns), None
            )
            if parent_columns and not parent_column:
                raise UserError(
                    self.env._(
                        "%(file)s: the column %(column)s is missing.",
                        file=label,
                        column=parent_columns[0],
                    )
                )
            result = self.env["service.area"]._import_division(
                self.country_id,
                level,
                [
                    DivisionRow(
                        line,
                        values["code"],
                        values["name"],
                        values[parent_column] if parent_column else "",
                    )
                    for line, values in table.rows
                ],
            )
            result.refusals = table.refusals + result.refusals
            results.append((label, result))
        return results

    def _import_zip_file(self):
        if not self.zip_file:
            return []
        label = self.zip_filename or "zip_file"
        table = self._read_file(self.zip_file, label, set())
        prefix_column = next(
            (column for column in PREFIX_COLUMNS if column in table.columns), None
        )
        if not prefix_column or not {"area_code", "area"} & set(table.columns):
            raise UserError(
                self.env._(
                    "%(file)s needs the columns prefix and area or area_code, and "
                    "may have country.",
                    file=label,
                )
            )
        result = self.env["service.area"]._import_zips(
            self.country_id,
            [
                (line, values | {"prefix": values[prefix_column]})
                for line, values in table.rows
            ],
        )
        result.refusals = table.refusals + result.refusals
        return [(label, result)]

    @api.model
    def _read_file(self, content, label, columns):
        table = read_table(base64.b64decode(content))
        missing = columns - set(table.columns)
        if missing:
            raise UserError(
                self.env._(
                    "%(file)s: the column %(column)s is missing.",
                    file=label,
                    column=", ".join(sorted(missing)),
                )
            )
        return table

    def _describe_refusal(self, refusal) -> str:
        detail = refusal.detail
        reasons = {
            "undecodable": self.env._("the text cannot be read"),
            "quotes": self.env._("a quotation mark is not closed"),
            "columns": self.env._("the line has %s columns", detail),
            "code": self.env._("“%s” is not a code", detail),
            "name": self.env._("the name is missing"),
            "repeated": self.env._("“%s” stands in the file twice", detail),
            "parent": self.env._("there is no area “%s” above it", detail),
            "country": self.env._("there is no country “%s”", detail),
            "prefix": self.env._("the prefix is missing"),
            "area": self.env._("there is no area “%s”", detail),
        }
        return reasons[refusal.reason]
