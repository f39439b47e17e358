from odoo.fields import Command
from odoo.tests import HttpCase, tagged

from odoo.addons.service_management.tests.common import ServiceCommon


@tagged("post_install", "-at_install")
class TestBoardBrowser(HttpCase, ServiceCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.dispatcher.password = "test_dispatcher"
        cls.dispatcher.tz = "UTC"
        mornings = cls.env["resource.calendar"].create(
            {
                "name": "Mornings",
                "tz": "UTC",
                "attendance_ids": [Command.clear()]
                + [
                    Command.create(
                        {
                            "name": str(day),
                            "dayofweek": str(day),
                            "hour_from": 8,
                            "hour_to": 12,
                            "day_period": "morning",
                        }
                    )
                    for day in range(7)
                ],
            }
        )
        cls.technician.active = False
        cls.early = cls._make_technician(
            "Mornings Only", resource_calendar_id=mornings.id, tz="UTC"
        )
        cls.colleague = cls._make_technician("Any Time")

    def test_a_crew_is_booked_by_clicking_its_time(self):
        self.type_repair.crew_size = 2
        order = self._make_order()
        order._dispatch()
        order.offer_ids.action_accept()
        self.start_tour(
            "/odoo/dispatch-board", "service_board_crew", login="test_dispatcher"
        )
        self.assertEqual(
            order.visit_ids.crew_ids.technician_id, self.early + self.colleague
        )

    def test_dispatch_by_hand(self):
        """From the list onto a technician, refused, overridden, given to another."""
        order = self._make_order()
        self.start_tour(
            "/odoo/dispatch-board", "service_board_by_hand", login="test_dispatcher"
        )
        self.assertRecordValues(
            order,
            [
                {
                    "state": "scheduled",
                    "point_id": self.point.id,
                    "technician_id": self.colleague.id,
                }
            ],
        )
        overridden = order.event_ids.filtered(lambda event: event.kind == "overridden")
        self.assertIn("The customer leaves tonight", overridden.name)
        self.assertIn("rescheduled", order.event_ids.mapped("kind"))
