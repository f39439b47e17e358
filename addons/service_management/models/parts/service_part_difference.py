from odoo import api, fields, models
from odoo.exceptions import UserError

from .stock_move_parts import PartMove

DIFFERENCE_STATES = [
    ("open", "Open"),
    ("found", "Found"),
    ("lost", "Written Off"),
    ("confirmed", "Confirmed"),
    ("returning", "On Its Way Back"),
    ("returned", "Sent Back"),
]


class ServicePartDifference(models.Model):
    """More or less came than was sent.

    What is missing stays on its way in the books, until it is found or written off;
    what came too much is taken from the sender once that is confirmed, or goes back to
    it (``service_part_surplus.py``).
    """

    _name = "service.part.difference"
    _description = "Difference of a Parcel"
    _inherit = ["service.part.flow", "mail.thread", "mail.activity.mixin"]
    _order = "id desc"
    _rec_name = "product_id"
    _check_company_auto = True

    company_id = fields.Many2one("res.company", required=True, readonly=True)
    state = fields.Selection(
        DIFFERENCE_STATES, default="open", required=True, readonly=True, tracking=True
    )
    picking_id = fields.Many2one(
        "stock.picking",
        string="Parcel",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    request_id = fields.Many2one(
        related="picking_id.service_request_id", store=True, index="btree_not_null"
    )
    open_move_id = fields.Many2one(
        "stock.move",
        readonly=True,
        index="btree_not_null",
        groups="stock.group_stock_user",
        help="What is still on its way.",
    )
    point_id = fields.Many2one(
        "service.point", string="Service Point", readonly=True, index=True
    )
    product_id = fields.Many2one(
        "product.product", string="Part", required=True, readonly=True, index=True
    )
    quantity_sent = fields.Float(string="Sent", readonly=True, digits="Product Unit")
    quantity_received = fields.Float(
        string="Received", readonly=True, digits="Product Unit"
    )
    quantity = fields.Float(
        string="Missing",
        compute="_compute_quantity",
        store=True,
        digits="Product Unit",
        help="Below zero: more came than was sent.",
    )
    lot_ids = fields.Many2many(
        "stock.lot",
        string="Missing Numbers",
        readonly=True,
        groups="stock.group_stock_user",
    )
    serials = fields.Char(
        string="Missing Serial Numbers",
        compute="_compute_serials",
        compute_sudo=True,
        help="As far as whoever received the parcel has named them.",
    )
    user_id = fields.Many2one(
        "res.users",
        string="Found By",
        readonly=True,
        default=lambda self: self.env.user,
    )
    note = fields.Char()

    @api.depends("quantity_sent", "quantity_received")
    def _compute_quantity(self):
        for row in self:
            row.quantity = row.quantity_sent - row.quantity_received

    @api.depends("lot_ids")
    def _compute_serials(self):
        for row in self:
            row.serials = ", ".join(row.lot_ids.mapped("name"))

    @api.model
    def _report(self, vals_list):
        """Keep differences and ask the office to follow them up."""
        # sudo: service.part.difference: kept by the system when parcels are received
        rows = self.sudo().create(vals_list)
        for row in rows:
            row.activity_schedule(
                "mail.mail_activity_data_todo",
                summary=self.env._("A parcel differs from what was sent"),
                user_id=(
                    row.request_id.user_id.id
                    if not row.request_id.user_id.share and row.request_id.user_id
                    else self.env.ref("base.user_admin").id
                ),
            )
        return rows

    def action_found(self):
        """What was missing has come after all."""
        self._check_office()
        self._check_missing()
        # sudo: stock.picking: the office was checked
        for row in self.sudo():
            move = row.open_move_id
            if move.state in ("assigned", "partially_available"):
                move.picking_id._receive_parts({})
            row._close("found")
        return True

    def action_lost(self):
        """What is missing will not come: write it off."""
        self._check_office()
        self._check_missing()
        # sudo: stock.move: the office was checked
        for row in self.sudo():
            move = row.open_move_id
            way = move.location_id
            move._action_cancel()
            product = row.product_id
            # The numbers that were named, not any others that are on their way
            amounts = [
                (lot, 1.0) for lot in row.lot_ids if product.tracking == "serial"
            ]
            rest = row.quantity - len(amounts)
            if rest > 0:
                amounts.append((row.lot_ids[:1] if not amounts else None, rest))
            dest = product.with_company(row.company_id).property_stock_inventory
            origin = {"origin": row.picking_id.name}
            self.env["stock.move"]._move_parts(
                [
                    PartMove(product, quantity, way, dest, "lost", lot=lot, vals=origin)
                    for lot, quantity in amounts
                ]
            )
            row._close("lost")
            row.picking_id.service_request_id._follow_transfers()
        return True

    def _close(self, state):
        self.state = state
        self.activity_ids.action_done()

    def _check_open(self):
        for row in self.sudo():
            if row.state != "open":
                raise UserError(self.env._("This difference is settled already."))

    def _check_missing(self):
        self._check_open()
        if any(row.quantity <= 0 for row in self):
            raise UserError(self.env._("More came than was sent: confirm it instead."))
