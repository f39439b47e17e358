from odoo import fields, models
from odoo.exceptions import UserError

from odoo.addons.service_management.models.parts.service_part_place import PLACE_KINDS


class ServicePartFindLine(models.TransientModel):
    _name = "service.part.find.line"
    _description = "Place That Holds a Part"
    _order = "is_near desc, minutes, id"
    _rec_name = "location_id"

    find_id = fields.Many2one(
        "service.part.find", required=True, index=True, ondelete="cascade"
    )
    product_id = fields.Many2one("product.product", string="Part")
    location_id = fields.Many2one("stock.location", string="Place")
    kind = fields.Selection(PLACE_KINDS)
    point_id = fields.Many2one("service.point", string="Service Point")
    technician_id = fields.Many2one("service.technician")
    free = fields.Float(digits="Product Unit")
    minutes = fields.Float(string="Minutes Away")
    kilometres = fields.Float(string="Kilometres Away")
    is_near = fields.Boolean(
        string="Can Be Reserved",
        help="The job takes parts from there; from elsewhere they are sent.",
    )

    def action_reserve(self):
        self.ensure_one()
        need = self.find_id.need_id
        need._check_may_reserve()
        # sudo: product.product: what may stand in for the part, by the lists
        if self.product_id not in need.sudo().product_id._get_part_choices():
            raise UserError(
                self.env._(
                    "%(part)s does not stand in for what the job needs.",
                    part=self.product_id.display_name,
                )
            )
        if self.product_id != need.product_id:
            # sudo: service.part.need: one that may stand in for it, by the list
            need.sudo().product_id = self.product_id
        need.action_reserve(self.location_id.id)
        return {"type": "ir.actions.act_window_close"}
