from odoo.tests import tagged

from odoo.addons.service_management.engine.caller_key import phone_key
from odoo.addons.service_management.tests.common import ServiceCommon


@tagged("post_install", "-at_install")
class TestPhoneKey(ServiceCommon):
    def test_only_digits_without_trunk_prefix(self):
        self.assertEqual(phone_key("+86 138-0013-8000"), "8613800138000")
        self.assertEqual(phone_key("(010) 6552 9988"), "1065529988")
        self.assertFalse(phone_key("ext."))
        self.assertFalse(phone_key(None))

    def test_partner_key_follows_the_number(self):
        self.assertEqual(self.customer.service_phone_key, "8613800138000")
        self.customer.phone = "0755 1234 5678"
        self.assertEqual(self.customer.service_phone_key, "75512345678")
        self.customer.phone = False
        self.assertFalse(self.customer.service_phone_key)
