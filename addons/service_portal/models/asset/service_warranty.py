from odoo import models


class ServiceWarranty(models.Model):
    _name = "service.warranty"
    _inherit = ["service.warranty", "service.portal.guard"]

    _portal_readable = frozenset({"asset_id", "kind", "date_start", "date_end"})
