from odoo.fields import Domain
from odoo.tests import Form, tagged

from odoo.addons.service_management.tests.common import ServiceCommon

SQUARE = [[22.4, 113.9], [22.4, 114.1], [22.6, 114.1], [22.6, 113.9]]


@tagged("post_install", "-at_install")
class TestCoverageAdvice(ServiceCommon):
    """Whoever enters a row is told what it comes to beside the others."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["service.coverage"].search(Domain.TRUE).active = False
        cls.other = cls._make_point("Rival", coverage=False)
        cls.district = cls.env["service.area"].create(
            {
                "name": "Test District",
                "parent_id": cls.area.id,
                "country_id": cls.area.country_id.id,
            }
        )

    def _cover(self, point, **vals):
        return self.env["service.coverage"].create({"point_id": point.id, **vals})

    def _advise(self, **vals):
        return self._cover(self.point, **vals).advice or ""

    def test_the_form_names_who_is_asked_as_soon(self):
        self._cover(self.other, area_id=self.area.id, priority=7)
        with Form(self.env["service.coverage"].with_user(self.manager)) as form:
            form.point_id = self.point
            form.area_id = self.district
            self.assertFalse(form.advice)
            form.priority = 7
            self.assertIn("Rival", form.advice)
            form.priority = 6
            self.assertFalse(form.advice)

    def test_rows_that_share_no_work_do_not_compete(self):
        installation = self.env.ref("service_management.type_installation")
        rival = self._cover(
            self.other, area_id=self.area.id, type_ids=self.type_repair.ids
        )
        here = {"area_id": self.area.id}
        self.assertFalse(self._advise(type_ids=installation.ids, **here))
        row = self._cover(self.point, type_ids=self.type_repair.ids, **here)
        self.assertIn("Rival", row.advice)
        rival.category_ids = self.category.create({"name": "Something Else"})
        row.category_ids = self.category
        self.assertFalse(row.advice)
        rival.category_ids = self.category.create(
            {"name": "Below", "parent_id": self.category.id}
        )
        row.invalidate_recordset()
        self.assertIn("Rival", row.advice)
        rival.valid_to = "2025-12-31"
        row.valid_from = "2026-01-01"
        self.assertFalse(row.advice)

    def test_points_that_take_no_orders_do_not_compete(self):
        self._cover(self.other, area_id=self.area.id)
        self.other.state = "suspended"
        self.assertFalse(self._advise(area_id=self.area.id))

    def test_prefixes_radii_and_drawn_areas(self):
        self._cover(self.other, kind="zip", zips="518")
        self.assertIn("Rival", self._advise(kind="zip", zips="5180，99"))
        self.assertFalse(self._advise(kind="zip", zips="519"))
        place = {"kind": "radius", "is_own_position": True, "longitude": 114.0}
        self._cover(self.other, latitude=22.5, radius_km=10, priority=3, **place)
        self.assertFalse(
            self._advise(latitude=23.0, radius_km=30, priority=3, **place),
            "55 km apart",
        )
        self.assertIn(
            "Rival", self._advise(latitude=23.0, radius_km=50, priority=3, **place)
        )
        self.assertIn("Rival", self._advise(kind="polygon", outline=SQUARE, priority=3))
        far = [[x + 3, y] for x, y in SQUARE]
        self.assertFalse(self._advise(kind="polygon", outline=far, priority=3))

    def test_the_same_again_and_nothing_to_exclude(self):
        excluded = self._cover(self.point, area_id=self.district.id, is_exclusion=True)
        self.assertIn("Nothing is excluded", excluded.advice)
        self._cover(self.point, area_id=self.area.id, priority=4)
        excluded.invalidate_recordset()
        self.assertFalse(excluded.advice)
        self.assertIn("priority 4", self._advise(area_id=self.area.id, priority=9))

    def test_many_rows_are_compared_with_one_search(self):
        rows = self.env["service.coverage"]
        for number in range(6):
            self._cover(self.other, kind="zip", zips=f"60{number}")
            rows += self._cover(self.point, kind="zip", zips=f"60{number}1")
        costs = []
        for part in (rows[:1], rows):
            self.env.flush_all()
            self.env.invalidate_all()
            self.env.cr.execute("SELECT 1")
            before = self.env.cr.sql_log_count
            self.assertTrue(all(row.advice for row in part))
            costs.append(self.env.cr.sql_log_count - before)
        self.assertEqual(*costs)

    def test_a_point_manager_learns_of_no_other_points(self):
        self._cover(self.other, area_id=self.area.id)
        row = self._cover(self.point, area_id=self.area.id)
        self.assertIn("Rival", row.advice)
        row.invalidate_recordset()
        self.assertFalse(row.with_user(self.point_manager).advice)
