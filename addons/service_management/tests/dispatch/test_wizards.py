from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user

from odoo.addons.service_management.tests.common import ServiceCommon


class TestWizards(ServiceCommon):
    """What the forms ask before they act."""

    def _open_dispatch(self, order):
        action = order.with_user(self.dispatcher).action_open_dispatch()
        return (
            self.env["service.order.dispatch"]
            .with_user(self.dispatcher)
            .browse(action["res_id"])
        )

    def _confirm_reason(self, order, operation, user):
        self.env["service.order.reason"].with_user(user).create(
            {
                "operation": operation,
                "order_ids": order.ids,
                "reason": "Asked for by phone",
            }
        ).action_confirm()

    def test_candidates_come_with_their_reasons(self):
        wizard = self._open_dispatch(self._make_order())
        line = wizard.line_ids.filtered(lambda line: line.point_id == self.point)
        self.assertEqual(line._name, "service.order.dispatch.line")
        self.assertTrue(line.is_eligible)
        self.assertTrue(line.reasons)

    def test_offer_and_assign_from_the_list(self):
        offered, assigned = self._make_order(), self._make_order()
        self._open_dispatch(offered).line_ids[0].action_offer()
        self._open_dispatch(assigned).line_ids[0].action_assign()
        self.assertEqual(offered.state, "offered")
        self.assertEqual(assigned.state, "accepted")
        self.assertEqual(assigned.point_id, self.point)

    def test_a_point_that_does_not_serve_the_place_is_listed_and_chosen_with_a_reason(
        self,
    ):
        elsewhere = self._make_point("Elsewhere", coverage=False)
        order = self._make_order()
        wizard = self._open_dispatch(order)
        self.assertNotIn(elsewhere, wizard.line_ids.point_id)
        wizard.other_point_id = elsewhere
        self.assertEqual(wizard.action_add_point()["res_id"], wizard.id)
        wizard.other_point_id = elsewhere
        wizard.action_add_point()
        line = wizard.line_ids.filtered(lambda line: line.point_id == elsewhere)
        self.assertEqual(len(line), 1)
        self.assertFalse(line.is_eligible)
        self.assertIn("does not serve this area", line.reasons[0]["text"])
        with self.assertRaises(UserError):
            line.action_assign()
        wizard.reason = "They are next door today"
        line.action_assign()
        self.assertEqual((order.state, order.point_id), ("accepted", elsewhere))
        overridden = order.event_ids.filtered(lambda event: event.kind == "overridden")
        self.assertIn("next door", overridden.name)

    def test_refusal_asks_for_a_reason(self):
        order = self._make_order()
        order._dispatch()
        wizard = self.env["service.offer.reject"].with_user(self.point_manager)
        wizard.create(
            {
                "offer_ids": order.offer_ids.ids,
                "reason_id": self.env["service.reject.reason"].search([], limit=1).id,
                "note": "All on holiday",
            }
        ).action_confirm()
        self.assertEqual(order.offer_ids.state, "rejected")
        self.assertEqual(order.offer_ids.note, "All on holiday")

    def test_reason_of_a_change_becomes_part_of_the_story(self):
        order = self._make_order()
        self._confirm_reason(order, "cancel", self.agent)
        self.assertEqual(order.state, "cancelled")
        self._confirm_reason(order, "reopen", self.agent)
        self.assertEqual(order.state, "new")
        reasons = order.event_ids.filtered(
            lambda event: event.kind in ("cancelled", "reopened")
        )
        self.assertEqual(reasons.mapped("name"), ["Asked for by phone"] * 2)

    def test_order_is_taken_back_by_a_dispatcher_only(self):
        order = self._make_accepted_order()
        with self.assertRaises(UserError):
            self._confirm_reason(order, "redispatch", self.agent)
        self._confirm_reason(order, "redispatch", self.dispatcher)
        self.assertEqual(order.state, "new")
        self.assertFalse(order.point_id)

    def test_no_visit_is_proposed_for_an_order_that_is_not_read(self):
        stranger = self._make_point("Other Point", coverage=False)
        user = new_test_user(
            self.env,
            "test_other_point",
            groups="service_management.group_service_point_manager",
        )
        stranger.user_ids = user
        order = self._make_accepted_order(date_preferred="Mondays")
        plans = self.env["service.visit.plan"]
        self.assertTrue(
            plans.with_user(self.point_manager).create([{"order_id": order.id}]).start
        )
        self.assertFalse(order.with_user(user).has_access("read"))
        with self.assertRaises(AccessError):
            plans.with_user(user).create([{"order_id": order.id}])
        plan = plans.with_user(user).sudo().create([{"order_id": order.id}])
        self.env.invalidate_all()
        with self.assertRaises(AccessError):
            plan.sudo(False).read(["date_preferred"])
