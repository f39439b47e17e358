from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.service_management.models.base.append_only import keep_append_only

from .service_point import POINT_STATES

ORDER_WAYS = [
    ("finish", "The Point Finishes Them"),
    ("redispatch", "Dispatch Them Anew"),
]


class ServicePointChange(models.Model):
    """How the state of a point changed: who, when, why, and what became of its orders.

    Rows are added and neither changed nor deleted.
    """

    _name = "service.point.change"
    _description = "Change of a Service Point's State"
    _order = "date desc, id desc"
    _rec_name = "point_id"

    point_id = fields.Many2one(
        "service.point",
        string="Service Point",
        required=True,
        index=True,
        ondelete="cascade",
        readonly=True,
    )
    company_id = fields.Many2one(
        related="point_id.company_id", store=True, precompute=True, index=True
    )
    date = fields.Datetime(required=True, readonly=True, default=fields.Datetime.now)
    user_id = fields.Many2one(
        "res.users",
        string="By",
        readonly=True,
        ondelete="restrict",
        default=lambda self: self.env.user,
    )
    state_from = fields.Selection(POINT_STATES, string="Previous State", readonly=True)
    state_to = fields.Selection(
        POINT_STATES, string="New State", required=True, readonly=True
    )
    reason = fields.Char(readonly=True)
    root_id = fields.Many2one(
        "service.point",
        string="Together With",
        index="btree_not_null",
        ondelete="set null",
        readonly=True,
        help="The point above that this one left, or came back, together with.",
    )
    orders = fields.Selection(ORDER_WAYS, string="Open Orders", readonly=True)
    order_count = fields.Integer(
        string="Orders Affected", readonly=True, aggregator="sum"
    )

    def init(self):
        # The company may follow that of the point; what happened may not change.
        keep_append_only(
            self,
            "UPDATE OF point_id, date, user_id, state_from, state_to, reason, orders, "
            "order_count",
        )

    def write(self, vals):  # pylint: disable=method-required-super
        raise UserError(self.env._("What happened to a service point stays as it is."))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_always(self):
        raise UserError(self.env._("What happened to a service point stays as it is."))
