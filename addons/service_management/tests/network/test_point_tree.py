import psycopg2

from odoo.tests import HttpCase, tagged
from odoo.tools import SQL, mute_logger

from odoo.addons.service_management.tests.common import ServiceCommon


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
