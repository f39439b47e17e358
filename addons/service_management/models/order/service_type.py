from odoo import fields, models
from odoo.fields import Domain

ASSET_EFFECTS = [
    ("delivered", "Delivered"),
    ("installed", "Set Up"),
    ("returned", "Taken Back"),
    ("retired", "Disposed Of"),
]


class ServiceType(models.Model):
    _inherit = "service.type"

    asset_effect = fields.Selection(
        ASSET_EFFECTS,
        string="Afterwards the Asset Is",
        help="What finished work changes of the asset: its day of delivery or "
        "installation and who installed it, where that is not known yet, or that it is "
        "in use no more. Warranties that begin that day begin.",
    )

    def write(self, vals):
        result = super().write(vals)
        if "sla_policy_id" in vals:
            self.env["service.sla.clock"]._mark_stale(
                Domain("order_id.type_id", "in", self.ids)
            )
        return result
