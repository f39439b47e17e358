from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.service_management.tests.common import ServiceCommon


@tagged("post_install", "-at_install")
class TestDispatchTask(ServiceCommon):
    """Finding a service point is the work of dispatchers, not of the call's agent."""

    def test_who_filed_the_request_is_not_asked_to_find_a_point(self):
        self.env.ref("service_management.team_dispatch").member_ids = self.dispatcher
        for code in ("repair", "inspection", "maintenance", "installation"):
            order = self._make_order(
                type_id=self.env.ref(f"service_management.type_{code}").id,
                user_id=self.agent.id,
            )
            item = order.workitem_ids.filtered(
                lambda item: item.state == "open" and item.step == "dispatch"
            )
            if not item:
                continue  # it waits for the delivery first
            self.assertFalse(item.user_id, code)
            self.assertIn(self.dispatcher, item.team_id.member_ids, code)
            self.assertFalse(item.with_user(self.agent)._is_actor(), code)
            self.assertTrue(item.with_user(self.dispatcher)._is_actor(), code)

    def test_only_a_dispatcher_has_the_button(self):
        order = self._make_order(user_id=self.agent.id)
        with self.assertRaisesRegex(UserError, "Only a dispatcher"):
            order.with_user(self.agent).action_dispatch()
        order.with_user(self.dispatcher).action_dispatch()
        self.assertEqual(order.state, "offered")
