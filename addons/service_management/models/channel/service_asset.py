from odoo import models


class ServiceAsset(models.Model):
    _inherit = "service.asset"

    # Interfaces name assets by whole serial numbers, a thousand in one call
    _serial_idx = models.Index("(serial) WHERE serial IS NOT NULL")
