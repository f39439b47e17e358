from datetime import datetime, timedelta

from odoo.fields import Command

from odoo.addons.service_management.models.order.service_order_flow import Moments
from odoo.addons.service_management.tests.common import ServiceCommon

# A Monday, 09:00 in Shanghai
MONDAY = datetime(2026, 3, 2, 1, 0)


class SlaCommon(ServiceCommon):
    """A policy in office hours, and orders whose time the test sets."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.calendar = cls._make_calendar("Test Office")
        cls.policy = cls.env["service.sla.policy"].create(
            {
                "name": "Test Promise",
                "calendar_id": cls.calendar.id,
                "target_ids": [
                    Command.create({"metric": "first_response", "hours": 1}),
                    Command.create({"metric": "acceptance", "hours": 2}),
                    Command.create({"metric": "arrival", "hours": 6}),
                    Command.create({"metric": "resolution", "hours": 8}),
                ],
            }
        )
        cls.env.company.service_sla_policy_id = False
        cls.type_repair.sla_policy_id = cls.policy
        cls.type_consulting.sla_policy_id = cls.policy
        # One object for all: the test moves the time of an order
        cls.moments = Moments()
        cls.env = cls.env(context={**cls.env.context, "service_moments": cls.moments})
        cls.Clock = cls.env["service.sla.clock"]

    @classmethod
    def _make_calendar(cls, name, tz="Asia/Shanghai", windows=None):
        """Monday to Friday, 9 to 12 and 13 to 18 o'clock unless told otherwise."""
        windows = windows or [
            (day, *hours) for day in range(5) for hours in ((9, 12), (13, 18))
        ]
        return cls.env["resource.calendar"].create(
            {
                "name": name,
                "tz": tz,
                "company_id": False,
                "attendance_ids": [Command.clear()]
                + [
                    Command.create(
                        {
                            "name": f"{day} {start}",
                            "dayofweek": str(day),
                            "hour_from": start,
                            "hour_to": end,
                        }
                    )
                    for day, start, end in windows
                ],
            }
        )

    @classmethod
    def _request(cls, at=MONDAY, **vals):
        """An order registered at its own time."""
        order = cls._make_order(register=False, date_request=at, **vals)
        order = order.with_env(cls.env)
        cls._at(order, at)
        order.action_register()
        return order

    @classmethod
    def _at(cls, orders, moment):
        for order in orders:
            cls.moments[order.id] = moment
        return orders

    def _clock(self, order, metric="resolution"):
        order.invalidate_recordset()
        return order.sla_clock_ids.filtered(lambda clock: clock.metric == metric)

    def _run_job(self):
        """The job as its own worker runs it."""
        self.env.flush_all()
        with self.enter_registry_test_mode(), self.registry.cursor() as cr:
            self.env(cr=cr)["service.sla.clock"]._cron_run()
        self.env.invalidate_all()

    @staticmethod
    def _after(hours, since=MONDAY):
        return since + timedelta(hours=hours)
