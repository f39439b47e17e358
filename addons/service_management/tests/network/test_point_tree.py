from unittest.mock import patch

import psycopg2

from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, tagged
from odoo.tools import SQL, mute_logger

from odoo.addons.service_management.models.network import service_point_tree
from odoo.addons.service_management.tests.common import ServiceCommon
from odoo.addons.service_management.tests.race import RaceCase


@tagged("post_install", "-at_install")
class TestPointTree(ServiceCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.hq = cls._make_point("Tree HQ", kind="hq", coverage=False)
        cls.branch = cls._make_point(
            "Tree Branch", kind="branch", coverage=False, parent_id=cls.hq.id
        )
        cls.point.parent_id = cls.branch
        cls.other = cls._make_point(
            "Tree Other", coverage=False, parent_id=cls.branch.id
        )

    def _get_rows(self, user):
        rows = self.env["service.point"].with_user(user).get_tree()
        return {row["id"]: row for row in rows}

    def test_what_is_below_is_summed_up(self):
        self._make_technician("Second", point=self.other)
        self._make_accepted_order()
        done = self._make_accepted_order()
        done.action_cancel("not needed")
        rows = self._get_rows(self.manager)
        figures = ("depth", "points", "technicians", "orders")
        self.assertEqual(
            [
                tuple(rows[point.id][name] for name in figures)
                for point in (self.hq, self.branch, self.point, self.other)
            ],
            [(0, 3, 2, 1), (1, 2, 2, 1), (2, 0, 1, 1), (2, 0, 1, 0)],
        )
        keys = list(rows)
        self.assertLess(keys.index(self.hq.id), keys.index(self.branch.id))
        self.assertLess(keys.index(self.branch.id), keys.index(self.point.id))

    def test_who_sees_one_point_sees_it_as_a_root(self):
        rows = self._get_rows(self.point_manager)
        self.assertNotIn(self.hq.id, rows)
        self.assertEqual(rows[self.point.id]["depth"], 0)
        self.assertFalse(self._get_rows(self.portal_customer))

    def test_more_points_take_no_more_queries(self):
        def count():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.env["service.point"].with_user(self.manager).get_tree()
            return self.env.cr.sql_log_count - before

        count()
        few = count()
        parent = self.branch
        for number in range(12):
            parent = self._make_point(
                f"Deep {number}", coverage=False, parent_id=parent.id
            )
        count()  # new points make rules be read anew
        self.assertLessEqual(count(), few)

    def _move(self, point, parent, shown=None, user=None):
        shown = point.parent_id if shown is None else shown
        point.with_user(user or self.manager).move_below(parent.id, shown.id)

    def test_a_point_moves_with_all_below_it_and_with_what_is_seen_of_it(self):
        other_hq = self._make_point("Tree Abroad", kind="hq", coverage=False)
        self.hq.user_ids = self.point_manager
        self.assertIn(self.other.id, self._get_rows(self.point_manager))
        self._move(self.branch, other_hq)
        rows = self._get_rows(self.manager)
        self.assertEqual(
            [rows[point.id]["points"] for point in (self.hq, other_hq, self.branch)],
            [0, 3, 2],
        )
        self.assertEqual(rows[self.other.id]["depth"], 2)
        self.assertNotIn(self.other.id, self._get_rows(self.point_manager))
        self._move(self.branch, self.branch.browse())
        self.assertFalse(self.branch.parent_id)
        self.assertEqual(self._get_rows(self.manager)[self.other.id]["depth"], 1)

    def test_a_point_does_not_come_below_itself(self):
        for parent in (self.hq, self.branch, self.other):
            with (
                self.subTest(parent=parent.name),
                self.assertRaisesRegex(UserError, "itself, or one below"),
            ):
                self._move(self.hq, parent)
        self.assertFalse(self.hq.parent_id)

    def test_what_somebody_else_has_moved_meanwhile_stays(self):
        with self.assertRaisesRegex(UserError, "moved .*Tree Other.* meanwhile"):
            self._move(self.other, self.hq, shown=self.hq)
        self.assertEqual(self.other.parent_id, self.branch)

    def test_only_who_may_change_points_moves_them(self):
        self.hq.user_ids = self.point_manager
        for user in (
            self.agent,
            self.dispatcher,
            self.quality,
            self.point_manager,
            self.technician_user,
            self.portal_point,
        ):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self._move(self.other, self.hq, user=user)
        self.assertEqual(self.other.parent_id, self.branch)

    def test_the_parent_is_of_the_same_company(self):
        company = self.env["res.company"].create({"name": "Another"})
        foreign = self._make_point(
            "Tree Foreign", coverage=False, company_id=company.id
        )
        with self.assertRaises(AccessError):
            self._move(self.other, foreign)
        self.assertEqual(self.other.parent_id, self.branch)

    def test_the_history_is_guarded_in_the_database(self):
        self.other._suspend("no documents")
        change = self.other.change_ids
        self.assertEqual(change.reason, "no documents")
        for column, value in (("reason", "rewritten"), ("state_to", "active")):
            with (
                mute_logger("odoo.sql_db"),
                self.assertRaises(psycopg2.Error),
                self.env.cr.savepoint(),
            ):
                self.env.cr.execute(
                    SQL(
                        "UPDATE service_point_change SET %s = %s WHERE id = %s",
                        SQL.identifier(column),
                        value,
                        change.id,
                    )
                )


@tagged("post_install", "-at_install")
class TestPointTreeTour(ServiceCommon, HttpCase):
    def test_headquarters_to_point_with_mouse_filters_and_keyboard(self):
        hq = self._make_point("Tour HQ", kind="hq", coverage=False)
        branch = self._make_point(
            "Tour Branch", kind="branch", coverage=False, parent_id=hq.id
        )
        centre = self._make_point(
            "Tour Centre", kind="centre", coverage=False, parent_id=branch.id
        )
        point = self._make_point("Tour Point", coverage=False, parent_id=centre.id)
        self._make_technician("Tour Technician", point=point)
        self._make_point(
            "Tour Academy", kind="training", coverage=False, parent_id=branch.id
        )
        resting = self._make_point("Tour Rest", coverage=False, parent_id=branch.id)
        resting._suspend("Renovation")
        self.start_tour(
            "/odoo/service-network", "service_point_tree", login=self.manager.login
        )

    def test_a_point_is_moved_with_the_mouse_and_with_the_keyboard(self):
        hq = self._make_point("Tour HQ", kind="hq", coverage=False)
        north, south = (
            self._make_point(name, kind="branch", coverage=False, parent_id=hq.id)
            for name in ("Tour North", "Tour South")
        )
        point = self._make_point("Tour Point", coverage=False, parent_id=north.id)
        self.start_tour(
            "/odoo/service-network", "service_point_move", login=self.manager.login
        )
        self.assertEqual(point.parent_id, north, "there and back")
        self.assertFalse(south.parent_id, "dropped at the top")
        moves = point.message_ids.tracking_value_ids.filtered(
            lambda value: value.field_id.name == "parent_id"
        )
        self.assertEqual(len(moves), 2)

    def test_who_may_not_change_points_is_offered_no_move(self):
        self._make_point("Tour HQ", kind="hq", coverage=False)
        self.start_tour(
            "/odoo/service-network", "service_point_no_move", login=self.agent.login
        )


@tagged("-standard", "post_install", "-at_install", "service_race")
class TestPointMoveRace(RaceCase):
    """Two moves at the same moment that are a cycle only together."""

    def setUp(self):
        super().setUp()
        with self._env() as env:
            hq, one, two = self._make_points(env, 3)
            (one | two).parent_id = hq
            self.ids = hq.id, one.id, two.id

    def _clean_up(self):
        with self._env() as env:
            env.cr.execute(
                "UPDATE service_point SET parent_id = NULL WHERE id = ANY(%s)",
                [list(self.ids)],
            )
        return super()._clean_up()

    def _move_below_each_other(self):
        hq, one, two = self.ids
        return self._compete(
            [
                lambda env: env["service.point"].browse(one).move_below(two, hq),
                lambda env: env["service.point"].browse(two).move_below(one, hq),
            ]
        )

    def test_one_of_two_moves_that_would_be_a_cycle_is_refused(self):
        self.assertEqual(sorted(self._move_below_each_other()), ["refused", "won"])
        with self._env() as env:
            self.assertFalse(env["service.point"].browse(self.ids)._has_cycle())

    def test_without_turns_both_win_and_are_above_each_other(self):
        with patch.object(service_point_tree, "take_turn", lambda records: None):
            self.assertEqual(self._move_below_each_other(), ["won", "won"])
        with self._env() as env:
            self.assertTrue(env["service.point"].browse(self.ids[1])._has_cycle())
