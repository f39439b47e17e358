from odoo import fields, models


class ServiceTeam(models.Model):
    _inherit = "service.team"

    escalation_hours = fields.Float(
        string="Escalate Every (Hours)",
        help="How long each rung of the ladder has before the next one is asked, in "
        "working time. Empty: as set for the company.",
    )

    _escalation_hours_positive = models.Constraint(
        "CHECK (escalation_hours >= 0)", "The hours cannot be negative."
    )
