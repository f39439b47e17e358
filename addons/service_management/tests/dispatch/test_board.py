from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.service_management.models.dispatch.service_dispatch_board import (
    _seconds,
)
from odoo.addons.service_management.models.dispatch.service_dispatch_board_move import (
    BoardRefusal,
)
from odoo.addons.service_management.tests.common import MONDAY, ServiceCommon


class BoardCommon(ServiceCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.dispatcher.tz = "UTC"
        cls.point_manager.tz = "UTC"
        cls.board = cls.env["service.dispatch.board"].with_user(cls.dispatcher)
        cls.day = MONDAY.date().isoformat()

    def _read(self, days=1, filters=None, user=None):
        """The board with its rows as dicts by id."""
        board = self.board.with_user(user) if user else self.board
        answer = board.get_board(self.day, days, filters)
        for name, columns in answer["columns"].items():
            answer[name] = {
                row[0]: dict(zip(columns, row, strict=True)) for row in answer[name]
            }
        return answer

    def _expected(self, visit):
        return {
            "technician_ids": visit.crew_ids.technician_id.ids,
            "start": _seconds(visit.planned_start),
            "end": _seconds(visit.planned_end),
            "state": visit.state,
        }

    def _move(self, visit, hours, technician=None, expected=None, user=None, **kw):
        board = self.board.with_user(user) if user else self.board
        crew = technician or visit.crew_ids.technician_id
        start = visit.planned_start + timedelta(hours=hours)
        end = visit.planned_end + timedelta(hours=hours)
        return board.move_visit(
            visit.id,
            crew.ids,
            _seconds(start),
            _seconds(end),
            expected or self._expected(visit),
            **kw,
        )

    def _book(self, order, technician=None, start=MONDAY, user=None, **kw):
        board = self.board.with_user(user) if user else self.board
        return board.book_visit(
            order.id,
            (technician or self.technician).ids,
            _seconds(start),
            _seconds(start + timedelta(hours=1)),
            **kw,
        )


@tagged("post_install", "-at_install")
@freeze_time(MONDAY - timedelta(days=3))
class TestBoard(BoardCommon):
    def test_it_shows_technicians_visits_and_what_waits(self):
        visit = self._make_visit(start=MONDAY)
        waiting = self._make_order(description="second")
        board = self._read()
        self.assertEqual(
            board["technicians"][self.technician.id]["name"], "Test Technician"
        )
        row = board["visits"][visit.id]
        self.assertEqual(
            (row["start"], row["technician_ids"], row["state"]),
            (_seconds(MONDAY), self.technician.ids, "planned"),
        )
        self.assertIn(waiting.id, board["waiting"])
        self.assertNotIn(visit.order_id.id, board["waiting"])
        self.assertEqual(board["orders"][waiting.id]["customer"], "Test Customer")
        self.assertNotIn(visit.id, self._read(filters={"state": "done"})["visits"])

    def test_the_days_are_those_of_the_reader(self):
        self.dispatcher.tz = "Asia/Shanghai"
        days = self._read(days=2)["days"]
        midnight = MONDAY.replace(hour=0)
        self.assertEqual(days[0], _seconds(midnight - timedelta(hours=8)))
        self.assertEqual(days[2] - days[0], 48 * 3600)
        with self.assertRaisesRegex(UserError, "from 1 to"):
            self._read(days=60)

    def test_l8_hours_without_leaves_and_breaks_are_shown(self):
        calendar = self.env.ref("resource.resource_calendar_std")
        calendar.tz = "UTC"
        technician = self._make_technician(
            "With hours", resource_calendar_id=calendar.id, tz="UTC"
        )
        leave = {
            "name": "a secret illness",
            "resource_id": technician.resource_id.id,
            "calendar_id": calendar.id,
            "date_from": MONDAY.replace(hour=14),
            "date_to": MONDAY.replace(hour=18),
        }
        self.env["resource.calendar.leaves"].create(leave)
        board = self._read()
        hours = board["technicians"][technician.id]["hours"]
        self.assertEqual(
            [(s // 3600 % 24, e // 3600 % 24) for s, e in hours], [(8, 12), (13, 14)]
        )
        mine = [row for row in board["leaves"] if row[0] == technician.id]
        self.assertEqual([row[3] for row in mine], [""], "why is nobody's business")

    def test_filters_narrow_by_branch_type_skill_and_text(self):
        other_point = self._make_point("Other", coverage=False)
        other = self._make_technician("Elsewhere", point=other_point)
        visit = self._make_visit(start=MONDAY)
        waiting = self._make_order(description="second")
        accepted = self._make_accepted_order(description="third")
        board = self._read(filters={"point_id": other_point.id})
        self.assertEqual(list(board["technicians"]), other.ids)
        self.assertFalse(board["visits"])
        self.assertNotIn(accepted.id, board["waiting"])
        board = self._read(filters={"point_id": self.point.id})
        self.assertIn(waiting.id, board["waiting"], "its area is served")
        self.assertIn(accepted.id, board["waiting"])
        board = self._read(filters={"type_id": self.type_consulting.id})
        self.assertFalse(board["visits"].keys() & {visit.id})
        skill = self.env["hr.skill"].search([], limit=1)
        board = self._read(filters={"skill_id": skill.id})
        self.assertNotIn(self.technician.id, board["technicians"])
        board = self._read(filters={"text": waiting.name})
        self.assertEqual(board["waiting"], waiting.ids)
        for wrong in ({"state": 1}, {"partner_id": 1}, {"text": ["x"]}):
            with self.assertRaisesRegex(UserError, "no such filter"):
                self._read(filters=wrong)

    def test_who_has_no_board_reads_and_moves_nothing(self):
        visit = self._make_visit(start=MONDAY)
        order = self._make_order(description="second")
        for user in (self.agent, self.technician_user, self.quality, self.portal_point):
            with self.subTest(user=user.login), mute_logger("odoo.http"):
                for work in (
                    lambda user=user: self._read(user=user),
                    lambda user=user: self._move(visit, 1, user=user),
                    lambda user=user: self._book(order, user=user),
                    lambda user=user: self.board.with_user(user).get_changes(
                        order.ids, self.day
                    ),
                    lambda user=user: self.board.with_user(user).get_proposals(
                        order.id
                    ),
                    lambda user=user: self.board.with_user(user).get_details(order.id),
                    lambda user=user: self.board.with_user(user).set_locked(
                        visit.ids, True
                    ),
                    lambda user=user: self.board.with_user(user).assign_order(
                        order.id, self.point.id
                    ),
                    lambda user=user: self.board.with_user(user).offer_order(
                        order.id, self.point.id
                    ),
                ):
                    with self.assertRaises(UserError):
                        work()

    def test_a_point_manager_sees_and_moves_the_own_point_only(self):
        other_point = self._make_point("Other")
        other = self._make_technician("Elsewhere", point=other_point)
        foreign = self._make_order(description="foreign")
        foreign.action_assign(other_point.id, "test")
        foreign_visit = foreign._plan_visit(other, MONDAY, MONDAY + timedelta(hours=1))
        mine = self._make_accepted_order(description="second")
        mine.write({"priority": "3"})
        visit = self._make_visit(mine, start=MONDAY)
        board = self._read(user=self.point_manager)
        self.assertEqual(set(board["technicians"]), set(self.technician.ids))
        self.assertEqual(set(board["visits"]), set(visit.ids))
        self.assertFalse(board["rights"]["dispatcher"])
        self.assertNotIn(foreign.id, board["orders"])
        changes = self.board.with_user(self.point_manager).get_changes(
            foreign.ids, self.day
        )
        self.assertFalse(changes["orders"] or changes["visits"])
        self._move(visit, 2, user=self.point_manager)
        self.assertEqual(visit.planned_start, MONDAY + timedelta(hours=2))
        with self.assertRaises(AccessError):
            self._move(foreign_visit, 1, user=self.point_manager)
        with self.assertRaises(AccessError):
            self._move(visit, 0, technician=other, user=self.point_manager)

    def test_another_company_is_not_shown(self):
        company = self.env["res.company"].create({"name": "Another"})
        stranger = new_test_user(
            self.env,
            login="board_stranger",
            groups="service_management.group_service_dispatcher",
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )
        visit = self._make_visit(start=MONDAY)
        board = self._read(user=stranger)
        self.assertNotIn(visit.id, board["visits"])
        self.assertNotIn(self.technician.id, board["technicians"])
        with self.assertRaises(AccessError):
            self._move(visit, 1, user=stranger)


@tagged("post_install", "-at_install")
@freeze_time(MONDAY - timedelta(days=3))
class TestBoardMoves(BoardCommon):
    def _refused(self, work) -> dict:
        with self.assertRaises(BoardRefusal) as caught:
            work()
        return caught.exception.context

    def test_a_move_answers_with_what_the_board_shows(self):
        visit = self._make_visit(start=MONDAY)
        answer = self._move(visit, 1, view=[self.day, 1, {}])
        self.assertEqual(visit.planned_start, MONDAY + timedelta(hours=1))
        self.assertEqual(answer["order_ids"], visit.order_id.ids)
        self.assertEqual(answer["visits"][0][3], _seconds(visit.planned_start))

    def test_a_visit_is_given_to_somebody_else(self):
        colleague = self._make_technician("Colleague")
        visit = self._make_visit(start=MONDAY)
        self._move(visit, 0, technician=colleague)
        self.assertEqual(visit.technician_id, colleague)
        self.assertEqual(visit.crew_ids.technician_id, colleague)
        self.assertEqual(visit.order_id.technician_id, colleague)
        event = visit.order_id.event_ids.sorted("id")[-1]
        self.assertEqual(event.kind, "rescheduled")
        self.assertEqual(event.data, {"technicians": ["Colleague"]})

    def test_what_the_old_crew_does_next_is_nothing_to_the_new(self):
        """Moved to where the old technician is booked, but the new one is free."""
        colleague = self._make_technician("Colleague")
        visit = self._make_visit(start=MONDAY)
        self._make_visit(
            self._make_accepted_order(description="second"),
            start=MONDAY + timedelta(hours=1),
        )
        self._move(visit, 1, technician=colleague)
        self.assertEqual(visit.crew_ids.technician_id, colleague)

    def test_l8_a_drag_onto_a_booked_time_is_refused_even_with_a_reason(self):
        visit = self._make_visit(start=MONDAY)
        self._make_visit(
            self._make_accepted_order(description="second"),
            start=MONDAY + timedelta(hours=1),
        )
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaisesRegex(UserError, "already has"),
        ):
            self._move(visit, 1, reason="urgent")
        self.assertEqual(visit.planned_start, MONDAY)

    def test_l10_broken_rules_are_named_and_overridden_with_a_reason(self):
        calendar = self.env.ref("resource.resource_calendar_std")
        calendar.tz = "UTC"
        colleague = self._make_technician(
            "Colleague", resource_calendar_id=calendar.id, tz="UTC"
        )
        visit = self._make_visit(start=MONDAY)
        refusal = self._refused(lambda: self._move(visit, 12, technician=colleague))
        self.assertEqual(refusal["kind"], "rules")
        self.assertTrue(refusal["can_override"])
        self.assertEqual(refusal["messages"], ["Colleague does not work at this time"])
        self._move(visit, 12, technician=colleague, reason="the customer begged")
        event = visit.order_id.event_ids.filtered(lambda e: e.kind == "overridden")
        self.assertIn("the customer begged", event.name)

    def test_a_point_manager_is_told_and_cannot_override(self):
        calendar = self.env.ref("resource.resource_calendar_std")
        calendar.tz = "UTC"
        self.technician.resource_calendar_id = calendar
        self.technician.tz = "UTC"
        visit = self._make_visit(start=MONDAY)
        refusal = self._refused(lambda: self._move(visit, 12, user=self.point_manager))
        self.assertFalse(refusal["can_override"])
        with self.assertRaisesRegex(UserError, "Only a dispatcher"):
            self._move(visit, 12, user=self.point_manager, reason="I want to")

    def test_l12_a_stale_drag_is_refused_with_what_changed_and_by_whom(self):
        colleague = self._make_technician("Colleague")
        visit = self._make_visit(start=MONDAY)
        seen = self._expected(visit)
        faster = new_test_user(
            self.env,
            login="board_faster",
            name="Faster Dispatcher",
            groups="service_management.group_service_dispatcher",
        )
        self._move(visit, 2, technician=colleague, user=faster)
        refusal = self._refused(lambda: self._move(visit, 1, expected=seen))
        self.assertEqual(refusal["kind"], "stale")
        (text,) = refusal["messages"]
        for part in ("Faster Dispatcher", "Colleague goes now", "10:00 - 11:00"):
            self.assertIn(part, text)
        self.assertEqual(visit.planned_start, MONDAY + timedelta(hours=2))
        visit.action_en_route()
        refusal = self._refused(
            lambda: self._move(
                visit, 1, expected={**self._expected(visit), "state": "planned"}
            )
        )
        self.assertIn("On the Way", refusal["messages"][0])

    def test_a_waiting_order_is_assigned_and_booked_in_one_drop(self):
        order = self._make_order()
        answer = self._book(order, view=[self.day, 1, {}])
        self.assertRecordValues(
            order, [{"state": "scheduled", "point_id": self.point.id}]
        )
        self.assertEqual(answer["visits"][0][0], order.visit_ids.id)
        self.assertFalse(answer["waiting"])

    def test_a_refused_drop_leaves_nothing_behind(self):
        """All that speaks against it is said at once; nothing is assigned."""
        calendar = self.env.ref("resource.resource_calendar_std")
        calendar.tz = "UTC"
        far = self._make_point("Far away", coverage=False)
        technician = self._make_technician(
            "Far Technician", point=far, resource_calendar_id=calendar.id, tz="UTC"
        )
        order = self._make_order()
        night = MONDAY.replace(hour=22)
        # As a request that raises, this is rolled back
        refusal = self._refused(lambda: self._book(order, technician, night))
        self.assertEqual(len(refusal["messages"]), 2, refusal)
        self.assertIn("does not serve this area", refusal["messages"][0])
        self.assertIn("does not work", refusal["messages"][1])
        self.assertEqual(order.state, "new")
        self.assertFalse(order.offer_ids or order.visit_ids)
        self._book(order, technician, night, reason="only they have the part")
        self.assertRecordValues(order, [{"state": "scheduled", "point_id": far.id}])
        events = order.event_ids.filtered(lambda event: event.kind == "overridden")
        self.assertEqual(len(events), 2)

    def test_a_locked_visit_stays_until_it_is_unlocked(self):
        visit = self._make_visit(start=MONDAY)
        self.board.set_locked(visit.ids, True)
        with self.assertRaisesRegex(UserError, "unlock it before"):
            self._move(visit, 1, reason="urgent")
        self.board.set_locked(visit.ids, False)
        self._move(visit, 1)
        self.assertEqual(visit.planned_start, MONDAY + timedelta(hours=1))

    def test_a_drop_of_what_is_booked_already_is_stale(self):
        order = self._make_visit(start=MONDAY).order_id
        refusal = self._refused(lambda: self._book(order))
        self.assertEqual(refusal["kind"], "stale")

    def test_points_are_offered_and_assigned_with_reasons(self):
        far = self._make_point("Far away", coverage=False)
        order = self._make_order()
        proposals = self.board.get_proposals(order.id)
        self.assertEqual(proposals["points"][0]["point_id"], self.point.id)
        self.assertTrue(proposals["points"][0]["reasons"][0]["text"])
        refusal = self._refused(lambda: self.board.offer_order(order.id, far.id))
        self.assertIn("does not serve this area", refusal["messages"][0])
        self.board.offer_order(order.id, self.point.id)
        self.assertEqual(order.state, "offered")
        self.board.assign_order(order.id, far.id, "closer by train")
        self.assertEqual(order.point_id, far)

    def test_proposals_name_free_times_of_the_point(self):
        order = self._make_accepted_order()
        slots = self.board.get_proposals(order.id)["slots"]
        self.assertTrue(slots)
        self.assertEqual(slots[0]["technician_id"], self.technician.id)
        self.assertGreater(slots[0]["end"], slots[0]["start"])

    def test_the_selected_order_says_whom_to_call_and_what_it_needs(self):
        before = self._make_order(description="delivery")
        order = self._make_accepted_order(phone="+86 10 5555 0101")
        order.after_order_ids = before
        tool = self.env["service.tool"].create({"name": "Gauge", "code": "t-board"})
        self.type_repair.tool_ids = tool
        details = self.board.get_details(order.id)
        self.assertEqual(details["phone"], "+86 10 5555 0101")
        self.assertEqual(details["request"], order.description)
        self.assertEqual(details["asset"], order.asset_id.display_name)
        self.assertEqual((details["tools"], details["after"]), ("Gauge", before.name))
        stranger = self._make_point("Elsewhere", coverage=False)
        manager = self.point_manager
        self._make_order(description="x").action_assign(stranger.id, "far")
        foreign = self.env["service.order"].search(
            [("point_id", "=", stranger.id)], limit=1
        )
        with mute_logger("odoo.http"), self.assertRaises(AccessError):
            self.board.with_user(manager).get_details(foreign.id)


@tagged("post_install", "-at_install", "service_management_budget")
class TestBoardBudget(BoardCommon):
    def _count(self, visits, technicians):
        """Queries for one more board with so much on it."""
        for number in range(technicians):
            technician = self._make_technician(f"Budget {technicians}-{number}")
            for hour in range(visits):
                order = self._make_order(description=f"{technicians}-{number}-{hour}")
                order.action_assign(self.point.id, "budget")
                start = fields.Datetime.now() + timedelta(hours=2 * hour)
                order._plan_visit(technician, start, start + timedelta(hours=1))
        for number in range(technicians):
            self._make_order(description=f"waiting {technicians}-{number}")
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        board = self.board.get_board(fields.Date.today().isoformat(), 3, {})
        return self.env.cr.sql_log_count - before, len(board["visits"])

    def test_the_board_costs_the_same_however_much_is_on_it(self):
        self._count(1, 1)
        small, shown_small = self._count(2, 2)
        large, shown_large = self._count(3, 12)
        self.assertGreater(shown_large, shown_small + 30)
        self.assertEqual(small, large)
        self.assertLessEqual(large, 45)
