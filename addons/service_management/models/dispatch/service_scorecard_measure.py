from odoo import fields, models

from odoo.addons.service_management.engine import scorecard

MEASURES = [
    ("sla", "Promises Kept"),
    ("first_time_fix", "Fixed at the First Visit"),
    ("repeat", "Repeated Within 30 Days"),
    ("satisfaction", "Satisfaction"),
    ("complaint", "Complaints"),
    ("refusal", "Offers Refused or Expired"),
    ("report", "Reports Late or Missing"),
    ("part_overdue", "Old Parts Overdue"),
]


class ServiceScorecardMeasure(models.Model):
    """What a scorecard measures, how much it counts and what is aimed at."""

    _name = "service.scorecard.measure"
    _description = "Scorecard Measure"
    _order = "sequence, id"
    _rec_name = "code"

    code = fields.Selection(MEASURES, string="Measure", required=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    weight = fields.Float(default=1.0, required=True)
    target = fields.Float(
        required=True, help="The share that earns 100 points, from 0 to 1."
    )
    floor = fields.Float(
        string="Unacceptable",
        required=True,
        help="The share that earns no points. Above the target: less is better.",
    )
    strength = fields.Float(
        default=10.0,
        required=True,
        help="With as many cases the own figure weighs as much as the network's: few "
        "cases are not taken for the whole truth.",
    )

    _code_uniq = models.Constraint("UNIQUE (code)", "Each measure is there once.")
    _figures_make_sense = models.Constraint(
        "CHECK (weight >= 0 AND strength >= 0 AND target <> floor)",
        "Weight and strength are not negative; target and unacceptable value differ.",
    )

    def _to_engine(self) -> list[scorecard.Measure]:
        return [
            scorecard.Measure(
                measure.code,
                measure.weight,
                measure.target,
                measure.floor,
                measure.strength,
            )
            for measure in self
        ]
