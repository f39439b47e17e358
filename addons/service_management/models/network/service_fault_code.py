from odoo import fields, models


class ServiceFaultCode(models.Model):
    _inherit = "service.fault.code"

    repair_level = fields.Integer(
        default=1,
        aggregator=None,
        help="Points whose coverage has a smaller level do not get orders with this "
        "fault.",
    )

    _repair_level_in_range = models.Constraint(
        "CHECK (repair_level BETWEEN 1 AND 3)", "The repair level is 1, 2 or 3."
    )
