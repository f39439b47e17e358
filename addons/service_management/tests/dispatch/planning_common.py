"""A service point with three technicians around it, orders on the map, a Monday."""

from datetime import datetime, timedelta

from odoo.fields import Command

from odoo.addons.service_management.tests.common import MONDAY, ServiceCommon

SHANGHAI = (31.23, 121.47)
TUESDAY = (MONDAY + timedelta(days=1)).date()


class PlanningCommon(ServiceCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.calendar = cls.env["resource.calendar"].create(
            {
                "name": "Field",
                "tz": "UTC",
                "attendance_ids": [
                    Command.create(
                        {
                            "name": "Day",
                            "dayofweek": str(day),
                            "hour_from": hour_from,
                            "hour_to": hour_to,
                            "day_period": period,
                        }
                    )
                    for day in range(5)
                    for hour_from, hour_to, period in (
                        (8, 12, "morning"),
                        (13, 17, "afternoon"),
                    )
                ],
            }
        )
        cls.company = cls.env.company
        cls.company.resource_calendar_id = cls.calendar
        cls.company.write(
            {
                "service_travel_source": "great_circle",
                "service_plan_seconds": 1,
                "service_repair_apply": False,
            }
        )
        cls.type_repair.duration = 1.0
        cls.point.partner_id.write(
            {"partner_latitude": SHANGHAI[0], "partner_longitude": SHANGHAI[1]}
        )
        cls.technician.resource_calendar_id = cls.calendar
        cls.crew = cls.technician
        for name in ("Second", "Third"):
            cls.crew += cls._make_technician(name, resource_calendar_id=cls.calendar.id)
        cls.runs = cls.env["service.planning.run"]

    @classmethod
    def _make_site(cls, north=0.0, east=0.0):
        """A customer so many kilometres from the point."""
        return cls.env["res.partner"].create(
            {
                "name": f"Site {north:g} {east:g}",
                "service_area_id": cls.area.id,
                "partner_latitude": SHANGHAI[0] + north / 111.0,
                "partner_longitude": SHANGHAI[1] + east / 95.0,
            }
        )

    @classmethod
    def _make_waiting(cls, north=0.0, east=0.0, **vals):
        """An order that the point has accepted and nobody has planned."""
        site = cls._make_site(north, east)
        order = cls._make_order(partner_id=site.id, asset_id=False, **vals)
        order._dispatch()
        order.offer_ids.filtered(lambda offer: offer.state == "offered").action_accept()
        return order

    @classmethod
    def _book(cls, order, technicians, start, hours=1.0):
        return order._plan_visit(technicians, start, start + timedelta(hours=hours))

    @classmethod
    def _at(cls, hour, minute=0, day=TUESDAY):
        return datetime(day.year, day.month, day.day, hour, minute)

    def _plan(self, day=TUESDAY, error=False, **vals):
        """A plan that has been computed, as the job does it."""
        run = self.runs.create(
            {
                "day": day,
                "point_ids": [Command.set(self.point.ids)],
                "cpu_seconds": 1,
                **vals,
            }
        )
        run.action_compute()
        self.env.flush_all()
        with self.enter_registry_test_mode(), self.registry.cursor() as cr:
            self.env(cr=cr)["service.planning.run"]._cron_compute()
        self.env.invalidate_all()
        self.assertEqual(bool(run.error), error, run.error)
        return run

    def _get_line(self, run, order):
        return run.line_ids.filtered(lambda line: line.order_id == order)
