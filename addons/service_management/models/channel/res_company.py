from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    service_callback_minutes = fields.Integer(
        string="Call Back Within (Minutes)",
        default=30,
        help="A missed call that nobody has called back by then counts as late.",
    )

    _service_callback_positive = models.Constraint(
        "CHECK (service_callback_minutes > 0)",
        "The time for calling back must be above zero minutes.",
    )
