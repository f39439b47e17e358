from odoo import fields, models


class ServiceDispatchPrice(models.Model):
    """What one more slot of a service point would have saved in a batch dispatch.

    The dual price of the point's capacity. High for many days: the place to give
    capacity to. Also what later orders of a day bid for slots, see the online policy.
    """

    _name = "service.dispatch.price"
    _description = "Worth of One More Slot"
    _order = "day desc, price desc, id"
    _rec_name = "point_id"

    run_id = fields.Many2one(
        "service.dispatch.run", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        related="run_id.company_id", store=True, precompute=True, index=True
    )
    mode = fields.Selection(related="run_id.mode", store=True)
    point_id = fields.Many2one(
        "service.point", required=True, index=True, ondelete="cascade"
    )
    type_id = fields.Many2one(
        "service.type",
        string="For Service Type",
        help="Empty: a slot for orders of any type.",
    )
    day = fields.Date(required=True)
    price = fields.Float(
        string="One More Slot Saves", digits=(8, 2), aggregator="avg", required=True
    )
    capacity = fields.Integer(string="Orders a Day", aggregator="avg")
    load = fields.Integer(string="Had Before", aggregator="avg")
    given = fields.Integer()
    wanted = fields.Integer(
        string="Best For", help="Orders for which this was the best point of all."
    )

    _latest_idx = models.Index("(company_id, day, point_id)")
