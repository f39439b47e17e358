from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.service_management.tests.common import ServiceCommon


@tagged("post_install", "-at_install")
class TestTechnician(ServiceCommon):
    """L13: people who are neither employees nor users carry out visits, too."""

    def test_neither_employee_nor_user(self):
        technician = self.env["service.technician"].create(
            {"name": "Partner's Man", "point_id": self.point.id}
        )
        self.assertFalse(technician.employee_id or technician.user_id)
        self.assertEqual(technician.resource_id.name, "Partner's Man")
        self.assertEqual(technician.company_id, self.point.company_id)
        self.assertEqual(
            technician.resource_calendar_id, self.env.company.resource_calendar_id
        )

    def test_without_calendar_stays_without(self):
        self.assertFalse(self.technician.resource_calendar_id)
        self.assertFalse(self.technician.resource_id.calendar_id)

    def test_employee_brings_resource_with_leaves_and_user(self):
        employee = self.env["hr.employee"].create(
            {"name": "Employed", "user_id": self.agent.id, "work_phone": "4711"}
        )
        technician = self.env["service.technician"].create(
            {"point_id": self.point.id, "employee_id": employee.id}
        )
        self.assertEqual(technician.resource_id, employee.resource_id)
        self.assertRecordValues(
            technician,
            [{"name": "Employed", "user_id": self.agent.id, "phone": "4711"}],
        )

    def test_employee_set_later_brings_the_resource(self):
        employee = self.env["hr.employee"].create({"name": "Employed"})
        technician = self._make_technician("Later")
        technician.employee_id = employee
        self.assertEqual(technician.resource_id, employee.resource_id)
        self.assertEqual(technician.name, "Employed")

    def test_manager_without_right_on_resources(self):
        technician = (
            self.env["service.technician"]
            .with_user(self.manager)
            .create({"name": "Made", "point_id": self.point.id})
        )
        technician.write({"name": "Renamed", "tz": "Asia/Shanghai", "phone": "1"})
        self.assertEqual(technician.resource_id.name, "Renamed")
        self.assertEqual(technician.name, "Renamed")
        self.assertEqual(technician.resource_id.tz, "Asia/Shanghai")
        technician.active = False
        self.assertFalse(technician.resource_id.active)

    def test_many_at_once(self):
        names = [f"T{number}" for number in range(5)]
        technicians = self.env["service.technician"].create(
            [{"name": name, "point_id": self.point.id} for name in names]
        )
        self.assertEqual(technicians.mapped("name"), names)
        self.assertEqual(len(technicians.resource_id), 5)

    def test_company_is_that_of_the_point(self):
        company = self.env["res.company"].create({"name": "Second"})
        point = self._make_point("There", coverage=False, company_id=company.id)
        technician = self._make_technician("There", point=point)
        self.assertEqual(technician.company_id, company)
        with self.assertRaises(UserError):
            technician.point_id = self.point

    def test_user_is_technician_once_per_company(self):
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self._make_technician("Twin", user_id=self.technician_user.id)

    def test_technician_calls_by_phone_of_the_user(self):
        self.agent.partner_id.phone = "0755 1234"
        technician = self._make_technician("Agent", user_id=self.agent.id)
        self.assertEqual(technician.partner_id, self.agent.partner_id)
        self.assertEqual(technician.phone, "0755 1234")

    def test_who_keeps_a_point_becomes_no_employee(self):
        """The user of an employee's resource is the employee: leaves and papers are
        that user's from then on."""
        employee = self.env["hr.employee"].create({"name": "Employed"})
        technician = self._make_technician("Employed", employee_id=employee.id)
        for user in (self.point_manager, self.manager):
            with self.subTest(user.login), self.assertRaises(AccessError):
                technician.with_user(user).user_id = user
        self.assertFalse(employee.user_id)
        # The link alone is not what makes an employee
        technician.sudo().employee_id = False
        with self.assertRaises(AccessError):
            technician.with_user(self.manager).user_id = self.manager
        other = self._make_technician("Of the Point")
        other.with_user(self.point_manager).user_id = self.agent
        self.assertEqual(other.user_id, self.agent)

    def test_who_keeps_a_point_changes_no_employee(self):
        calendar = self.env["resource.calendar"].create({"name": "Nights"})
        employee = self.env["hr.employee"].create({"name": "Employed"})
        technician = self._make_technician("Employed", employee_id=employee.id)
        other = self._make_technician("Of the Point")
        as_point = technician.with_user(self.point_manager)
        changes = {
            "name": "Somebody Else",
            "active": False,
            "resource_calendar_id": calendar.id,
            "tz": "America/New_York",
        }
        self.assertTrue(as_point.is_kept_by_hr)
        self.assertFalse(technician.with_user(self.manager).is_kept_by_hr)
        self.assertFalse(other.with_user(self.point_manager).is_kept_by_hr)
        for name, value in changes.items():
            with (
                self.subTest(name),
                self.assertRaisesRegex(AccessError, "an employee of the company"),
            ):
                (as_point + other.with_user(self.point_manager)).write({name: value})
        # What the point says of everybody, and values that stay
        as_point.write({"phone": "4711", "name": "Employed", "tz": technician.tz})
        self.assertEqual(technician.phone, "4711")
        technician.with_user(self.manager).name = "Renamed"
        self.assertEqual(employee.name, "Renamed")
        other.with_user(self.point_manager).write(changes)
        self.assertRecordValues(other, [changes])

    def test_nobody_is_made_a_technician_on_an_employees_resource(self):
        employee = self.env["hr.employee"].create({"name": "Employed"})
        with self.assertRaises(AccessError):
            self.env["service.technician"].with_user(self.manager).create(
                {"point_id": self.point.id, "resource_id": employee.resource_id.id}
            )

    def test_employed_or_not_is_asked_once_for_all(self):
        employees = self.env["hr.employee"].create(
            [{"name": f"Employed {number}"} for number in range(12)]
        )
        technicians = self.env["service.technician"].create(
            [
                {"point_id": self.point.id, "employee_id": employee.id}
                for employee in employees
            ]
        )
        counts = []
        for some in (technicians[:2], technicians[2:]):
            some.invalidate_recordset()
            before = self.env.cr.sql_log_count
            found = some.with_user(self.point_manager).mapped("is_kept_by_hr")
            self.assertTrue(all(found))
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0])
