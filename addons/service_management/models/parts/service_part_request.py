from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import formatLang

from odoo.addons.service_management.engine import part_source

REQUEST_KINDS = [("issue", "Parts Wanted"), ("return", "Unused Parts Back")]
REQUEST_STATES = [
    ("draft", "Draft"),
    ("requested", "Requested"),
    ("approved", "To Send"),
    ("shipped", "Shipped"),
    ("received", "Received"),
    ("refused", "Refused"),
    ("cancelled", "Cancelled"),
]
OPEN_STATES = ("draft", "requested", "approved", "shipped")
# Within so many hours a near point helps out before a warehouse far away
URGENT_HOURS = 24


class ServicePartRequest(models.Model):
    """Parts that a service point wants, or sends back unused.

    1. The point, a technician, or the office for an order asks.
    2. Approving chooses the best source of each part (``engine.part_source``), makes
       a shipment and a receipt for each source, and reserves at once.
    3. Shipping moves the parts into transit; the point says what came, and what
       differs is followed up, see ``service.part.difference``.

    It stands in the order of what waits the shortest: when the order is due that the
    part is for.
    """

    _name = "service.part.request"
    _description = "Part Request"
    _inherit = [
        "service.part.flow",
        "service.owner.mixin",
        "mail.thread",
        "mail.activity.mixin",
    ]
    _order = "date_needed, id"
    _check_company_auto = True

    _flow_fields = frozenset({"state", "name", "reason", "user_id", "company_id"})
    # Fixed from approval on
    _route_fields = frozenset({"kind", "point_id", "technician_id", "order_id"})

    name = fields.Char(
        required=True,
        copy=False,
        readonly=True,
        default=lambda self: self.env["ir.sequence"].next_by_code(
            "service.part.request"
        ),
    )
    kind = fields.Selection(REQUEST_KINDS, default="issue", required=True)
    state = fields.Selection(
        REQUEST_STATES,
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        tracking=True,
        index=True,
    )
    company_id = fields.Many2one(
        related="point_id.company_id", store=True, precompute=True, index=True
    )
    point_id = fields.Many2one(
        "service.point",
        string="Service Point",
        required=True,
        index=True,
        check_company=True,
        ondelete="restrict",
        default=lambda self: self.env.user._get_own_part_points()[:1],
    )
    technician_id = fields.Many2one(
        "service.technician",
        index="btree_not_null",
        check_company=True,
        domain="[('point_id', '=', point_id)]",
        help="The parts go into this technician's van; else into the stock of the "
        "point.",
    )
    order_id = fields.Many2one(
        "service.order",
        index="btree_not_null",
        check_company=True,
        help="The job that the parts are for.",
    )
    user_id = fields.Many2one(
        "res.users",
        string="Asked By",
        default=lambda self: self.env.user,
        readonly=True,
    )
    date_needed = fields.Datetime(
        string="Needed By",
        compute="_compute_date_needed",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        index=True,
        help="When the order is due; else three days after the request.",
    )
    is_urgent = fields.Boolean(compute="_compute_is_urgent")
    line_ids = fields.One2many("service.part.request.line", "request_id", copy=True)
    picking_ids = fields.One2many(
        "stock.picking",
        "service_request_id",
        string="Transfers",
        groups="stock.group_stock_user",
    )
    difference_ids = fields.One2many("service.part.difference", "request_id")
    note = fields.Text()
    reason = fields.Char(string="Refused Because", readonly=True, tracking=True)

    @api.depends("order_id.date_due")
    def _compute_date_needed(self):
        now = fields.Datetime.now()
        for request in self:
            # sudo: service.order: when the job is due decides
            request.date_needed = (
                request.sudo().order_id.date_due
                or request.date_needed
                or fields.Datetime.add(now, days=3)
            )

    @api.depends("date_needed")
    def _compute_is_urgent(self):
        limit = fields.Datetime.add(fields.Datetime.now(), hours=URGENT_HOURS)
        for request in self:
            request.is_urgent = bool(request.date_needed) and (
                request.date_needed <= limit
            )

    def write(self, vals):
        if not self.env.su and self._route_fields & vals.keys():
            # Who ships and who receives goes by them
            self._check_state(("draft", "requested"))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_begun(self):
        if any(request.state not in ("draft", "cancelled") for request in self):
            raise UserError(
                self.env._("Requests that were made are kept. Cancel them instead.")
            )

    # What people do

    def action_request(self):
        """Hand the request in."""
        self.check_access("write")
        self._check_state(("draft",))
        # The order's history will say so: it must be theirs to see
        if self.order_id:
            self.order_id.check_access("read")
        for request in self:
            if not request.line_ids:
                raise UserError(
                    self.env._("%(request)s asks for nothing.", request=request.name)
                )
        self.sudo().state = "requested"
        self._log_on_orders()
        return True

    def action_approve(self):
        """Choose the sources, reserve, and have the parts sent."""
        self._check_office()
        self._check_state(("draft", "requested"))
        # sudo: stock: the office approves, and need not have rights on the warehouse
        for request in self.sudo().sorted("date_needed"):
            request._reserve_sources()
            request.state = "approved"
        return True

    def action_ship(self, parcel=None):
        """All that is reserved leaves; the rest waits for stock."""
        self._check_shipper()
        self._check_state(("approved",))
        # sudo: stock.picking: who ships was checked
        for request in self.sudo():
            shipments = request._get_transfers("shipment")
            ready = shipments.filtered(
                lambda picking: any(picking.move_ids.mapped("quantity"))
            )
            if not ready:
                raise UserError(
                    self.env._(
                        "%(request)s: nothing is in stock yet.", request=request.name
                    )
                )
            ready.service_parcel = parcel or False
            request._get_transfers("receipt").service_parcel = parcel or False
            ready.move_ids.filtered("quantity").picked = True
            ready._action_done()
        return True

    def action_open_receive(self):
        """Say what of a parcel has come, part by part and number by number."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "service.part.receive",
            "res_id": self.env["service.part.receive"]
            .create({"request_id": self.id})
            .id,
            "name": self.env._("Receive Parts"),
            "view_mode": "form",
            "target": "new",
        }

    def action_receive(self, quantities=None, missing=None, surplus=None):
        """Take what has come.

        :param dict quantities: ``{line id: quantity}``; lines left out came in full
        :param dict missing: ``{line id: [lot id]}``, the serial numbers that did not
            come; counts for more than the quantity of their line
        :param dict surplus: ``{line id: [serial number]}``, pieces that nobody sent
        """
        receipts = self._get_arriving()
        receipts.with_env(self.env)._check_may_receive()
        if not receipts:
            raise UserError(self.env._("Nothing is on its way."))
        shares = receipts._share_received(
            self._read_lines(quantities),
            self._read_lines(missing),
            self._read_lines(surplus),
        )
        for receipt in receipts:
            receipt._receive_parts(*shares[receipt])
        return True

    def _get_arriving(self):
        """Receipts of what has been sent and has not come yet (sudo)."""
        self.check_access("read")
        # sudo: stock.picking: parcels of requests that the user reads
        return (
            self.sudo()
            ._get_transfers("receipt")
            .filtered(lambda picking: picking.state == "assigned")
        )

    def _read_lines(self, values) -> dict:
        """What a caller says of lines, by id; keys of JSON are texts."""
        known = set(self.line_ids.ids)
        by_line = {}
        for key, value in (values or {}).items():
            text = str(key)
            line_id = int(text) if text.isascii() and text.isdigit() else 0
            if line_id not in known:
                raise UserError(self.env._("This line is not of the request."))
            by_line[line_id] = value
        return by_line

    def action_refuse(self, reason):
        self._check_office()
        self._check_state(("draft", "requested"))
        if not (reason or "").strip():
            raise UserError(self.env._("Say why the request is refused."))
        self.sudo().write({"state": "refused", "reason": reason.strip()})
        return True

    def action_cancel(self):
        """Take the request back; what was reserved is free again."""
        self.check_access("write")
        self._check_state(("draft", "requested", "approved"))
        # sudo: stock.picking: nothing has left yet
        request_sudo = self.sudo()
        request_sudo._get_transfers().filtered(
            lambda picking: picking.state not in ("done", "cancel")
        ).action_cancel()
        request_sudo.state = "cancelled"
        return True

    def action_view_transfers(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "stock.action_picking_tree_all"
        )
        action["domain"] = [("service_request_id", "=", self.id)]
        action["context"] = {}
        return action

    # Where parts come from and go to

    def _get_dest(self):
        """Where the parts go (sudo)."""
        self.ensure_one()
        request_sudo = self.sudo()
        if request_sudo.kind == "return":
            return request_sudo.company_id._get_part_location("central")
        return (
            request_sudo.technician_id.vehicle_location_id
            or request_sudo.point_id.location_id
        )

    def _reserve_sources(self):
        """Transfers from the best sources; what nobody has is awaited from the central
        warehouse, whose own replenishment sees it."""
        self.ensure_one()
        dest = self._get_dest()
        entries = []
        sources = self._find_sources()
        self.env["service.part.guard"]._touch(
            [
                (line.product_id.id, source.key)
                for line in self.line_ids
                for source in sources[line.product_id]
            ]
        )
        # What was free may be so no longer: read again, now that the guard is held
        sources = self._find_sources()
        locations = self.env["stock.location"].sudo()
        for line in self.line_ids:
            shares, missing = part_source.allocate(
                line.quantity, sources[line.product_id], self.is_urgent
            )
            fallback = (
                self.point_id.location_id
                if self.kind == "return"
                else self.company_id._get_part_location("central")
            )
            if missing and self.kind == "return":
                raise UserError(
                    self.env._(
                        "%(part)s: %(place)s holds only %(held)g of %(wanted)g.",
                        part=line.product_id.display_name,
                        place=fallback.display_name,
                        held=line.quantity - missing,
                        wanted=line.quantity,
                    )
                )
            amounts = {share.key: share.quantity for share in shares}
            if missing:
                amounts[fallback.id] = amounts.get(fallback.id, 0.0) + missing
            entries += [
                (line.product_id, quantity, locations.browse(key), dest, line)
                for key, quantity in amounts.items()
            ]
            line.source_text = ", ".join(
                f"{locations.browse(key).display_name}: "
                f"{formatLang(self.env, quantity, digits=0)}"
                for key, quantity in amounts.items()
            )
            line.quantity_missing = missing
        self.env["stock.move"]._ship_parts(
            entries,
            {
                "service_request_id": self.id,
                "origin": self.name,
                "scheduled_date": self.date_needed,
                "priority": "1" if self.is_urgent else "0",
            },
        )

    def _find_sources(self) -> dict:
        """``{product: [part_source.Source]}`` of what could be sent to the point."""
        self.ensure_one()
        products = self.line_ids.product_id
        if self.kind == "return":
            place = self.technician_id.vehicle_location_id or self.point_id.location_id
            free = self.env["service.visit"]._get_free_quantities(
                [(product, place) for product in products]
            )
            return {
                product: [
                    part_source.Source(place.id, 0, 0.0, free[product.id, place.id])
                ]
                for product in products
            }
        found = self.env["service.part.stock"]._find_parts(
            products, self.company_id, self.point_id._get_part_position()
        )
        own = self.point_id._get_stock_locations()
        return {
            product: [
                part_source.Source(
                    place.location.id,
                    {"central": 0, "branch": 1}.get(place.kind, 2),
                    place.minutes,
                    place.spare,
                )
                for place in found[product]
                if place.may_send and place.location not in own
            ]
            for product in products
        }

    def _get_transfers(self, flow=None):
        """Shipments or receipts that are not cancelled (sudo)."""
        pickings = self.sudo().picking_ids.filtered(lambda row: row.state != "cancel")
        if not flow:
            return pickings
        return pickings.filtered(
            lambda row: row.picking_type_id == row.company_id[f"service_{flow}_type_id"]
        )

    def _follow_transfers(self):
        """The state follows from the transfers, whoever books them."""
        for request in self.filtered(lambda row: row.state in OPEN_STATES):
            receipts = request._get_transfers("receipt")
            shipments = request._get_transfers("shipment")
            if not receipts:
                continue
            if all(picking.state == "done" for picking in receipts + shipments):
                request.state = "received"
            elif any(picking.state == "done" for picking in shipments):
                request.state = "shipped"

    def _log_on_orders(self):
        for request in self.sudo().filtered("order_id"):
            request.order_id._log_event(
                "part_requested",
                name=", ".join(
                    f"{line.product_id.display_name} × {line.quantity:g}"
                    for line in request.line_ids
                ),
                data={"request_id": request.id},
            )

    # Who may

    def _check_shipper(self):
        """What is sent back is sent by the point itself."""
        self.check_access("read")
        own = self.env.user._get_own_part_points()
        for request in self.sudo():
            if request.kind != "return" or request.point_id not in own:
                self._check_office()
                return
