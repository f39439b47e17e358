import logging
import time
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

_logger = logging.getLogger(__name__)

# So many addresses a run: of a server that asks for one request a second, and of our
# own table.
SERVER_BATCH = 100
AREA_BATCH = 2000
RETRY_DAYS = 30
ADDRESS_FIELDS = {"street", "zip", "city", "state_id", "country_id"}


class ResPartner(models.Model):
    _inherit = "res.partner"

    service_area_id = fields.Many2one(
        "service.area",
        compute="_compute_service_area_id",
        store=True,
        readonly=False,
        index="btree_not_null",
    )

    service_geo_precision = fields.Selection(
        [("exact", "Exact"), ("area", "Middle of the Area")],
        string="Position",
        compute="_compute_service_geo_precision",
        store=True,
        readonly=False,
        help="Whether the position is the address itself or the middle of its area.",
    )

    @api.depends("partner_latitude", "partner_longitude")
    def _compute_service_geo_precision(self):
        for partner in self:
            partner.service_geo_precision = (
                "exact"
                if partner.partner_latitude or partner.partner_longitude
                else False
            )

    @api.depends("zip", "city", "street", "street2", "state_id", "country_id")
    def _compute_service_area_id(self):
        addresses = [
            (partner.country_id, partner.zip, partner._get_service_address_text())
            for partner in self
        ]
        areas = self.env["service.area"]._find_many(
            [
                {"country": country, "zip": zip_code, "text": text}
                for country, zip_code, text in addresses
            ]
        )
        for partner, area in zip(self, areas, strict=True):
            partner.service_area_id = area or partner.service_area_id

    def _get_service_address_text(self) -> str:
        """The address as one line, from the largest unit to the smallest."""
        self.ensure_one()
        parts = (self.state_id.name, self.city, self.street, self.street2)
        return " ".join(part for part in parts if part)

    def write(self, vals):
        precision = self.env.context.get("service_geo_precision")
        if precision and "partner_latitude" in vals:
            vals = vals | {"service_geo_precision": precision}
        elif ADDRESS_FIELDS & vals.keys() and "partner_latitude" not in vals:
            # The position is forgotten with the address it was of: look again soon.
            vals = {"date_localization": False} | vals
        return super().write(vals)

    def geo_localize(self):
        is_area = self.env["base.geocoder"]._get_provider().tech_name == "service_area"
        return super(
            ResPartner,
            self.with_context(service_geo_precision="area" if is_area else "exact"),
        ).geo_localize()

    # In the background, for addresses that have no position yet

    @api.model
    def _cron_find_positions(self):
        self.env["service.job"]._run("geo_positions", self._find_next_positions)

    @api.model
    def _find_next_positions(self):
        done, remaining = self._find_due_positions()
        self.env["ir.cron"]._commit_progress(done, remaining=remaining)

    @api.model
    def _find_due_positions(self) -> tuple[int, int]:
        """One batch; how many addresses were looked at, and how many are left."""
        # sudo: ir.config_parameter: what a manager has chosen in the settings
        mode = (
            self.env["ir.config_parameter"].sudo().get_param("service_management.geo")
        )
        if mode not in ("area", "provider"):
            return 0, 0
        domain = self._get_unplaced_domain()
        batch = AREA_BATCH if mode == "area" else SERVER_BATCH
        partners = self.search(domain, limit=batch, order="id desc")
        partners._find_positions(ask_provider=mode == "provider")
        remaining = self.search_count(domain) if len(partners) == batch else 0
        return len(partners), remaining

    @api.model
    def _get_unplaced_domain(self) -> Domain:
        retry = fields.Date.today() - timedelta(days=RETRY_DAYS)
        return (
            Domain("partner_latitude", "in", (0, False))
            & Domain("partner_longitude", "in", (0, False))
            & (Domain("service_area_id", "!=", False) | Domain("street", "!=", False))
            & (
                Domain("date_localization", "=", False)
                | Domain("date_localization", "<", retry)
            )
        )

    def _find_positions(self, ask_provider=False):
        """Give each address a position: of the configured provider where it is asked,
        else the middle of its area. What was not found is tried again in a month."""
        found = self._ask_provider() if ask_provider else {}
        positions = self.service_area_id._get_positions()
        today = fields.Date.today()
        by_vals = {}
        for partner in self:
            exact = found.get(partner.id)
            position = exact or positions.get(partner.service_area_id.id)
            by_vals.setdefault((position, bool(exact)), []).append(partner.id)
        for (position, is_exact), partner_ids in by_vals.items():
            vals = {"date_localization": today}
            if position:
                vals |= {
                    "partner_latitude": position[0],
                    "partner_longitude": position[1],
                    "service_geo_precision": "exact" if is_exact else "area",
                }
            self.browse(partner_ids).write(vals)

    def _ask_provider(self) -> dict[int, tuple[float, float]]:
        """Positions by partner id. One address that fails does not stop the others; a
        server that does not answer is not asked again in this run."""
        partners = self.with_context(lang="en_US", service_geo_background=True)
        geocoder = partners.env["base.geocoder"]
        provider = geocoder._get_provider().tech_name
        if provider == "service_area":
            return {}
        found = {}
        failures = 0
        for partner in partners:
            query = geocoder.geo_query_address(
                street=partner.street,
                zip=partner.zip,
                city=partner.city,
                state=partner.state_id.name,
                country=partner.country_id.name,
            )
            started = time.monotonic()
            position = geocoder.geo_find(query, force_country=partner.country_id.name)
            seconds = time.monotonic() - started
            if position:
                found[partner.id] = position
            failures = failures + 1 if seconds > 9 else 0
            if failures >= 3:
                _logger.warning("Geocoding: %s does not answer in time", provider)
                break
            if provider == "openstreetmap":
                # The public server allows one request a second.
                time.sleep(max(0.0, self._get_geo_pause() - seconds))
        return found

    @api.model
    def _get_geo_pause(self) -> float:
        """Seconds between two questions to a server."""
        return 1.0
