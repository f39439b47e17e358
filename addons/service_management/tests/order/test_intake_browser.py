from datetime import timedelta

from odoo import fields
from odoo.tests import HttpCase, tagged

from odoo.addons.service_management.tests.common import ServiceCommon


@tagged("post_install", "-at_install")
class TestIntakeBrowser(HttpCase, ServiceCommon):
    """The phone form, worked as its users work it: by keyboard alone."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.agent.password = "test_agent"
        cls.env["service.asset"].create(
            {
                "partner_id": cls.customer.id,
                "product_id": cls.product.id,
                "serial": "TW-0002",
                "place": "Floor 3",
                "install_date": fields.Date.today() - timedelta(days=900),
            }
        )
        cls.env["service.fault.code"].create(
            {"kind": "symptom", "code": "ZZ1", "name": "Strange noise"}
        )

    def _get_orders(self):
        return self.env["service.order"].search(
            [("channel", "=", "phone"), ("create_uid", "=", self.agent.id)]
        )

    def test_call_becomes_an_order_without_a_mouse(self):
        self._make_order()
        self.start_tour(
            "/odoo/phone-intake", "service_intake_keyboard", login="test_agent"
        )
        self.assertRecordValues(
            self._get_orders(),
            [
                {
                    "state": "new",
                    "partner_id": self.customer.id,
                    "asset_id": self.asset.id,
                    "description": "It makes noise while spinning.",
                    "user_id": self.agent.id,
                }
            ],
        )
        self.assertIn("noise", self._get_orders().symptom_id.name.lower())

    def test_new_caller_is_entered_and_the_draft_waits(self):
        self.type_repair.fault_required = True
        self.start_tour(
            "/odoo/phone-intake", "service_intake_new_customer", login="test_agent"
        )
        order = self._get_orders()
        self.assertRecordValues(
            order, [{"state": "draft", "description": "Please call back."}]
        )
        self.assertEqual(order.partner_id.street, "5 Harbour Road")
        self.assertIn("4711", order.partner_id.phone)

    def test_address_with_a_draft_shows_it_again(self):
        draft = self._make_order(register=False)
        self.start_tour(
            f"/odoo/phone-intake/{draft.id}",
            "service_intake_resume",
            login="test_agent",
        )
