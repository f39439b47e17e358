from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from .part_quantity import read_quantity

# What approving found out
SOURCE_FIELDS = {"quantity_missing", "source_text"}


class ServicePartRequestLine(models.Model):
    _name = "service.part.request.line"
    _description = "Line of a Part Request"
    _order = "request_id, id"
    _rec_name = "product_id"

    request_id = fields.Many2one(
        "service.part.request", required=True, index=True, ondelete="cascade"
    )
    state = fields.Selection(related="request_id.state")
    product_id = fields.Many2one(
        "product.product",
        string="Part",
        required=True,
        index=True,
        domain="[('type', '=', 'consu')]",
    )
    quantity = fields.Float(default=1.0, required=True, digits="Product Unit")
    quantity_sent = fields.Float(
        string="Sent", compute="_compute_quantities", digits="Product Unit"
    )
    quantity_received = fields.Float(
        string="Received", compute="_compute_quantities", digits="Product Unit"
    )
    quantity_missing = fields.Float(
        string="Not in Stock",
        readonly=True,
        copy=False,
        digits="Product Unit",
        help="What nobody held when the request was approved.",
    )
    source_text = fields.Char(string="Sent From", readonly=True, copy=False)

    _quantity_positive = models.Constraint(
        "CHECK (quantity > 0)", "The quantity of a part must be above zero."
    )
    _part_uniq = models.Constraint(
        "UNIQUE (request_id, product_id)", "The request names this part already."
    )

    def _compute_quantities(self):
        # sudo: stock.move: how far the own request is
        moves = (
            self.env["stock.move"]
            .sudo()
            .search(
                [("service_request_line_id", "in", self.ids), ("state", "=", "done")]
            )
        )
        sent = dict.fromkeys(self.ids, 0.0)
        received = dict.fromkeys(self.ids, 0.0)
        for move in moves:
            is_receipt = move.picking_type_id == move.company_id.service_receipt_type_id
            target = received if is_receipt else sent
            target[move.service_request_line_id.id] += move.quantity
        for line in self:
            line.quantity_sent = sent.get(line.id, 0.0)
            line.quantity_received = received.get(line.id, 0.0)

    # Guards: what is sent and received follows from the lines, so once the request is
    # approved no line comes, changes or goes; what approving found out is never typed

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_vals(vals)
        lines = super().create(vals_list)
        lines._check_open()
        return lines

    def write(self, vals):
        self._check_vals(vals)
        if "request_id" in vals and self.request_id.ids != [vals["request_id"]]:
            raise UserError(self.env._("A line stays with its request."))
        if vals.keys() - SOURCE_FIELDS:
            self._check_open()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_under_way(self):
        if not self.env.su:
            self._check_open()

    def _check_vals(self, vals):
        if not self.env.su and SOURCE_FIELDS & vals.keys():
            raise AccessError(
                self.env._("Where parts are sent from follows from the approval.")
            )
        if "quantity" in vals:
            read_quantity(self.env, vals["quantity"], self.env._("a part"))

    def _check_open(self):
        for line in self:
            if line.request_id.state not in ("draft", "requested"):
                raise UserError(
                    self.env._(
                        "%(request)s is under way: make another request.",
                        request=line.request_id.name,
                    )
                )
