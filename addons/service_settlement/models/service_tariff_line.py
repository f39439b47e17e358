from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.service_management.models.order.service_order import WARRANTY_STATES

from ..engine import pricing

KINDS = [
    ("labour", "Labour"),
    ("travel", "Travel"),
    ("parts", "Parts"),
    ("material", "Material"),
    ("other", "Other"),
    ("bonus", "Bonus"),
    ("penalty", "Penalty"),
]
METHODS = [
    ("fixed", "Fixed"),
    ("per_km", "Per km"),
    ("per_hour", "Per hour"),
    ("percent_parts", "% of parts"),
    ("percent_fee", "% of the fee"),
]
OCCASIONS = [
    ("holiday", "On a holiday"),
    ("weekend", "On a weekend"),
    ("night", "At night"),
    ("urgent", "Urgent"),
    ("crew", "Further technician"),
    ("sla_met", "Promise kept"),
    ("sla_missed", "Promise missed"),
    ("first_time_fix", "Fixed at the first visit"),
    ("survey", "Survey score"),
    ("late_report", "Reported late"),
    ("complaint", "Complaint"),
]


class ServiceTariffLine(models.Model):
    """One rule of a tariff: for which jobs it holds and what it pays.

    What is left empty holds for every job. Of the lines that match a job, the most
    specific one of each kind is paid: see ``engine/pricing.py``.
    """

    _name = "service.tariff.line"
    _description = "Settlement Tariff Line"
    _inherit = ["service.amount.mixin"]
    _order = "sequence, id"

    tariff_id = fields.Many2one(
        "service.tariff", required=True, index=True, ondelete="cascade"
    )
    sequence = fields.Integer(default=10)
    number = fields.Integer(compute="_compute_number", string="No.")
    company_id = fields.Many2one(related="tariff_id.company_id")
    currency_id = fields.Many2one(related="tariff_id.currency_id")
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
    area_id = fields.Many2one(
        "service.area",
        string="Region",
        index="btree_not_null",
        help="Holds for sites in this area and in those within it.",
    )
    fault_code_id = fields.Many2one(
        "service.fault.code",
        string="Fault or Task",
        index="btree_not_null",
        help="One of the codes of the order: what was wrong, or what was done.",
    )
    occasion = fields.Selection(
        OCCASIONS,
        help="Paid beside the fee whenever this is so. Of holiday, weekend and night "
        "one is paid, in this order. Empty: the fee itself.",
    )
    score_min = fields.Integer(string="Score From", aggregator=None)
    score_max = fields.Integer(
        string="Score To", aggregator=None, help="Zero: without end."
    )
    product_id = fields.Many2one(
        "product.product",
        string="Material Used",
        index="btree_not_null",
        help="For lines of the kind Material: the product that was used. Empty: each "
        "product of the category that was used.",
    )
    conditions = fields.Char(string="For Which Jobs", compute="_compute_conditions")
    # How much
    method = fields.Selection(METHODS, required=True, default="fixed")
    amount = fields.Float(
        digits=(16, 4),
        help="An amount of money (for material, of each unit), a price per kilometre "
        "or per hour, or a percentage. Penalties are written without a sign.",
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

    _scores_in_order = models.Constraint(
        "CHECK (COALESCE(score_min, 0) BETWEEN 0 AND 5 "
        "AND COALESCE(score_max, 0) BETWEEN 0 AND 5 "
        "AND (COALESCE(score_max, 0) = 0 OR score_max >= COALESCE(score_min, 0)))",
        "Scores go from 1 to 5, and the last one is not below the first.",
    )
    _material_by_unit = models.Constraint(
        "CHECK (kind != 'material' OR method = 'fixed')",
        "Material is paid by the unit: choose the method Fixed.",
    )
    _product_is_material = models.Constraint(
        "CHECK (product_id IS NULL OR kind = 'material')",
        "Only lines of the kind Material name the product that was used.",
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

    @api.depends_context("lang")
    @api.depends(
        "type_id",
        "fault_code_id",
        "category_id",
        "area_id",
        "product_id",
        "warranty_state",
        "point_grade",
        "occasion",
        "distance_min",
        "distance_max",
    )
    def _compute_conditions(self):
        """In words, as the amounts of claims give them."""
        claim_line = self.env["service.claim.line"]
        for line in self:
            parts = claim_line._describe_conditions(line._prepare_snapshot())
            if line.product_id:
                parts.insert(0, line.product_id.name)
            line.conditions = ", ".join(parts)

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
            area_id=self.area_id.id or None,
            code_id=self.fault_code_id.id or None,
            occasion=self.occasion or None,
            score_min=self.score_min,
            score_max=self.score_max,
            product_id=self.product_id.id or None,
        )

    def _prepare_snapshot(self) -> dict:
        """The values of the line that explain an amount after the line changed.

        What the line leaves open is left out: ten thousand claim lines a month keep
        a copy.
        """
        self.ensure_one()
        values = {
            "tariff": self.tariff_id.name,
            "number": self.number,
            "type_id": self.type_id.id,
            "type": self.type_id.name,
            "category": self.category_id.display_name,
            "area": self.area_id.display_name,
            "fault": self.fault_code_id.display_name,
            "warranty_state": self.warranty_state,
            "grade": self.point_grade,
            "occasion": self.occasion,
            "distance_min": self.distance_min,
            "distance_max": self.distance_max,
            "score_min": self.score_min,
            "score_max": self.score_max,
            "minimum": self.minimum,
            "maximum": self.maximum,
        }
        values = {name: value for name, value in values.items() if value}
        return values | {"method": self.method, "rate": self.amount}
