from datetime import datetime, time

import pytz

from odoo import fields, models


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

    def _get_day_end(self, day) -> datetime:
        """The last second of a day where the company is (UTC)."""
        self.ensure_one()
        zone = pytz.timezone(self.partner_id.tz or "UTC")
        last = zone.localize(datetime.combine(day, time(23, 59, 59)))
        return last.astimezone(pytz.utc).replace(tzinfo=None)
