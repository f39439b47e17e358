from datetime import date, datetime, timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.service_management.engine import local_time


class ResCompany(models.Model):
    _inherit = "res.company"

    service_offer_hours = fields.Float(
        string="Offer Valid For (Hours)",
        default=4.0,
        help="A service point that has not answered an offer by then loses it "
        "to the next candidate.",
    )
    service_workitem_hours = fields.Float(
        string="Work Item Time Limit (Hours)",
        default=8.0,
        help="How long a work item may stay open before it counts as late.",
    )
    service_duplicate_days = fields.Integer(
        string="Repeat Window (Days)",
        default=30,
        help="A new request for the same asset within this many days of another "
        "one is pointed out as a possible duplicate or repeat repair.",
    )

    _service_hours_positive = models.Constraint(
        "CHECK (service_offer_hours > 0 AND service_workitem_hours > 0)",
        "The time limits of offers and work items must be above zero hours.",
    )

    # The company's own day, whoever asks and wherever that is

    def _get_service_zone(self) -> str:
        """The time zone of the company's days: that of its working hours. What is of
        no company keeps the days of the one that is worked in."""
        # sudo: resource.calendar, res.partner: whose clock counts is no secret
        company_sudo = (self or self.env.company).sudo()
        company_sudo.ensure_one()
        return (
            company_sudo.resource_calendar_id.tz or company_sudo.partner_id.tz or "UTC"
        )

    def _get_service_day(self, moment=None) -> date:
        """The day that it is for the company at a moment (UTC), or now."""
        moment = moment or fields.Datetime.now()
        return local_time.day_of(moment, self._get_service_zone())

    def _get_day_bounds(self, day) -> tuple[datetime, datetime]:
        """When a day of the company begins, and when the next one does (UTC)."""
        return local_time.hours_of(day, self._get_service_zone())

    def _get_day_end(self, day) -> datetime:
        """The last second of a day of the company (UTC)."""
        return self._get_day_bounds(day)[1] - timedelta(seconds=1)

    @api.model
    def _get_today_domain(self, make, path="company_id") -> Domain:
        """What ``make(day)`` finds with the day that it is for the company of a record:
        a job of the night looks after those of all companies.
        """
        # sudo: res.company: a day begins where the company is, whoever asks
        companies = self.sudo().with_context(active_test=False).search(Domain.TRUE)
        by_day = companies.grouped(lambda company: company._get_service_day())
        if len(by_day) == 1:
            return Domain(make(*by_day))
        ids = {day: same.ids for day, same in by_day.items()}
        ids[self.env.company._get_service_day()].append(False)
        return Domain.OR(
            Domain(path, "in", keys) & Domain(make(day)) for day, keys in ids.items()
        )

    @api.model
    def _get_zones_sql(self) -> SQL:
        """``VALUES`` of (company id, time zone), for queries that ask for days."""
        # sudo: res.company: a day begins where the company is, whoever asks
        return SQL(
            "VALUES %s",
            SQL(", ").join(
                SQL("(%s, %s)", company.id, company._get_service_zone())
                for company in self.sudo().search(Domain.TRUE)
            ),
        )
