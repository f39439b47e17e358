from odoo import api, fields, models
from odoo.exceptions import UserError


class ServicePartCountLine(models.Model):
    _name = "service.part.count.line"
    _description = "Line of a Stock Count"
    _order = "count_id, product_id, id"
    _rec_name = "product_id"

    count_id = fields.Many2one(
        "service.part.count", required=True, index=True, ondelete="cascade"
    )
    state = fields.Selection(related="count_id.state")
    product_id = fields.Many2one(
        "product.product", string="Part", required=True, index=True
    )
    lot_id = fields.Many2one(
        "stock.lot",
        string="Serial Number",
        domain="[('product_id', '=', product_id)]",
        index="btree_not_null",
    )
    owner_id = fields.Many2one("res.partner", string="Belongs To", readonly=True)
    expected = fields.Float(string="In the Books", readonly=True, digits="Product Unit")
    counted = fields.Float(required=True, digits="Product Unit")
    difference = fields.Float(
        compute="_compute_difference", store=True, digits="Product Unit"
    )

    _counted_not_negative = models.Constraint(
        "CHECK (counted >= 0)", "What was counted cannot be below zero."
    )

    @api.depends("expected", "counted")
    def _compute_difference(self):
        for line in self:
            line.difference = line.counted - line.expected

    @api.constrains("counted")
    def _check_open(self):
        for line in self:
            if line.count_id.state not in ("draft", "refused"):
                raise UserError(self.env._("The count was handed in already."))
