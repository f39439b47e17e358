from odoo import api, fields, models


class ServicePoint(models.Model):
    _inherit = "service.point"

    auto_accept = fields.Boolean(
        string="Accepts by Itself",
        compute="_compute_auto_accept",
        store=True,
        readonly=False,
        precompute=True,
        help="Offers to this point are accepted at once; for own centres, which do not "
        "choose their work.",
    )

    @api.depends("ownership")
    def _compute_auto_accept(self):
        for point in self:
            point.auto_accept = point.ownership == "own"
