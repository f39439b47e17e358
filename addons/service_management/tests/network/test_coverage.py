from psycopg2 import IntegrityError

from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.service_management.models.network.service_coverage import CoverageJob
from odoo.addons.service_management.tests.common import ServiceCommon


@tagged("post_install", "-at_install")
class TestCoverage(ServiceCommon):
    """L10: coverage decides, and says why."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.district = cls.env["service.area"].create(
            {
                "name": "Test District",
                "code": "T-110",
                "level": "district",
                "parent_id": cls.area.id,
                "country_id": cls.area.country_id.id,
            }
        )
        cls.elsewhere = cls.area.copy({"name": "Elsewhere", "code": "T-200"})
        cls.phone = cls.env.ref("service_management.category_phone")
        cls.coverage_model = cls.env["service.coverage"]
        cls.row = cls.point.coverage_ids

    def _job(self, **vals):
        return CoverageJob(
            **{
                "area": self.district,
                "type": self.type_repair,
                "category": self.category,
                **vals,
            }
        )

    def _find(self, **vals):
        (matches,) = self.coverage_model._find_covering([self._job(**vals)])
        return {match.point: match.refused for match in matches}

    def test_row_of_a_larger_area_covers(self):
        self.assertEqual(self._find(), {self.point: None})

    def test_row_of_a_smaller_area_does_not_cover(self):
        self.row.area_id = self.district
        self.assertEqual(self._find(area=self.area), {})

    def test_point_elsewhere_is_not_listed(self):
        self.assertEqual(self._find(area=self.elsewhere), {})

    def test_job_without_area_is_covered_by_nobody(self):
        self.assertEqual(self._find(area=self.env["service.area"]), {})

    def test_other_type_refused(self):
        self.row.type_ids = self.type_consulting
        self.assertEqual(self._find(), {self.point: "type"})
        self.row.type_ids += self.type_repair
        self.assertEqual(self._find(), {self.point: None})

    def test_what_a_row_names_stays_named_in_the_archive(self):
        """A row for one type, or brand, is no row for everything without it."""
        other = self.type_consulting.copy({"code": "other_type"})
        self.row.type_ids = other
        other.active = False
        self.row.invalidate_recordset()
        self.assertEqual(self._find(), {self.point: "type"})
        brand = self.env["service.brand"].create({"name": "Gone"})
        self.row.write({"type_ids": False, "brand_ids": brand.ids})
        brand.active = False
        self.row.invalidate_recordset()
        self.assertEqual(self._find(), {self.point: "brand"})

    def test_other_category_refused(self):
        self.row.category_ids = self.phone
        self.assertEqual(self._find(), {self.point: "category"})

    def test_category_includes_those_below(self):
        self.row.category_ids = self.category.parent_id
        self.assertEqual(self._find(), {self.point: None})
        self.row.category_ids = self.category
        self.assertEqual(
            self._find(category=self.category.parent_id), {self.point: "category"}
        )

    def test_job_without_category_needs_a_row_without(self):
        nothing = self.env["product.category"]
        self.assertEqual(self._find(category=nothing), {self.point: None})
        self.row.category_ids = self.category
        self.assertEqual(self._find(category=nothing), {self.point: "category"})

    def test_level_too_low_refused(self):
        self.assertEqual(self._find(level=2), {self.point: "level"})
        self.row.level = 2
        self.assertEqual(self._find(level=2), {self.point: None})

    def test_suspended_point_refused(self):
        self.point.action_suspend()
        self.assertEqual(self._find(), {self.point: "suspended"})

    def test_point_that_left_is_not_listed(self):
        self.point.action_terminate()
        self.assertEqual(self._find(), {})
        self.point.write({"state": "active", "active": False})
        self.assertEqual(self._find(), {})

    def test_archived_row_does_not_count(self):
        self.row.active = False
        self.assertEqual(self._find(), {})

    def test_best_row_of_a_point_counts(self):
        self.row.type_ids = self.type_consulting
        better = self.row.copy({"type_ids": [Command.set(self.type_repair.ids)]})
        first = better.copy({"priority": 1})
        (matches,) = self.coverage_model._find_covering([self._job()])
        self.assertEqual([match.coverage for match in matches], [first])

    def test_smaller_area_first_where_priority_is_equal(self):
        near = self.row.copy({"area_id": self.district.id})
        (matches,) = self.coverage_model._find_covering([self._job()])
        self.assertEqual(matches[0].coverage, near)

    def test_order_of_points(self):
        first = self._make_point("First")
        first.coverage_ids.priority = 1
        refused = self._make_point("Refused")
        refused.coverage_ids.write(
            {"priority": 0, "type_ids": [Command.set(self.type_consulting.ids)]}
        )
        (matches,) = self.coverage_model._find_covering([self._job()])
        self.assertEqual(
            [match.point for match in matches], [first, self.point, refused]
        )

    def test_other_company_is_not_listed(self):
        company = self.env["res.company"].create({"name": "Second"})
        self.assertEqual(self._find(company=company), {})
        self.assertEqual(self._find(company=self.env.company), {self.point: None})

    def test_jobs_are_answered_in_order(self):
        jobs = [self._job(), self._job(area=self.elsewhere), self._job(level=3)]
        answers = self.coverage_model._find_covering(jobs)
        self.assertEqual(
            [[match.refused for match in matches] for matches in answers],
            [[None], [], ["level"]],
        )
        self.assertEqual(self.coverage_model._find_covering([]), [])

    def test_level_in_range(self):
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self.row.level = 4
            self.row.flush_recordset()
