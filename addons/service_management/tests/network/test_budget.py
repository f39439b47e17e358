import random
import time

from odoo.fields import Command
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
        return [
            CoverageJob(self.area, self.type_repair, self.category)
            for _number in range(count)
        ]

    def test_coverage_of_one_and_of_many_jobs(self):
        for number in range(20):
            self._make_point(f"P{number}").coverage_ids.type_ids = self.type_repair
        self.assertSameCount(
            7,
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

        def create(numbers):
            self.env["service.point"].create(
                [
                    {"name": f"P{n}", "code": f"B{n}", "partner_id": partner.id}
                    for n in numbers
                ]
            )

        self.assertSameCount(20, create, _take(2), _take(50))

    def test_technicians_created_one_and_many(self):
        def create(numbers):
            self.env["service.technician"].create(
                [{"name": f"T{n}", "point_id": self.point.id} for n in numbers]
            )

        self.assertSameCount(15, create, _take(2), _take(50))

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

    def test_network_of_full_size_answers_within_a_second(self):
        """660 points with 20,000 rows, 500 jobs in one call."""
        chance = random.Random(7)
        country = self.area.country_id
        areas = self.env["service.area"].create(
            [
                {
                    "name": f"D{number}",
                    "level": "district",
                    "parent_id": self.area.id,
                    "country_id": country.id,
                }
                for number in range(400)
            ]
        )
        partner = self.env["res.partner"].create({"name": "P"})
        points = self.env["service.point"].create(
            [
                {"name": f"P{number}", "code": f"F{number}", "partner_id": partner.id}
                for number in range(660)
            ]
        )
        types = self.env["service.type"].search([])
        categories = self.env["product.category"].search(
            [
                (
                    "id",
                    "child_of",
                    self.env.ref("service_management.category_service").id,
                )
            ]
        )
        self.env["service.coverage"].create(
            [
                {
                    "point_id": chance.choice(points.ids),
                    "area_id": chance.choice(areas.ids),
                    "type_ids": [Command.set(chance.sample(types.ids, 3))],
                    "category_ids": [Command.set(chance.sample(categories.ids, 3))],
                    "priority": chance.randint(1, 20),
                }
                for _number in range(20000)
            ]
        )
        jobs = [
            CoverageJob(chance.choice(areas), self.type_repair, self.category)
            for _number in range(500)
        ]
        self.env.flush_all()
        self.env.invalidate_all()
        start = time.monotonic()
        answers = self.env["service.coverage"]._find_covering(jobs)
        seconds = time.monotonic() - start
        self.assertTrue(all(answers))
        self.assertLess(seconds, 3, "one second on a free machine")


def _take(count, _state=iter(range(100000))):
    """Numbers that were not used before."""
    return [next(_state) for _number in range(count)]
