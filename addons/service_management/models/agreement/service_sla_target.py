from odoo import api, fields, models

from odoo.addons.service_management.engine import sla_clock
from odoo.addons.service_management.models.catalog.service_type import PRIORITIES

from .res_partner import GRADES

METRICS = [
    ("first_response", "First Response"),
    ("acceptance", "Acceptance"),
    ("arrival", "Arrival on Site"),
    ("resolution", "Resolution"),
    ("update", "Update Interval"),
]


class ServiceSlaTarget(models.Model):
    """One promise of a policy: a metric, within so many hours, for which orders.

    Of the targets of a metric that fit an order the most specific holds: the one with
    the most conditions; then grade before product category, service type, priority.
    """

    _name = "service.sla.target"
    _description = "Service-Level Target"
    _order = "policy_id, metric, sequence, id"

    policy_id = fields.Many2one(
        "service.sla.policy", required=True, index=True, ondelete="cascade"
    )
    sequence = fields.Integer(default=10)
    metric = fields.Selection(METRICS, required=True, default="resolution")
    hours = fields.Float(string="Within (Hours)", required=True, default=8.0)
    is_always = fields.Boolean(
        string="24 × 7", help="Counted around the clock instead of in service hours."
    )
    warn_percent = fields.Integer(
        string="Warn at (%)",
        default=80,
        help="An order is at risk once this much of the time has passed.",
    )
    # For which orders
    type_ids = fields.Many2many(
        "service.type",
        context={"active_test": False},
        string="Service Types",
        help="Empty: every service type.",
    )
    priority = fields.Selection(PRIORITIES, help="Empty: every priority.")
    grade = fields.Selection(
        GRADES, string="Customer Grade", help="Empty: every customer."
    )
    category_id = fields.Many2one(
        "product.category",
        string="Product Category",
        index="btree_not_null",
        help="Holds for the categories below it too. Empty: every product.",
    )

    _hours_positive = models.Constraint(
        "CHECK (hours > 0)", "A target needs more than zero hours."
    )
    _warn_percent = models.Constraint(
        "CHECK (warn_percent > 0 AND warn_percent <= 100)",
        "The warning comes between 1 and 100 percent of the time.",
    )

    @api.depends("metric", "hours")
    def _compute_display_name(self):
        labels = dict(self._fields["metric"]._description_selection(self.env))
        for target in self:
            target.display_name = self.env._(
                "%(metric)s within %(hours)g h",
                metric=labels.get(target.metric, ""),
                hours=target.hours,
            )

    @api.model_create_multi
    def create(self, vals_list):
        targets = super().create(vals_list)
        targets.policy_id._on_promise_changed()
        return targets

    def write(self, vals):
        policies = self.policy_id
        result = super().write(vals)
        (policies | self.policy_id)._on_promise_changed()
        return result

    def unlink(self):
        policies = self.policy_id
        result = super().unlink()
        policies.exists()._on_promise_changed()
        return result

    def _get_compiled(self) -> sla_clock.Target:
        self.ensure_one()
        seconds = max(round(self.hours * 60), 1) * 60
        return sla_clock.Target(
            key=self.id,
            metric=self.metric,
            seconds=seconds,
            warn=round(seconds * self.warn_percent / 6000) * 60,
            is_always=self.is_always,
            sequence=self.sequence,
            types=frozenset(self.type_ids.ids),
            grade=self.grade or "",
            priority=self.priority or "",
            category=self.category_id.id or 0,
        )
