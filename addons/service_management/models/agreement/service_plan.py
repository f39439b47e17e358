from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from odoo.addons.service_management.engine import recurrence
from odoo.addons.service_management.models.mixins.service_queue_mixin import (
    CONCURRENCY_ERRORS,
)

MONTHS = [
    ("1", "January"),
    ("2", "February"),
    ("3", "March"),
    ("4", "April"),
    ("5", "May"),
    ("6", "June"),
    ("7", "July"),
    ("8", "August"),
    ("9", "September"),
    ("10", "October"),
    ("11", "November"),
    ("12", "December"),
]
# A change of these makes other days.
PLAN_FIELDS = {
    "active",
    "asset_ids",
    "contract_id",
    "date_end",
    "date_start",
    "frequency",
    "holidays",
    "horizon_months",
    "interval",
    "lead_days",
    "partner_id",
    "rrule",
    "season_from",
    "season_to",
}


class ServicePlan(models.Model):
    """Preventive work that comes back: inspections, maintenance, filter changes.

    - The rule, within the season, gives the days; a free day is left, moved or kept.
    - The days of the coming months are rows that everybody sees in the calendar, one
      for each site: what stands at one site is visited once.
    - A request is made of a day some time ahead, once (``service.plan.date``).
    """

    _name = "service.plan"
    _description = "Preventive Plan"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "name, id"
    _check_company_auto = True

    name = fields.Char(required=True, tracking=True)
    active = fields.Boolean(default=True, tracking=True)
    color = fields.Integer()
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company, index=True
    )
    user_id = fields.Many2one(
        "res.users",
        string="Responsible",
        default=lambda self: self.env.uid,
        domain="[('share', '=', False)]",
        index="btree_not_null",
        help="Owns the requests that the plan makes.",
    )
    # For whom and what
    contract_id = fields.Many2one(
        "service.contract",
        index="btree_not_null",
        check_company=True,
        help="The contract whose inspections the plan uses.",
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        compute="_compute_partner_id",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        index=True,
    )
    commercial_partner_id = fields.Many2one(
        related="partner_id.commercial_partner_id", store=True, precompute=True
    )
    asset_ids = fields.Many2many(
        "service.asset",
        context={"active_test": False},
        string="Assets",
        check_company=True,
        domain="[('commercial_partner_id', '=', commercial_partner_id)]",
        help="Empty: those of the contract, else every asset of the customer.",
    )
    type_id = fields.Many2one(
        "service.type",
        string="Service Type",
        required=True,
        default=lambda self: self.env.ref(
            "service_management.type_maintenance", raise_if_not_found=False
        ),
    )
    description = fields.Text(help="What is to be done; the request says it.")
    # When
    date_start = fields.Date(
        string="First Due", required=True, default=fields.Date.context_today
    )
    date_end = fields.Date(
        string="Until", help="Empty: as long as the contract, else for ever."
    )
    interval = fields.Integer(string="Every", default=3, required=True)
    frequency = fields.Selection(
        [
            ("DAILY", "Days"),
            ("WEEKLY", "Weeks"),
            ("MONTHLY", "Months"),
            ("YEARLY", "Years"),
        ],
        default="MONTHLY",
        required=True,
    )
    rrule = fields.Char(
        string="Recurrence Rule",
        compute="_compute_rrule",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        help="In iCalendar terms, such as FREQ=MONTHLY;BYDAY=2TU for every second "
        "Tuesday of the month.",
    )
    season_from = fields.Selection(MONTHS)
    season_to = fields.Selection(MONTHS)
    holidays = fields.Selection(
        [
            ("next", "The Next Working Day"),
            ("previous", "The Working Day Before"),
            ("skip", "Left Out"),
            ("ignore", "The Day All the Same"),
        ],
        string="On a Free Day",
        default="next",
        required=True,
        help="Holidays and worked weekends are those of the company's working hours.",
    )
    lead_days = fields.Integer(
        string="Requested (Days Ahead)",
        default=14,
        help="How long before the day the request is made.",
    )
    horizon_months = fields.Integer(
        string="Shown (Months Ahead)", default=12, required=True
    )
    date_ids = fields.One2many("service.plan.date", "plan_id", string="Planned Days")
    next_date = fields.Date(compute="_compute_next_date")

    _interval_positive = models.Constraint(
        "CHECK (interval > 0)", "A plan comes back after one day at the earliest."
    )
    _days_in_range = models.Constraint(
        "CHECK (lead_days >= 0 AND horizon_months BETWEEN 1 AND 60)",
        "Days are shown for 1 to 60 months ahead, and requested before they come.",
    )

    @api.depends("contract_id")
    def _compute_partner_id(self):
        for plan in self:
            plan.partner_id = plan.contract_id.partner_id or plan.partner_id

    @api.depends("frequency", "interval", "date_start")
    def _compute_rrule(self):
        for plan in self:
            if plan.frequency and plan.interval > 0 and plan.date_start:
                plan.rrule = recurrence.make_rule(
                    plan.frequency, plan.interval, plan.date_start
                )
            else:
                plan.rrule = plan.rrule

    @api.depends("date_ids.date", "date_ids.state")
    def _compute_next_date(self):
        for plan in self:
            plan.next_date = min(
                (day.date for day in plan.date_ids if day.state == "planned"),
                default=False,
            )

    @api.constrains("rrule", "date_start")
    def _check_rrule(self):
        for plan in self:
            try:
                recurrence.check_rule(plan.rrule, plan.date_start)
            except ValueError as error:
                raise ValidationError(
                    self.env._(
                        "'%(rule)s' is not a rule of days: %(reason)s",
                        rule=plan.rrule,
                        reason=str(error),
                    )
                ) from error

    @api.constrains("season_from", "season_to")
    def _check_season(self):
        if any(bool(plan.season_from) != bool(plan.season_to) for plan in self):
            raise ValidationError(
                self.env._("A season needs both its first and its last month.")
            )

    @api.model_create_multi
    def create(self, vals_list):
        plans = super().create(vals_list)
        plans._lay_out()
        return plans

    def write(self, vals):
        result = super().write(vals)
        if "company_id" in vals:
            # What it has become is theirs too, or it would ask of another company
            self.check_access("write")
        if PLAN_FIELDS & vals.keys():
            self._lay_out()
        return result

    def action_view_dates(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "service_management.action_service_plan_date"
        )
        return action | {
            "domain": [("plan_id", "=", self.id)],
            "context": {"default_plan_id": self.id},
        }

    # The days

    def _lay_out(self):
        """Bring the days ahead in line with the rule.

        Days that have become requests, or that people left out, moved or wrote down
        themselves, stay as they are.
        """
        # sudo: service.plan.date: the rows follow from the plan
        Dates = self.env["service.plan.date"].sudo()
        fresh, stale = [], Dates
        for plan in self.sudo():
            today = plan.company_id._get_service_day()
            wanted = plan._get_wanted(today) if plan.active else {}
            known = {(day.due_date, day.site_id.id): day for day in plan.date_ids}
            stale += Dates.union(
                *(
                    day
                    for key, day in known.items()
                    if key not in wanted and day._is_automatic(today)
                )
            )
            fresh += [vals for key, vals in wanted.items() if key not in known]
            for key, vals in wanted.items():
                if key in known and known[key]._is_automatic(today):
                    known[key]._follow(vals)
        stale.unlink()
        return Dates.create(fresh)

    def _get_wanted(self, today) -> dict:
        """(due day, site id) → values of the days that the rule asks for."""
        self.ensure_one()
        last = today + relativedelta(months=self.horizon_months)
        for end in (self.date_end, self.contract_id.date_end):
            last = min(last, end) if end else last
        season = (
            recurrence.Season(int(self.season_from), int(self.season_to))
            if self.season_from
            else None
        )
        sites = self._get_assets().grouped("site_id")
        if not sites and not self._get_named_assets():
            sites = {self.partner_id: None}
        wanted = {}
        for due in recurrence.get_due_days(
            self.rrule, self.date_start, today, last, season
        ):
            placed = recurrence.place(
                due, self.company_id._is_service_workday, self.holidays, today
            )
            for site, assets in sites.items():
                wanted[due, site.id] = self._prepare_date_vals(placed, site, assets)
        return wanted

    def _get_assets(self):
        """What is to be looked after: named by the plan, the contract, the customer."""
        self.ensure_one()
        named = self._get_named_assets()
        if not named:
            named = self.env["service.asset"].search(
                [("commercial_partner_id", "=", self.commercial_partner_id.id)]
            )
        return named.filtered(lambda asset: asset.active and asset.state == "active")

    def _get_named_assets(self):
        """With those that are gone: when all are, nothing is left to be visited."""
        return self.asset_ids or self.contract_id.asset_ids

    def _prepare_date_vals(self, placed, site, assets) -> dict:
        return {
            "plan_id": self.id,
            "due_date": placed.due,
            "date": placed.day or placed.due,
            "site_id": site.id,
            "asset_ids": [fields.Command.set(assets.ids if assets else [])],
            "state": "planned" if placed.day else "skipped",
            "is_free_day": bool(placed.code),
            "note": {
                "moved": self.env._("Moved from a free day"),
                "holiday": self.env._("A free day"),
            }.get(placed.code, False),
        }

    @api.model
    def _cron_lay_out(self):
        self.env["service.job"]._run("plan_lay_out", self._lay_out_all)

    @api.model
    def _lay_out_all(self):
        """The months ahead move on; a plan that cannot be laid out holds up none."""
        for plan in self.search(Domain.TRUE):
            try:
                with self.env.cr.savepoint():
                    plan._lay_out()
            except CONCURRENCY_ERRORS:
                raise
            except Exception as error:  # pylint: disable=broad-exception-caught
                self.env.invalidate_all(flush=False)
                summary = self.env._("The days of this plan could not be laid out")
                if summary not in plan.activity_ids.mapped("summary"):
                    plan.activity_schedule(
                        "mail.mail_activity_data_todo",
                        summary=summary,
                        note=str(error),
                        user_id=(plan.user_id or self.env.ref("base.user_admin")).id,
                    )
