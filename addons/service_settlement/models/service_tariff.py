from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from odoo.addons.service_management.engine import local_time

from ..engine import occasions, pricing


class ServiceTariff(models.Model):
    """A fee schedule in one currency that holds between two days.

    For any service point and day at most one active tariff holds, see
    ``service_tariff_scope``. Lines of an active tariff do not change: set it back to
    draft first, or let a new one begin.
    """

    _name = "service.tariff"
    _description = "Settlement Tariff"
    _inherit = ["mail.thread", "service.amount.mixin"]
    _order = "date_start desc, id desc"
    _check_company_auto = True

    name = fields.Char(required=True, tracking=True)
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company, index=True
    )
    currency_id = fields.Many2one(
        "res.currency",
        required=True,
        default=lambda self: self.env.company.currency_id,
    )
    date_start = fields.Date(
        string="Valid From",
        required=True,
        default=lambda self: fields.Date.start_of(
            fields.Date.context_today(self), "year"
        ),
        tracking=True,
    )
    date_end = fields.Date(
        string="Valid Until", tracking=True, help="Empty: until further notice."
    )
    state = fields.Selection(
        [("draft", "Draft"), ("active", "Active"), ("archived", "Archived")],
        string="Status",
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        tracking=True,
    )
    previous_id = fields.Many2one(
        "service.tariff",
        string="Follows",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        help="The tariff that ends when this one begins.",
    )
    # When work counts as done at night, on a weekend, on a holiday
    calendar_id = fields.Many2one(
        "resource.calendar",
        string="Usual Hours",
        check_company=True,
        help="Its free weekdays are the weekend, its time off the holidays; worked "
        "weekends are neither. Empty: the working hours of the company.",
    )
    night_from = fields.Float(default=22.0)
    night_to = fields.Float(
        default=6.0, help="The same hour as the beginning: there is no night."
    )
    line_ids = fields.One2many("service.tariff.line", "tariff_id", copy=True)
    line_count = fields.Integer(compute="_compute_line_count")
    note = fields.Text()

    _dates_in_order = models.Constraint(
        "CHECK (date_end IS NULL OR date_end >= date_start)",
        "A tariff cannot end before it begins.",
    )

    _night_in_day = models.Constraint(
        "CHECK (night_from >= 0 AND night_from < 24 AND night_to >= 0 "
        "AND night_to < 24)",
        "The night begins and ends between 0:00 and 23:59.",
    )

    @api.depends("line_ids")
    def _compute_line_count(self):
        for tariff in self:
            tariff.line_count = len(tariff.line_ids)

    def copy_data(self, default=None):
        vals_list = super().copy_data(default)
        for tariff, vals in zip(self, vals_list, strict=True):
            if "name" not in (default or {}):
                vals["name"] = self.env._("%s (copy)", tariff.name)
        return vals_list

    @api.ondelete(at_uninstall=False)
    def _unlink_except_active(self):
        for tariff in self:
            if tariff.state != "draft":
                raise UserError(
                    self.env._(
                        "%(tariff)s is in use: archive it instead of deleting it.",
                        tariff=tariff.name,
                    )
                )

    def action_activate(self):
        for tariff in self:
            if not tariff.line_ids:
                raise UserError(
                    self.env._("%(tariff)s has no lines yet.", tariff=tariff.name)
                )
        for tariff in self:
            tariff._end_previous()
        self.state = "active"
        return True

    def _end_previous(self):
        """The version before ends on the day before; work that was done until then
        keeps its prices. One that holds for others goes on beside this one."""
        self.ensure_one()
        previous = self.previous_id
        if not previous or previous._get_scope_keys() != self._get_scope_keys():
            return
        last = fields.Date.subtract(self.date_start, days=1)
        if (
            previous.state == "active"
            and previous.date_start <= last
            and (not previous.date_end or previous.date_end > last)
        ):
            previous.date_end = last

    def action_new_version(self):
        """A draft of what follows, from the day after this one or the next month on."""
        self.ensure_one()
        if self.date_end:
            start = fields.Date.add(self.date_end, days=1)
        else:
            month = fields.Date.start_of(
                max(fields.Date.context_today(self), self.date_start), "month"
            )
            start = fields.Date.add(month, months=1)
        name = self.env._(
            "%(tariff)s (from %(date)s)",
            tariff=self.name,
            date=format_date(self.env, start),
        )
        draft = self.copy({"name": name, "date_start": start, "date_end": False})
        draft.previous_id = self
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": draft.id,
            "view_mode": "form",
        }

    def action_draft(self):
        self.state = "draft"
        return True

    def action_retire(self):
        self.state = "archived"
        return True

    def _get_book(self) -> pricing.Book:
        """The lines as the pricing engine reads them."""
        self.ensure_one()
        return pricing.Book(line._to_engine() for line in self.line_ids)

    def _get_times(self, moment) -> tuple[str, ...]:
        """Whether a moment (UTC) is on a holiday, on a weekend, at night."""
        self.ensure_one()
        hours = self.calendar_id or self.company_id.resource_calendar_id
        zone = hours.tz or self.company_id._get_service_zone()
        local = local_time.to_local(moment, zone)
        night = (self.night_from, self.night_to)
        if not hours:
            return occasions.get_times(local, night=night)
        # Compiled once and kept until the hours change
        calendar = hours._get_service_calendar(hours.id, "")
        return occasions.get_times(
            local, calendar.week, calendar.days, calendar.leaves, night
        )

    def _get_rounding(self) -> Decimal:
        self.ensure_one()
        return Decimal(str(self.currency_id.rounding))

    def _get_company_rate(self, day) -> float:
        """How much of the company's currency one of the tariff's is on that day."""
        self.ensure_one()
        target = self.company_id.currency_id
        if self.currency_id == target:
            return 1.0
        return self.currency_id._get_conversion_rate(
            self.currency_id, target, self.company_id, day
        )
