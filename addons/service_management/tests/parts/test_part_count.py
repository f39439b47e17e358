from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from odoo.addons.service_management.tests.access_matrix import check_matrix

from .common import PartCommon


@tagged("post_install", "-at_install")
class TestPartCount(PartCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._put(cls.part, cls.van, 5)

    def _count(self, user=None, counted=None):
        count = (
            self.env["service.part.count"]
            .with_user(user or self.technician_user)
            .create({"location_id": self.van.id})
        )
        if counted is not None:
            count.line_ids.counted = counted
        return count

    def test_what_differs_is_adjusted_when_the_office_approves(self):
        count = self._count(counted=3)
        self.assertEqual(
            (count.point_id, count.technician_id), (self.point, self.technician)
        )
        count.action_submit()
        self.assertEqual(self._held(self.van), 5)
        count.with_user(self.dispatcher).action_approve()
        self.assertEqual((self._held(self.van), count.state), (3, "approved"))
        move = self.env["service.part.movement"].search([("kind", "=", "count")])
        self.assertEqual((move.change, move.point_id), (-2, self.point))

    def test_what_moved_meanwhile_is_not_lost(self):
        count = self._count(counted=4)
        count.action_submit()
        self._put(self.part, self.van, 10)
        count.with_user(self.dispatcher).action_approve()
        self.assertEqual(self._held(self.van), 14)

    def test_what_was_used_before_it_was_counted_is_no_difference(self):
        count = self._count()
        # The technician uses one, then counts what is left
        self._put(self.part, self.van, -1)
        count.line_ids.counted = 4
        self.assertEqual(count.line_ids.expected, 4)
        count.action_submit()
        count.with_user(self.dispatcher).action_approve()
        self.assertEqual(self._held(self.van), 4)

    def test_what_is_not_there_any_more_is_counted_again(self):
        count = self._count(counted=1)
        count.action_submit()
        self._put(self.part, self.van, -4)
        with self.assertRaisesRegex(UserError, "moved since"):
            count.with_user(self.dispatcher).action_approve()
        count.with_user(self.dispatcher).action_refuse()
        count.line_ids.counted = 5
        count.action_submit()
        self.assertEqual(count.state, "counted")

    def test_a_serial_that_was_found(self):
        lot = self._lot("FOUND")
        count = self._count()
        self.env["service.part.count.line"].with_user(self.technician_user).create(
            {
                "count_id": count.id,
                "product_id": self.serial_part.id,
                "lot_id": lot.id,
                "counted": 1,
            }
        )
        count.action_submit()
        count.with_user(self.dispatcher).action_approve()
        self.assertEqual(self._held(self.van, self.serial_part, lot), 1)

    def test_what_was_handed_in_stays(self):
        count = self._count()
        count.action_submit()
        with self.assertRaisesRegex(UserError, "handed in"):
            count.line_ids.counted = 2

    def test_who_counts_what(self):
        count = self._count()
        line = count.line_ids
        check_matrix(
            self,
            {"count": count, "line": line},
            {
                self.agent: {"count": "r", "line": "r"},
                self.dispatcher: {"count": "rwc", "line": "rwcd"},
                self.quality: {"count": "r", "line": "r"},
                self.point_manager: {"count": "rwc", "line": "rwcd"},
                self.technician_user: {"count": "rwc", "line": "rwcd"},
                self.portal_customer: {},
                self.portal_point: {},
            },
        )
        count.action_submit()
        for user in (self.technician_user, self.point_manager, self.agent):
            with self.assertRaises(AccessError):
                count.with_user(user).action_approve()
        with self.assertRaises(AccessError):
            self.env["service.part.count"].with_user(self.technician_user).create(
                {"location_id": self.point.location_id.id}
            )
        other = self._make_point("Else")
        with self.assertRaises(AccessError):
            self.env["service.part.count"].with_user(self.point_manager).create(
                {"location_id": other.location_id.id}
            )
