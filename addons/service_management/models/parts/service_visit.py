from collections import defaultdict

from odoo import api, fields, models


class ServiceVisit(models.Model):
    """Parts of a visit: what it takes from the point or a van, what comes back."""

    _inherit = "service.visit"

    move_ids = fields.One2many(
        "stock.move",
        "service_visit_id",
        string="Part Moves",
        groups="stock.group_stock_user",
    )
    part_lines = fields.Json(
        compute="_compute_part_lines",
        string="Parts",
        help="The parts of the visit for those without rights on stock: list of "
        "{move_id, product_id, name, kind, label, quantity, uom, on_hand, serial, "
        "old_serial, warning, done}.",
    )
    location_id = fields.Many2one(related="point_id.location_id", string="Parts From")
    location_dest_id = fields.Many2one(
        "stock.location", compute="_compute_location_dest_id", string="Parts To"
    )

    @api.depends("partner_id")
    def _compute_location_dest_id(self):
        for visit in self:
            visit.location_dest_id = visit.partner_id.property_stock_customer

    @api.depends_context("lang")
    def _compute_part_lines(self):
        # sudo: stock.move: who may read the visit may see its parts
        labels = dict(
            self.env["stock.move"]
            ._fields["service_kind"]
            ._description_selection(self.env)
        )
        for visit in self.sudo():
            visit.part_lines = [
                {
                    "move_id": move.id,
                    "product_id": move.product_id.id,
                    "name": move.product_id.display_name,
                    "kind": move.service_kind or "use",
                    "label": labels[move.service_kind or "use"],
                    "quantity": move.product_uom_qty,
                    "uom": move.product_uom.name,
                    "on_hand": move.service_available,
                    "serial": ", ".join(
                        (move.lot_ids or move.service_lot_id).mapped("name")
                    ),
                    "old_serial": move.service_old_serial or "",
                    "warning": visit._get_part_warning(move),
                    "done": move.state == "done",
                }
                for move in visit.move_ids
                if move.state != "cancel"
            ]

    def _get_part_warning(self, move) -> str:
        if move.state == "done" or move.service_kind not in ("use", False):
            return ""
        if move.service_fits == "no":
            return self.env._(
                "Not in the spare-part list of %(product)s",
                product=self.order_id.product_id.display_name,
            )
        if move.product_id.service_successor_id:
            return self.env._(
                "Followed by %(part)s",
                part=move.product_id.service_successor_id.display_name,
            )
        return ""

    def _get_part_places(self):
        """Where the crew may take parts from: the point's stock and its own vans."""
        return self.location_id | self.crew_ids.technician_id.vehicle_location_id

    @api.model
    def _get_free_quantities(self, places) -> dict:
        """Quantity not reserved, by (product id, location id), in two queries."""
        products = self.env["product.product"].union(*(place[0] for place in places))
        locations = self.env["stock.location"].union(*(place[1] for place in places))
        # sudo: stock.quant: the free quantity of the own place is not a secret
        groups = (
            self.env["stock.quant"]
            .sudo()
            ._read_group(
                [
                    ("product_id", "in", products.ids),
                    ("location_id", "in", locations.ids),
                ],
                ["product_id", "location_id"],
                ["quantity:sum", "reserved_quantity:sum"],
            )
        )
        free = defaultdict(float)
        for product, location, quantity, reserved in groups:
            free[product.id, location.id] = quantity - reserved
        return free
