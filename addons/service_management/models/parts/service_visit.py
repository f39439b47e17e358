from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import float_compare


class ServiceVisit(models.Model):
    """Parts used on a visit: stock moves from the point's place to the customer."""

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
        "{move_id, product_id, name, quantity, uom, on_hand, done}.",
    )
    location_id = fields.Many2one(related="point_id.location_id", string="Parts From")
    location_dest_id = fields.Many2one(
        "stock.location", compute="_compute_location_dest_id", string="Parts To"
    )

    @api.depends("partner_id")
    def _compute_location_dest_id(self):
        for visit in self:
            visit.location_dest_id = visit.partner_id.property_stock_customer

    def _compute_part_lines(self):
        # sudo: stock.move: who may read the visit may see its parts
        for visit in self.sudo():
            visit.part_lines = [
                {
                    "move_id": move.id,
                    "product_id": move.product_id.id,
                    "name": move.product_id.display_name,
                    "quantity": move.product_uom_qty,
                    "uom": move.product_uom.name,
                    "on_hand": move.service_available,
                    "done": move.state == "done",
                }
                for move in visit.move_ids
                if move.state != "cancel"
            ]

    def action_open_part(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "service.visit.part",
            "name": self.env._("Use a Part"),
            "view_mode": "form",
            "target": "new",
            "context": {"default_visit_id": self.id},
        }

    def action_remove_part(self, move_id):
        """Take back a part that was noted by mistake."""
        self.ensure_one()
        self._check_may_act()
        self._check_visit_state(("planned", "en_route", "on_site"))
        # sudo: stock.move: may act was checked; only a line of this visit
        self.sudo().move_ids.filtered(
            lambda move: move.id == move_id and move.state != "done"
        )._action_cancel()
        return True

    def action_add_part(self, product_id, quantity=1.0, location_id=None):
        """Note a part as used; it leaves the stock when the visit is finished.

        :param int location_id: the van of one of the crew; else the point's stock
        :return: id of the part line
        """
        self.ensure_one()
        self._check_may_act()
        self._check_visit_state(("planned", "en_route", "on_site"))
        # sudo: product.product, stock.move: may act was checked; technicians and
        # partner points have no rights on stock
        product = self.env["product.product"].sudo().browse(product_id).exists()
        if not product or product.type != "consu":
            raise UserError(self.env._("Part is missing: choose a stored product."))
        if float_compare(quantity, 0, precision_rounding=product.uom_id.rounding) <= 0:
            raise UserError(
                self.env._(
                    "%(part)s: the quantity must be above zero.",
                    part=product.display_name,
                )
            )
        move = (
            self.env["stock.move"]
            .sudo()
            .create([self.sudo()._prepare_part_vals(product, quantity)])
        )
        if location_id and location_id != move.location_id.id:
            if location_id not in self.sudo()._get_part_places().ids:
                raise UserError(
                    self.env._("Choose a part from the service point or the own van.")
                )
            move.location_id = location_id
        return move.id

    def _get_part_places(self):
        """Where the crew may take parts from: the point's stock and its own vans."""
        return self.location_id | self.crew_ids.technician_id.vehicle_location_id

    def _prepare_part_vals(self, product, quantity) -> dict:
        self.ensure_one()
        return {
            "product_id": product.id,
            "product_uom_qty": quantity,
            "product_uom": product.uom_id.id,
            "location_id": self.location_id.id,
            "location_dest_id": self.location_dest_id.id,
            "company_id": self.company_id.id,
            "origin": self.order_id.name,
            "service_visit_id": self.id,
        }

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

    def _use_parts(self):
        super()._use_parts()
        moves = self.move_ids.filtered(
            lambda move: move.state not in ("done", "cancel")
        )
        if not moves:
            return
        self.env["service.part.guard"]._touch(
            [(move.product_id.id, move.location_id.id) for move in moves]
        )
        moves._action_confirm(merge=False)
        self._check_part_stock(moves)
        for move in moves:
            if move.product_id.tracking == "none":
                move.quantity = move.product_uom_qty
            elif not move.quantity:
                move._action_assign()
            move.picked = True
        moves._action_done()
        for order, used in moves.grouped("service_order_id").items():
            order._log_event(
                "part_used",
                name=", ".join(
                    f"{move.product_id.display_name} × {move.quantity:g}"
                    for move in used
                ),
            )

    def _check_part_stock(self, moves):
        """Nothing leaves a place that does not hold it."""
        wanted = defaultdict(float)
        for move in moves.filtered(lambda move: move.product_id.is_storable):
            wanted[move.product_id, move.location_id] += move.product_qty
        free = self._get_free_quantities(wanted)
        for (product, location), quantity in wanted.items():
            held = free[product.id, location.id]
            reserved = sum(
                moves.filtered(
                    lambda move, product=product, location=location: (
                        move.product_id == product and move.location_id == location
                    )
                ).mapped("quantity")
            )
            if (
                float_compare(
                    held + reserved,
                    quantity,
                    precision_rounding=product.uom_id.rounding,
                )
                < 0
            ):
                raise UserError(
                    self.env._(
                        "%(part)s: %(wanted)g used, but %(place)s holds %(held)g. "
                        "Correct the quantity or have the part sent first.",
                        part=product.display_name,
                        wanted=quantity,
                        place=location.display_name,
                        held=held + reserved,
                    )
                )

    def action_cancel(self, reason=None):
        result = super().action_cancel(reason)
        # sudo: stock.move: parts of a visit that does not take place stay in stock
        self.sudo().move_ids.filtered(
            lambda move: move.state not in ("done", "cancel")
        )._action_cancel()
        return result
