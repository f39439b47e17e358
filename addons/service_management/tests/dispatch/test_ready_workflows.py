from datetime import timedelta

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.service_management.tests.order.workflow_common import WorkflowCase


@tagged("post_install", "-at_install")
class TestReadyWorkflows(WorkflowCase):
    """Each workflow that comes with the software, on its main way and beside it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.boss = cls.manager

    def setUp(self):
        super().setUp()
        self.patch(type(self.env["ir.cron"]), "_commit_progress", lambda *a, **k: 1.0)

    def _order_of(self, code, **vals):
        service_type = self.env.ref(f"service_management.type_{code}")
        service_type.requirement_ids.unlink()
        service_type.fault_required = False
        order = self._make_order(type_id=service_type.id, **vals)
        self.assertEqual(
            order.workflow_version_id.workflow_id,
            service_type.workflow_id
            or self.env.ref("service_management.workflow_visit"),
        )
        return order

    def _visit(self, order, on_site=True, **result):
        """Offer, accept, plan, go and report."""
        order._dispatch()
        order.offer_ids.filtered(lambda o: o.state == "offered").action_accept()
        return self._go(order, on_site, **result)

    def _go(self, order, on_site=True, days=1, **result):
        start = fields.Datetime.now() + timedelta(days=days)
        visit = order._plan_visit(self.technician, start, start + timedelta(hours=1))
        if on_site:
            visit.action_on_site()
        visit.action_done({"outcome": "fixed", **result})
        return visit

    def assertAt(self, order, *places, state=None, stage=None):
        self.assertEqual(self._places(order), sorted(places))
        if state:
            self.assertEqual(order.state, state)
        if stage:
            self.assertEqual(order.stage_id.code, stage)
        self.assertFalse(order.workflow_error)

    def assertNoJump(self, order):
        self.assertNotIn("moved", order.event_ids.mapped("kind"))

    def _fire(self, order):
        due = order.workitem_ids.filtered(
            lambda item: (
                item.kind in ("limit", "timer") and item.state in ("open", "waiting")
            )
        )
        self.assertTrue(due)
        due.deadline = fields.Datetime.now() - timedelta(minutes=1)
        self.env["service.workitem"]._fire_due()

    # At the customer's site

    def test_a_maintenance_goes_through_all_states_by_its_drawing(self):
        order = self._order_of("maintenance")
        self.assertAt(order, "dispatch", state="new")
        self._visit(order)
        self.assertAt(order, "confirm", state="done")
        order.action_close()
        self.assertAt(order, state="closed")
        self.assertNoJump(order)

    def test_a_maintenance_may_end_with_a_repair(self):
        order = self._order_of("maintenance")
        self._visit(order, on_site=False)
        self._complete(order, "confirm", "Close and Order a Repair")
        self.assertAt(order, state="closed")
        self.assertEqual(order.child_ids.type_id, self.type_repair)
        self.assertNoJump(order)

    def test_a_refused_offer_and_a_cancelled_visit_lead_back(self):
        self._make_point("Other Point")
        order = self._order_of("maintenance")
        order._dispatch()
        reason = self.env.ref("service_management.reject_reason_other")
        order.offer_ids.action_reject(reason.id, "full")
        self.assertAt(order, "answer", state="offered")
        order.offer_ids.filtered(lambda o: o.state == "offered").action_accept()
        technician = self._make_technician("Other", order.point_id)
        start = fields.Datetime.now() + timedelta(days=1)
        visit = order._plan_visit(technician, start, start + timedelta(hours=1))
        self.assertAt(order, "travel", state="scheduled")
        visit.action_cancel("ill")
        self.assertAt(order, "plan", state="accepted")
        order.action_redispatch("again")
        self.assertAt(order, "dispatch", state="new")
        self.assertNoJump(order)

    def test_a_delivery_is_made_ready_brought_and_lapses(self):
        order = self._order_of("delivery")
        self.assertAt(order, "prepare", state="new")
        with self.assertRaisesRegex(UserError, "Goods picked"):
            self._complete(order, "prepare")
        self._complete(order, "prepare", values={"checklist": [0, 1, 2]})
        self._visit(order)
        self.assertAt(order, "confirm", "lapse", state="done")
        self._fire(order)
        self.assertAt(order, state="closed")
        self.assertTrue(order.date_closed)

    def test_an_installation_waits_for_its_delivery(self):
        delivery = self._order_of("delivery")
        order = self._order_of("installation", parent_id=delivery.id)
        self.assertAt(
            order, "wait_delivery", "remind", state="new", stage="waiting_delivery"
        )
        self._fire(order)
        self.assertAt(order, "ask_delivery", "wait_delivery")
        self._complete(delivery, "prepare", values={"checklist": [0, 1, 2]})
        self._visit(delivery)
        self.assertAt(order, "ask_delivery", "dispatch", state="new")
        self._complete(order, "ask_delivery")
        self._walk_later(order)
        self._complete(order, "confirm", "Confirm and Close")
        self.assertAt(order, state="closed")

    def _walk_later(self, order):
        order._dispatch()
        order.offer_ids.filtered(lambda o: o.state == "offered").action_accept()
        self._go(order, days=3)

    def test_an_installation_of_delivered_goods_starts_at_once(self):
        order = self._order_of("installation")
        self.assertAt(order, "dispatch", state="new")

    def test_a_repair_goes_to_the_workshop_while_parts_are_ordered(self):
        order = self._order_of("repair")
        self._visit(order, needs_next_visit=True, outcome="repairable")
        self.assertAt(order, "plan", state="accepted")
        item = self._item(order, "plan").with_user(self.point_manager)
        self.assertEqual(
            item._get_available_flows().mapped("name"),
            ["Take It to the Workshop", "Wait for Parts"],
        )
        self._complete(
            order,
            "plan",
            "Take It to the Workshop",
            user=self.point_manager,
            reason="Needs the bench",
        )
        self.assertAt(order, "collect", "order_parts")
        self._complete(order, "collect", user=self.point_manager)
        self.assertAt(order, "order_parts", "workshop", stage="in_workshop")
        self._complete(order, "order_parts", "Ordered", user=self.point_manager)
        self.assertAt(order, "await_parts", "workshop", stage="waiting_parts")
        with self.assertRaisesRegex(UserError, "Section, Defect"):
            self._complete(order, "workshop", user=self.point_manager)
        codes = {
            f"{kind}_id": self.env["service.fault.code"]
            .search([("kind", "=", kind)], limit=1)
            .id
            for kind in ("section", "defect")
        }
        self._complete(order, "workshop", user=self.point_manager, values=codes)
        self.assertAt(order, "await_parts", "joined")
        self._complete(order, "await_parts", user=self.point_manager)
        self.assertAt(order, "plan", state="accepted")
        self._go(order, days=4)
        self.assertAt(order, "confirm", state="done")
        self.assertNoJump(order)

    def test_a_repair_waits_for_parts_with_its_clock_standing(self):
        order = self._order_of("repair")
        self._visit(order, needs_next_visit=True, outcome="repairable")
        self._complete(order, "plan", "Wait for Parts")
        self.assertAt(order, "parts_only", stage="waiting_parts")
        self.assertIn("clock_paused", order.event_ids.mapped("kind"))
        self._complete(order, "parts_only")
        self.assertAt(order, "plan")

    def test_a_return_is_approved_fetched_checked_and_exchanged(self):
        order = self._order_of("return")
        self.assertAt(order, "approve", stage="waiting_approval")
        self._complete(order, "approve", "Approve", user=self.boss)
        self._visit(order)
        self.assertAt(order, "check", state="done")
        self._complete(
            order, "check", "Send Another One", values={"checklist": [0, 1, 2]}
        )
        self.assertEqual(order.child_ids.type_id.code, "delivery")
        order.action_close()
        self.assertAt(order, state="closed")
        self.assertNoJump(order)

    def test_a_refused_return_is_explained(self):
        order = self._order_of("return")
        with self.assertRaisesRegex(UserError, "reason"):
            self._complete(order, "approve", "Refuse", user=self.boss)
        self._complete(order, "approve", "Refuse", user=self.boss, reason="Too late")
        self.assertAt(order, "explain", stage="waiting_customer")
        self._complete(order, "explain", values={"outcome_note": "Told by phone"})
        self.assertAt(order, state="closed")

    def _inspect(self):
        order = self._order_of("inspection")
        self._visit(order, needs_next_visit=True, outcome="repairable")
        self.assertAt(order, "ask", "no_answer", "opinion", stage="decision")
        return order

    def test_an_inspection_is_decided_and_made_formally_by_another_team(self):
        order = self._inspect()
        first = order.point_id
        self._complete(order, "opinion", values={"outcome_note": "Bearing worn"})
        self.assertAt(order, "ask", "joined", "no_answer")
        order._throw_message("customer_reply")
        self.assertAt(order, "decide")
        self._complete(order, "decide", "Formal Inspection", user=self.boss)
        self.assertAt(order, "dispatch_formal", state="new")
        self.assertFalse(order.point_id)
        other = self._make_point("Second Team")
        technician = self._make_technician("Second", other)
        order.with_user(self.dispatcher).action_assign(other.id)
        self.assertAt(order, "plan_formal", state="accepted")
        self.assertNotEqual(order.point_id, first)
        start = fields.Datetime.now() + timedelta(days=2)
        visit = order._plan_visit(technician, start, start + timedelta(hours=1))
        visit.action_done({"outcome": "no_fault"})
        self.assertAt(order, "confirm", state="done")
        self.assertNoJump(order)

    def test_a_silent_customer_is_called_and_the_manager_may_stop(self):
        order = self._inspect()
        self._fire(order)
        self.assertAt(order, "call", "opinion")
        self._complete(order, "call")
        self._complete(order, "opinion", values={"outcome_note": "Fine"})
        self._complete(
            order, "decide", "No Further Inspection", user=self.boss, reason="Fine"
        )
        self.assertAt(order, "confirm", state="done")
        self.assertEqual(order.outcome, "no_fault")

    # At the desk

    def test_a_complaint_gets_a_manager_a_cause_and_an_answer(self):
        order = self._order_of("complaint")
        self.assertAt(order, "assign", state="new")
        self._complete(order, "assign", user=self.boss)
        self.assertAt(order, "cause", state="in_progress")
        with self.assertRaisesRegex(UserError, "Result"):
            self._complete(order, "cause", user=self.boss)
        self._complete(
            order, "cause", user=self.boss, values={"outcome_note": "Late part"}
        )
        self._complete(order, "reply", user=self.agent, values={"checklist": [0, 1]})
        self.assertAt(order, "silence", "verdict", state="done")
        self.assertEqual(order.outcome, "fixed")
        self._complete(order, "verdict", "Not Content", reason="Still angry")
        self.assertAt(order, "cause", state="in_progress")
        self._complete(order, "cause", user=self.boss)
        self._complete(order, "reply", values={"checklist": [0, 1]})
        self._complete(order, "verdict", "Customer Is Content")
        self.assertAt(order, state="closed")

    def test_an_unanswered_complaint_closes_by_itself(self):
        order = self._order_of("complaint")
        self._complete(order, "assign")
        self._complete(order, "cause", values={"outcome_note": "x"})
        self._complete(order, "reply", values={"checklist": [0, 1]})
        self._fire(order)
        self.assertAt(order, state="closed")

    def test_an_incident_climbs_the_lines_and_comes_down(self):
        order = self._order_of("incident")
        specialist = self.quality
        self.env.ref("service_management.team_line_2").member_ids = specialist
        order.with_user(self.agent).action_start_work()
        self.assertAt(order, "line_1", state="in_progress")
        self._complete(order, "line_1", "To the Second Line", user=self.agent)
        item = self._item(order, "line_2")
        self.assertEqual(item.team_id.code, "line_2")
        self.assertFalse(item.user_id)
        self.assertFalse(item.with_user(self.agent)._is_actor())
        with self.assertRaises(UserError):
            order.with_user(self.agent).action_close()
        self._complete(
            order, "line_2", "To the Third Line", user=specialist, reason="Kernel"
        )
        self._complete(order, "line_3", "Back to the Second Line", reason="Done")
        self._complete(
            order, "line_2", "Solved", user=specialist, values={"outcome": "fixed"}
        )
        self.assertAt(order, "confirm", state="done")
        self._complete(order, "confirm", "Not Solved", reason="Again")
        self.assertAt(order, "line_1", state="in_progress")
        self.assertNoJump(order)

    def test_an_incident_waits_for_the_customer_with_clocks_standing(self):
        order = self._order_of("incident")
        order.action_start_work()
        self._complete(order, "line_1", "Ask the Customer")
        self.assertAt(order, "ask", "silence", stage="waiting_customer")
        order._throw_message("customer_reply")
        self.assertAt(order, "line_1", state="in_progress")
        kinds = order.event_ids.mapped("kind")
        self.assertEqual(
            (kinds.count("clock_paused"), kinds.count("clock_resumed")), (1, 1)
        )
        self._complete(order, "line_1", "Ask the Customer")
        self._fire(order)
        self.assertAt(order, "line_1")

    def test_a_training_is_prepared_side_by_side(self):
        order = self._order_of("training")
        order.with_user(self.agent).action_start_work()
        self.assertAt(order, "invite", "material", state="in_progress")
        self._complete(order, "invite")
        self.assertAt(order, "material", "ready")
        self._complete(order, "material")
        with self.assertRaisesRegex(UserError, "Outcome"):
            order.with_user(self.agent).action_done()
        self._complete(order, "hold", values={"checklist": [0, 1], "outcome": "fixed"})
        self.assertAt(order, "confirm", state="done")

    def test_a_consulting_ends_with_an_answer_or_a_repair(self):
        order = self._order_of("consulting", outcome="fixed")
        order.with_user(self.agent).action_start_work()
        order.with_user(self.agent).action_done()
        order.with_user(self.agent).action_close()
        self.assertAt(order, state="closed")
        self.assertNoJump(order)
        order = self._order_of("consulting")
        order.action_start_work()
        self._complete(order, "work", "A Visit Is Needed", reason="Leaks")
        self.assertEqual(order.child_ids.type_id, self.type_repair)
        self.assertAt(order, "confirm", state="done")

    def test_a_follow_up_calls_again_and_may_become_a_complaint(self):
        order = self._order_of("follow_up")
        self._complete(order, "call", "Not Reached")
        self.assertAt(order, "later", state="new")
        # Waiting for a time is nobody's fault
        self.assertFalse(self._item(order, "later").escalate_at)
        self._fire(order)
        self.assertAt(order, "call")
        self._complete(order, "call", "Reached")
        self._complete(
            order, "talk", "Not Content: Make a Complaint", reason="Scratched floor"
        )
        self.assertEqual(order.child_ids.type_id.code, "complaint")
        self.assertAt(order, "confirm", state="done")

    def test_types_without_a_workflow_go_the_standard_ways(self):
        for visit, place in ((True, "dispatch"), (False, "resolve")):
            service_type = self.env["service.type"].create(
                {"name": "New", "code": f"new{visit}", "visit_required": visit}
            )
            order = self._make_order(type_id=service_type.id)
            self.assertAt(order, place, state="new")
        self._complete(order, "resolve", "Start Work")
        self._complete(order, "work", values={"outcome": "fixed"})
        self._complete(order, "confirm")
        self.assertAt(order, state="closed")
