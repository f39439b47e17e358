from odoo import api, fields, models


class ServicePartHotspot(models.Model):
    """A numbered marker on a picture: there is this part."""

    _name = "service.part.hotspot"
    _description = "Marker of a Parts Picture"
    _order = "diagram_id, number, id"
    _rec_name = "number"
    _check_company_auto = True

    diagram_id = fields.Many2one(
        "service.part.diagram", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        related="diagram_id.company_id", store=True, precompute=True, index=True
    )
    number = fields.Integer(
        string="No.",
        required=True,
        default=1,
        aggregator=False,
        help="What is written on the marker.",
    )
    x = fields.Float(
        string="From the Left (%)",
        default=50.0,
        required=True,
        digits=(5, 2),
        aggregator=False,
    )
    y = fields.Float(
        string="From the Top (%)",
        default=50.0,
        required=True,
        digits=(5, 2),
        aggregator=False,
    )
    part_id = fields.Many2one(
        "product.product",
        index="btree_not_null",
        ondelete="cascade",
        check_company=True,
        domain="[('type', '=', 'consu')]",
    )
    name = fields.Char(
        translate=True,
        help="What the picture calls it. Empty: the name of the part. A name without a "
        "part is something that is not sold by itself.",
    )
    quantity = fields.Float(
        default=1.0,
        required=True,
        digits="Product Unit",
        help="How many of it one product has.",
    )
    part_successor_id = fields.Many2one(
        related="part_id.service_successor_id", string="Followed By"
    )

    # Deferrable: two markers may change their numbers in one step
    _number_uniq = models.Constraint(
        "UNIQUE (diagram_id, number) DEFERRABLE INITIALLY IMMEDIATE",
        "Each number stands once on a picture.",
    )
    _number_positive = models.Constraint(
        "CHECK (number > 0)", "The number of a marker must be above zero."
    )
    _position_inside = models.Constraint(
        "CHECK (x BETWEEN 0 AND 100 AND y BETWEEN 0 AND 100)",
        "A marker lies on the picture: from 0 to 100 per cent.",
    )
    _part_or_name = models.Constraint(
        "CHECK (part_id IS NOT NULL OR name IS NOT NULL)",
        "A marker says which part it is, or its name.",
    )
    _quantity_positive = models.Constraint(
        "CHECK (quantity > 0)", "The quantity of a spare part must be above zero."
    )

    @api.depends("number", "name", "part_id")
    def _compute_display_name(self):
        for hotspot in self:
            name = hotspot.name or hotspot.part_id.display_name or ""
            hotspot.display_name = f"{hotspot.number} {name}".strip()

    def _prepare_part(self) -> dict:
        self.ensure_one()
        part = self.part_id
        return {
            "id": self.id,
            "number": self.number,
            "x": self.x,
            "y": self.y,
            "part_id": part.id,
            "name": self.name or part.name,
            "code": part.default_code or "",
            "quantity": self.quantity,
            "uom": part.uom_id.name or "",
            "successor": self.part_successor_id.display_name or "",
        }
