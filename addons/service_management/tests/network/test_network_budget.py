import itertools

from odoo.tests import tagged

from odoo.addons.service_management.models.network.service_coverage import CoverageJob
from odoo.addons.service_management.tests.common import ServiceCommon


@tagged("post_install", "-at_install", "service_management_budget")
class TestNetworkBudget(ServiceCommon):
    """Queries do not grow with the number of records."""

    def _count(self, function, *args):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        function(*args)
        self.env.flush_all()
        return self.cr.sql_log_count - before

    def assertSameCount(self, ceiling, function, small, large):
        function(small)  # fills the caches that outlive a request
        counts = self._count(function, small), self._count(function, large)
        self.assertEqual(*counts)
        self.assertLessEqual(counts[0], ceiling)

    def _make_jobs(self, count):
        """Jobs in areas and for categories of their own."""
        areas = self.env["service.area"].create(
            [
                {
                    "name": f"J{number}",
                    "parent_id": self.area.id,
                    "country_id": self.area.country_id.id,
                }
                for number in range(count)
            ]
        )
        categories = self.env["product.category"].create(
            [
                {"name": f"J{number}", "parent_id": self.category.id}
                for number in range(count)
            ]
        )
        return [
            CoverageJob(
                self.env["service.area"].browse(area.id),
                self.type_repair,
                self.env["product.category"].browse(category.id),
                zip=f"51{number}",
                position=(22.5 + number / 1000, 114.0),
            )
            for number, (area, category) in enumerate(
                zip(areas, categories, strict=True)
            )
        ]

    def test_coverage_of_one_and_of_many_jobs(self):
        places = (
            {"kind": "area"},
            {"kind": "zip", "zips": "51"},
            {"kind": "radius", "radius_km": 30, "latitude": 22.5, "longitude": 114},
            {"kind": "polygon", "outline": [[22, 113], [22, 115], [24, 114]]},
        )
        for number in range(20):
            point = self._make_point(f"P{number}")
            point.coverage_ids.write(
                {
                    "type_ids": self.type_repair.ids,
                    "is_own_position": True,
                    **places[number % 4],
                }
            )
        self.assertSameCount(
            11,
            self.env["service.coverage"]._find_covering,
            self._make_jobs(2),
            self._make_jobs(200),
        )

    def test_areas_of_one_and_of_many_addresses(self):
        country = self.area.country_id
        addresses = [
            {"country": country, "zip": f"9{number}", "text": f"Test City {number}"}
            for number in range(100)
        ]
        self.assertSameCount(
            3, self.env["service.area"]._find_many, addresses[:2], addresses
        )

    def test_points_created_one_and_many(self):
        partner = self.env["res.partner"].create({"name": "P"})

        def create(count):
            self.env["service.point"].create(
                [
                    {"name": f"P{n}", "code": f"B{n}", "partner_id": partner.id}
                    for n in _take(count)
                ]
            )

        self.assertSameCount(20, create, 2, 50)

    def test_technicians_created_one_and_many(self):
        def create(count):
            self.env["service.technician"].create(
                [{"name": f"T{n}", "point_id": self.point.id} for n in _take(count)]
            )

        self.assertSameCount(15, create, 2, 50)

    def test_missing_skills_of_one_and_of_many(self):
        requirement = self.env["service.skill.requirement"].create(
            {
                "type_id": self.type_repair.id,
                "skill_id": self.env.ref("service_management.skill_laundry").id,
                "level_id": self.env.ref("service_management.skill_level_1").id,
            }
        )
        technicians = self.env["service.technician"].create(
            [{"name": f"T{n}", "point_id": self.point.id} for n in range(60)]
        )

        def check(some):
            some._get_missing_requirements(requirement, "2026-03-02")

        self.assertSameCount(4, check, technicians[:2], technicians)


_numbers = itertools.count()


def _take(count):
    """Numbers that were not used before."""
    return [next(_numbers) for _number in range(count)]
