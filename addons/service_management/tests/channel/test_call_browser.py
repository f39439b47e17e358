from odoo.tests import HttpCase, tagged

from .test_call import CallCommon


@tagged("post_install", "-at_install")
class TestCallBrowser(HttpCase, CallCommon):
    """From a call to a saved order, in the browser."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.agent.password = "test_agent"

    def test_a_call_opens_the_form_saved_and_with_its_caller(self):
        self._event("missed")
        self.start_tour(
            "/odoo/missed-service-calls", "service_call_intake", login="test_agent"
        )
        order = self._call().order_id
        self.assertRecordValues(
            order,
            [
                {
                    "state": "new",
                    "partner_id": self.customer.id,
                    "phone": "13800138000",
                    "description": "It leaks.",
                }
            ],
        )

    def test_an_unknown_caller_is_entered_with_the_number(self):
        self._event("missed", **{"from": "13900004711"})
        self.start_tour(
            "/odoo/missed-service-calls", "service_call_unknown", login="test_agent"
        )
        call = self._call()
        self.assertEqual(call.partner_id.phone, "13900004711")
        self.assertEqual(call.order_id.state, "draft")
