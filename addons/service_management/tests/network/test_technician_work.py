from datetime import datetime, timedelta

from psycopg2 import IntegrityError

from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.service_management.tests.access_matrix import check_matrix
from odoo.addons.service_management.tests.common import ServiceCommon

NIGHT = datetime(2026, 3, 2, 20, 0)


@tagged("post_install", "-at_install")
class TestTechnicianWork(ServiceCommon):
    def _stand_by(self, technician, start=NIGHT, hours=8):
        return self.env["service.standby"].create(
            {
                "technician_id": technician.id,
                "start": start,
                "end": start + timedelta(hours=hours),
            }
        )

    def test_vehicle_has_a_location_beside_the_points(self):
        self.technician.with_user(self.point_manager).vehicle = "B 12"
        location = self.technician.vehicle_location_id
        self.assertEqual(location.location_id, self.point.location_id.location_id)
        self.assertIn("B 12", location.name)
        self.technician.vehicle = "B 13"
        self.assertEqual(self.technician.vehicle_location_id, location)
        self.assertIn("B 13", location.name)

    def test_vehicle_moves_with_the_technician(self):
        self.technician.vehicle = "B 12"
        other = self._make_point("Other")
        self.technician.point_id = other
        self.assertIn("B 12", self.technician.vehicle_location_id.name)
        self.assertEqual(
            other.technician_ids.vehicle_location_id,
            self.technician.vehicle_location_id,
        )

    def test_nobody_without_a_vehicle_gets_a_location(self):
        self.assertFalse(self._make_technician("On Foot").vehicle_location_id)

    def test_day_starts_at_the_base_else_the_point_else_its_area(self):
        self.assertIsNone(self.technician._get_base_position())
        self.area.write({"latitude": 22.0, "longitude": 113.0})
        self.point.area_id = self.area
        self.assertEqual(self.technician._get_base_position(), (22.0, 113.0))
        self.point.partner_id.write(
            {"partner_latitude": 22.5, "partner_longitude": 114.0}
        )
        self.assertEqual(self.technician._get_base_position(), (22.5, 114.0))
        self.technician.base_partner_id = self.env["res.partner"].create(
            {"name": "Home", "partner_latitude": 22.6, "partner_longitude": 114.1}
        )
        self.assertEqual(self.technician._get_base_position(), (22.6, 114.1))

    def test_who_is_on_standby_within_some_hours(self):
        other = self._make_technician("Other")
        self._stand_by(self.technician)
        self._stand_by(other, NIGHT + timedelta(hours=1), 2)
        both = self.technician + other
        minute = timedelta(minutes=1)
        for start, end, found in (
            (NIGHT - timedelta(hours=1), NIGHT, both.browse()),
            (NIGHT, NIGHT + minute, self.technician),
            (NIGHT, NIGHT + timedelta(hours=2), both),
            (NIGHT + timedelta(hours=3), NIGHT + timedelta(hours=9), self.technician),
        ):
            with self.subTest(start=start):
                self.assertEqual(both._get_on_standby(start, end), found)
        self.assertFalse(other._get_on_standby(NIGHT, NIGHT + minute))

    def test_standby_neither_overlaps_nor_ends_before_it_starts(self):
        self._stand_by(self.technician)
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(IntegrityError),
            self.env.cr.savepoint(),
        ):
            self._stand_by(self.technician, NIGHT + timedelta(hours=7))
        self._stand_by(self.technician, NIGHT + timedelta(hours=8))
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self._stand_by(self.technician, NIGHT + timedelta(days=3), hours=-1)

    def test_code_of_a_tool_is_unique(self):
        tools = self.env["service.tool"].with_user(self.manager)
        tools.create([{"name": "Ladder"}, {"name": "Scale"}])
        tools.create({"name": "Pump", "code": "pump"})
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            tools.create({"name": "Vacuum Pump", "code": "pump"})

    def test_only_managers_keep_tools(self):
        for user in (self.dispatcher, self.point_manager, self.portal_point):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.env["service.tool"].with_user(user).create({"name": "Own"})

    def test_standby_access(self):
        foreign = self._make_technician("Foreign", point=self._make_point("Foreign"))
        records = {
            "own": self._stand_by(self.technician),
            "foreign": self._stand_by(foreign, NIGHT + timedelta(days=1)),
        }
        everything = dict.fromkeys(records, "rwcd")
        read_all = dict.fromkeys(records, "r")
        check_matrix(
            self,
            records,
            {
                self.agent: read_all,
                self.dispatcher: everything,
                self.quality: read_all,
                self.manager: everything,
                self.point_manager: {"own": "rwcd"},
                self.technician_user: {"own": "r"},
                self.portal_point: {},
                self.portal_customer: {},
            },
        )
        with self.assertRaises(AccessError):
            records["own"].with_user(self.point_manager).technician_id = foreign
