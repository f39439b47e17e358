from odoo.exceptions import UserError
from odoo.tests import TransactionCase, tagged


@tagged("post_install", "-at_install")
class TestTeam(TransactionCase):
    def test_desk_serves_every_company(self):
        team = self.env.ref("service_management.team_service_desk")
        self.assertFalse(team.company_id)

    def test_cycle_refused(self):
        parent, child = self.env["service.team"].create(
            [{"name": "Parent"}, {"name": "Child"}]
        )
        child.parent_id = parent
        with self.assertRaises(UserError):
            parent.parent_id = child
