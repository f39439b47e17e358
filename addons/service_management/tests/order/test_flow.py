from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from odoo.addons.service_management.tests.common import ServiceCommon


@tagged("post_install", "-at_install")
class TestFlow(ServiceCommon):
    def test_registering_gives_number_promise_and_warranty(self):
        order = self._make_order(register=False)
        self.assertFalse(order.name)
        order.action_register()
        self.assertRecordValues(
            order,
            [
                {
                    "state": "new",
                    "warranty_state": "in",
                    "category_id": self.category.id,
                    "area_id": self.area.id,
                    "site_id": self.customer.id,
                    "phone": self.customer.phone,
                }
            ],
        )
        self.assertTrue(order.name.startswith("SV"))
        self.assertEqual(
            order.date_due - order.date_request,
            timedelta(hours=self.type_repair.promise_hours),
        )

    def test_columns_stand_in_the_order_of_the_stages(self):
        """Also when only late stages hold orders: empty ones keep their places."""
        order = self._make_order()
        last = self.env["service.stage"].search([("state", "=", "closed")], limit=1)
        order.sudo().stage_id = last
        orders = self.env["service.order"].with_context(read_group_expand=True)
        groups = orders.web_read_group(
            [("id", "=", order.id)], ["stage_id"], ["__count"], auto_unfold=False
        )["groups"]
        shown = [group["stage_id"][0] for group in groups]
        stages = self.env["service.stage"].browse(shown)
        self.assertEqual(stages, stages.search([("id", "in", shown)]))
        self.assertIn(last, stages)
        self.assertGreater(len(stages), 4)
        self.assertNotIn("draft", stages.mapped("state"))

    def test_missing_fields_are_named(self):
        self.type_repair.fault_required = True
        order = self._make_order(register=False, description=False)
        with self.assertRaisesRegex(UserError, "Description, Symptom"):
            order.action_register()
        self.assertFalse(order.name)

    def test_numbers_of_a_batch_are_distinct_and_rising(self):
        orders = self.env["service.order"]
        for __ in range(5):
            orders += self._make_order(register=False)
        orders.action_register()
        names = orders.mapped("name")
        self.assertEqual(sorted(set(names)), names)

    def test_the_state_follows_only_from_transitions(self):
        order = self._make_order().with_user(self.manager)
        closed = self.env.ref("service_management.stage_closed")
        with self.assertRaisesRegex(UserError, "Stage"):
            order.stage_id = closed
        with self.assertRaises(UserError):
            order.with_context(service_flow=True).write({"point_id": self.point.id})
        with self.assertRaises(UserError):
            self.env["service.order"].with_user(self.manager).create(
                {"stage_id": closed.id}
            )

    def test_a_step_that_does_not_fit_the_state_is_refused(self):
        order = self._make_order()
        with self.assertRaises(UserError):
            order.action_close()
        order.action_cancel()
        with self.assertRaises(UserError):
            order.action_cancel()

    def test_work_cannot_be_done_without_an_outcome(self):
        order = self._make_order(type_id=self.type_consulting.id)
        with self.assertRaisesRegex(UserError, "Outcome"):
            order.action_done()
        order.outcome = "no_fault"
        order.action_done()
        self.assertEqual(order.state, "done")
        self.assertTrue(order.date_done)

    def test_warranty_is_decided_for_the_date_of_the_fault(self):
        start = self.asset.install_date
        order = self._make_order(date_fault=start + timedelta(days=500))
        self.assertEqual(order.warranty_state, "partial")
        order.date_fault = start + timedelta(days=5000)
        self.assertEqual(order.warranty_state, "out")
        self.assertIn("ended on", order.warranty_note)
        self.assertEqual(
            len(order.event_ids.filtered(lambda event: event.kind == "warranty")), 2
        )

    def test_registered_orders_are_kept(self):
        draft = self._make_order(register=False)
        order = self._make_order(description="Another fault")
        with self.assertRaises(UserError):
            order.unlink()
        draft.unlink()
        self.assertFalse(draft.exists())

    def test_others_cannot_move_an_order(self):
        order = self._make_order()
        for user in (self.technician_user, self.quality, self.point_manager):
            with self.assertRaises(AccessError):
                order.with_user(user).action_cancel()
        self.assertEqual(order.state, "new")

    def test_an_agent_cannot_dispatch_but_a_dispatcher_can(self):
        order = self._make_order()
        with self.assertRaises(UserError):
            order.with_user(self.agent).action_dispatch()
        order.with_user(self.dispatcher).action_dispatch()
        self.assertEqual(order.state, "offered")

    def test_late_orders_are_found_and_others_not(self):
        late = self._make_order(date_due=fields.Datetime.now() - timedelta(hours=1))
        good = self._make_order(description="Other")
        Order = self.env["service.order"]
        found = Order.search([("is_late", "=", True), ("id", "in", (late + good).ids)])
        self.assertEqual(found, late)
        others = Order.search(
            [("is_late", "=", False), ("id", "in", (late + good).ids)]
        )
        self.assertEqual(others, good)
        self.assertTrue(late.is_late)
        self.assertFalse(good.is_late)

    def test_an_open_duplicate_for_asset_and_fault_is_pointed_out(self):
        first = self._make_order()
        second = self._make_order(register=False)
        self.assertEqual(second.duplicate_ids, first)
        symptoms = self.env["service.fault.code"].create(
            [
                {"kind": "symptom", "code": f"TST{n}", "name": f"Test symptom {n}"}
                for n in (1, 2)
            ]
        )
        first.symptom_id, second.symptom_id = symptoms
        self.assertFalse(second.duplicate_ids)
        second.symptom_id = symptoms[0]
        self.assertEqual(second.duplicate_ids, first)
        first.action_cancel()
        second.invalidate_recordset()
        self.assertFalse(second.duplicate_ids)

    def test_a_point_with_open_orders_cannot_leave_the_network(self):
        order = self._make_accepted_order()
        with self.assertRaisesRegex(UserError, "open orders"):
            self.point.active = False
        order.action_cancel()
        self.point.active = False

    def test_nobody_backdates_an_event_by_context(self):
        order = self._make_order()
        past = fields.Datetime.now() - timedelta(days=400)
        order.with_context(service_moments={order.id: past})._log_event("message")
        self.assertGreater(order.event_ids[-1].date, past + timedelta(days=399))

    def test_a_change_after_registration_is_a_fact(self):
        order = self._make_order()
        order.with_user(self.agent).write({"priority": "3", "description": "louder"})
        event = order.event_ids[-1]
        self.assertEqual((event.kind, event.user_id), ("updated", self.agent))
        self.assertEqual(event.name, "Priority: Normal → Urgent")
        self.assertEqual(event.data, {"priority": ["Normal", "Urgent"]})
        count = len(order.event_ids)
        order.priority = "3"
        self.assertEqual(len(order.event_ids), count)

    def test_a_draft_changes_without_a_trace(self):
        order = self._make_order(register=False)
        order.priority = "3"
        self.assertNotIn("updated", order.event_ids.mapped("kind"))

    def test_the_work_item_follows_the_owner(self):
        order = self._make_order(type_id=self.type_consulting.id)
        order.user_id = self.dispatcher
        item = order.workitem_ids.filtered(lambda item: item.state == "open")
        self.assertEqual(item.user_id, self.dispatcher)
