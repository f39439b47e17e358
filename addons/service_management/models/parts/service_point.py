from odoo import fields, models
from odoo.exceptions import UserError

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

    def _get_sold_parts(self, date_to) -> dict:
        """What was sold and sent to points that buy their parts: ``{point: moves}``.

        For whoever bills it; each move is a source of its own, taken once.

        :param date_to: the first day that does not count any more
        """
        # sudo: stock.move: billed by those who may bill
        moves = (
            self.env["stock.move"]
            .sudo()
            .search(
                [
                    ("service_kind", "=", "ship"),
                    ("state", "=", "done"),
                    (
                        "location_dest_id",
                        "in",
                        self.sudo().company_id.service_sold_location_id.ids,
                    ),
                    (
                        "move_dest_ids.location_dest_id",
                        "in",
                        self._get_stock_locations().ids,
                    ),
                    ("date", "<", date_to),
                ]
            )
        )
        result = {}
        for point in self:
            places = point._get_stock_locations()
            result[point] = moves.filtered(
                lambda move, places=places: move.move_dest_ids.location_dest_id & places
            )
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
