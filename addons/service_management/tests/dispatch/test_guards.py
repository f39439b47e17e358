"""What nobody may do past the buttons: by RPC, by an old link, by somebody who left."""

from datetime import timedelta
from pathlib import Path

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.modules.migration import load_script
from odoo.service.model import get_public_method
from odoo.tests import new_test_user, tagged

from odoo.addons.service_management.models.dispatch.service_dispatch_board_move import (
    MAX_SLOTS,
)
from odoo.addons.service_management.tests.common import MONDAY, ServiceCommon

MIGRATION = Path(__file__).parents[2] / "migrations" / "19.0.1.0.1" / "post-guard.py"


@tagged("post_install", "-at_install")
class TestGuards(ServiceCommon):
    def test_rating_is_no_business_of_rpc(self):
        with self.assertRaises(AccessError):
            get_public_method(self.env["service.order"], "rating_apply")

    def test_nothing_that_planning_writes_is_written_by_hand(self):
        visit = self._make_visit()
        values = {
            "checklist_version_id": False,
            "confirmed_at": fields.Datetime.now(),
            "is_overrun": True,
            "needs_replanning": True,
            "state": "done",
            "planned_start": MONDAY,
            # stored for searching, computed from the rest
            "is_blocking": False,
            "technician_id": False,
            "company_id": self.env["res.company"].create({"name": "Other"}).id,
            "code_tries": 0,
            "answer_ids": [],
        }
        for user in (self.dispatcher, self.technician_user):
            for name, value in values.items():
                with (
                    self.subTest(field=name, user=user.login),
                    self.assertRaises(UserError),
                ):
                    visit.with_user(user).write({name: value})
        visit.with_user(self.technician_user).report = "Still written by hand"

    def test_who_has_left_is_sent_nowhere(self):
        visit = self._make_visit()
        start, end = visit.planned_start, visit.planned_end
        left = self._make_technician("Has Left")
        left.active = False
        moves = visit.with_user(self.dispatcher)
        for reason in (None, "the customer asks for them"):
            with self.assertRaisesRegex(UserError, "archived"):
                moves.action_reschedule(start, end, reason, left.ids)
        order = self._make_accepted_order(description="second")
        with self.assertRaisesRegex(UserError, "archived"):
            order.with_user(self.dispatcher)._plan_visit(left, start, end, "all same")
        board = self.env["service.dispatch.board"].with_user(self.dispatcher)
        seconds = int(start.timestamp())
        with self.assertRaises(UserError):
            board.book_visit(order.id, left.ids, seconds, seconds + 3600, "all same")
        self.assertFalse(order.visit_ids)

    def test_who_has_left_reports_nothing(self):
        visit = self._make_visit()
        self.technician.active = False
        with self.assertRaises(AccessError):
            visit.with_user(self.technician_user).action_en_route()

    def test_a_board_asks_for_the_right_before_it_tells_about_points(self):
        far = self._make_point("Far away", coverage=False)
        order = self._make_accepted_order()
        board = self.env["service.dispatch.board"].with_user(self.point_manager)
        for method in (board.offer_order, board.assign_order):
            for number in (order.id, 0):
                with self.assertRaisesRegex(UserError, "Only a dispatcher"):
                    method(number, far.id)

    def test_proposals_are_few_whatever_is_asked_for(self):
        order = self._make_accepted_order()
        board = self.env["service.dispatch.board"].with_user(self.dispatcher)
        for days, count in ((10**9, 10**9), (-5, -5), (0, 0)):
            slots = board.get_proposals(order.id, days, count)["slots"]
            self.assertLessEqual(len(slots), MAX_SLOTS)

    def test_a_technicians_resource_is_nobodys_choice(self):
        """Hours, user and archiving are written to it past the rules of resources."""
        employee = self.env["hr.employee"].create({"name": "Somebody Else"})
        technician = self.technician.with_user(self.point_manager)
        with self.assertRaises(AccessError):
            technician.write({"resource_id": employee.resource_id.id, "active": False})
        self.assertTrue(employee.resource_id.active)

    def test_applications_are_decided_with_their_buttons(self):
        applications = self.env["service.point.application"].with_user(self.manager)
        vals = {
            "name": "Fresh",
            "contact_name": "Li",
            "phone": "1",
            "email": "li@example.com",
        }
        application = applications.create(vals)
        for given in ({"state": "approved"}, {"point_id": self.point.id}):
            with self.assertRaises(AccessError):
                application.write(given)
            with self.assertRaises(AccessError):
                applications.create({**vals, **given})
        with self.assertRaises(AccessError):
            applications.with_context(default_state="approved").create(vals)
        application.action_review()
        self.assertEqual(application.state, "review")

    def test_technicians_invited_before_are_parted_from_their_point(self):
        user = new_test_user(self.env, "test_invited", "base.group_portal")
        keeper = new_test_user(self.env, "test_keeper", "base.group_portal")
        point = self._make_point("Old Point", users=keeper)
        (user | keeper).partner_id.parent_id = point.partner_id
        for login in (user, keeper):
            self._make_technician(login.name, point, user_id=login.id)
        script = load_script(str(MIGRATION), "post-guard")
        script._part_technicians_from_points(self.env)
        self.assertFalse(user.partner_id.parent_id)
        self.assertEqual(user.partner_id.commercial_partner_id, user.partner_id)
        self.assertEqual(keeper.partner_id.parent_id, point.partner_id)


@tagged("post_install", "-at_install")
class TestWindowGuards(ServiceCommon):
    """What a customer may choose by himself."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with freeze_time(MONDAY):
            cls.order = cls._make_accepted_order()
            cls.slot = cls.env["service.slot"].create(
                {
                    "point_id": cls.point.id,
                    "dayofweek": "1",
                    "hour_from": 9,
                    "hour_to": 11,
                    "capacity": 2,
                }
            )
            cls.window = cls.slot._get_times((MONDAY + timedelta(days=1)).date())

    def test_two_hours_before_it_is_too_late(self):
        with (
            freeze_time(self.window[0] - timedelta(minutes=119)),
            self.assertRaisesRegex(UserError, "taken by somebody else"),
        ):
            self.order._book_slot(*self.window)
        with freeze_time(self.window[0] - timedelta(minutes=121)):
            self.assertTrue(self.order._book_slot(*self.window))

    def test_a_locked_visit_is_moved_by_no_customer(self):
        with freeze_time(MONDAY):
            visit = self._make_visit(self.order, MONDAY + timedelta(days=3))
            visit.is_locked = True
            with (
                self.assertRaisesRegex(UserError, "fixed"),
                self.env.cr.savepoint(),
            ):
                self.order._book_slot(*self.window)
            self.env.invalidate_all(flush=False)
            self.assertEqual(visit.state, "planned")
            self.assertFalse(self.order.slot_start)
            visit.is_locked = False
            self.order._book_slot(*self.window)
            self.assertEqual(visit.state, "cancelled")
