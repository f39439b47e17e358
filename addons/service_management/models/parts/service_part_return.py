from odoo import api, fields, models
from odoo.fields import Domain

RETURN_KINDS = [
    ("old", "Old Part"),
    ("exchange", "Exchange"),
    ("loan", "Loaner"),
]
RETURN_STATES = [
    ("due", "Due Back"),
    ("sent", "Sent Back"),
    ("received", "Received"),
    ("settled", "Settled"),
    ("waived", "Waived"),
]
RETURN_RESULTS = [
    ("good", "In Good Order"),
    ("defective", "Defective"),
    ("missing", "Missing"),
    ("not_original", "Not Original"),
]
DISPOSITIONS = [
    ("stock", "Into Stock"),
    ("repair", "For Repair"),
    ("scrap", "Scrapped"),
    ("supplier", "Claimed From the Supplier"),
    ("back", "Given Back"),
    ("charged", "Charged to the Point"),
]
# What a point answers for, though something arrived or nothing ever will
CHARGED_RESULTS = ("missing", "not_original")


class ServicePartReturn(models.Model):
    """A part that somebody owes back: an old part, a loaner, one sent in exchange.

    1. Using a recoverable part makes it; it is due some days later, by the product,
       its category or the company.
    2. The service point sends it, the company receives and inspects it.
    3. Where the part is stands in stock; this record knows the place it was last
       moved to. An old part belongs to the customer and carries no value, until one
       that is good goes into our stock.
    4. What is not sent in time, is missing or not the original is owed by the point,
       at the value that the part had when it was used.
    """

    _name = "service.part.return"
    _description = "Part Due Back"
    _inherit = ["service.part.flow", "mail.thread", "mail.activity.mixin"]
    _order = "date_due, id"
    _rec_names_search = ["name", "product_id", "order_id", "parcel"]
    _check_company_auto = True

    # All but the day: that may be put off
    _flow_fields = frozenset(
        {
            "state",
            "kind",
            "company_id",
            "point_id",
            "partner_id",
            "order_id",
            "visit_id",
            "move_id",
            "product_id",
            "lot_id",
            "quantity",
            "location_id",
            "value",
            "date_sent",
            "parcel",
            "date_received",
            "result",
            "disposition",
            "supplier_claim",
            "note",
            "reason",
        }
    )

    name = fields.Char(compute="_compute_name", store=True, index="trigram")
    kind = fields.Selection(RETURN_KINDS, default="old", required=True, readonly=True)
    state = fields.Selection(
        RETURN_STATES, default="due", required=True, readonly=True, tracking=True
    )
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True
    )
    # Whose, and what for
    point_id = fields.Many2one(
        "service.point",
        string="Service Point",
        index=True,
        readonly=True,
        check_company=True,
        ondelete="restrict",
        help="Answers for the part.",
    )
    partner_id = fields.Many2one(
        "res.partner", string="Customer", readonly=True, index="btree_not_null"
    )
    order_id = fields.Many2one(
        "service.order", index=True, readonly=True, ondelete="restrict"
    )
    visit_id = fields.Many2one(
        "service.visit", index="btree_not_null", readonly=True, ondelete="restrict"
    )
    move_id = fields.Many2one(
        "stock.move",
        string="Movement",
        index="btree_not_null",
        readonly=True,
        ondelete="restrict",
        groups="stock.group_stock_user",
        help="The part that was used, lent or sent, for which this one is owed.",
    )
    product_id = fields.Many2one(
        "product.product", string="Part", required=True, readonly=True, index=True
    )
    lot_id = fields.Many2one(
        "stock.lot", string="Serial Number", readonly=True, index="btree_not_null"
    )
    quantity = fields.Float(required=True, readonly=True, digits="Product Unit")
    location_id = fields.Many2one(
        "stock.location", string="Where It Is", readonly=True, ondelete="restrict"
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    value = fields.Monetary(
        string="Worth",
        readonly=True,
        tracking=True,
        help="What is owed when it does not come back: the cost of the part when it "
        "was used.",
    )
    # How it goes
    date_due = fields.Date(string="Due Date", required=True, index=True, tracking=True)
    is_overdue = fields.Boolean(
        compute="_compute_is_overdue", search="_search_is_overdue"
    )
    date_sent = fields.Datetime(string="Sent Back On", readonly=True)
    parcel = fields.Char(string="Parcel Number", readonly=True)
    date_received = fields.Datetime(string="Received On", readonly=True)
    result = fields.Selection(RETURN_RESULTS, readonly=True, tracking=True)
    disposition = fields.Selection(DISPOSITIONS, readonly=True, tracking=True)
    supplier_claim = fields.Boolean(
        string="Claim From Supplier",
        readonly=True,
        help="The part goes back to the supplier, who is asked to pay.",
    )
    note = fields.Char(string="Finding", readonly=True)
    reason = fields.Char(string="Waived Because", readonly=True, tracking=True)

    _overdue_idx = models.Index("(point_id, date_due) WHERE state = 'due'")
    _charged_idx = models.Index(
        "(point_id) WHERE result IN ('missing', 'not_original')"
    )
    _quantity_positive = models.Constraint(
        "CHECK (quantity > 0)", "What is due back must be more than nothing."
    )

    @api.depends("product_id", "order_id", "lot_id")
    def _compute_name(self):
        for row in self:
            parts = [row.order_id.name, row.product_id.display_name, row.lot_id.name]
            row.name = " · ".join(part for part in parts if part)

    @api.depends("state", "date_due", "company_id")
    def _compute_is_overdue(self):
        for row in self:
            today = row.company_id._get_service_day()
            row.is_overdue = row.state == "due" and row.date_due < today

    def _search_is_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        late = Domain("state", "=", "due") & self.env["res.company"]._get_today_domain(
            lambda today: [("date_due", "<", today)]
        )
        return late if True in value else ~late

    @api.model
    def _get_overdue(self, points, day) -> dict:
        """What points owe on a day, for the next settlement.

        :return: ``{point: records}``: old parts not sent by the day they were due,
            and what was found missing or not the original; what was waived or settled
            otherwise is not in it. A loaner that is late is with the customer.
        """
        # sudo: service.part.return: settlement takes what is owed, whoever runs it
        rows = self.sudo().search(
            [
                ("point_id", "in", points.ids),
                "|",
                "&",
                "&",
                ("kind", "=", "old"),
                ("state", "=", "due"),
                ("date_due", "<", day),
                "&",
                ("result", "in", CHARGED_RESULTS),
                ("disposition", "=", "charged"),
            ]
        )
        found = rows.grouped("point_id")
        return {point: found.get(point, self.browse()) for point in points}
