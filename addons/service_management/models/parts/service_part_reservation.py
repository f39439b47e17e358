from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError


class StockMove(models.Model):
    _inherit = "stock.move"

    service_need_id = fields.Many2one(
        "service.part.need",
        index="btree_not_null",
        ondelete="set null",
        copy=False,
        help="The expected part that is kept for its order.",
    )


class ServicePartNeed(models.Model):
    """An expected part that is kept for the job, where it is.

    It is a stock move to the customer that is reserved and not done: nobody else can
    take the part. The visit that uses it takes it over.
    """

    _inherit = "service.part.need"

    move_ids = fields.One2many(
        "stock.move", "service_need_id", groups="stock.group_stock_user"
    )
    reserved_quantity = fields.Float(
        string="Reserved", compute="_compute_reserved", digits="Product Unit"
    )
    reserved_location_id = fields.Many2one(
        "stock.location", string="Reserved At", compute="_compute_reserved"
    )
    request_state = fields.Selection(
        lambda self: (
            self.env["service.part.request"]
            ._fields["state"]
            ._description_selection(self.env)
        ),
        string="Request",
        compute="_compute_request_state",
    )

    def _compute_reserved(self):
        # sudo: stock.move: what is kept for the own job
        for need in self:
            moves = need.sudo().move_ids.filtered(
                lambda move: move.state in ("assigned", "partially_available")
            )
            need.reserved_quantity = sum(moves.mapped("quantity"))
            need.reserved_location_id = moves.location_id[:1]

    def _compute_request_state(self):
        # sudo: service.part.request: how far the parts for the own job are
        lines = (
            self.env["service.part.request.line"]
            .sudo()
            .search(
                [
                    ("request_id.order_id", "in", self.order_id.ids),
                    ("request_id.state", "not in", ("refused", "cancelled")),
                ]
            )
        )
        states = {
            (line.request_id.order_id, line.product_id): line.request_id.state
            for line in lines
        }
        for need in self:
            need.request_state = states.get((need.order_id, need.product_id), False)

    @api.ondelete(at_uninstall=False)
    def _unlink_reservation(self):
        self._release()

    def action_find(self):
        """Where the part is, with the way to the job."""
        self.ensure_one()
        self.check_access("read")
        wizard = self.env["service.part.find"].create({"need_id": self.id})
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Where Is %(part)s?", part=self.product_id.display_name),
            "res_model": "service.part.find",
            "res_id": wizard.id,
            "view_mode": "form",
            "target": "new",
        }

    def action_reserve(self, location_id=None):
        """Keep the part for the job; by default in the stock of the order's point."""
        self._check_may_reserve()
        for need in self.sudo():
            order = need.order_id
            if order.state in ("done", "closed", "cancelled"):
                raise UserError(self.env._("The order needs no parts any more."))
            places = order._get_reserving_places()
            location = (
                self.env["stock.location"].sudo().browse(location_id)
                if location_id
                else order.point_id.location_id
            )
            if not location or location not in places:
                raise UserError(
                    self.env._(
                        "Parts are reserved where the job takes them from: the service "
                        "point of the order or a van of its crew. Have others sent."
                    )
                )
            need._release()
            customer = order.partner_id.property_stock_customer
            move = (
                self.env["stock.move"]
                .sudo()
                .create(
                    {
                        "product_id": need.product_id.id,
                        "product_uom_qty": need.quantity,
                        "product_uom": need.product_id.uom_id.id,
                        "location_id": location.id,
                        "location_dest_id": customer.id,
                        "company_id": order.company_id.id,
                        "origin": order.name,
                        "service_order_id": order.id,
                        "service_need_id": need.id,
                        "service_kind": "use",
                    }
                )
            )
            move._touch_guard()
            move._action_confirm(merge=False)
            move._reserve_parts()
            order._log_event(
                "part_reserved",
                name=f"{need.product_id.display_name} × {need.quantity:g}",
                data={"location_id": location.id},
            )
        return True

    def action_release(self):
        """Let others have the part."""
        self._check_may_reserve()
        self.sudo()._release()
        return True

    def action_request(self):
        """Have the part sent to the point of the order."""
        self._check_may_reserve()
        requests = self.env["service.part.request"].sudo()
        for order, needs in self.sudo().grouped("order_id").items():
            if not order.point_id:
                raise UserError(
                    self.env._("Choose the service point first: parts are sent there.")
                )
            request = requests.create(
                {
                    "point_id": order.point_id.id,
                    "order_id": order.id,
                    "user_id": self.env.uid,
                    "line_ids": [
                        fields.Command.create(
                            {
                                "product_id": need.product_id.id,
                                "quantity": need.quantity,
                            }
                        )
                        for need in needs
                    ],
                }
            )
            request.action_request()
            requests += request
        return requests

    def _release(self):
        # sudo: stock.move: a reservation of the own job
        self.sudo().move_ids.filtered(
            lambda move: (
                move.state not in ("done", "cancel") and not move.service_visit_id
            )
        )._action_cancel()

    def _check_may_reserve(self):
        """The office, the point of the order and its crew."""
        self.check_access("read")
        user = self.env.user
        if self.env.su or user.has_group("service_management.group_service_agent"):
            return
        own = user._get_own_part_points()
        for need in self.sudo():
            if need.order_id.point_id not in own:
                raise AccessError(
                    self.env._("Only the service point of the order reserves parts.")
                )


class ServiceOrder(models.Model):
    _inherit = "service.order"

    def _get_reserving_places(self):
        """Where the job may take parts from: its point, the vans of its crews."""
        self.ensure_one()
        # sudo: service.visit: places only
        order_sudo = self.sudo()
        visits = order_sudo.visit_ids.filtered(
            lambda visit: visit.state in ("planned", "en_route", "on_site")
        )
        return (
            order_sudo.point_id.location_id
            | visits.crew_ids.technician_id.vehicle_location_id
        )

    def _get_part_position(self) -> tuple[float, float] | None:
        """Where the parts are needed: at the site."""
        self.ensure_one()
        # sudo: res.partner: the place of the job counts, whoever asks
        order_sudo = self.sudo()
        site = order_sudo.site_id or order_sudo.partner_id
        if site.partner_latitude or site.partner_longitude:
            return (site.partner_latitude, site.partner_longitude)
        area = order_sudo.area_id
        if area.latitude or area.longitude:
            return (area.latitude, area.longitude)
        return None

    def _get_reserved_moves(self):
        """Moves that keep parts for the orders and no visit has taken over (sudo)."""
        # sudo: stock.move: reservations of the orders
        return (
            self.env["stock.move"]
            .sudo()
            .search(
                [
                    ("service_order_id", "in", self.ids),
                    ("service_need_id", "!=", False),
                    ("service_visit_id", "=", False),
                    ("state", "not in", ("done", "cancel")),
                ]
            )
        )

    def _on_transition(self, state):
        result = super()._on_transition(state)
        if state in ("done", "closed", "cancelled"):
            self._get_reserved_moves()._action_cancel()
        return result
