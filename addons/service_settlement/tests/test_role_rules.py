from odoo.tests import tagged

from odoo.addons.service_management.tests.role_case import RoleCase


@tagged("post_install", "-at_install")
class TestRoleRules(RoleCase):
    def test_accountants_keep_seeing_what_settling_asks_for(self):
        """Whoever is a technician or manages a point beside that."""
        accountant = self.env.ref("service_settlement.group_settlement_accountant")
        narrowed = self._find_narrowed(
            accountant, without=self.env.ref("service_management.group_service_user")
        )
        self.assertEqual(narrowed, set())
        # What everybody may read, and a point manager less of
        self.assertNotIn("service.point", self._find_narrowed(accountant))
