import psycopg2

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.service_management.tests.common import ServiceCommon


@tagged("post_install", "-at_install")
class TestEventsAppendOnly(ServiceCommon):
    def test_the_way_of_an_order_is_written_down_in_order(self):
        order = self._make_accepted_order()
        visit = self._make_visit(order)
        visit.action_en_route()
        visit.action_on_site()
        visit.action_done({"outcome": "fixed", "report": "Pump replaced"})
        order.action_close()
        # Other addons add facts of their own, such as the price of the work
        own = order.event_ids.filtered(lambda event: event.kind != "priced")
        self.assertEqual(
            own.mapped("kind"),
            [
                "created",
                "warranty",
                "registered",
                "coverage",
                "offered",
                "accepted",
                "scheduled",
                "en_route",
                "on_site",
                "visit_done",
                "done",
                "closed",
            ],
        )
        self.assertEqual(order.outcome, "fixed")
        self.assertEqual(order.outcome_note, "Pump replaced")

    def test_the_actor_is_written_down(self):
        order = self._make_order()
        order.with_user(self.dispatcher).action_dispatch()
        offered = order.event_ids.filtered(lambda event: event.kind == "offered")
        self.assertEqual(offered.user_id, self.dispatcher)

    def test_nobody_changes_or_deletes_an_event_through_the_orm(self):
        event = self._make_order().event_ids[0]
        with self.assertRaises(UserError):
            event.with_user(self.manager).write({"name": "rewritten"})
        with self.assertRaises(UserError):
            event.sudo().write({"name": "rewritten"})
        with self.assertRaises(AccessError):
            event.with_user(self.manager).unlink()
        with self.assertRaises(UserError):
            event.sudo().unlink()

    def test_nobody_writes_an_event_by_rpc(self):
        order = self._make_order()
        for user in (self.manager, self.agent, self.technician_user):
            with self.assertRaises(AccessError):
                self.env["service.order.event"].with_user(user).create(
                    {"order_id": order.id, "kind": "closed"}
                )

    def test_the_database_refuses_an_update(self):
        event = self._make_order().event_ids[0]
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(psycopg2.errors.RestrictViolation),
            self.env.cr.savepoint(),
        ):
            self.env.cr.execute(
                "UPDATE service_order_event SET name = 'x' WHERE id = %s", [event.id]
            )
