import ast

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from odoo.addons.service_management.models.agreement.res_partner import GRADES
from odoo.addons.service_management.models.agreement.service_sla_target import METRICS
from odoo.addons.service_management.models.catalog.service_type import PRIORITIES

from .condition_reach import check_domain_reach


class ServiceEscalationRule(models.Model):
    """Before or after a due time, or when a work item idles: act once per episode.

    Rules come beside the ladder that every work item has. They count in the working
    time of the order, unless they may act at any hour. What was due before a rule was
    switched on stays as it is: a new rule does not flood anybody.
    """

    _name = "service.escalation.rule"
    _description = "Escalation Rule"
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    effective_from = fields.Datetime(
        default=fields.Datetime.now, required=True, readonly=True, copy=False
    )
    company_id = fields.Many2one(
        "res.company", index=True, help="Empty: the rule holds in every company."
    )
    # When
    trigger = fields.Selection(
        [
            ("idle", "Nobody Acts on a Work Item"),
            ("before_due", "Before a Work Item Is Due"),
            ("after_due", "After a Work Item Was Due"),
            ("before_clock", "Before a Promised Time"),
            ("after_clock", "After a Promised Time"),
        ],
        required=True,
        default="after_due",
    )
    metric = fields.Selection(METRICS, help="Empty: every promise.")
    unit = fields.Selection(
        [("hours", "Hours"), ("percent", "Percent of the Time")],
        required=True,
        default="hours",
    )
    amount = fields.Float(
        required=True,
        default=0.0,
        help="Hours before or after the due time; or how much of the time has passed.",
    )
    around_clock = fields.Boolean(
        string="At Any Hour",
        help="Counts every hour and may act at night. Otherwise only working time "
        "counts, and nothing happens outside of it.",
    )
    # For which orders
    type_ids = fields.Many2many(
        "service.type", context={"active_test": False}, string="Service Types"
    )
    team_ids = fields.Many2many(
        "service.team", context={"active_test": False}, string="Teams"
    )
    min_priority = fields.Selection(PRIORITIES, string="Priority From")
    grade = fields.Selection(GRADES, string="Customer Grade")
    order_domain = fields.Char(
        string="Further Conditions", help="Of the orders that the rule holds for."
    )
    # What is done
    notify_assignee = fields.Boolean(string="Notify Who Has It", default=True)
    notify_owner = fields.Boolean(string="Notify the Owner")
    notify_leader = fields.Boolean(string="Notify the Team Leader")
    notify_manager = fields.Boolean(string="Notify the Managers")
    notify_user_ids = fields.Many2many(
        "res.users",
        relation="service_escalation_rule_notify_rel",
        string="Notify",
        domain="[('share', '=', False)]",
    )
    reassign = fields.Selection(
        [
            ("none", "Leave It Where It Is"),
            ("next", "Next on the Ladder"),
            ("leader", "Team Leader"),
            ("user", "This User"),
            ("team", "This Team"),
        ],
        default="none",
        required=True,
    )
    reassign_user_id = fields.Many2one("res.users", domain="[('share', '=', False)]")
    reassign_team_id = fields.Many2one("service.team", check_company=True)
    raise_priority = fields.Boolean()
    action_id = fields.Many2one(
        "ir.actions.server",
        string="Run an Action",
        domain="[('model_id.model', '=', 'service.order')]",
        groups="base.group_system",
        ondelete="restrict",
        help="Set by an administrator: it runs with all rights.",
    )
    step_count = fields.Integer(compute="_compute_step_count", string="Times Acted")

    _amount_positive = models.Constraint(
        "CHECK (amount >= 0 AND (unit <> 'percent' OR amount <= 100))",
        "Hours cannot be negative, and percent lie between 0 and 100.",
    )

    def _compute_step_count(self):
        counts = dict(
            self.env["service.escalation.step"]._read_group(
                [("rule_id", "in", self.ids), ("outcome", "=", "fired")],
                ["rule_id"],
                ["__count"],
            )
        )
        for rule in self:
            rule.step_count = counts.get(rule, 0)

    @api.constrains(
        "trigger", "unit", "reassign", "reassign_user_id", "reassign_team_id"
    )
    def _check_complete(self):
        for rule in self:
            if rule.unit == "percent" and not (rule.trigger or "").startswith("before"):
                raise ValidationError(
                    self.env._(
                        "%(rule)s: percent can only be counted before a due time.",
                        rule=rule.name,
                    )
                )
            if (
                rule.reassign in ("user", "team")
                and not rule[f"reassign_{rule.reassign}_id"]
            ):
                raise ValidationError(
                    self.env._("%(rule)s: say to whom it goes.", rule=rule.name)
                )

    @api.constrains("order_domain")
    def _check_order_domain(self):
        for rule in self:
            order = self.env["service.order"]
            try:
                check_domain_reach(order, rule._read_order_domain())
                rule._get_order_domain().validate(order)
            except (ValueError, TypeError, SyntaxError, AttributeError) as error:
                raise ValidationError(
                    self.env._(
                        "%(rule)s: the further conditions cannot be read: %(error)s",
                        rule=rule.name,
                        error=error,
                    )
                ) from error

    def write(self, vals):
        if vals.get("active") or {"trigger", "unit", "amount", "metric"} & vals.keys():
            vals = {"effective_from": fields.Datetime.now()} | vals
        return super().write(vals)

    def action_view_steps(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Escalations"),
            "res_model": "service.escalation.step",
            "view_mode": "list,kanban,form",
            "domain": [("rule_id", "=", self.id)],
        }

    def _read_order_domain(self) -> Domain:
        """The further conditions: plain values only, nothing is run."""
        return Domain(ast.literal_eval((self.order_domain or "[]").strip()))

    def _get_order_domain(self) -> Domain:
        """The orders that the rule holds for."""
        self.ensure_one()
        domain = Domain.TRUE
        if self.order_domain:
            domain &= self._read_order_domain()
        if self.company_id:
            domain &= Domain("company_id", "=", self.company_id.id)
        if self.type_ids:
            domain &= Domain("type_id", "in", self.type_ids.ids)
        if self.team_ids:
            domain &= Domain("team_id", "child_of", self.team_ids.ids)
        if self.grade:
            domain &= Domain("commercial_partner_id.service_grade", "=", self.grade)
        if self.min_priority:
            domain &= Domain(
                "priority", "in", [p for p, __ in PRIORITIES if p >= self.min_priority]
            )
        return domain
