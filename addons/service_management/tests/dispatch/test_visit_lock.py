from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from odoo.addons.service_management.tests.common import ServiceCommon


@tagged("post_install", "-at_install")
class TestVisitLock(ServiceCommon):
    def test_dispatchers_lock_and_unlock(self):
        visit = self._make_visit()
        visit.with_user(self.dispatcher).action_lock()
        self.assertTrue(visit.is_locked)
        visit.with_user(self.dispatcher).action_unlock()
        self.assertFalse(visit.is_locked)

    def test_a_technician_does_not_lock(self):
        visit = self._make_visit()
        with self.assertRaises(AccessError):
            visit.with_user(self.technician_user).action_lock()

    def test_promises_are_not_written_by_hand(self):
        visit = self._make_visit()
        for name in ("is_locked", "travel_minutes", "slot_start", "slot_end"):
            with self.subTest(field=name), self.assertRaises(UserError):
                visit.with_user(self.dispatcher).write({name: False})
