from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from .workflow_common import (
    END,
    START,
    WorkflowCase,
    flow,
    process,
    task_chain,
    user_task,
)


@tagged("post_install", "-at_install")
class TestWorkflowTask(WorkflowCase):
    def test_a_task_completes_when_all_it_asks_for_is_there(self):
        xml = task_chain(
            user_task(
                "a",
                "Look at It",
                required="outcome,outcome_note",
                checklist="Power off&#10;Cover closed",
                attachments="1",
            )
        )
        order = self._order_on(xml)
        item = self._open(order)
        self.assertEqual(
            (item.name, item.kind, item.step), ("Look at It", "task", "task")
        )
        with self.assertRaisesRegex(
            UserError,
            "Outcome, Result, Power off, Cover closed, 1 attachments",
        ):
            item.action_complete()
        self.env["ir.attachment"].create(
            {"name": "x", "res_model": "service.order", "res_id": order.id, "raw": b"x"}
        )
        with self.assertRaisesRegex(UserError, "missing: Cover closed"):
            item.action_complete(
                values={"outcome": "fixed", "outcome_note": "ok", "checklist": [0]}
            )
        self.assertEqual(item.state, "open")
        item.with_user(self.agent).action_complete(values={"checklist": [0, 1]})
        self.assertEqual((item.state, item.done_by_id), ("done", self.agent))
        self.assertEqual(order.state, "closed")
        event = order.event_ids.filtered(lambda event: event.kind == "task_done")
        self.assertEqual((event.user_id, event.name), (self.agent, "Look at It: Done"))

    def test_only_what_the_task_asks_for_can_be_written_with_it(self):
        order = self._order_on(task_chain(user_task("a", required="outcome_note")))
        with self.assertRaisesRegex(UserError, "priority"):
            self._open(order).action_complete(
                values={"outcome_note": "x", "priority": "3"}
            )

    def test_records_are_named_by_ids_that_the_user_may_read(self):
        names = "product_id,plan_asset_ids,outcome_note"
        order = self._order_on(task_chain(user_task("a", required=names)))
        item = self._open(order).with_user(self.agent)
        product = self.env["product.product"].create({"name": "Pump"})
        hidden = self.env["product.product"].create(
            {"name": "Theirs", "company_id": self.env["res.company"].create(
                {"name": "Another"}).id}
        )  # fmt: skip
        asset = self.asset
        write = Command.update(asset.id, {"name": "Owned"})
        for name, value in (
            ("plan_asset_ids", [write]),
            ("plan_asset_ids", [Command.create({"name": "Made"})]),
            ("plan_asset_ids", [[6, 0, [asset.id]]]),
            ("plan_asset_ids", [2**31 - 1]),
            ("plan_asset_ids", asset.id),
            ("product_id", hidden.id),
            ("product_id", 2**31 - 1),
            ("product_id", str(product.id)),
            ("product_id", True),
            ("outcome_note", ["x"]),
        ):
            label = order._fields[name]._description_string(self.env)
            with (
                self.subTest(name=name, value=value),
                self.assertRaisesRegex(UserError, f"'{label}' cannot take"),
            ):
                item.action_complete(values={name: value})
        self.assertNotEqual(asset.name, "Owned")
        item.action_complete(
            values={
                "product_id": product.id,
                "plan_asset_ids": asset.ids,
                "outcome_note": "x",
            }
        )
        self.assertEqual(order.product_id, product)
        self.assertEqual(order.plan_asset_ids, asset)

    def test_guards_calculate_with_numbers_only(self):
        xml = process(
            START, user_task("a"), user_task("b"), END, flow("start", "a"),
            flow("a", "b", "Go", condition="len(order.child_ids) * 2 + 7 % 4 == 3"),
            flow("a", "end", "Burst", condition="len(order.name * 999999999) * 0 == 0"),
            flow("b", "end"),
        )  # fmt: skip
        order = self._order_on(xml)
        self.assertEqual(
            self._open(order)._get_available_flows().mapped("name"), ["Go"]
        )

    def test_a_reason_is_asked_for_and_kept(self):
        xml = process(
            START, user_task("a"), user_task("b"), END, flow("start", "a"),
            flow("a", "b", "Refuse", reason="1"), flow("a", "end", "Agree"),
            flow("b", "end"),
        )  # fmt: skip
        order = self._order_on(xml)
        with self.assertRaisesRegex(UserError, "reason"):
            self._complete(order, "a", "Refuse", reason="  ")
        self._complete(order, "a", "Refuse", reason="Too old")
        done = order.workitem_ids.filtered(lambda item: item.state == "done")
        self.assertEqual(done.result, "Too old")
        self.assertEqual(self._places(order), ["b"])

    def test_guards_and_roles_decide_which_buttons_there_are(self):
        xml = process(
            START, user_task("a"), END, flow("start", "a"),
            flow("a", "end", "Urgent", condition="order.priority == '3'"),
            '<bpmn:sequenceFlow id="x" name="Boss" sourceRef="a" targetRef="end" '
            'svc:roles="manager,quality"/>',
            '<bpmn:sequenceFlow id="y" name="Cheap" sourceRef="a" targetRef="end">'
            "<bpmn:conditionExpression>[('priority', '=', '0')]"
            "</bpmn:conditionExpression></bpmn:sequenceFlow>",
        )  # fmt: skip
        order = self._order_on(xml)
        item = self._open(order)

        def names(user):
            return item.with_user(user)._get_available_flows().mapped("name")

        self.assertEqual(names(self.manager), ["Boss"])
        self.assertEqual(names(self.agent), [])
        order.priority = "3"
        self.assertEqual(names(self.agent), ["Urgent"])
        order.priority = "0"
        self.assertEqual(names(self.agent), ["Cheap"])
        urgent = item.node_id.version_id.flow_ids.filtered(lambda f: f.name == "Urgent")
        with self.assertRaises(UserError):
            item.with_user(self.agent).action_complete(urgent.id)

    def test_only_who_is_named_may_act(self):
        cases = [
            ({"actor": "owner"}, {self.agent, self.dispatcher, self.manager}),
            ({"actor": "role", "role": "quality"}, {self.quality, self.manager}),
            ({"actor": "role", "role": "manager"}, {self.manager}),
            ({"actor": "creator_manager"}, {self.manager}),
        ]
        users = (
            self.agent | self.dispatcher | self.quality | self.technician_user
        ) | self.manager
        for number, (attrs, allowed) in enumerate(cases):
            order = self._order_on(
                task_chain(user_task("a", **attrs)),
                f"case{number}",
                user_id=self.env.uid,
            )
            for user in users:
                with self.subTest(attrs=attrs, user=user.login):
                    item = self._open(order).with_user(user)
                    self.assertEqual(item._is_actor(), user in allowed)
                    if user not in allowed:
                        with self.assertRaises(AccessError):
                            item.action_complete()
        leader = self.env["service.team"].create(
            {
                "name": "L",
                "leader_id": self.quality.id,
                "member_ids": [(4, self.agent.id)],
            }
        )
        order = self.env["service.order"].with_user(self.agent).create(
            {
                "partner_id": self.customer.id,
                "description": "x",
                "type_id": self.env["service.type"]
                .search([("code", "=", "type_case3")])
                .id,
            }
        )  # fmt: skip
        item = self._open(order.sudo())
        self.assertEqual((item.user_id, item.team_id), (self.quality, leader))
        self.assertTrue(item.with_user(self.quality)._is_actor())

    def test_a_task_is_completed_once(self):
        order = self._order_on(task_chain(user_task("a"), user_task("b")))
        item = self._item(order, "a")
        item.action_complete()
        with self.assertRaisesRegex(UserError, "not open"):
            item.action_complete()
        self.assertEqual(self._places(order), ["b"])

    def test_the_stage_of_a_node_shows_on_the_order_with_all_that_follows(self):
        xml = task_chain(
            user_task("a", stage="new"),
            user_task("b", stage="waiting_customer"),
            user_task("c", stage="done"),
        )
        order = self._order_on(xml, outcome="fixed")
        self.assertEqual(order.state, "new")
        self._complete(order, "a")
        self.assertEqual(
            (order.stage_id.code, order.state), ("waiting_customer", "in_progress")
        )
        self._complete(order, "b")
        self.assertTrue(order.date_done)
        self._complete(order, "c")
        self.assertEqual(order.state, "closed")
        self.assertTrue(order.date_closed)
        kinds = order.event_ids.mapped("kind")
        self.assertEqual((kinds.count("done"), kinds.count("closed")), (1, 1))
        self.assertFalse(self._open(order))

    def test_working_hours_make_the_deadline(self):
        order = self._order_on(task_chain(user_task("a", hours="5")))
        expected = order._get_workitem_deadlines(5.0)[order.id]
        self.assertLess(
            abs(self._open(order).deadline - expected), timedelta(seconds=5)
        )

    def test_a_pausing_task_lets_clocks_stand(self):
        xml = task_chain(user_task("a"), user_task("b", pauses="all"), user_task("c"))
        order = self._order_on(xml)
        self._complete(order, "a")
        self.assertIn("clock_paused", order.event_ids.mapped("kind"))
        self.assertNotIn("clock_resumed", order.event_ids.mapped("kind"))
        self._complete(order, "b")
        self.assertIn("clock_resumed", order.event_ids.mapped("kind"))

    def test_the_customer_sees_the_words_of_the_open_task(self):
        order = self._order_on(
            task_chain(user_task("a", customerText="We look at it."))
        )
        self.assertEqual(order.customer_status, "We look at it.")

    def test_buttons_and_progress_are_told_to_the_page(self):
        xml = task_chain(user_task("a", "First", required="outcome"), user_task("b"))
        order = self._order_on(xml)
        [action] = order.with_user(self.agent).get_workflow_actions()
        self.assertEqual(action["name"], "First")
        self.assertEqual(action["flows"][0]["fields"], ["outcome"])
        self._complete(order, "a", values={"outcome": "fixed"})
        progress = order.with_user(self.agent).get_workflow_progress()
        self.assertEqual([place["element_id"] for place in progress["open"]], ["b"])
        self.assertEqual(progress["visited"][0]["element_id"], "a")
        self.assertEqual(progress["visited"][0]["times"], 1)
        self.assertIn("BPMNShape", progress["bpmn_xml"])
        self.assertEqual(order.with_user(self.quality).get_workflow_actions(), [])

    def test_a_running_order_stays_on_its_version(self):
        order = self._order_on(task_chain(user_task("a"), user_task("b")))
        first = order.workflow_version_id
        self._publish(task_chain(user_task("z")))
        self._complete(order, "a")
        self.assertEqual(order.workflow_version_id, first)
        self.assertEqual(self._places(order), ["b"])
        fresh = self._make_order(register=False, type_id=order.type_id.id)
        self.assertEqual(self._places(fresh), ["z"])

    def test_another_type_before_work_begins_is_another_way(self):
        order = self._make_order()
        self.assertEqual(self._places(order), ["dispatch"])
        order.type_id = self.type_consulting
        self.assertEqual(self._places(order), ["resolve"])
        self.assertEqual(order.state, "new")
        self.assertEqual(self._open(order).deadline > fields.Datetime.now(), True)
        draft = self._make_order(register=False)
        draft.type_id = self.type_consulting
        self.assertEqual(self._places(draft), ["register"])
        self.assertEqual(
            draft.workflow_version_id, self.type_consulting.workflow_id.version_id
        )

    def test_buttons_of_the_product_are_held_to_the_workflow(self):
        order = self._make_order(
            type_id=self.env.ref("service_management.type_return").id
        )
        self.assertEqual(self._places(order), ["approve"])
        with self.assertRaisesRegex(UserError, "Approve the Return"):
            order.with_user(self.dispatcher).action_dispatch()
        with self.assertRaises(AccessError):
            self._complete(order, "approve", user=self.agent)
        self._complete(order, "approve", "Approve", user=self.manager)
        order.with_user(self.dispatcher).action_dispatch()
        self.assertEqual(self._places(order), ["answer"])

    def test_the_flow_fields_of_a_workflow_are_not_written_by_hand(self):
        order = self._make_order()
        for vals in ({"workflow_error": "x"}, {"workflow_version_id": False}):
            with self.assertRaises(UserError):
                order.with_user(self.manager).write(vals)
        with self.assertRaises(AccessError):
            self._open(order).with_user(self.manager).write({"state": "done"})
