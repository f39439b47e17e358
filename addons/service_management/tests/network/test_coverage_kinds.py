from datetime import date, timedelta

from psycopg2 import IntegrityError

from odoo.exceptions import ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from odoo.addons.service_management.engine.candidate_ranking import great_circle_km
from odoo.addons.service_management.models.network.service_coverage import CoverageJob
from odoo.addons.service_management.tests.common import ServiceCommon

CENTRE = (22.5, 114.0)
# A triangle north-east of the centre
OUTLINE = [[22.5, 114.0], [22.7, 114.0], [22.7, 114.2]]


@tagged("post_install", "-at_install")
class TestCoverageKinds(ServiceCommon):
    """L10: prefixes, radii and drawn areas are facts that decide, not texts."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.point.coverage_ids.unlink()
        cls.point.partner_id.write(
            {"partner_latitude": CENTRE[0], "partner_longitude": CENTRE[1]}
        )
        cls.district = cls.env["service.area"].create(
            {
                "name": "Test District",
                "level": "district",
                "parent_id": cls.area.id,
                "country_id": cls.area.country_id.id,
            }
        )
        cls.brand, cls.other_brand = cls.env["service.brand"].create(
            [{"name": "Test Brand"}, {"name": "Other Brand"}]
        )

    def _cover(self, point=None, **vals):
        return self.env["service.coverage"].create(
            {"point_id": (point or self.point).id, **vals}
        )

    def _find(self, **vals):
        job = CoverageJob(
            **{
                "area": self.env["service.area"],
                "type": self.type_repair,
                "category": self.category,
                **vals,
            }
        )
        (matches,) = self.env["service.coverage"]._find_covering([job])
        return {match.point: (match.via, match.refused) for match in matches}

    # Postcodes

    def test_postcode_prefixes(self):
        row = self._cover(kind="zip", zips=" 518 0, 5181；sw1a,, 5181")
        self.assertEqual(row.zips, "5180,5181,SW1A")
        self.assertEqual(self._find(zip="518-012"), {self.point: ("zip", None)})
        self.assertEqual(self._find(zip="518200"), {})
        self.assertEqual(self._find(zip="518"), {})
        self.assertEqual(self._find(zip="sw1 a2aa"), {self.point: ("zip", None)})

    def test_postcodes_are_of_a_country(self):
        row = self._cover(kind="zip", zips="518", country_id=self.env.ref("base.de").id)
        self.assertEqual(self._find(zip="51812", area=self.area), {})
        row.country_id = self.area.country_id
        self.assertEqual(
            self._find(zip="51812", area=self.area), {self.point: ("zip", None)}
        )

    # Radius

    def test_radius_is_measured_on_the_globe(self):
        self._cover(kind="radius", radius_km=10)
        for north, east in [(0.0899, 0), (0.0900, 0), (0, 0.0973), (0, 0.0975)]:
            place = (CENTRE[0] + north, CENTRE[1] + east)
            within = great_circle_km(CENTRE, place) <= 10
            with self.subTest(place=place):
                self.assertEqual(bool(self._find(position=place)), within)

    def test_the_corner_of_the_box_is_not_within_the_radius(self):
        self._cover(kind="radius", radius_km=10)
        self.assertEqual(self._find(position=(22.58, 114.08)), {})

    def test_radius_moves_with_the_point_unless_set_by_hand(self):
        row = self._cover(kind="radius", radius_km=5)
        place = (23.0, 113.0)
        self.assertEqual(self._find(position=place), {})
        self.point.partner_id.write(
            {"partner_latitude": place[0], "partner_longitude": place[1]}
        )
        self.assertEqual(self._find(position=place), {self.point: ("radius", None)})
        row.write({"is_own_position": True, "latitude": 22.5, "longitude": 114.0})
        self.assertEqual(self._find(position=place), {})
        self.assertEqual(self._find(position=CENTRE), {self.point: ("radius", None)})

    def test_a_point_without_a_position_reaches_nothing(self):
        self.point.partner_id.write({"partner_latitude": 0, "partner_longitude": 0})
        self._cover(kind="radius", radius_km=2000)
        self.assertEqual(self._find(position=(0.01, 0.01)), {})

    # Drawn areas

    def test_drawn_area(self):
        self._cover(kind="polygon", outline=OUTLINE)
        self.assertEqual(
            self._find(position=(22.65, 114.1)), {self.point: ("polygon", None)}
        )
        # In the box around it, yet outside
        self.assertEqual(self._find(position=(22.55, 114.15)), {})
        self.assertEqual(self._find(), {})

    def test_corners_are_checked_before_the_database_reads_them(self):
        for outline in (
            [[1, 2], [3, 4]],
            "somewhere",
            [[1, 2, 3]] * 3,
            [[91, 0], [0, 0], [1, 1]],
            [[float("nan"), 0], [0, 0], [1, 1]],
            [[0, 0]] * 501,
            [["a", 0], [0, 0], [1, 1]],
        ):
            with self.subTest(outline=str(outline)[:30]):
                with self.assertRaises(ValidationError):
                    self._cover(kind="polygon", outline=outline)

    def test_a_place_must_be_given(self):
        for vals in (
            {"kind": "area"},
            {"kind": "zip", "zips": " ,"},
            {"kind": "radius", "radius_km": 0},
            {"kind": "polygon"},
        ):
            with (
                self.subTest(**vals),
                mute_logger("odoo.sql_db"),
                self.assertRaises(IntegrityError),
                self.cr.savepoint(),
            ):
                self._cover(**vals)

    def test_the_more_exact_kind_counts_where_priority_is_equal(self):
        self._cover(area_id=self.area.id)
        job = {"area": self.district, "zip": "5180", "position": (22.65, 114.1)}
        self.assertEqual(self._find(**job), {self.point: ("area", None)})
        self._cover(kind="zip", zips="518", country_id=self.area.country_id.id)
        self.assertEqual(self._find(**job), {self.point: ("zip", None)})
        self._cover(kind="radius", radius_km=50)
        self.assertEqual(self._find(**job), {self.point: ("radius", None)})
        self._cover(kind="polygon", outline=OUTLINE)
        self.assertEqual(self._find(**job), {self.point: ("polygon", None)})
        self._cover(area_id=self.area.id, priority=1)
        self.assertEqual(self._find(**job), {self.point: ("area", None)})

    # What, when

    def test_brand(self):
        self._cover(area_id=self.area.id, brand_ids=self.brand.ids)
        for brand, refused in (
            (self.brand, None),
            (self.other_brand, "brand"),
            (None, "brand"),
        ):
            self.assertEqual(
                self._find(area=self.area, brand=brand), {self.point: ("area", refused)}
            )

    def test_valid_on_the_day(self):
        self._cover(
            area_id=self.area.id, valid_from="2026-03-02", valid_to="2026-03-04"
        )
        for day, refused in ((1, "date"), (2, None), (4, None), (5, "date")):
            self.assertEqual(
                self._find(area=self.area, day=date(2026, 3, day)),
                {self.point: ("area", refused)},
            )
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self._cover(
                area_id=self.area.id, valid_from="2026-03-02", valid_to="2026-03-01"
            )

    # Exclusions

    def test_an_excluded_district_within_a_city(self):
        self._cover(area_id=self.area.id)
        self._cover(area_id=self.district.id, is_exclusion=True)
        self.assertEqual(self._find(area=self.area), {self.point: ("area", None)})
        self.assertEqual(
            self._find(area=self.district), {self.point: ("area", "excluded")}
        )
        second = self._make_point("Second")
        self.assertEqual(
            self._find(area=self.district),
            {self.point: ("area", "excluded"), second: ("area", None)},
        )

    def test_an_exclusion_takes_a_piece_out_of_every_kind(self):
        self._cover(kind="radius", radius_km=50)
        exclusion = self._cover(area_id=self.district.id, is_exclusion=True)
        job = {"position": CENTRE, "area": self.district}
        self.assertEqual(self._find(**job), {self.point: ("radius", "excluded")})
        exclusion.write({"kind": "polygon", "outline": OUTLINE})
        self.assertEqual(
            self._find(position=(22.65, 114.1)), {self.point: ("radius", "excluded")}
        )
        self.assertEqual(
            self._find(position=(22.45, 114.0)), {self.point: ("radius", None)}
        )

    def test_a_smaller_piece_of_the_same_kind_takes_an_exclusion_back(self):
        self._cover(area_id=self.area.id, is_exclusion=True)
        self._cover(area_id=self.district.id)
        self.assertEqual(self._find(area=self.district), {self.point: ("area", None)})
        self._cover(kind="zip", zips="51", is_exclusion=True)
        self._cover(kind="zip", zips="5180")
        self.assertEqual(
            self._find(zip="51801"), {self.point: ("zip", None)}, "longer prefix"
        )
        self.assertEqual(self._find(zip="51701"), {}, "excluding covers nothing")

    def test_an_exclusion_for_some_types_leaves_the_others(self):
        self._cover(area_id=self.area.id)
        exclusion = self._cover(
            area_id=self.area.id, is_exclusion=True, type_ids=self.type_consulting.ids
        )
        self.assertEqual(self._find(area=self.area), {self.point: ("area", None)})
        exclusion.type_ids += self.type_repair
        self.assertEqual(self._find(area=self.area), {self.point: ("area", "excluded")})
        exclusion.valid_to = date.today() - timedelta(days=1)
        self.assertEqual(self._find(area=self.area), {self.point: ("area", None)})

    # Orders

    def test_l10_an_order_is_asked_for_by_all_that_is_known(self):
        self.customer.write(
            {"zip": "518012", "partner_latitude": 22.65, "partner_longitude": 114.1}
        )
        self.product.service_brand_id = self.brand
        symptom = self.env["service.fault.code"].create(
            {"code": "LX", "name": "Hard", "repair_level": 3}
        )
        order = self._make_order(symptom_id=symptom.id)
        job = order._get_coverage_job()
        self.assertEqual(
            (job.zip, job.position, job.brand, job.level),
            ("518012", (22.65, 114.1), self.brand, 3),
        )
        row = self._cover(kind="polygon", outline=OUTLINE, brand_ids=self.brand.ids)
        found = order._rank_candidates()[order.id].find(self.point.id)
        self.assertEqual(found.reasons[0].code, "level")
        row.level = 3
        found = order._rank_candidates()[order.id].find(self.point.id)
        self.assertTrue(found.eligible)

    def test_form(self):
        with Form(self.env["service.coverage"]) as form:
            form.point_id = self.point
            form.kind = "radius"
            self.assertEqual(round(form.latitude, 4), CENTRE[0])
            form.radius_km = 12
        self.assertEqual(form.record.place, "12 km around the point")

    def test_only_managers_change_coverage_and_brands(self):
        row = self._cover(area_id=self.area.id)
        self.assertTrue(row.with_user(self.manager).has_access("write"))
        self.assertTrue(self.brand.with_user(self.manager).has_access("write"))
        for user in (self.agent, self.dispatcher, self.technician_user):
            self.assertFalse(row.with_user(user).has_access("write"))
            self.assertTrue(self.brand.with_user(user).has_access("read"))
            self.assertFalse(self.brand.with_user(user).has_access("write"))
        self.assertFalse(self.brand.with_user(self.portal_customer).has_access("read"))
