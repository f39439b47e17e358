from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from odoo.addons.service_management.tests.access_matrix import check_matrix
from odoo.addons.service_management.tests.common import ServiceCommon

BROKEN = "broken"


@tagged("post_install", "-at_install")
class TestPointLife(ServiceCommon):
    def setUp(self):
        super().setUp()
        self.today = fields.Date.today()
        self.other = None

    def _work(self):
        self.env.flush_all()
        with self.enter_registry_test_mode(), self.registry.cursor() as cr:
            self.env(cr=cr)["service.point.release"]._queue_run()
        self.env.invalidate_all()

    def _add_other(self):
        self.other = self._make_point("Other")
        self._make_technician("Other Technician", point=self.other)

    def _open_move(self, state, user=None, **vals):
        point = self.point.with_user(user or self.manager)
        action = point.with_context(to_state=state).action_open_move()
        return (
            self.env["service.point.move"]
            .with_user(user or self.manager)
            .with_context(**action["context"])
            .create(vals)
        )

    def test_every_change_is_in_the_history_for_good(self):
        self._open_move("suspended", reason="Audit").action_confirm()
        change = self.point.change_ids
        self.assertRecordValues(
            change,
            [
                {
                    "state_from": "active",
                    "state_to": "suspended",
                    "reason": "Audit",
                    "user_id": self.manager.id,
                    "order_count": 0,
                }
            ],
        )
        with self.assertRaises(UserError):
            change.reason = "Other"
        with self.assertRaises(UserError):
            change.unlink()
        self.point.state = "active"
        self.assertEqual(len(self.point.change_ids), 2)

    def _get_notices(self, *records):
        return self.env["mail.message"].search(
            [
                ("message_type", "=", "user_notification"),
                ("model", "in", [record._name for record in records]),
                ("res_id", "in", [record.id for record in records]),
                ("partner_ids", "in", self.portal_point.partner_id.ids),
            ],
            order="id desc",
        )

    def test_the_point_is_told_that_and_why_it_gets_no_orders(self):
        self.portal_point.partner_id.email = "point@example.com"
        self._open_move("suspended", reason="Audit").action_confirm()
        notice = self._get_notices(self.point)
        self.assertIn("Suspended", notice.subject)
        self.assertIn("Reason: Audit", notice.body)
        self.assertIn("finish the orders", notice.body)
        self._open_move("active").action_confirm()
        self.assertIn("gets orders", self._get_notices(self.point)[0].body)
        self.point.name = "Renamed"
        self.assertEqual(len(self._get_notices(self.point)), 2)

    def test_leaving_needs_a_reason(self):
        with self.assertRaisesRegex(UserError, "Reason"):
            self._open_move("suspended").action_confirm()

    def test_only_managers_change_states(self):
        for user in (self.dispatcher, self.point_manager):
            with self.assertRaises(AccessError):
                self._open_move("suspended", user=user, reason="x")
            with self.assertRaises(AccessError):
                self.point.with_user(user).action_suspend()

    def test_active_point_cannot_apply_again(self):
        with self.assertRaises(UserError):
            self.point._move("applied")

    def test_terminated_point_hands_its_orders_to_others(self):
        accepted = self._make_accepted_order()
        offered = self._make_order(asset_id=False)
        offered._dispatch()
        self._add_other()
        with self.assertRaisesRegex(UserError, "open orders"):
            self.point._terminate("Left", orders="finish")
        self._open_move("terminated", reason="Left").action_confirm()
        self.assertEqual(self.point.change_ids[0].order_count, 2)
        self._work()
        for order in accepted + offered:
            waiting = order.offer_ids.filtered(lambda offer: offer.state == "offered")
            self.assertEqual(waiting.point_id, self.other)
        self.assertFalse(accepted.point_id)

    def test_suspended_point_finishes_what_it_has_accepted(self):
        accepted = self._make_accepted_order()
        offered = self._make_order(asset_id=False)
        offered._dispatch()
        self._add_other()
        self._open_move("suspended", reason="Audit").action_confirm()
        self._work()
        self.assertEqual(accepted.point_id, self.point)
        self.assertEqual(accepted.state, "accepted")
        waiting = offered.offer_ids.filtered(lambda offer: offer.state == "offered")
        self.assertEqual(waiting.point_id, self.other)

    def test_visit_under_way_stays_and_somebody_is_told(self):
        visit = self._make_visit()
        visit.state = "en_route"
        order = visit.order_id
        self._add_other()
        self.point._suspend("Audit", orders="redispatch")
        self._work()
        self.assertEqual(order.point_id, self.point)
        self.assertEqual(self.point.release_ids.result, "kept")
        self.assertIn("under way", order.activity_ids.mapped("summary")[-1])

    def test_one_bad_order_does_not_stop_the_rest(self):
        bad = self._make_accepted_order()
        good = self._make_order(asset_id=False)
        good._dispatch()
        good.offer_ids.action_accept()
        self._add_other()
        self.point._suspend("Audit", orders="redispatch")
        original = type(bad).action_redispatch

        def fail(orders, reason=None):
            if bad in orders:
                raise UserError(BROKEN)
            return original(orders, reason)

        with patch.object(type(bad), "action_redispatch", fail):
            self._work()
        self.assertEqual(bad.point_id, self.point)
        self.assertFalse(good.point_id)
        row = self.point.release_ids.filtered(lambda row: row.order_id == bad)
        self.assertEqual(row.queue_state, "pending")
        self.assertIn("broken", row.last_error)

    def test_reinstated_before_the_job_ran_keeps_its_orders(self):
        order = self._make_accepted_order()
        self.point._suspend("Mistake", orders="redispatch")
        self.point.action_activate()
        self._work()
        self.assertEqual(order.point_id, self.point)

    def test_planned_change_is_made_on_its_day(self):
        tomorrow = self.today + timedelta(days=1)
        self._open_move("suspended", reason="Holiday", date=tomorrow).action_confirm()
        self.assertEqual(self.point.state, "active")
        self.env["service.point"]._live()
        self.assertEqual(self.point.state, "active")
        self.point.planned_on = self.today
        self.env["service.point"]._live()
        self.assertEqual(self.point.state, "suspended")
        self.assertFalse(self.point.planned_on)
        self.assertEqual(self.point.change_ids[0].reason, "Holiday")

    def test_plan_that_cannot_be_made_is_told_and_stops_nobody(self):
        self._make_accepted_order()
        other = self._make_point("Other")
        points = self.point + other
        points._plan_move("terminated", self.today, "Left", "finish")
        self.env["service.point"]._live()
        self.assertEqual(points.mapped("state"), ["active", "terminated"])
        self.assertEqual(len(self.point.activity_ids), 1)

    def test_end_of_probation_is_reviewed_once_with_figures(self):
        self._open_move(
            "probation", probation_end=self.today, probation_orders=3
        ).action_confirm()
        self.assertEqual(self.point.state, "probation")
        self._make_accepted_order()
        self.env["service.point"]._live()
        self.env["service.point"]._live()
        activity = self.point.activity_ids
        self.assertEqual(len(activity), 1)
        self.assertIn("accepted 1", str(activity.note))

    def test_probation_limits_the_orders_of_a_day(self):
        self.point.resource_calendar_id = False
        self.point.write({"state": "probation", "probation_orders": 1})
        self._make_accepted_order()
        second = self._make_order(asset_id=False)
        ranked = second._rank_candidates()[second.id].find(self.point.id)
        self.assertEqual(ranked.reasons[0].code, "capacity")

    def _add_below(self):
        """A centre below the point, and a point on probation below that."""
        centre = self._make_point("Centre", parent_id=self.point.id)
        leaf = self._make_point("Leaf", parent_id=centre.id, state="probation")
        return centre, leaf

    def test_a_branch_takes_the_points_below_it_along(self):
        centre, leaf = self._add_below()
        gone = self._make_point("Gone", parent_id=centre.id, state="suspended")
        stays = self._make_point("Stays", parent_id=centre.id)
        order = self._make_accepted_order()
        order.point_id = leaf
        self._add_other()
        move = self._open_move("suspended", reason="Fraud", orders="redispatch")
        self.assertEqual(move.below_ids, centre + leaf + stays)
        self.assertEqual((move.below_count, move.open_count), (3, 1))
        self.assertEqual(leaf.open_order_count, 1)
        move.below_ids -= stays
        move.action_confirm()
        self.assertEqual(
            [point.state for point in (self.point, centre, leaf, gone, stays)],
            ["suspended"] * 4 + ["active"],
        )
        self.assertRecordValues(
            leaf.change_ids[0],
            [
                {
                    "root_id": self.point.id,
                    "reason": "Fraud",
                    "orders": "redispatch",
                    "order_count": 1,
                }
            ],
        )
        self.assertFalse(self.point.change_ids[0].root_id)
        self._work()
        self.assertNotEqual(order.point_id, leaf)

    def test_who_comes_back_brings_back_whoever_left_together(self):
        centre, leaf = self._add_below()
        own = self._make_point("Own Fault", parent_id=centre.id)
        own._suspend("Own fault")
        self._open_move("suspended", reason="Audit").action_confirm()
        move = self._open_move("active")
        self.assertEqual(move.below_ids, centre + leaf)
        move.action_confirm()
        states = [point.state for point in (self.point, centre, leaf, own)]
        self.assertEqual(states, ["active", "active", "probation", "suspended"])
        # Suspended by itself since: that is not undone
        self._open_move("suspended", reason="Audit").action_confirm()
        centre.action_activate()
        centre._suspend("Own fault")
        self.assertEqual(self._open_move("active").below_ids, leaf)

    def test_who_left_in_two_steps_comes_back_as_before_the_first(self):
        centre, leaf = self._add_below()
        own = self._make_point("Own Fault", parent_id=centre.id)
        own._suspend("Own fault")
        for state in ("suspended", "terminated"):
            self._open_move(state, reason="Audit").action_confirm()
        self.assertEqual(own.state, "terminated")
        self._open_move("active").action_confirm()
        states = [point.state for point in (self.point, centre, leaf, own)]
        self.assertEqual(states, ["active", "active", "probation", "terminated"])

    def test_a_planned_change_takes_them_along_on_its_day(self):
        centre, leaf = self._add_below()
        tomorrow = self.today + timedelta(days=1)
        self._open_move("suspended", reason="End", date=tomorrow).action_confirm()
        self.assertEqual((centre + leaf).mapped("planned_on"), [tomorrow] * 2)
        self.assertEqual(leaf.planned_root_id, self.point)
        self.point.action_cancel_plan()
        self.assertFalse(leaf.planned_on or centre.planned_on)
        self._open_move("suspended", reason="End", date=tomorrow).action_confirm()
        (self.point + centre + leaf).planned_on = self.today
        self.env["service.point"]._live()
        self.assertEqual(leaf.state, "suspended")
        self.assertEqual(leaf.change_ids[0].root_id, self.point)

    def test_what_is_not_below_is_not_taken_along(self):
        """Whoever writes another list of points than those below."""
        self._add_other()
        move = self._open_move("suspended", reason="x")
        move.below_ids = self.other
        move.action_confirm()
        self.assertEqual(self.other.state, "active")

    def test_l6_access_to_the_history(self):
        self._make_accepted_order()
        self.point._suspend("Audit", orders="redispatch")
        change = self.env["service.point.change"].search(
            [("point_id", "=", self.point.id)]
        )
        release = self.env["service.point.release"].search(
            [("change_id", "=", change.id)]
        )
        check_matrix(
            self,
            {"change": change, "release": release},
            {
                self.agent: {"change": "r"},
                self.dispatcher: {"change": "r", "release": "r"},
                self.technician_user: {},
                self.point_manager: {"change": "r"},
                self.quality: {"change": "r"},
                self.manager: {"change": "r", "release": "rw"},
                self.portal_point: {},
            },
        )
