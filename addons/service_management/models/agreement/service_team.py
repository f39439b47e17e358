from odoo import fields, models


class ServiceTeam(models.Model):
    _inherit = "service.team"

    calendar_id = fields.Many2one(
        "resource.calendar",
        string="Working Hours",
        domain="[('company_id', 'in', [company_id, False])] if company_id else []",
        help="Deadlines of the team's work count in these hours, unless a "
        "service-level policy has its own. Empty: the company's working hours.",
    )
