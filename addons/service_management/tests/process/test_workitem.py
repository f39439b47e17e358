from datetime import timedelta

from psycopg2.errors import CheckViolation, UniqueViolation

from odoo import fields
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.service_management.tests.common import ServiceCommon


@tagged("post_install", "-at_install")
class TestWorkitem(ServiceCommon):
    def assertSomebodys(self, order):
        """An open order has an owner or team and one open work item with an actor."""
        item = order.workitem_ids.filtered(lambda item: item.state == "open")
        self.assertEqual(len(item), 1, order.state)
        self.assertTrue(order.user_id or order.team_id)
        self.assertTrue(
            item.user_id or item.team_id or item.point_id or item.technician_id
        )
        self.assertTrue(item.deadline)
        return item

    def test_nobodys_order_never_on_the_whole_way(self):
        order = self._make_order(register=False)
        self.assertEqual(self.assertSomebodys(order).step, "register")
        order.action_register()
        self.assertEqual(self.assertSomebodys(order).step, "dispatch")
        order._dispatch()
        item = self.assertSomebodys(order)
        self.assertEqual((item.step, item.point_id), ("answer", self.point))
        self.assertEqual(item.deadline, order.offer_ids.expires_at)
        order.offer_ids.action_accept()
        item = self.assertSomebodys(order)
        self.assertEqual((item.step, item.point_id), ("plan", self.point))
        visit = self._make_visit(order)
        item = self.assertSomebodys(order)
        self.assertEqual((item.step, item.technician_id), ("visit", self.technician))
        self.assertEqual(item.deadline, visit.planned_end)
        visit.action_on_site()
        self.assertEqual(self.assertSomebodys(order).step, "visit")
        visit.action_done({"outcome": "fixed"})
        self.assertEqual(self.assertSomebodys(order).step, "confirm")
        order.action_close()
        self.assertFalse(order.workitem_ids.filtered(lambda item: item.state == "open"))
        order.action_reopen("Still noisy")
        self.assertEqual(self.assertSomebodys(order).step, "dispatch")

    def test_request_without_a_visit_is_answered_at_the_desk(self):
        order = self._make_order(type_id=self.type_consulting.id)
        self.assertEqual(self.assertSomebodys(order).step, "resolve")
        order.action_start_work()
        self.assertEqual(self.assertSomebodys(order).step, "resolve")

    def test_cancelled_order_cancels_its_work_item(self):
        order = self._make_order()
        order.action_cancel("Customer bought a new one")
        last = order.workitem_ids[-1:]
        self.assertRecordValues(
            order.workitem_ids.filtered(lambda item: item.step == "dispatch"),
            [{"state": "cancelled", "result": "Customer bought a new one"}],
        )
        self.assertTrue(last.done_by_id)

    def test_the_database_refuses_a_work_item_without_actor(self):
        order = self._make_order()
        with mute_logger("odoo.sql_db"), self.assertRaises(CheckViolation):
            self.env["service.workitem"].create(
                {
                    "order_id": order.id,
                    "step": "confirm",
                    "deadline": fields.Datetime.now(),
                }
            )

    def test_the_database_refuses_the_same_step_open_twice(self):
        order = self._make_order()
        with mute_logger("odoo.sql_db"), self.assertRaises(UniqueViolation):
            order.workitem_ids.filtered(lambda item: item.state == "open").copy()

    def test_the_database_refuses_an_open_order_without_owner(self):
        order = self._make_order()
        with mute_logger("odoo.sql_db"), self.assertRaises(CheckViolation):
            order.write({"user_id": False, "team_id": False})
            order.flush_recordset()

    def test_late_items_are_found_and_others_not(self):
        order = self._make_order()
        item = self.assertSomebodys(order)
        Item = self.env["service.workitem"]
        mine = [("order_id", "=", order.id)]
        self.assertFalse(Item.search([*mine, ("is_late", "=", True)]))
        item.deadline = fields.Datetime.now() - timedelta(minutes=1)
        self.assertEqual(Item.search([*mine, ("is_late", "=", True)]), item)
        self.assertNotIn(item, Item.search([*mine, ("is_late", "=", False)]))
        self.assertTrue(item.is_late)
