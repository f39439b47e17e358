from odoo import fields, models


class ResPartner(models.Model):
    """When a site can be visited."""

    _inherit = "res.partner"

    service_calendar_id = fields.Many2one(
        "resource.calendar",
        string="Site's Opening Hours",
        help="Visits to this site are planned within these hours. Empty: at any time.",
    )
