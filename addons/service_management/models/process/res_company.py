from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    service_escalation_hours = fields.Float(
        string="Escalate Every (Hours)",
        default=4.0,
        help="How long each rung of the ladder has before the next one is asked, in "
        "working time; a team may have its own.",
    )

    _service_escalation_hours_positive = models.Constraint(
        "CHECK (service_escalation_hours > 0)",
        "A rung of the ladder needs more than zero hours.",
    )
