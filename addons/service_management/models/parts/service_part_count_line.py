from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.service_management.models.base.flow_defaults import without_defaults

from .part_quantity import read_quantity

# What the books say and what follows from it
BOOK_FIELDS = {"expected", "difference", "owner_id"}


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
    owner_id = fields.Many2one("res.partner", string="Owned By", readonly=True)
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

    # Guards: approving applies what a line says, so from handing in on it is fixed,
    # and what the books say is never typed

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_counted(vals)
        if not self.env.su:
            for vals in vals_list:
                for name in BOOK_FIELDS:
                    vals.pop(name, None)
            self = without_defaults(self, BOOK_FIELDS)
        lines = super().create(vals_list)
        lines._check_open()
        return lines

    def write(self, vals):
        self._check_counted(vals)
        if not self.env.su:
            booked = {"product_id", "lot_id"} & vals.keys() and any(
                line.expected for line in self
            )
            if booked or (BOOK_FIELDS | {"count_id"}) & vals.keys():
                raise UserError(
                    self.env._(
                        "On a count only what was counted is noted. Add a line for a "
                        "part that is not in the books."
                    )
                )
            self._check_open()
        result = super().write(vals)
        if "counted" in vals:
            self._read_books()
        return result

    def _read_books(self):
        """What the books say at the moment something is counted: what moved since the
        count was begun is in both, and no difference."""
        # sudo: stock.quant: of the place that is counted
        quants = self.env["stock.quant"].sudo()
        held = {
            (place.id, product.id, lot.id, owner.id): quantity
            for place, product, lot, owner, quantity in quants._read_group(
                [
                    ("location_id", "in", self.count_id.location_id.ids),
                    ("product_id", "in", self.product_id.ids),
                ],
                ["location_id", "product_id", "lot_id", "owner_id"],
                ["quantity:sum"],
            )
        }
        # sudo: service.part.count.line: the books are never typed
        for line in self.sudo():
            key = (
                line.count_id.location_id.id,
                line.product_id.id,
                line.lot_id.id,
                line.owner_id.id,
            )
            line.expected = held.get(key, 0.0)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_handed_in(self):
        if not self.env.su:
            self._check_open()

    def _check_counted(self, vals):
        # The books may hold less than nothing; nobody counts that
        if "counted" in vals and not self.env.su:
            read_quantity(self.env, vals["counted"], self.env._("a part"))

    def _check_open(self):
        for line in self:
            if line.count_id.state not in ("draft", "refused"):
                raise UserError(self.env._("The count was handed in already."))
