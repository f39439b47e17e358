import re

from odoo import api, fields, models


def normalise_zip(code: str | None) -> str:
    """A postcode or prefix without blanks and dashes, in capitals.

    >>> normalise_zip("sw1a 1aa")
    'SW1A1AA'
    """
    return re.sub(r"[\s\-]", "", code or "").upper()


class ServiceAreaZip(models.Model):
    """Postcodes that begin like this are in the area; the longest prefix counts."""

    _name = "service.area.zip"
    _description = "Postcode Prefix"
    _order = "prefix, id"
    _rec_name = "prefix"

    prefix = fields.Char(required=True)
    area_id = fields.Many2one(
        "service.area", required=True, index=True, ondelete="cascade"
    )
    country_id = fields.Many2one(
        related="area_id.country_id", store=True, precompute=True
    )

    _prefix_uniq = models.Constraint(
        "UNIQUE (country_id, prefix)",
        "This postcode prefix already belongs to an area of the country.",
    )
    _prefix_idx = models.Index("(prefix)")
    _prefix_not_empty = models.Constraint(
        "CHECK (prefix != '')", "A postcode prefix cannot be empty."
    )

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [
            vals | {"prefix": normalise_zip(vals.get("prefix"))} for vals in vals_list
        ]
        return super().create(vals_list)

    def write(self, vals):
        if "prefix" in vals:
            vals = vals | {"prefix": normalise_zip(vals["prefix"])}
        return super().write(vals)

    @api.model
    def _find_areas(self, addresses):
        """The area of each address by its postcode; see ``service.area._find_many``."""
        area_model = self.env["service.area"]
        codes = [normalise_zip(address.get("zip")) for address in addresses]
        prefixes = {code[:end] for code in codes for end in range(1, len(code) + 1)}
        found = {}
        if prefixes:
            rows = self.search_fetch(
                [("prefix", "in", list(prefixes)), ("area_id.active", "=", True)],
                ["prefix", "area_id", "country_id"],
            )
            for row in rows:
                countries = found.setdefault(row.prefix, {})
                countries[row.country_id] = row.area_id
        return [
            self._get_longest(found, code, address.get("country")) or area_model
            for code, address in zip(codes, addresses, strict=True)
        ]

    @api.model
    def _get_longest(self, found, code, country):
        for end in range(len(code), 0, -1):
            areas = found.get(code[:end], {})
            if country and country in areas:
                return areas[country]
            if not country and len(areas) == 1:
                return next(iter(areas.values()))
        return None
