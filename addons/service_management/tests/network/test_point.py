from psycopg2 import IntegrityError

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.service_management.tests.common import ServiceCommon


@tagged("post_install", "-at_install")
class TestPoint(ServiceCommon):
    def test_point_has_its_own_internal_location(self):
        location = self.point.location_id
        self.assertEqual(location.usage, "internal")
        self.assertEqual(location.company_id, self.point.company_id)
        parent = location.location_id
        self.assertEqual(parent, self.env.company.service_point_location_id)
        self.assertEqual(parent.usage, "view")
        other = self._make_point("Other")
        self.assertNotEqual(other.location_id, location)
        self.assertEqual(other.location_id.location_id, parent)

    def test_location_is_renamed_with_the_point(self):
        self.point.write({"name": "New Name", "code": "NN1"})
        self.assertEqual(self.point.location_id.name, "NN1 New Name")
        self.assertEqual(self.point.display_name, "[NN1] New Name")

    def test_manager_without_stock_rights_makes_points(self):
        point = (
            self.env["service.point"]
            .with_user(self.manager)
            .create({"name": "Made", "partner_id": self.customer.id})
        )
        self.assertTrue(point.sudo().location_id)
        point.name = "Renamed"
        self.assertIn("Renamed", point.sudo().location_id.name)

    def test_each_company_has_its_own_parent_location(self):
        company = self.env["res.company"].create({"name": "Second"})
        point = self._make_point("There", coverage=False, company_id=company.id)
        self.assertEqual(point.location_id.company_id, company)
        self.assertNotEqual(
            point.location_id.location_id, self.point.location_id.location_id
        )

    def test_code_unique_per_company(self):
        company = self.env["res.company"].create({"name": "Second"})
        self._make_point("A", code="SAME")
        self._make_point("B", code="SAME", coverage=False, company_id=company.id)
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self._make_point("C", code="SAME")

    def test_cycle_refused(self):
        child = self._make_point("Child", parent_id=self.point.id)
        with self.assertRaises(UserError):
            self.point.parent_id = child

    def test_parent_of_another_company_refused(self):
        company = self.env["res.company"].create({"name": "Second"})
        with self.assertRaises(UserError):
            self._make_point(
                "There", coverage=False, company_id=company.id, parent_id=self.point.id
            )

    def test_satisfaction_is_a_share(self):
        for value in (-0.1, 1.1):
            with (
                self.subTest(value),
                mute_logger("odoo.sql_db"),
                self.assertRaises(IntegrityError),
                self.cr.savepoint(),
            ):
                self._make_point("X", satisfaction=value)

    def test_area_follows_the_address_and_stays_editable(self):
        other = self.area.copy({"code": "T-101", "name": "Other"})
        self.point.partner_id.service_area_id = other
        self.assertEqual(self.point.area_id, other)
        self.point.area_id = self.area
        self.assertEqual(self.point.area_id, self.area)

    def test_unused_point_goes_with_its_location(self):
        point = self._make_point("Gone")
        location = point.location_id
        point.unlink()
        self.assertFalse(location.exists())

    def test_point_with_stock_is_not_deleted(self):
        self._stock(self.part, 1)
        self.technician.unlink()
        with self.assertRaisesRegex(UserError, "Archive the service point"):
            self.point.unlink()

    def test_state_buttons(self):
        self.point.action_suspend()
        self.assertEqual(self.point.state, "suspended")
        self.point.action_activate()
        self.assertEqual(self.point.state, "active")
        self.point.action_terminate()
        self.assertEqual(self.point.state, "terminated")

    def test_found_by_code_and_by_name(self):
        self.point.code = "ZZ77"
        for term in ("zz77", "test poi"):
            found = self.env["service.point"].name_search(term)
            self.assertIn(self.point.id, [key for key, _name in found])

    def test_counts_open_their_lists(self):
        self.assertEqual(self.point.technician_count, 1)
        self.assertEqual(self.point.coverage_count, 1)
        for action in (
            self.point.action_view_technicians(),
            self.point.action_view_coverage(),
        ):
            model = self.env[action["res_model"]]
            self.assertEqual(model.search(action["domain"]).point_id, self.point)

    def test_new_user_of_a_point_sees_it_at_once(self):
        point = self._make_point("Fresh")
        point_as_user = point.with_user(self.portal_customer)
        self.assertFalse(point_as_user.has_access("read"))
        point.user_ids = [Command.link(self.portal_customer.id)]
        self.assertTrue(point_as_user.has_access("read"))
        self.portal_customer.service_point_ids = [Command.clear()]
        self.assertFalse(point_as_user.has_access("read"))
