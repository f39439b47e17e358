from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.service_management.models.order.service_order import WARRANTY_STATES

from ..engine import pricing

KINDS = [
    ("labour", "Labour"),
    ("travel", "Travel"),
    ("parts", "Parts"),
    ("other", "Other"),
]
METHODS = [
    ("fixed", "Fixed"),
    ("per_km", "Per km"),
    ("per_hour", "Per hour"),
    ("percent_parts", "% of parts"),
]


class ServiceTariffLine(models.Model):
    """One rule of a tariff: for which jobs it holds and what it pays.

    What is left empty holds for every job. Of the lines that match a job, the most
    specific one of each kind is paid: see ``engine/pricing.py``.
    """

    _name = "service.tariff.line"
    _description = "Settlement Tariff Line"
    _order = "sequence, id"

    tariff_id = fields.Many2one(
        "service.tariff", required=True, index=True, ondelete="cascade"
    )
    sequence = fields.Integer(default=10)
    number = fields.Integer(compute="_compute_number", string="No.")
    company_id = fields.Many2one(related="tariff_id.company_id")
    currency_id = fields.Many2one(related="tariff_id.currency_id")
    tariff_state = fields.Selection(related="tariff_id.state", string="Tariff State")
    # What it pays for
    kind = fields.Selection(KINDS, required=True, default="labour")
    # For which jobs
    type_id = fields.Many2one("service.type", string="Service Type", index=True)
    category_id = fields.Many2one(
        "product.category", string="Product Category", index="btree_not_null"
    )
    warranty_state = fields.Selection(WARRANTY_STATES, string="Warranty")
    point_grade = fields.Selection(
        selection=lambda self: self.env["service.point"]._fields["grade"].selection,
    )
    distance_min = fields.Float(string="From (km)", digits=(16, 1))
    distance_max = fields.Float(
        string="Below (km)", digits=(16, 1), help="Zero: without end."
    )
    # How much
    method = fields.Selection(METHODS, required=True, default="fixed")
    amount = fields.Float(
        digits=(16, 4),
        help="An amount of money, a price per kilometre or per hour, or a percentage.",
    )
    minimum = fields.Monetary(help="Zero: no minimum.")
    maximum = fields.Monetary(help="Zero: no maximum.")

    _distances_in_order = models.Constraint(
        "CHECK (distance_min >= 0 AND (distance_max = 0 OR distance_max IS NULL "
        "OR distance_max > distance_min))",
        "A distance band must end after it begins.",
    )
    _amounts_positive = models.Constraint(
        "CHECK (amount >= 0 AND COALESCE(minimum, 0) >= 0 "
        "AND COALESCE(maximum, 0) >= 0 "
        "AND (COALESCE(maximum, 0) = 0 OR maximum >= COALESCE(minimum, 0)))",
        "The amounts of a tariff line cannot be negative, and its maximum cannot be "
        "below its minimum.",
    )

    @api.depends("tariff_id.line_ids.sequence")
    def _compute_number(self):
        for tariff, lines in self.grouped("tariff_id").items():
            ordered = tariff.line_ids.sorted(
                lambda line: (line.sequence, line._origin.id)
            )
            numbers = {line: index for index, line in enumerate(ordered, start=1)}
            for line in lines:
                line.number = numbers.get(line, 0)

    @api.depends("tariff_id.name", "number")
    def _compute_display_name(self):
        for line in self:
            line.display_name = self.env._(
                "%(tariff)s, line %(number)s",
                tariff=line.tariff_id.name,
                number=line.number,
            )

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines._check_tariff_editable()
        return lines

    def write(self, vals):
        self._check_tariff_editable()
        result = super().write(vals)
        if "tariff_id" in vals:
            self._check_tariff_editable()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_active_tariff(self):
        self._check_tariff_editable()

    def _check_tariff_editable(self):
        for tariff in self.tariff_id:
            if tariff.state != "draft":
                raise UserError(
                    self.env._(
                        "%(tariff)s is in use: set it back to draft to change its "
                        "lines, or copy it into a new one.",
                        tariff=tariff.name,
                    )
                )

    def _to_engine(self) -> pricing.TariffLine:
        self.ensure_one()
        return pricing.TariffLine(
            id=self.id,
            kind=self.kind,
            amount=Decimal(str(self.amount)),
            method=self.method,
            sequence=self.sequence,
            type_id=self.type_id.id or None,
            category_id=self.category_id.id or None,
            warranty_state=self.warranty_state or None,
            grade=self.point_grade or None,
            distance_min=Decimal(str(self.distance_min)),
            distance_max=Decimal(str(self.distance_max)) or None,
            minimum=Decimal(str(self.minimum)) or None,
            maximum=Decimal(str(self.maximum)) or None,
        )

    def _prepare_snapshot(self) -> dict:
        """The values of the line that explain an amount after the line changed."""
        self.ensure_one()
        return {
            "tariff": self.tariff_id.name,
            "number": self.number,
            "type_id": self.type_id.id,
            "type": self.type_id.name,
            "category": self.category_id.display_name,
            "warranty_state": self.warranty_state,
            "grade": self.point_grade,
            "distance_min": self.distance_min,
            "distance_max": self.distance_max,
            "method": self.method,
            "rate": self.amount,
        }
