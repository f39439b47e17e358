from odoo import api, fields, models

PART_KINDS = [
    ("issue", "Issued"),
    ("use", "Used"),
    ("recover", "Old Part Taken Back"),
    ("return", "Returned Unused"),
    ("exchange", "Sent in Exchange"),
    ("loan", "Lent"),
    ("loan_return", "Loaner Back"),
    ("restock", "Back into Stock"),
    ("ship", "Sent"),
    ("lost", "Lost"),
    ("found", "Found"),
]
PART_FITS = [("yes", "Fits"), ("no", "Not in the List"), ("unknown", "No List")]


class StockMove(models.Model):
    """A part line: what a stock move is to an order, a visit, an asset."""

    _inherit = "stock.move"

    service_kind = fields.Selection(
        PART_KINDS, string="Part Movement", index="btree_not_null", copy=False
    )
    service_visit_id = fields.Many2one(
        "service.visit", index="btree_not_null", copy=False, check_company=True
    )
    service_order_id = fields.Many2one(
        "service.order",
        compute="_compute_service_order_id",
        store=True,
        readonly=False,
        copy=False,
        index="btree_not_null",
    )
    service_asset_id = fields.Many2one(
        related="service_order_id.asset_id", store=True, index="btree_not_null"
    )
    service_fits = fields.Selection(PART_FITS, string="Fits", copy=False)
    service_lot_id = fields.Many2one(
        "stock.lot",
        string="Serial Built In",
        copy=False,
        help="The serial number that was chosen; else any that is there.",
    )
    service_old_serial = fields.Char(
        string="Serial Taken Out",
        copy=False,
        help="The serial number of the old part.",
    )
    service_date_due = fields.Date(
        string="Due Back", copy=False, help="For what is lent or sent in exchange."
    )
    service_available = fields.Float(
        string="On Hand",
        compute="_compute_service_available",
        digits="Product Unit",
        help="Free quantity of the part in the place it is taken from.",
    )

    @api.depends("service_visit_id.order_id")
    def _compute_service_order_id(self):
        for move in self:
            move.service_order_id = (
                move.service_visit_id.order_id or move.service_order_id
            )

    @api.depends("product_id", "location_id", "state")
    def _compute_service_available(self):
        parts = self.filtered("service_visit_id")
        (self - parts).service_available = 0.0
        free = self.env["service.visit"]._get_free_quantities(
            [(move.product_id, move.location_id) for move in parts]
        )
        for move in parts:
            move.service_available = free[move.product_id.id, move.location_id.id]
