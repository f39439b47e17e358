from odoo.tests import tagged

from odoo.addons.service_management.tests.common import ServiceCommon


@tagged("post_install", "-at_install")
class TestCustomerWords(ServiceCommon):
    def test_the_page_says_what_the_open_task_lets_the_customer_read(self):
        order = self._make_order(
            type_id=self.env.ref("service_management.type_return").id
        )
        page = order.sudo()._get_portal_page()
        self.assertEqual(page["sentence"], "Your return is being checked.")
        other = self._make_order(description="Other")
        self.assertFalse(other.sudo()._get_portal_page()["sentence"])
