from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import Form, HttpCase, tagged

from odoo.addons.service_management.tests.common import ServiceCommon


@tagged("post_install", "-at_install")
class TestCoverageCheck(ServiceCommon):
    """L10: who would serve an address, by the ranking that orders go through."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.area.write({"latitude": 22.5, "longitude": 114.0})
        cls.env["service.area.zip"].create({"prefix": "5180", "area_id": cls.area.id})
        cls.point.partner_id.write({"partner_latitude": 22.6, "partner_longitude": 114})
        cls.check_model = cls.env["service.coverage.check"].with_user(cls.agent)

    def _check(self, **vals):
        return self.check_model.create(
            {"address": "Test City, Road 1", "type_id": self.type_repair.id, **vals}
        )

    def _get_answer(self, check):
        return {line.point_id: line.is_eligible for line in check.line_ids}

    def test_free_text_finds_the_area_and_ranks(self):
        for address in ("Test City, Road 1", "somewhere, 518001", "518001 Nowhere"):
            with self.subTest(address=address):
                check = self._check(address=address)
                self.assertEqual(check.area_id, self.area)
                self.assertEqual(self._get_answer(check)[self.point], True)
                self.assertEqual(check.precision, "area")

    def test_it_answers_as_the_ranking_of_an_order(self):
        second = self._make_point("Second")
        second.coverage_ids.priority = 1
        refused = self._make_point("Refused")
        refused.coverage_ids.type_ids = self.type_consulting
        order = self._make_order()
        decision = order._rank_candidates()[order.id]
        action = order.with_user(self.agent).action_view_what_if()
        check = self.check_model.with_context(**action["context"]).create({})
        lines = check.line_ids.filtered("coverage_id")
        self.assertEqual(
            [(line.point_id.id, line.rank, line.cost) for line in lines],
            [
                (entry.candidate.key, entry.rank or 0, round(entry.cost or 0.0, 3))
                for entry in decision.ranked
            ],
        )
        line = check.line_ids.filtered(lambda line: line.point_id == refused)
        self.assertEqual([reason["code"] for reason in line.reasons], ["type"])

    def test_every_question_counts(self):
        self.point.coverage_ids.write(
            {"level": 2, "valid_to": fields.Date.today() + timedelta(days=3)}
        )
        self.assertTrue(self._check(level=2).line_ids.is_eligible)
        for vals, code in (
            ({"level": 3}, "level"),
            ({"day": fields.Date.today() + timedelta(days=4)}, "date"),
        ):
            check = self._check(**vals)
            self.assertEqual(check.line_ids.reasons[0]["code"], code)
        brand = self.env["service.brand"].create({"name": "Test Brand"})
        self.point.coverage_ids.brand_ids = brand
        self.assertEqual(self._check().line_ids.reasons[0]["code"], "brand")
        self.assertTrue(self._check(brand_id=brand.id).line_ids.is_eligible)

    def test_a_click_on_the_map_counts(self):
        self.point.coverage_ids.write({"kind": "radius", "radius_km": 5})
        with Form(self.check_model) as form:
            form.address = "Test City"
            form.type_id = self.type_repair
            self.assertEqual(form.precision, "area")
        self.assertFalse(form.record.line_ids.is_eligible, "11 km from the middle")
        form.record.write({"latitude": 22.61, "longitude": 114.0})
        self.assertEqual(form.record.precision, "exact")
        line = form.record.line_ids
        self.assertEqual((line.via, line.is_eligible), ("radius", True))
        data = form.record.map_data
        self.assertEqual([m["id"] for m in data["markers"]], ["address", self.point.id])
        self.assertEqual(data["circles"][0]["radius"], 5)

    def test_neighbours_that_serve_other_places_are_told(self):
        self.point.coverage_ids.area_id = self.area.copy({"code": "T-900"})
        line = self._check(address="518001").line_ids
        self.assertEqual(line.point_id, self.point)
        self.assertFalse(line.is_eligible)
        self.assertEqual(line.reasons[0]["code"], "area")

    def test_an_unknown_address_is_served_by_nobody(self):
        check = self._check(address="Nowhere at all")
        self.assertFalse(check.area_id)
        self.assertEqual(check.precision, "none")
        self.assertFalse(check.line_ids)

    def test_the_context_does_not_change_the_ranking_of_real_orders(self):
        order = self._make_order()
        asked = {"service_what_if": {"day": False, "position": (1, 1), "level": 3}}
        job = order.with_context(**asked)._get_coverage_job()
        self.assertEqual(job, order._get_coverage_job())

    def test_nothing_is_stored_of_the_question(self):
        count = self.env["service.order"].search_count([])
        self._check()
        self.assertEqual(self.env["service.order"].search_count([]), count)

    def test_only_the_desk_and_quality_ask(self):
        self.check_model.with_user(self.quality).create({"address": "Test City"})
        lines = self.env["service.coverage.check.line"]
        self.assertFalse(lines.with_user(self.point_manager).has_access("read"))
        for user in (self.technician_user, self.point_manager, self.portal_point):
            with self.assertRaises(AccessError):
                self.check_model.with_user(user).create({"address": "Test City"})

    def test_points_of_other_companies_are_not_told(self):
        company = self.env["res.company"].create({"name": "Second"})
        check = self._check(company_id=company.id)
        self.assertEqual(check._prepare_order().company_id, self.env.company)


@tagged("post_install", "-at_install")
class TestCoverageCheckTour(HttpCase, ServiceCommon):
    def test_tour(self):
        self.area.write({"latitude": 22.5, "longitude": 114.0})
        self.point.partner_id.write(
            {"partner_latitude": 22.6, "partner_longitude": 114}
        )
        action = self.env.ref("service_management.action_service_coverage_check")
        self.start_tour(
            f"/odoo/action-{action.id}", "service_coverage_check", login="test_agent"
        )
