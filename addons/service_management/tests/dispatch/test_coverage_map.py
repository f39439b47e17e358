from odoo.exceptions import AccessError
from odoo.tests import HttpCase, tagged

from odoo.addons.service_management.tests.common import ServiceCommon


class CoverageMapCommon(ServiceCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.area.write({"latitude": 22.5, "longitude": 114.0})
        cls.point.partner_id.write({"partner_latitude": 22.2, "partner_longitude": 114})
        cls.bare = cls.area.copy({"name": "Bare District", "code": "T-700"})
        cls.bare.latitude = 22.9
        cls.elsewhere = cls.env["res.partner"].create(
            {"name": "Elsewhere", "service_area_id": cls.bare.id}
        )
        cls._make_order()
        for number in range(2):
            cls._make_order(
                partner_id=cls.elsewhere.id, asset_id=False, description=str(number)
            )

    def _get(self, user=None, **vals):
        return (
            self.env["service.coverage"]
            .with_user(user or self.agent)
            .get_coverage_map(**{"type_id": self.type_repair.id, **vals})
        )

    def _find_rows(self, result, name):
        ours = {self.area.id: "covered", self.bare.id: "bare"}
        return {ours[row["id"]]: row for row in result[name] if row["id"] in ours}


@tagged("post_install", "-at_install")
class TestCoverageMap(CoverageMapCommon):
    def test_areas_with_orders_that_nobody_covers(self):
        result = self._get()
        white = self._find_rows(result, "white")
        self.assertEqual(list(white), ["bare"])
        self.assertEqual(white["bare"]["orders"], 2)
        self.assertEqual(white["bare"]["reasons"], [])
        self.assertEqual(self._find_rows(result, "conflicts"), {})
        self.assertIn(self.point.id, [point["id"] for point in result["points"]])

    def test_what_spoke_against_the_points(self):
        row = self.point.coverage_ids
        row.write({"type_ids": self.type_consulting.ids})
        white = self._find_rows(self._get(), "white")
        self.assertEqual(
            white["covered"]["reasons"],
            [{"text": "the point does not offer this service", "count": 1}],
        )
        result = self._get(type_id=self.type_consulting.id, level="city")
        self.assertEqual(list(self._find_rows(result, "white")), ["bare"])

    def test_category_and_brand_count(self):
        brand = self.env["service.brand"].create({"name": "Test Brand"})
        self.point.coverage_ids.brand_ids = brand
        self.assertIn("covered", self._find_rows(self._get(), "white"))
        white = self._find_rows(self._get(brand_id=brand.id), "white")
        self.assertNotIn("covered", white)
        result = self._get(brand_id=brand.id, category_id=self.category.id)
        self.assertEqual(self._find_rows(result, "white"), {}, "no such orders")

    def test_drawn_areas_cover_the_middle_of_an_area(self):
        outline = [[22.4, 113.9], [23.0, 113.9], [23.0, 114.1], [22.4, 114.1]]
        self.point.coverage_ids.write({"kind": "polygon", "outline": outline})
        result = self._get()
        self.assertEqual(self._find_rows(result, "white"), {})
        self.assertIn(outline, [shape["points"] for shape in result["polygons"]])
        self.area.latitude = self.bare.latitude = 24
        self.assertEqual(len(self._find_rows(self._get(), "white")), 2)

    def test_conflicts(self):
        rival = self._make_point("Rival")
        conflict = self._find_rows(self._get(), "conflicts")["covered"]
        self.assertEqual(conflict["kind"], "priority")
        self.assertEqual(
            {point["id"] for point in conflict["points"]}, {self.point.id, rival.id}
        )
        rival.coverage_ids.priority = 1
        self.assertEqual(self._find_rows(self._get(), "conflicts"), {})
        conflict = self._find_rows(self._get(overlap=1), "conflicts")["covered"]
        self.assertEqual((conflict["kind"], conflict["point_count"]), ("overlap", 2))

    def test_orders_long_ago_do_not_count(self):
        orders = self.env["service.order"].search([("area_id", "=", self.bare.id)])
        orders.date_request = "2020-01-01"
        self.assertEqual(self._find_rows(self._get(), "white"), {})

    def test_only_the_desk_and_quality_see_the_network(self):
        self._get(self.quality)
        for user in (self.technician_user, self.point_manager, self.portal_point):
            with self.assertRaises(AccessError):
                self._get(user)

    def test_queries_do_not_grow_with_the_areas(self):
        def count():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            result = self._get(level="street")
            return self.cr.sql_log_count - before, result["counts"]["areas"]

        def make(number):
            self.env["service.area"].create(
                [
                    {
                        "name": f"Street {number}",
                        "level": "street",
                        "parent_id": self.area.id,
                        "country_id": self.area.country_id.id,
                    }
                    for number in range(number)
                ]
            )

        make(3)
        count()
        few, few_areas = count()
        make(300)
        many, many_areas = count()
        self.assertEqual(many_areas - few_areas, 300)
        # Whether the user's own partner is read with others depends on the numbers.
        self.assertAlmostEqual(many, few, delta=1)
        self.assertLessEqual(many, 30)


@tagged("post_install", "-at_install")
class TestCoverageMapTour(HttpCase, CoverageMapCommon):
    def test_tour(self):
        self._make_point("Rival")
        self.env["service.type"].search([("visit_required", "=", True)]).sequence = 90
        self.type_repair.write({"visit_required": True, "sequence": 0})
        self.start_tour(
            "/odoo/coverage-map", "service_coverage_map", login="test_agent"
        )
