from dataclasses import dataclass, field

from odoo import api, models

from odoo.addons.service_management.engine.csv_table import Refusal
from odoo.addons.service_management.models.network.service_area_zip import normalise_zip

BATCH_SIZE = 5000


@dataclass
class AreaImportResult:
    """What an import did; ``refusals`` are the lines it did not take."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    refusals: list[Refusal] = field(default_factory=list)

    def refuse(self, line, reason, detail=""):
        self.refusals.append(Refusal(line, reason, detail))

    def __iadd__(self, other):
        self.created += other.created
        self.updated += other.updated
        self.unchanged += other.unchanged
        self.refusals += other.refusals
        return self


@dataclass(frozen=True)
class DivisionRow:
    line: int
    code: str
    name: str
    parent_code: str = ""


class ServiceArea(models.Model):
    _inherit = "service.area"

    @api.model
    def _import_division(self, country, level, rows):
        """Create or correct the areas of one level from their official codes.

        Rows are compared with what is there: the same file again changes nothing.
        Parents must be there already, so levels come from the largest to the
        smallest. A refused row (``code``, ``name``, ``repeated``, ``parent``) does
        not stop the others.

        :param rows: ``DivisionRow`` objects
        :return: ``AreaImportResult``
        """
        result = AreaImportResult()
        areas = self.with_context(active_test=False).search_fetch(
            [("country_id", "=", country.id), ("code", "!=", False)],
            ["code", "name", "level", "parent_id"],
        )
        by_code = {area.code: area for area in areas}
        seen = set()
        vals_list = []
        for row in rows:
            reason = self._get_division_refusal(row, level, seen, by_code)
            seen.add(row.code)
            if reason:
                result.refuse(row.line, *reason)
                continue
            vals = {
                "name": row.name,
                "level": level,
                "parent_id": by_code[row.parent_code].id if row.parent_code else False,
            }
            area = by_code.get(row.code)
            if not area:
                # With the keys given, the area need not be made twice, once in memory
                # to compute them: a third of the time.
                keys = self._prepare_name_keys(row.name, level)
                vals_list.append(
                    vals | keys | {"code": row.code, "country_id": country.id}
                )
            elif area._differs(vals):
                area.write(vals)
                result.updated += 1
            else:
                result.unchanged += 1
        for start in range(0, len(vals_list), BATCH_SIZE):
            self.create(vals_list[start : start + BATCH_SIZE])
        result.created = len(vals_list)
        return result

    @api.model
    def _get_division_refusal(self, row, level, seen, by_code):
        """``(reason, detail)`` or nothing."""
        if not row.code.isalnum():
            return "code", row.code
        if not row.name:
            return ("name",)
        if row.code in seen:
            return "repeated", row.code
        if level != "province" and (
            not row.parent_code
            or row.parent_code == row.code
            or row.parent_code not in by_code
        ):
            return "parent", row.parent_code
        return None

    def _differs(self, vals) -> bool:
        self.ensure_one()
        return any(
            self._fields[name].convert_to_write(self[name], self) != value
            for name, value in vals.items()
        )

    @api.model
    def _import_zips(self, country, rows):
        """Assign postcode prefixes to areas, which are made where they are missing.

        An area is found by its code, else by its name where only one is called so.
        Refusals: ``country``, ``prefix``, ``repeated``, ``area``.

        :param country: for rows that name none
        :param rows: ``(line, {"country", "prefix", "area_code", "area"})``
        :return: ``AreaImportResult``
        """
        result = AreaImportResult()
        rows = self._check_zip_rows(country, rows, result)
        self._create_postal_areas(rows)
        zip_model = self.env["service.area.zip"]
        existing = {
            (rec.country_id, rec.prefix): rec
            for rec in zip_model.search_fetch(
                [("prefix", "in", [row["prefix"] for row in rows])],
                ["prefix", "area_id", "country_id"],
            )
        }
        vals_list = []
        for row in rows:
            record = existing.get((row["country"], row["prefix"]))
            if not record:
                vals_list.append({"prefix": row["prefix"], "area_id": row["area"].id})
            elif record.area_id != row["area"]:
                record.area_id = row["area"]
                result.updated += 1
            else:
                result.unchanged += 1
        for start in range(0, len(vals_list), BATCH_SIZE):
            zip_model.create(vals_list[start : start + BATCH_SIZE])
        result.created = len(vals_list)
        return result

    @api.model
    def _check_zip_rows(self, country, rows, result):
        """Rows that can be taken, with records instead of words."""
        codes = {values.get("country", "").upper() for _line, values in rows} - {""}
        countries = {
            rec.code: rec
            for rec in self.env["res.country"].search([("code", "in", list(codes))])
        }
        areas = self._get_named_areas(rows)
        checked, seen = [], set()
        for line, values in rows:
            code = values.get("country", "").upper()
            row_country = countries.get(code) if code else country
            prefix = normalise_zip(values.get("prefix"))
            names = values.get("area_code", ""), values.get("area", "")
            if not row_country:
                result.refuse(line, "country", code)
            elif not prefix:
                result.refuse(line, "prefix")
            elif (row_country, prefix) in seen:
                result.refuse(line, "repeated", prefix)
            else:
                seen.add((row_country, prefix))
                found = areas.get((row_country, "code", names[0])) or areas.get(
                    (row_country, "name", names[1])
                )
                if not names[1] and not found:
                    result.refuse(line, "area", names[0])
                    continue
                checked.append(
                    {
                        "country": row_country,
                        "prefix": prefix,
                        "area": found,
                        "names": names,
                    }
                )
        return checked

    @api.model
    def _get_named_areas(self, rows):
        """``{(country, "code" or "name", value): area}``; equal names are left out."""
        codes = {values.get("area_code", "") for _line, values in rows} - {""}
        names = {values.get("area", "") for _line, values in rows} - {""}
        found, doubled = {}, set()
        for area in self.with_context(active_test=False).search_fetch(
            ["|", ("code", "in", list(codes)), ("name", "in", list(names))],
            ["code", "name", "country_id", "active"],
        ):
            # Codes are unique among archived areas, too; names are those in use
            found[area.country_id, "code", area.code] = area
            if not area.active:
                continue
            key = (area.country_id, "name", area.name)
            if key in found:
                doubled.add(key)
            found[key] = area
        return {key: area for key, area in found.items() if key not in doubled}

    @api.model
    def _create_postal_areas(self, rows):
        """Make one postal area for each name or code that is not there yet."""
        missing = {}
        for row in rows:
            if not row["area"]:
                code, name = row["names"]
                missing.setdefault(
                    (row["country"], code or name),
                    {
                        "name": name,
                        "code": code or False,
                        "level": "postal",
                        "country_id": row["country"].id,
                    },
                )
        areas = dict(zip(missing, self.create(list(missing.values())), strict=True))
        for row in rows:
            if not row["area"]:
                code, name = row["names"]
                row["area"] = areas[row["country"], code or name]
