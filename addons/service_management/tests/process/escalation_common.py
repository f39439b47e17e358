from contextlib import contextmanager

from freezegun import freeze_time

from odoo.fields import Command
from odoo.tests import new_test_user

from odoo.addons.service_management.tests.common import MONDAY, ServiceCommon


class EscalationCommon(ServiceCommon):
    """Two teams: the desk with a leader and three members, the region above it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # What else is open in the database has no part in the tests
        cls.env.cr.execute("UPDATE service_workitem SET escalate_at = NULL")
        cls.env.invalidate_all()
        for name in ("ann", "bob", "cat", "lea", "rex"):
            user = new_test_user(
                cls.env,
                login=f"esc_{name}",
                name=name.title(),
                groups="service_management.group_service_agent",
            )
            setattr(cls, name, user)
        cls.always = cls._make_calendar("Always", range(7), 0, 24)
        cls.office = cls._make_calendar("Office", range(5), 8, 18)
        cls.region = cls.env["service.team"].create(
            {"name": "Region", "leader_id": cls.rex.id, "escalation_hours": 4}
        )
        cls.desk = cls.env["service.team"].create(
            {
                "name": "Desk",
                "leader_id": cls.lea.id,
                "member_ids": [Command.set((cls.ann | cls.bob | cls.cat).ids)],
                "parent_id": cls.region.id,
                "escalation_hours": 4,
                "calendar_id": cls.always.id,
            }
        )
        cls.env.company.service_workitem_hours = 8

    @classmethod
    def _make_calendar(cls, name, days, start, end):
        return cls.env["resource.calendar"].create(
            {
                "name": name,
                "tz": "UTC",
                "company_id": False,
                "attendance_ids": [Command.clear()]
                + [
                    Command.create(
                        {
                            "name": "Day",
                            "dayofweek": str(day),
                            "hour_from": start,
                            "hour_to": end,
                            "day_period": "morning",
                        }
                    )
                    for day in days
                ],
            }
        )

    def setUp(self):
        super().setUp()
        freezer = freeze_time(MONDAY)
        self.clock = freezer.start()
        self.addCleanup(freezer.stop)

    @classmethod
    def _make_desk_order(cls, user=None, **vals):
        """An order whose open work is its owner's; a repair's is the dispatchers'."""
        return cls._make_order(
            **{
                "team_id": cls.desk.id,
                "user_id": (user or cls.ann).id,
                "type_id": cls.type_consulting.id,
                **vals,
            }
        )

    @contextmanager
    def _worker(self):
        with self.enter_registry_test_mode(), self.registry.cursor() as cr:
            yield self.env(cr=cr)

    def _run(self):
        """What the scheduled action does."""
        with self._worker() as env:
            env["service.escalation.step"]._cron_escalate()

    def _get_item(self, order):
        return order.workitem_ids.filtered(lambda item: item.state == "open")

    def _get_fired(self, order):
        return order.escalation_step_ids.filtered(
            lambda step: step.outcome == "fired"
        ).sorted("id")

    def _get_events(self, order, *kinds):
        return order.event_ids.filtered(lambda event: event.kind in kinds)
