from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import float_is_zero

COUNT_STATES = [
    ("draft", "Counting"),
    ("counted", "Counted"),
    ("approved", "Approved"),
    ("refused", "To Count Again"),
    ("cancelled", "Cancelled"),
]


class ServicePartCount(models.Model):
    """A count of a van or of a point's stock.

    Who holds the parts counts them; the office approves, and what differs becomes an
    inventory adjustment. What moved between the count and the approval is not lost:
    the difference is applied, not the number.
    """

    _name = "service.part.count"
    _description = "Stock Count"
    _inherit = ["service.part.flow", "mail.thread", "mail.activity.mixin"]
    _order = "id desc"
    _rec_name = "location_id"
    _check_company_auto = True

    # Whose count it is follows from the place
    _flow_fields = frozenset(
        {"state", "user_id", "date", "point_id", "technician_id", "company_id"}
    )

    state = fields.Selection(
        COUNT_STATES, default="draft", required=True, readonly=True, tracking=True
    )
    place_id = fields.Many2one(
        "service.part.place",
        string="Van or Stock",
        compute="_compute_place",
        inverse="_inverse_place",
        domain="[('kind', 'in', ('branch', 'point', 'vehicle'))]",
    )
    location_id = fields.Many2one(
        "stock.location", string="Place", required=True, index=True, ondelete="restrict"
    )
    point_id = fields.Many2one(
        "service.point",
        string="Service Point",
        compute="_compute_point_id",
        store=True,
        precompute=True,
        index=True,
    )
    technician_id = fields.Many2one(
        "service.technician",
        compute="_compute_point_id",
        store=True,
        precompute=True,
        index="btree_not_null",
    )
    company_id = fields.Many2one(
        related="location_id.company_id", store=True, precompute=True, index=True
    )
    user_id = fields.Many2one(
        "res.users",
        string="Counted By",
        default=lambda self: self.env.user,
        readonly=True,
    )
    date = fields.Datetime(default=fields.Datetime.now, readonly=True)
    line_ids = fields.One2many("service.part.count.line", "count_id")
    difference_count = fields.Integer(compute="_compute_difference_count")
    note = fields.Char(string="Remark")

    _open_uniq = models.UniqueIndex(
        "(location_id) WHERE state IN ('draft', 'counted')",
        "This place is being counted already.",
    )

    def _compute_place(self):
        for count in self:
            count.place_id = count.location_id.id

    def _inverse_place(self):
        for count in self:
            count.location_id = count.place_id.location_id

    @api.depends("location_id")
    def _compute_point_id(self):
        # sudo: service.part.place: whose place it is
        places = (
            self.env["service.part.place"]
            .sudo()
            .search([("location_id", "in", self.location_id.ids)])
        ).grouped("location_id")
        for count in self:
            place = places.get(count.location_id, self.env["service.part.place"])[:1]
            count.point_id = place.point_id
            count.technician_id = place.technician_id

    @api.depends("line_ids.difference")
    def _compute_difference_count(self):
        for count in self:
            count.difference_count = sum(
                bool(line.difference) for line in count.line_ids
            )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if vals.get("place_id") and not vals.get("location_id"):
                vals["location_id"] = vals["place_id"]
        counts = super().create(vals_list)
        counts._fill()
        return counts

    def write(self, vals):
        if (
            not self.env.su
            and "location_id" in vals
            and any(count.location_id.id != vals["location_id"] for count in self)
        ):
            raise UserError(
                self.env._("What was counted holds for its place: count anew.")
            )
        return super().write(vals)

    def _fill(self):
        """A line for each part, serial and owner that the books say is there."""
        # sudo: stock.quant: what the place holds is what is counted
        quants = (
            self.env["stock.quant"]
            .sudo()
            .search(
                [
                    ("location_id", "in", self.location_id.ids),
                    ("quantity", "!=", 0),
                ]
            )
        )
        vals_list = []
        for count in self.filtered(lambda row: not row.line_ids):
            amounts = defaultdict(float)
            for quant in quants:
                if quant.location_id == count.location_id:
                    key = (quant.product_id.id, quant.lot_id.id, quant.owner_id.id)
                    amounts[key] += quant.quantity
            vals_list += [
                {
                    "count_id": count.id,
                    "product_id": product_id,
                    "lot_id": lot_id,
                    "owner_id": owner_id,
                    "expected": quantity,
                    "counted": quantity,
                }
                for (product_id, lot_id, owner_id), quantity in amounts.items()
            ]
        # sudo: service.part.count.line: of the count that was just begun
        self.env["service.part.count.line"].sudo().create(vals_list)

    def action_submit(self):
        """Hand the count in."""
        self.check_access("write")
        self._check_state(("draft", "refused"))
        # sudo: service.part.count: may write was checked
        self.sudo().write({"state": "counted", "date": fields.Datetime.now()})
        return True

    def action_approve(self):
        """What differs becomes an inventory adjustment."""
        self._check_office()
        self._check_state(("counted",))
        # sudo: stock.quant: the office was checked
        for count in self.sudo():
            count._adjust()
            count.state = "approved"
        return True

    def action_refuse(self):
        """Have it counted again."""
        self._check_office()
        self._check_state(("counted",))
        self.sudo().state = "refused"
        return True

    def action_cancel(self):
        self.check_access("write")
        self._check_state(("draft", "counted", "refused"))
        self.sudo().state = "cancelled"
        return True

    def _adjust(self):
        self.ensure_one()
        lines = self.line_ids.filtered(
            lambda line: (
                not float_is_zero(
                    line.difference, precision_rounding=line.product_id.uom_id.rounding
                )
            )
        )
        self.env["service.part.guard"]._touch(
            [(line.product_id.id, self.location_id.id) for line in lines]
        )
        quants = self.env["stock.quant"].with_context(
            inventory_mode=True,
            inventory_name=self.env._(
                "Count of %(place)s", place=self.location_id.name
            ),
        )
        changed = quants
        for line in lines:
            quant = quants._gather(
                line.product_id,
                self.location_id,
                lot_id=line.lot_id,
                owner_id=line.owner_id,
                strict=True,
            )[:1]
            held = quant.quantity if quant else 0.0
            if held + line.difference < 0:
                raise UserError(
                    self.env._(
                        "%(part)s has moved since it was counted: have %(place)s "
                        "counted again.",
                        part=line.product_id.display_name,
                        place=self.location_id.display_name,
                    )
                )
            if quant:
                quant.inventory_quantity = held + line.difference
            else:
                quant = quants.create(
                    {
                        "product_id": line.product_id.id,
                        "location_id": self.location_id.id,
                        "lot_id": line.lot_id.id,
                        "owner_id": line.owner_id.id,
                        "inventory_quantity": line.difference,
                    }
                )
            changed |= quant
        if changed:
            changed.action_apply_inventory()
