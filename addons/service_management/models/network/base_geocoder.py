import requests

from odoo import api, models

NOMINATIM_URL = "https://nominatim.openstreetmap.org/search"
# What a background job waits for an answer; core's own call waits for ever.
TIMEOUT = 10


class BaseGeocoder(models.AbstractModel):
    """Adds the provider "Service Areas": the middle of the area an address is in,
    without asking any server. See also ``res.partner._find_positions``."""

    _inherit = "base.geocoder"

    @api.model
    def _geo_query_address_service_area(
        self,
        street=None,
        zip=None,  # noqa: A002
        city=None,
        state=None,
        country=None,
    ):
        """Text from the large unit to the small, and the postcode on its own line."""
        text = " ".join(part for part in (state, city, street) if part)
        return f"{text}\n{zip or ''}"

    @api.model
    def _call_service_area(self, addr, force_country=None, **kw):
        text, _line, code = (addr or "").partition("\n")
        country = self.env["res.country"]
        if force_country:
            country = country.with_context(lang="en_US").search(
                [("name", "=", force_country)], limit=1
            )
        area = self.env["service.area"]._find(text=text, zip=code, country=country)
        return area._get_positions().get(area.id)

    @api.model
    def _call_openstreetmap(self, addr, **kw):
        """In background work: with a time limit, and of the configured server."""
        if not self.env.context.get("service_geo_background"):
            return super()._call_openstreetmap(addr, **kw)
        # sudo: ir.config_parameter: which server is asked is no secret
        url = (
            self.env["ir.config_parameter"]
            .sudo()
            .get_param("service_management.nominatim_url", NOMINATIM_URL)
        )
        response = requests.get(
            url,
            params={"format": "json", "limit": 1, "q": addr},
            headers={"User-Agent": "Odoo service_management"},
            timeout=TIMEOUT,
        )
        response.raise_for_status()
        places = response.json()
        return (float(places[0]["lat"]), float(places[0]["lon"])) if places else None
