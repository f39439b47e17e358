from odoo.tests import tagged

from odoo.addons.service_management.tests.role_case import RoleCase

# What somebody files is for him or her, and for managers
OWN_FILES = {
    "service.asset.import",
    "service.asset.import.chunk",
    "service.asset.import.column",
    "service.asset.import.line",
    "service.request.import",
    "service.request.import.column",
    "service.request.import.line",
}
SCORECARDS = {"service.scorecard", "service.scorecard.line"}


@tagged("post_install", "-at_install")
class TestRoleRules(RoleCase):
    """The office sees all of its company, whatever its people are beside that."""

    def _find(self, name, **kwargs):
        role = self.env.ref(f"service_management.group_{name}")
        return self._find_narrowed(role, **kwargs)

    def test_agents_keep_seeing_all_but_scorecards_and_others_files(self):
        self.assertEqual(self._find("service_agent"), OWN_FILES | SCORECARDS)

    def test_dispatchers_keep_seeing_all_but_others_files(self):
        self.assertEqual(self._find("service_dispatcher"), OWN_FILES)

    def test_managers_keep_seeing_all(self):
        self.assertEqual(self._find("service_manager"), set())

    def test_quality_keeps_seeing_all_and_changes_shared_orders_only(self):
        modes = ("read", "create", "unlink")
        self.assertEqual(self._find("service_quality", modes=modes), set())
        self.assertEqual(
            self._find("service_quality", modes=("write",)), {"service.order"}
        )
