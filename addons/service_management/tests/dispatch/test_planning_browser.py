from datetime import datetime, timedelta

import pytz

from odoo import fields
from odoo.tests import HttpCase, tagged

from .planning_common import PlanningCommon


@tagged("post_install", "-at_install")
class TestPlanningBrowser(HttpCase, PlanningCommon):
    """A browser's clock cannot be frozen: it is ten in the morning at the company, of
    whatever day it is."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.dispatcher.password = "test_dispatcher"
        hour = fields.Datetime.now().hour
        behind = (hour - 10 + 12) % 24 - 12
        zone = f"Etc/GMT{behind:+d}"
        cls.calendar.tz = zone
        cls.zone = pytz.timezone(zone)
        cls.company.write({"service_day_start": 12, "service_day_end": 21})
        cls.crew.resource_calendar_id = False
        cls.crew[2].active = False
        cls.today = cls.company._get_service_day()

    def _clock(self, hour):
        local = datetime.combine(self.today, datetime.min.time()) + timedelta(
            hours=hour
        )
        return self.zone.localize(local).astimezone(pytz.utc).replace(tzinfo=None)

    def test_emergency_inserted(self):
        """A planned day, an urgent order: few changes, and a locked visit stays."""
        orders = self.env["service.order"]
        for number in range(8):
            orders += self._make_waiting(north=2.0 * number, east=number % 3)
        self._plan(day=self.today).action_apply()
        self.assertEqual(set(orders.mapped("state")), {"scheduled"})
        visits = orders.visit_ids
        fixed = visits.filtered(lambda v: v.technician_id == self.crew[0])[1]
        fixed.order_id.partner_id.name = "Fixed Hour"
        fixed.with_user(self.dispatcher).action_lock()
        before = {
            visit: (visit.planned_start, visit.crew_ids.technician_id)
            for visit in visits
        }
        urgent = self._make_waiting(north=1.0, priority="3", date_due=self._clock(15))
        urgent.partner_id.name = "Emergency"
        self.env.flush_all()
        with self.enter_registry_test_mode(), self.registry.cursor() as cr:
            self.env(cr=cr)["service.planning.run"]._cron_compute()
        self.env.invalidate_all()
        self.assertEqual(urgent.state, "accepted")
        self.start_tour(
            "/odoo/service-visit-plans",
            "service_planning_emergency",
            login="test_dispatcher",
        )
        self.assertEqual(urgent.state, "scheduled")
        self.assertEqual(
            self.company._get_service_day(urgent.visit_ids.planned_start), self.today
        )
        self.assertEqual(fixed.planned_start, before[fixed][0])
        self.assertEqual(fixed.crew_ids.technician_id, before[fixed][1])
        # Those behind it at the same technician begin later; nobody else is disturbed
        changed = [
            visit
            for visit, (start, __) in before.items()
            if visit.planned_start != start
        ]
        for visit in changed:
            self.assertEqual(visit.technician_id, urgent.visit_ids.technician_id)
        for visit, (__, crew) in before.items():
            self.assertEqual(visit.crew_ids.technician_id, crew)
        self.assertLessEqual(len(changed), 4)
