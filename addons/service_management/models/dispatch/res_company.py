from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    service_offer_urgent_hours = fields.Float(
        string="Urgent Offer Valid For (Hours)",
        default=1.0,
        help="The time to answer an offer of an urgent order.",
    )
    service_offer_mail = fields.Boolean(
        string="Offers by Mail",
        default=True,
        help="Service points get each offer by mail, with a button to answer it.",
    )
    service_dispatch_online = fields.Boolean(
        string="Automatic Dispatch",
        help="New orders are dispatched together every few minutes.",
    )
    service_dispatch_online_orders = fields.Integer(
        string="Orders Collected", default=50
    )
    service_dispatch_online_minutes = fields.Integer(
        string="Minutes Collected", default=10
    )

    _service_dispatch_online_positive = models.Constraint(
        "CHECK (service_dispatch_online_orders > 0 "
        "AND service_dispatch_online_minutes > 0)",
        "Automatic dispatch collects at least one order and for at least one minute.",
    )
    _service_offer_urgent_positive = models.Constraint(
        "CHECK (service_offer_urgent_hours > 0)",
        "The time limit of urgent offers must be above zero hours.",
    )
