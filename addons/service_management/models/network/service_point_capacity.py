from odoo import fields, models


class ServicePointCapacity(models.Model):
    """What a point takes on a day, of one service type or of all."""

    _name = "service.point.capacity"
    _description = "Capacity of a Service Point"
    _inherit = ["service.owner.mixin"]
    _order = "point_id, type_id, id"
    _rec_name = "type_id"
    _check_company_auto = True

    point_id = fields.Many2one(
        "service.point",
        string="Service Point",
        required=True,
        index=True,
        ondelete="cascade",
        check_company=True,
    )
    company_id = fields.Many2one(
        related="point_id.company_id", store=True, precompute=True, index=True
    )
    type_id = fields.Many2one(
        "service.type",
        string="Service Type",
        ondelete="cascade",
        index="btree_not_null",
        help="Empty: all service types together.",
    )
    orders_a_day = fields.Integer(
        string="Orders a Day", help="Zero: without a limit.", aggregator="sum"
    )
    hours_a_day = fields.Float(
        string="Hours a Day", help="Zero: without a limit.", aggregator="sum"
    )

    _type_uniq = models.UniqueIndex(
        "(point_id, COALESCE(type_id, 0))",
        "There is already a capacity of this point for this service type.",
    )
    _amounts_not_negative = models.Constraint(
        "CHECK (orders_a_day >= 0 AND hours_a_day >= 0)",
        "Orders and hours a day cannot be negative.",
    )
