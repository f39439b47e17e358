from odoo import fields, models
from odoo.exceptions import UserError

WARRANTY_KINDS = [
    ("labour", "Labour"),
    ("parts", "Parts"),
    ("travel", "Travel"),
]
FROZEN_FIELDS = {"asset_id", "kind", "date_start", "date_end"}


class ServiceWarranty(models.Model):
    """One promised term of one asset, frozen when the asset was registered."""

    _name = "service.warranty"
    _description = "Warranty Term"
    _order = "asset_id, kind, date_end desc"
    _rec_name = "kind"

    asset_id = fields.Many2one(
        "service.asset", required=True, index=True, ondelete="cascade"
    )
    kind = fields.Selection(WARRANTY_KINDS, required=True)
    date_start = fields.Date(required=True)
    date_end = fields.Date(required=True)
    reason = fields.Char(string="Source", help="Where the term came from.")

    _dates_in_order = models.Constraint(
        "CHECK (date_end >= date_start)",
        "A warranty term must end on or after the day it starts.",
    )
    _term_uniq = models.Constraint(
        "UNIQUE (asset_id, kind, date_start, date_end)",
        "The asset already has this warranty term.",
    )

    def write(self, vals):
        if FROZEN_FIELDS & vals.keys():
            raise UserError(
                self.env._(
                    "Warranty terms are frozen when the asset is registered. Add a "
                    "further term with its reason instead of changing this one."
                )
            )
        return super().write(vals)
