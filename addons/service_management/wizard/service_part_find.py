from odoo import api, fields, models

from odoo.addons.service_management.models.parts.service_part_search import (
    UNKNOWN_MINUTES,
)


class ServicePartFind(models.TransientModel):
    """Where a part for a job is: the places that hold it, or one that may stand in
    for it, with the way from there to the customer."""

    _name = "service.part.find"
    _description = "Find a Part"

    need_id = fields.Many2one("service.part.need", required=True, readonly=True)
    product_id = fields.Many2one(related="need_id.product_id")
    quantity = fields.Float(related="need_id.quantity")
    line_ids = fields.One2many("service.part.find.line", "find_id", readonly=True)

    @api.model_create_multi
    def create(self, vals_list):
        finds = super().create(vals_list)
        for find in finds:
            find.need_id.check_access("read")
            find._fill()
        return finds

    def _fill(self):
        self.ensure_one()
        # sudo: service.order: who expects the part may know where it is
        order = self.need_id.sudo().order_id
        choices = self.need_id.sudo().product_id._get_part_choices()
        found = self.env["service.part.stock"]._find_parts(
            choices, order.company_id, order._get_part_position()
        )
        near = order._get_reserving_places()
        places = [(product, place) for product in choices for place in found[product]]
        # Where the job takes its parts from comes first, then the nearest
        places.sort(key=lambda row: (row[1].location not in near, row[1].minutes))
        self.env["service.part.find.line"].create(
            [
                {
                    "find_id": self.id,
                    "product_id": product.id,
                    "location_id": place.location.id,
                    "kind": place.kind,
                    "point_id": place.point.id,
                    "technician_id": place.technician.id,
                    "free": place.free,
                    "minutes": (
                        place.minutes if place.minutes < UNKNOWN_MINUTES else False
                    ),
                    "kilometres": place.kilometres,
                    "is_near": place.location in near,
                }
                for product, place in places
            ]
        )

    def action_request(self):
        self.ensure_one()
        self.need_id.action_request()
        return {"type": "ir.actions.act_window_close"}
