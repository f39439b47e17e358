from dataclasses import replace

from odoo import models


class ServiceOrder(models.Model):
    """Orders that nobody asked for: `service.coverage.check` ranks them, so that its
    answer is the ranking's own. What such an order lacks is in the context.

    Only for orders that are not in the database: nobody's context changes the ranking
    of a real one.
    """

    _inherit = "service.order"

    def _get_what_if(self) -> dict:
        """``day``, ``position``, and what else a ``CoverageJob`` is asked about."""
        asked = self.env.context.get("service_what_if")
        return asked if asked and not self._origin else {}

    def _get_coverage_job(self):
        asked = self._get_what_if()
        job = super()._get_coverage_job()
        if not asked:
            return job
        brand = self.env["service.brand"].browse(asked["brand_id"] or ())
        return replace(
            job,
            zip=asked["zip"],
            level=max(asked["level"], job.level),
            brand=brand,
        )

    def _get_dispatch_day(self):
        return self._get_what_if().get("day") or super()._get_dispatch_day()

    def _get_position(self):
        asked = self._get_what_if()
        return asked["position"] if asked else super()._get_position()

    def action_view_what_if(self):
        """Who would serve the order, with everything open to be changed."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "service_management.action_service_coverage_check"
        )
        job = self._get_coverage_job()
        action["context"] = {
            "default_partner_id": self.site_id.id,
            "default_address": self.site_id._get_service_address_text(),
            "default_zip": job.zip,
            "default_area_id": self.area_id.id,
            "default_asset_id": self.asset_id.id,
            "default_type_id": self.type_id.id,
            "default_category_id": self.category_id.id,
            "default_brand_id": job.brand.id,
            "default_level": job.level,
            "default_day": job.day,
            "default_company_id": self.company_id.id,
        }
        return action
