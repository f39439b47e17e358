from datetime import datetime, time, timedelta

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.fields import Command, Domain

from odoo.addons.service_management.models.dispatch.service_scorecard_facts import Fact

# Share of good work of each point in the months before, as its scorecards tell it
QUALITY = {
    "west_lake": (0.9, 0.92, 0.93, 0.95),
    "yuhang": (0.95, 0.94, 0.96, 0.96),
    "pudong": (0.88, 0.86, 0.9, 0.89),
    "panyu": (0.7, 0.6, 0.45, 0.35),
}
STARS = (5, 5, 4, 5, 3, 5, 4, 2)
TOOLS = (
    ("scale", "Refrigerant Scale 制冷剂电子秤"),
    ("pump", "Vacuum Pump 真空泵"),
    ("ladder", "Ladder 人字梯"),
    ("meter", "Multimeter 万用表"),
)


class ServiceDemo(models.AbstractModel):
    """Technicians' equipment, customers' ratings, and scorecards of months past."""

    _inherit = "service.demo"

    @api.model
    def _load_people(self):
        if self.env["service.tool"].search([("code", "=", TOOLS[0][0])], limit=1):
            return
        company = self.env.ref("base.main_company")
        self = self.with_company(company).with_context(lang=None)
        self._load_equipment()
        self._load_ratings()
        self._load_scorecards(company)

    @api.model
    def _load_equipment(self):
        tools = self.env["service.tool"].create(
            [{"code": code, "name": name} for code, name in TOOLS]
        )
        langs = self.env["res.lang"].search(Domain.TRUE)
        technicians = self.env["service.technician"].search(Domain.TRUE, order="id")
        tonight = datetime.combine(fields.Date.today(), time(10))
        for number, technician in enumerate(technicians):
            technician.write(
                {
                    "tool_ids": [Command.set(tools[: 2 + number % 3].ids)],
                    "lang_ids": [Command.set(langs.ids)],
                    "vehicle": f"粤B D{number + 1:05d}" if number % 2 else False,
                    "max_hours_day": 9 if number % 3 else 0,
                }
            )
        self.env["service.point"].search(
            Domain("ownership", "=", "own")
        ).tool_ids = tools[-1:]
        self.env["service.standby"].create(
            [
                {
                    "technician_id": technicians[day % len(technicians)].id,
                    "start": tonight + timedelta(days=day),
                    "end": tonight + timedelta(days=day, hours=14),
                }
                for day in range(7)
            ]
        )

    @api.model
    def _load_ratings(self):
        orders = self.env["service.order"].search(
            [("state", "in", ("done", "closed")), ("point_id", "!=", False)],
            order="id",
        )
        orders.rating_asked_at = fields.Datetime.now()
        for number, order in enumerate(orders):
            if number % 4 != 3 and order._is_ratable():
                order._rate(STARS[number % len(STARS)], way="portal")
        self.env["service.point"]._measure_satisfaction()

    @api.model
    def _load_scorecards(self, company):
        """Finished months by made-up figures, judged by the product's own formula; the
        running month by what the demonstration's orders say."""
        cards = self.env["service.scorecard"]
        today = fields.Date.context_today(self)
        running = cards._get_period_start("month", today)
        points = {
            key: point
            for key in QUALITY
            if (point := self.env.ref(f"service_management.demo_point_{key}", False))
        }
        for back in range(4, 0, -1):
            facts = {}
            for key, point in points.items():
                good, cases = QUALITY[key][4 - back], 24 + 3 * back
                facts["point", point.id] = {
                    "orders": Fact(cases, cases, ()),
                    **{
                        code: Fact(round(good * cases), cases, ())
                        for code in ("sla", "first_time_fix", "satisfaction")
                    },
                    **{
                        code: Fact(round((1 - good) / 3 * cases), cases, ())
                        for code in ("repeat", "refusal", "report")
                    },
                }
            judged = cards._judge_facts(facts)
            cards._make_cards(
                "month",
                running - relativedelta(months=back),
                company,
                judged,
                dict.fromkeys(judged, 1),
            )
        cards._compute_period("month", running, company)
