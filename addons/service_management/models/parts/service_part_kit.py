from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ServicePartKit(models.Model):
    """What goes along with a part: consumables and accessories.

    A part that is kept in stock takes them along; one that is not kept in stock is
    a name for them only.
    """

    _name = "service.part.kit"
    _description = "Accessory of a Part"
    _order = "product_id, sequence, id"
    _rec_name = "part_id"

    sequence = fields.Integer(default=10)
    product_id = fields.Many2one(
        "product.product", string="Kit", required=True, index=True, ondelete="cascade"
    )
    part_id = fields.Many2one(
        "product.product",
        string="Accessory",
        required=True,
        index=True,
        ondelete="restrict",
        domain="[('type', '=', 'consu')]",
    )
    quantity = fields.Float(
        string="For Each", default=1.0, required=True, digits="Product Unit"
    )

    _part_uniq = models.Constraint(
        "UNIQUE (product_id, part_id)", "The kit names this accessory already."
    )
    _quantity_positive = models.Constraint(
        "CHECK (quantity > 0)", "The quantity of an accessory must be above zero."
    )

    @api.constrains("product_id", "part_id")
    def _check_flat(self):
        """Kits are one level deep, so that nobody wonders what a line takes along."""
        for line in self:
            if line.part_id == line.product_id or line.part_id.service_kit_ids:
                raise ValidationError(
                    self.env._(
                        "%(part)s is a kit itself and cannot be an accessory.",
                        part=line.part_id.display_name,
                    )
                )
            above = self.search([("part_id", "=", line.product_id.id)], limit=1)
            if above:
                raise ValidationError(
                    self.env._(
                        "%(part)s is an accessory and cannot be a kit.",
                        part=line.product_id.display_name,
                    )
                )

    @api.model
    def _explode(self, product, quantity) -> list[tuple]:
        """(product, quantity) of all that using the product takes."""
        # sudo: service.part.kit: what belongs together is no secret
        lines = product.sudo().service_kit_ids
        parts = [(line.part_id, line.quantity * quantity) for line in lines]
        if product.is_storable or not parts:
            parts.insert(0, (product, quantity))
        return parts
