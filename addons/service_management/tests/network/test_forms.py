from odoo.tests import Form, tagged

from odoo.addons.service_management.tests.common import ServiceCommon


@tagged("post_install", "-at_install")
class TestNetworkForms(ServiceCommon):
    """What a service manager does by hand."""

    def test_point_with_coverage(self):
        with Form(self.env["service.point"].with_user(self.manager)) as form:
            form.name = "By Hand"
            form.partner_id = self.customer
            with form.coverage_ids.new() as row:
                row.area_id = self.area
                row.type_ids.add(self.type_repair)
        point = form.record
        self.assertEqual(point.area_id, self.customer.service_area_id)
        self.assertEqual(point.coverage_ids.type_ids, self.type_repair)
        self.assertTrue(point.code and point.sudo().location_id)

    def test_technician_with_skills(self):
        with Form(self.env["service.technician"].with_user(self.manager)) as form:
            form.name = "By Hand"
            form.point_id = self.point
            with form.skill_ids.new() as row:
                self.assertEqual(
                    row.skill_type_id,
                    self.env.ref("service_management.skill_type_service"),
                )
                row.skill_id = self.env.ref("service_management.skill_laundry")
                row.skill_level_id = self.env.ref("service_management.skill_level_3")
        technician = form.record
        self.assertEqual(technician.company_id, self.point.company_id)
        self.assertEqual(technician.skill_ids.level_progress, 75)
        with Form(technician) as form, form.skill_ids.edit(0) as row:
            row.valid_to = "2099-12-31"
        self.assertEqual(str(technician.skill_ids.valid_to), "2099-12-31")

    def test_service_type_with_required_skill(self):
        with Form(self.type_repair.with_user(self.manager)) as form:
            with form.requirement_ids.new() as row:
                row.skill_id = self.env.ref("service_management.skill_laundry")
                row.level_id = self.env.ref("service_management.skill_level_2")
        self.assertEqual(len(self.type_repair.requirement_ids), 1)

    def test_area_with_prefix(self):
        with Form(self.env["service.area"].with_user(self.manager)) as form:
            form.name = "By Hand"
            form.country_id = self.area.country_id
            form.parent_id = self.area
        area = form.record
        with Form(self.env["service.area.zip"].with_user(self.manager)) as form:
            form.prefix = "th 1"
            form.area_id = area
        self.assertEqual(area.zip_ids.prefix, "TH1")
        self.assertEqual(area.zip_ids.country_id, self.area.country_id)
