from odoo import models


class ServiceAsset(models.Model):
    _inherit = "service.asset"

    # Interfaces name assets by whole serial numbers, a thousand in one call; lists are
    # sorted by it, with those that have none
    _serial_idx = models.Index("(serial)")
