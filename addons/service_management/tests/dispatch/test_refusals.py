"""What is refused about plans and cards, each with its own sentence."""

from datetime import timedelta

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from odoo.addons.service_management.tests.common import MONDAY

from .planning_common import TUESDAY, PlanningCommon
from .test_scorecard import ScorecardCommon


@tagged("post_install", "-at_install")
@freeze_time(MONDAY)
class TestPlanRefusals(PlanningCommon):
    def _refused(self, message, error=UserError):
        return self.assertRaisesRegex(error, message)

    def test_what_is_gone_is_not_moved_on_the_board(self):
        board = self.env["service.dispatch.board"].with_user(self.dispatcher)
        order = self._make_accepted_order()
        start = MONDAY + timedelta(hours=1)
        visit = order._plan_visit(self.technician, start, start + timedelta(hours=1))
        gone, moment = visit.id, int(start.timestamp())
        shown = {
            "technician_ids": self.technician.ids,
            "start": moment,
            "end": moment + 3600,
            "state": "planned",
        }
        visit.sudo().unlink()
        with self._refused("visit is gone"):
            board.move_visit(gone, self.technician.ids, moment, moment + 3600, shown)
        other = self._make_order(description="gone", register=False)
        gone = other.id
        other.sudo().unlink()
        with self._refused("order is gone"):
            board.book_visit(gone, self.technician.ids, moment, moment + 3600)

    def test_only_the_point_of_an_order_plans_and_hands_back(self):
        order = self._make_accepted_order()
        for check, message in (
            ("_check_may_plan", "may plan its visits"),
            ("_check_may_hand_back", "may hand it back"),
        ):
            getattr(order.with_user(self.point_manager), check)()
            # The desk reads every order, and neither plans nor gives back
            with self.subTest(check), self._refused(message, AccessError):
                getattr(order.with_user(self.agent), check)()
        order.sudo().point_id = False
        for user in (self.agent, self.point_manager):
            with self._refused("may plan its visits", AccessError):
                order.with_user(user)._check_may_plan()

    def test_a_visit_ends_after_it_starts(self):
        order = self._make_accepted_order()
        for hours in (0, -1):
            start = MONDAY + timedelta(hours=1)
            with self.subTest(hours=hours), self._refused("end after it starts"):
                order.with_user(self.dispatcher)._plan_visit(
                    self.technician, start, start + timedelta(hours=hours), "all same"
                )
        self.assertFalse(order.visit_ids)

    def test_a_result_says_nothing_but_results(self):
        visit = self._make_visit()
        with self._refused("may not set: order_id"):
            visit.action_done({"outcome": "fixed", "order_id": False})

    def test_orders_do_not_wait_for_each_other(self):
        first, second = self._make_waiting(), self._make_waiting(north=1)
        second.after_order_ids = first
        with self._refused("waits for it", ValidationError):
            first.after_order_ids = second
        with self._refused("waits for it", ValidationError):
            first.after_order_ids = first

    def test_a_plan_that_is_being_made_stays(self):
        run = self.runs.create({"point_ids": self.point.ids, "day": TUESDAY})
        for state in ("computing", "applying"):
            run.sudo().state = state
            with self.subTest(state), self._refused("cannot be deleted"):
                run.unlink()

    def test_only_the_running_day_is_repaired(self):
        run = self.runs.create(
            {"point_ids": self.point.ids, "day": TUESDAY, "mode": "repair"}
        )
        with self._refused("Only the running day"):
            run.action_compute()

    def test_a_batch_without_a_tick_offers_nothing(self):
        run = self.env["service.dispatch.run"].with_user(self.dispatcher).create({})
        with self._refused("cannot be done any more"):
            run.action_apply()
        run.sudo().state = "proposed"
        with self._refused("Nothing is accepted"):
            run.action_apply()

    def test_a_promised_window_is_given_back(self):
        slot = self.env["service.slot"].create(
            {
                "point_id": self.point.id,
                "dayofweek": "1",
                "hour_from": 9,
                "hour_to": 11,
                "capacity": 2,
            }
        )
        self._make_waiting()._book_slot(*slot._get_times(TUESDAY))
        booking = self.env["service.slot.booking"].search(
            [("slot_id", "=", slot.id), ("state", "=", "held")]
        )
        self.assertEqual(len(booking), 1)
        with self._refused("given back, not deleted"):
            booking.unlink()

    def test_time_off_ends_after_it_starts(self):
        for end in (MONDAY, MONDAY - timedelta(hours=1), None):
            with self.subTest(end=end), self._refused("end after it starts"):
                self.technician._add_leave(MONDAY, end)


@tagged("post_install", "-at_install")
class TestScorecardRefusals(ScorecardCommon):
    def test_cards_are_kept_and_answered_in_words(self):
        self._work()
        card = self._compute()
        self.assertTrue(card.is_frozen)
        with self.assertRaisesRegex(UserError, "is not deleted"):
            card.unlink()
        with self.assertRaisesRegex(UserError, "why you do not agree"):
            card._appeal("")
        card._appeal("We were closed")
        with self.assertRaisesRegex(UserError, "write the answer first"):
            card.with_user(self.manager).action_answer_appeal()
        self.assertEqual(card.appeal_state, "open")
        with self.assertRaisesRegex(AccessError, "Only a manager"):
            card.with_user(self.quality).action_answer_appeal()
        with self.assertRaisesRegex(AccessError, "computed, not written"):
            self._compute(today=MONDAY.date()).with_user(self.manager).write(
                {"appeal_state": "answered"}
            )
