from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.service_management.tests.access_matrix import check_matrix
from odoo.addons.service_management.tests.common import ServiceCommon


@tagged("post_install", "-at_install")
class TestNetworkAccess(ServiceCommon):
    """L6: who sees and changes what, role by role and operation by operation."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.child = cls._make_point("Child", parent_id=cls.point.id)
        cls.foreign = cls._make_point("Foreign")
        cls.company = cls.env["res.company"].create({"name": "Second"})
        cls.far = cls._make_point("Far", coverage=False, company_id=cls.company.id)
        cls.zip = cls.env["service.area.zip"].create(
            {"prefix": "TACC", "area_id": cls.area.id}
        )
        cls.records = {
            "team": cls.env.ref("service_management.team_service_desk"),
            "area": cls.area,
            "zip": cls.zip,
            "point": cls.point,
            "child": cls.child,
            "foreign": cls.foreign,
            "far": cls.far,
        }
        for name in ("point", "child", "foreign"):
            point = cls.records[name]
            technician = (
                cls.technician
                if name == "point"
                else cls._make_technician(f"Of {name}", point=point)
            )
            skill = cls.env["service.technician.skill"].create(
                {
                    "technician_id": technician.id,
                    "skill_type_id": cls.env.ref(
                        "service_management.skill_type_service"
                    ).id,
                    "skill_id": cls.env.ref("service_management.skill_laundry").id,
                    "skill_level_id": cls.env.ref(
                        "service_management.skill_level_1"
                    ).id,
                }
            )
            cls.records |= {
                f"coverage of {name}": point.coverage_ids,
                f"technician of {name}": technician,
                f"skill of {name}": skill,
            }

    def test_matrix(self):
        inside = {name for name in self.records if name != "far"}
        read_all = dict.fromkeys(inside, "r")
        master = {"team": "r", "area": "r", "zip": "r"}
        check_matrix(
            self,
            self.records,
            {
                self.agent: read_all,
                self.dispatcher: read_all,
                self.quality: read_all,
                self.manager: dict.fromkeys(inside, "rwcd"),
                self.point_manager: master
                | {
                    "point": "r",
                    "child": "r",
                    "coverage of point": "r",
                    "coverage of child": "r",
                    "technician of point": "rw",
                    "technician of child": "rw",
                    "skill of point": "rwcd",
                    "skill of child": "rwcd",
                },
                self.technician_user: master
                | {
                    "point": "r",
                    "coverage of point": "r",
                    "technician of point": "r",
                    "skill of point": "r",
                },
                self.portal_point: {
                    "area": "r",
                    "point": "r",
                    "technician of point": "r",
                },
                self.portal_customer: {"area": "r"},
            },
        )

    def test_manager_of_two_companies_sees_both(self):
        self.manager.company_ids += self.company
        far = self.far.with_user(self.manager)
        own = self.env.company.ids
        self.assertFalse(far.with_context(allowed_company_ids=own).has_access("read"))
        both = own + self.company.ids
        self.assertTrue(far.with_context(allowed_company_ids=both).has_access("write"))

    def test_point_manager_does_not_move_a_technician_away(self):
        technician = self.technician.with_user(self.point_manager)
        technician.name = "Known by Another Name"
        with self.assertRaises(AccessError):
            technician.point_id = self.foreign

    def test_portal_user_of_a_point_does_not_see_inner_fields(self):
        point = self.point.with_user(self.portal_point)
        self.assertEqual(point.read(["name"])[0]["name"], "Test Point")
        with self.assertRaises(AccessError):
            point.read(["note"])
        with self.assertRaises(AccessError):
            self.technician.with_user(self.portal_point).read(["employee_id"])

    def test_lists_and_groups_obey_the_rules(self):
        point_model = self.env["service.point"].with_user(self.portal_point)
        self.assertEqual(point_model.search([]), self.point)
        self.assertEqual(point_model.search_count([]), 1)
        self.assertEqual(point_model._read_group([], [], ["__count"]), [(1,)])
        found = point_model.name_search("")
        self.assertEqual([key for key, _name in found], self.point.ids)
        with self.assertRaises(UserError):
            point_model.search([]).export_data(["name"])

    def test_only_managers_import_areas(self):
        for user in (self.dispatcher, self.point_manager, self.portal_point):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.env["service.area.import"].with_user(user).create({})

    def test_point_manager_of_nothing_sees_nothing(self):
        self.point.user_ids = [Command.clear()]
        point_model = self.env["service.point"].with_user(self.point_manager)
        self.assertFalse(point_model.search([]))
