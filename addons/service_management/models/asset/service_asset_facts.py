from odoo import models
from odoo.tools import format_date, format_datetime


class ServiceAsset(models.Model):
    """What whoever goes to an asset should know of it, in words."""

    _inherit = "service.asset"

    def _get_site_facts(self) -> dict:
        """Where to find it and what is special about it, for who does the work.

        :return: ``{place, note, part_of, components, properties}``; expects sudo
        """
        self.ensure_one()
        in_use = self.child_ids.filtered(lambda child: child.state == "active")
        return {
            "place": self.place or "",
            "note": self.note or "",
            "part_of": self.parent_id.name or "",
            "components": in_use.mapped("name"),
            "properties": self._get_property_texts(),
        }

    def _get_property_texts(self) -> list[dict]:
        """``{label, text}`` of the properties that say something."""
        self.ensure_one()
        if not self.category_id.service_asset_properties_definition:
            return []
        field = self._fields["properties"]
        values = field.convert_to_read(self.properties, self)
        texts = [(value, self._get_property_text(value)) for value in values]
        return [
            {"label": value.get("string") or "", "text": text}
            for value, text in texts
            if text
        ]

    def _get_property_text(self, prop) -> str:
        kind, value = prop["type"], prop.get("value")
        if kind == "boolean":
            return self.env._("Yes") if value else ""
        if kind == "separator" or value in (None, False, "", []):
            return ""
        if kind in ("selection", "tags"):
            labels = {row[0]: row[1] for row in prop.get(kind) or ()}
            chosen = [value] if kind == "selection" else value
            return ", ".join(labels[key] for key in chosen if key in labels)
        if kind == "many2one":
            return value[1] or ""
        if kind == "many2many":
            return ", ".join(row[1] or "" for row in value)
        if kind == "date":
            return format_date(self.env, value)
        if kind == "datetime":
            return format_datetime(self.env, value)
        return f"{value:g}" if kind == "float" else str(value)
