from datetime import datetime, time, timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError


class ServicePlanDate(models.Model):
    """One day of a plan at one site; a request is made of it some time ahead.

    The rows are a queue: each becomes a request once, also when runs fall out for days
    or two run at once, and a broken one holds up none of the others.
    """

    _name = "service.plan.date"
    _description = "Preventive Plan Day"
    _inherit = "service.queue.mixin"
    _order = "date, id"
    _check_company_auto = True
    _queue_cron = "service_management.cron_plan_requests"
    _queue_job = "plan_requests"

    plan_id = fields.Many2one(
        "service.plan", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        related="plan_id.company_id", store=True, precompute=True
    )
    contract_id = fields.Many2one(related="plan_id.contract_id", store=True)
    partner_id = fields.Many2one(related="plan_id.partner_id", store=True)
    type_id = fields.Many2one(related="plan_id.type_id")
    color = fields.Integer(related="plan_id.color")
    due_date = fields.Date(
        string="Due by the Rule", required=True, default=fields.Date.context_today
    )
    date = fields.Date(
        string="Day",
        required=True,
        index=True,
        default=fields.Date.context_today,
        help="The day on which the visit is planned.",
    )
    site_id = fields.Many2one("res.partner", required=True, index=True)
    asset_ids = fields.Many2many("service.asset", string="Assets", check_company=True)
    asset_count = fields.Integer(
        string="Number of Assets", compute="_compute_asset_count"
    )
    state = fields.Selection(
        [
            ("planned", "Planned"),
            ("requested", "Order Made"),
            ("skipped", "Left Out"),
        ],
        default="planned",
        required=True,
    )
    is_free_day = fields.Boolean(readonly=True)
    is_changed = fields.Boolean(
        string="Changed by Hand", readonly=True, help="The rule leaves it alone."
    )
    note = fields.Char()

    _day_uniq = models.Constraint(
        "UNIQUE (plan_id, due_date, site_id)", "The plan has this day already."
    )

    @api.depends("plan_id.name", "site_id.name")
    def _compute_display_name(self):
        for day in self:
            names = (day.site_id.name, day.plan_id.name)
            day.display_name = " · ".join(name for name in names if name)

    @api.depends("asset_ids")
    def _compute_asset_count(self):
        for day in self:
            day.asset_count = len(day.asset_ids)

    @api.model_create_multi
    def create(self, vals_list):
        Plan = self.env["service.plan"]
        for vals in vals_list:
            plan = Plan.browse(vals.get("plan_id"))
            vals.setdefault("site_id", plan.partner_id.id)
            if "date" in vals:
                vals["next_try_at"] = self._get_request_time(
                    fields.Date.to_date(vals["date"]), plan
                )
        return super().create(vals_list)

    def write(self, vals):
        if "date" in vals or "state" in vals:
            self._check_open(vals)
        result = super().write(vals)
        if "date" in vals:
            for day in self:
                # sudo: service.plan.date: the queue's own field
                day.sudo().next_try_at = self._get_request_time(day.date, day.plan_id)
            if not self.env.su:
                self.sudo().is_changed = True
            self.sudo()._queue_wake()
        return result

    def _check_open(self, vals):
        if not self.env.su and any(day.state == "requested" for day in self):
            raise UserError(
                self.env._(
                    "The request has been made: plan its visit instead of moving the "
                    "day here."
                )
            )
        if not self.env.su and vals.get("state") == "requested":
            raise UserError(self.env._("Use the button to make the request."))

    @api.model
    def _get_request_time(self, day, plan):
        """When the request for ``day`` is made, as UTC midnight."""
        return datetime.combine(day - timedelta(days=plan.lead_days), time.min)

    def _is_automatic(self, today) -> bool:
        """Whether the rule may still change or drop the day."""
        return not self.is_changed and self.state != "requested" and self.date >= today

    def _follow(self, vals):
        """Take over what the rule says now, where it differs."""
        assets = vals["asset_ids"][0][2]
        if sorted(self.asset_ids.ids) != sorted(assets):
            self.asset_ids = [fields.Command.set(assets)]
        changed = {
            name: vals[name]
            for name in ("date", "state", "is_free_day", "note")
            if self[name] != vals[name]
        }
        request_time = self._get_request_time(vals["date"], self.plan_id)
        if self.next_try_at != request_time and not self.tries:
            changed["next_try_at"] = request_time
        if changed:
            self.write(changed)

    def action_skip(self):
        """Leave the day out; the rule does not bring it back."""
        self.write({"state": "skipped"})
        self.sudo().is_changed = True
        return True

    def action_restore(self):
        self.check_access("write")
        self.filtered(lambda day: day.state == "skipped").write({"state": "planned"})
        self.sudo().write({"is_changed": True, "queue_state": "pending"})
        return True
