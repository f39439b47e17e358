from odoo import api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.service_management.engine import area_text

AREA_LEVELS = [
    ("province", "Province / State"),
    ("city", "City"),
    ("district", "District / County"),
    ("street", "Street / Town"),
    ("postal", "Postal Area"),
]


class ServiceArea(models.Model):
    """A piece of the map in the tree of administrative areas.

    An address is in the area of its postcode prefix, and in the one its text names
    (see ``engine.area_text`` for how a text is read).
    """

    _name = "service.area"
    _description = "Service Area"
    _order = "code, name, id"
    _parent_store = True
    _rec_names_search = ["name", "code"]

    name = fields.Char(required=True, index="trigram")
    code = fields.Char(index=True, help="The official code, unique in its country.")
    level = fields.Selection(AREA_LEVELS, required=True, default="city")
    country_id = fields.Many2one(
        "res.country",
        required=True,
        index=True,
        default=lambda self: self.env.company.country_id,
    )
    parent_id = fields.Many2one(
        "service.area",
        string="Part Of",
        index=True,
        ondelete="restrict",
        domain="[('country_id', '=', country_id)]",
    )
    parent_path = fields.Char(index=True)
    child_ids = fields.One2many("service.area", "parent_id", string="Areas Within")
    zip_ids = fields.One2many(
        "service.area.zip", "area_id", string="Postcode Prefixes", copy=False
    )
    latitude = fields.Float(digits=(10, 7))
    longitude = fields.Float(digits=(10, 7))
    active = fields.Boolean(default=True)
    # What a text is searched for
    name_key = fields.Char(compute="_compute_name_keys", store=True, precompute=True)
    short_key = fields.Char(compute="_compute_name_keys", store=True, precompute=True)

    _code_uniq = models.UniqueIndex(
        "(country_id, code) WHERE code IS NOT NULL AND code != ''",
        "There is already an area with this code in the country.",
    )
    _name_key_idx = models.Index("(name_key)")
    _short_key_idx = models.Index("(short_key) WHERE short_key IS NOT NULL")
    _coordinates_on_earth = models.Constraint(
        "CHECK (latitude BETWEEN -90 AND 90 AND longitude BETWEEN -180 AND 180)",
        "Latitude lies between -90 and 90, longitude between -180 and 180.",
    )

    @api.depends("name", "level")
    def _compute_name_keys(self):
        for area in self:
            area.update(self._prepare_name_keys(area.name, area.level))

    @api.model
    def _prepare_name_keys(self, name, level) -> dict:
        return {
            "name_key": area_text.normalise(name or "") or False,
            "short_key": area_text.shorten(name or "", level) or False,
        }

    @api.depends("name", "parent_path")
    def _compute_display_name(self):
        paths = {area: area._get_path_ids() for area in self}
        # One read for the ancestors of all, however deep they lie.
        self.browse({key for path in paths.values() for key in path}).fetch(["name"])
        for area in self:
            names = self.browse(paths[area]).mapped("name") or [area.name or ""]
            # A level that only repeats the one above is left out (东莞市 / 东莞市).
            area.display_name = " / ".join(
                name
                for above, name in zip(["", *names], names, strict=False)
                if name not in area_text.FILLER_NAMES and name != above
            )

    @api.constrains("parent_id", "country_id")
    def _check_parent_id(self):
        if self._has_cycle():
            raise ValidationError(
                self.env._("An area cannot be, through its parents, part of itself.")
            )
        for area in self:
            if area.parent_id and area.parent_id.country_id != area.country_id:
                raise ValidationError(
                    self.env._(
                        "%(area)s and the area it is part of must be in the same "
                        "country.",
                        area=area.name,
                    )
                )

    def _get_path_ids(self) -> list[int]:
        """Ids from the root down to this area."""
        self.ensure_one()
        return [int(key) for key in (self.parent_path or "").split("/") if key]

    # Which area an address is in

    @api.model
    def _find(self, country=None, zip=None, code=None, text=None):  # noqa: A002
        """The area of one address; see ``_find_many``."""
        return self._find_many(
            [{"country": country, "zip": zip, "code": code, "text": text}]
        )[0]

    @api.model
    def _find_many(self, addresses):
        """The area of each address, empty where it cannot be told.

        1. An area code decides.
        2. Else the longest postcode prefix decides; where the text names an area
           within that one, the smaller area is the answer.
        3. Else what the text says.

        Three queries at most, and three for reading, whatever the number of
        addresses.

        :param addresses: dicts with ``country`` (record, may be empty: every
            country), ``zip``, ``code`` and ``text``, each optional
        :return: list of areas in the order of the addresses
        """
        by_code = self._find_by_code(addresses)
        by_zip = self.env["service.area.zip"]._find_areas(addresses)
        by_text = self._find_by_text(addresses)
        return [
            coded or self._get_smaller(zipped, named)
            for coded, zipped, named in zip(by_code, by_zip, by_text, strict=True)
        ]

    @api.model
    def _get_smaller(self, zipped, named):
        if not zipped or (named and zipped.id in named._get_path_ids()):
            return named
        return zipped

    def _find_by_code(self, addresses):
        codes = {address["code"] for address in addresses if address.get("code")}
        found = {}
        if codes:
            for area in self.search_fetch([("code", "in", list(codes))], ["code"]):
                found.setdefault(area.code, self.browse())
                found[area.code] |= area
        result = []
        for address in addresses:
            areas = found.get(address.get("code"), self.browse())
            areas = areas.filtered(lambda a, rec=address: a._is_in(rec.get("country")))
            result.append(areas if len(areas) == 1 else self.browse())
        return result

    def _is_in(self, country) -> bool:
        return not country or self.country_id == country

    def _find_by_text(self, addresses):
        keys_by_text = {
            address["text"]: area_text.split_keys(address["text"])
            for address in addresses
            if address.get("text")
        }
        keys = set().union(*keys_by_text.values())
        if not keys:
            return [self.browse()] * len(addresses)
        names = self._get_area_names(list(keys))
        result = []
        for address in addresses:
            text, country = address.get("text"), address.get("country")
            candidates = {
                name
                for key in keys_by_text.get(text, ())
                for name_country, name in names.get(key, ())
                if not country or country.id == name_country
            }
            found = area_text.find_area(text, candidates) if candidates else None
            result.append(self.browse(found or ()))
        return result

    def _get_area_names(self, keys):
        """``{key: [(country id, AreaName)]}`` of active areas called like that."""
        names = {}
        areas = self.search_fetch(
            ["|", ("name_key", "in", keys), ("short_key", "in", keys)],
            ["name", "level", "parent_path", "short_key", "name_key", "country_id"],
        )
        for area in areas:
            entry = (
                area.country_id.id,
                area_text.AreaName(
                    key=area.id,
                    level=area.level,
                    path=tuple(area._get_path_ids()),
                    name=area.name,
                    short=area.short_key or "",
                ),
            )
            for key in {area.name_key, area.short_key}:
                if key:
                    names.setdefault(key, []).append(entry)
        return names
