from odoo import fields, models

from odoo.addons.service_management.engine import local_time

# What was not brought about changes nothing about the asset
UNDONE = ("not_fixed", "repairable")


class ServiceOrder(models.Model):
    """What finished work makes of the asset, see ``service.type.asset_effect``.

    - Delivered, installed: the day, and who installed it. Promises that begin then
      are frozen. What is known already stays: a second installation, somewhere else,
      begins no warranty anew.
    - Taken back, disposed of: the asset is not in use any more.
    """

    _inherit = "service.order"

    def _after_done(self):
        result = super()._after_done()
        self._mark_assets()
        return result

    def _mark_assets(self):
        """Queries as many as there are different days and installers."""
        alike = {}
        # sudo: service.order, service.asset: follows from the work, whoever did it
        for order in self.sudo():
            asset = order.asset_id
            if not asset or order.outcome in UNDONE:
                continue
            vals = order._prepare_asset_effect()
            if vals:
                key = tuple(vals.items())
                alike[key] = alike.get(key, asset.browse()) | asset
        for vals, assets in alike.items():
            assets.write(dict(vals))

    def _prepare_asset_effect(self) -> dict:
        """What the finished order changes of its asset; expects sudo."""
        self.ensure_one()
        asset, effect = self.asset_id, self.type_id.asset_effect
        if effect in ("returned", "retired"):
            return {"state": effect} if asset.state == "active" else {}
        if effect not in ("delivered", "installed"):
            return {}
        vals = {} if asset.state == "active" else {"state": "active"}
        name = "delivery_date" if effect == "delivered" else "install_date"
        if not asset[name]:
            vals[name] = self._get_done_day()
        if effect == "installed" and not asset.installed_by_point_id:
            vals |= self._prepare_installer()
        return vals

    def _prepare_installer(self) -> dict:
        """Hook: who installed the asset."""
        self.ensure_one()
        return {"installed_by_point_id": self.point_id.id} if self.point_id else {}

    def _get_done_day(self):
        """The day on which the work was done, where it was done."""
        self.ensure_one()
        zone = (
            self.site_id.tz or self.partner_id.tz or self.company_id._get_service_zone()
        )
        return local_time.day_of(self.date_done or fields.Datetime.now(), zone)
