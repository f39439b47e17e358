from odoo import fields, models


class ServiceOrderHandoverValue(models.Model):
    """One value that was carried over into an order, for certain roles or for all.

    A row that a user may not see is not found, counted, exported or sorted by either:
    record rules say who, and they hold for every way of reading.
    """

    _name = "service.order.handover.value"
    _description = "Handed-over Value"
    _order = "order_id, sequence, id"
    _log_access = False

    order_id = fields.Many2one(
        "service.order", required=True, index=True, ondelete="cascade"
    )
    sequence = fields.Integer()
    name = fields.Char(string="Label", required=True, readonly=True)
    value = fields.Text(readonly=True)
    group_ids = fields.Many2many(
        "res.groups", string="Visible To", readonly=True, copy=False
    )
