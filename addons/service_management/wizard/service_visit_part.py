from odoo import api, fields, models


class ServiceVisitPart(models.TransientModel):
    """Note a part as used on a visit, seeing what the point holds."""

    _name = "service.visit.part"
    _description = "Use a Part"

    visit_id = fields.Many2one("service.visit", required=True, readonly=True)
    product_id = fields.Many2one(
        "product.product",
        string="Part",
        required=True,
        domain="[('type', '=', 'consu')]",
    )
    quantity = fields.Float(default=1.0, required=True, digits="Product Unit")
    available = fields.Float(
        string="On Hand", compute="_compute_available", digits="Product Unit"
    )

    @api.depends("product_id", "visit_id")
    def _compute_available(self):
        for line in self:
            # sudo: stock.location: the place of the visit's own point
            location = line.visit_id.sudo().location_id
            free = line.visit_id._get_free_quantities([(line.product_id, location)])
            line.available = free[line.product_id.id, location.id]

    def action_confirm(self):
        self.ensure_one()
        self.visit_id.action_add_part(self.product_id.id, self.quantity)
        return {"type": "ir.actions.act_window_close"}
