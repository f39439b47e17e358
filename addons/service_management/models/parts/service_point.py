from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

STOCK_OWNERS = [
    ("consigned", "The company: on consignment until used"),
    ("own", "The service point: sold when sent"),
]


class ServicePoint(models.Model):
    """Stock of a point: good parts, old and defective ones, and whose they are."""

    _inherit = "service.point"

    stock_owner = fields.Selection(
        STOCK_OWNERS,
        string="Parts Belong To",
        default="consigned",
        required=True,
        tracking=True,
        help="On consignment parts stay in the company's books until they are used. "
        "Parts that the point buys leave them when they are sent.",
    )
    defective_location_id = fields.Many2one(
        "stock.location",
        string="Old Parts Location",
        readonly=True,
        copy=False,
        index="btree_not_null",
        check_company=True,
        ondelete="restrict",
        help="Old parts that wait to be sent back.",
    )

    def write(self, vals):
        if "stock_owner" in vals:
            self.filtered(
                lambda point: point.stock_owner != vals["stock_owner"]
            )._check_no_stock()
        return super().write(vals)

    def unlink(self):
        # sudo: stock.location: made by the point, so it goes with the point
        locations_sudo = self.sudo().defective_location_id
        result = super().unlink()
        locations_sudo.unlink()
        return result

    def _check_no_stock(self):
        """Parts do not change hands by a setting: first they go back."""
        # sudo: stock.quant: whether a point holds anything is no secret
        held = (
            self.env["stock.quant"]
            .sudo()
            .search(
                [
                    ("location_id", "in", self._get_stock_locations().ids),
                    ("quantity", "!=", 0),
                ],
                limit=1,
            )
        )
        if held:
            raise UserError(
                self.env._(
                    "%(place)s still holds %(part)s. Have the parts returned before "
                    "you change whose they are.",
                    place=held.location_id.display_name,
                    part=held.product_id.display_name,
                )
            )

    def _get_stock_locations(self):
        """Good stock of the points and of their technicians' vans, in sudo."""
        # sudo: service.point, service.technician: places only
        points_sudo = self.sudo().with_context(active_test=False)
        return (
            points_sudo.location_id | points_sudo.technician_ids.vehicle_location_id
        ).sudo()

    def _get_defective_location(self):
        """Where the point keeps old parts, in sudo; made when first asked for."""
        self.ensure_one()
        # sudo: stock.location: who brings an old part back does not configure stock
        point_sudo = self.sudo()
        if not point_sudo.defective_location_id:
            point_sudo.defective_location_id = point_sudo.env["stock.location"].create(
                {
                    **point_sudo._prepare_location_vals(),
                    "name": point_sudo._get_defective_name(),
                }
            )
        return point_sudo.defective_location_id

    def _get_defective_name(self) -> str:
        return self.env._("%(place)s Old Parts", place=self._get_location_name())

    def _rename_locations(self):
        result = super()._rename_locations()
        for point in self.filtered("defective_location_id"):
            # sudo: stock.location: made by the point, so it is called like it
            point.sudo().defective_location_id.name = point._get_defective_name()
        return result

    def _get_part_owner(self):
        """The partner whose the stock of the point is; none: the company's."""
        # sudo: service.point: whose parts are is the same for all
        point_sudo = self.sudo()
        if point_sudo.stock_owner == "own":
            return point_sudo.partner_id.commercial_partner_id
        return point_sudo.partner_id.browse()

    def _get_sold_parts(self, until, domain=Domain.TRUE) -> dict:
        """What was sold and sent to points that buy their parts: ``{point: moves}``.

        For whoever bills it; each move is a source of its own, taken once.

        :param until: the first day, or moment (UTC), that does not count any more
        :param domain: only these moves
        """
        moves = self._search_sold_moves(
            until,
            Domain("service_kind", "=", "ship")
            & Domain("location_dest_id", "in", self._get_sold_locations().ids)
            & Domain(
                "move_dest_ids.location_dest_id", "in", self._get_stock_locations().ids
            )
            & domain,
        )
        return self._group_by_place(moves, lambda move: move.move_dest_ids)

    def _get_bought_back_parts(self, until, domain=Domain.TRUE) -> dict:
        """What points that own their parts sent back, once it has arrived; the same
        as of ``_get_sold_parts``."""
        places = self._get_stock_locations()
        moves = self._search_sold_moves(
            until,
            Domain("location_id", "in", self._get_sold_locations().ids)
            & Domain("location_dest_id", "not in", places.ids)
            & Domain("move_orig_ids.location_id", "in", places.ids)
            & domain,
        )
        return self._group_by_place(
            moves, lambda move: move.move_orig_ids, "location_id"
        )

    def _get_sold_locations(self):
        # sudo: res.company: where sold parts are on their way
        return self.sudo().company_id.service_sold_location_id

    def _search_sold_moves(self, until, domain):
        # sudo: stock.move: billed by those who may bill
        return (
            self.env["stock.move"]
            .sudo()
            .search(domain & Domain("state", "=", "done") & Domain("date", "<", until))
        )

    def _group_by_place(self, moves, get_ends, field="location_dest_id") -> dict:
        """``{point: moves}`` by the place of the point at their other end."""
        # sudo: service.point: places only
        points = {
            place: point
            for point in self.sudo()
            for place in point._get_stock_locations()
        }
        result = {point: moves.browse() for point in self}
        for move in moves:
            for point in {points.get(end[field]) for end in get_ends(move)} - {None}:
                result[point] |= move
        return result

    def _get_part_position(self) -> tuple[float, float] | None:
        """Where parts for the point are needed: its address, else its area."""
        self.ensure_one()
        # sudo: res.partner: the place counts, whoever asks
        point_sudo = self.sudo()
        for place in (point_sudo.partner_id, point_sudo.area_id):
            names = (
                ("partner_latitude", "partner_longitude")
                if place._name == "res.partner"
                else ("latitude", "longitude")
            )
            position = tuple(place[name] for name in names)
            if any(position):
                return position
        return None

    def action_view_part_stock(self):
        return self._get_own_action("service_management.action_service_part_stock")

    def action_view_part_rules(self):
        """Odoo's own replenishment rules for the stock of the point and its vans."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "stock.action_orderpoint"
        )
        action["domain"] = [("location_id", "in", self._get_stock_locations().ids)]
        action["context"] = {
            "default_location_id": self.sudo().location_id.id,
            "default_route_id": self.company_id._get_part_route(self).id,
            "default_trigger": "auto",
        }
        return action
