from odoo import fields, models


class ServiceType(models.Model):
    _inherit = "service.type"

    dispatch_mode = fields.Selection(
        [
            ("ranked", "One After the Other"),
            ("pool", "All at Once, First Come First Served"),
        ],
        string="Offered To",
        default="ranked",
        required=True,
        help="One after the other: the best service point is asked, then the next. All "
        "at once: every point that could do it sees the order, the first to accept has "
        "it.",
    )
    pool_size = fields.Integer(
        string="Points Asked at Once",
        default=10,
        help="How many of the best service points are asked at the same time.",
    )

    _pool_size_positive = models.Constraint(
        "CHECK (pool_size > 0)",
        "At least one service point must be asked at once.",
    )
