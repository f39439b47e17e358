from odoo.tests import HttpCase, tagged

from odoo.addons.service_management.tests.common import ServiceCommon


@tagged("post_install", "-at_install")
class TestOrderViews(HttpCase, ServiceCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager.password = "test_manager"

    def test_every_view_of_an_order_opens(self):
        self._make_accepted_order()
        self.start_tour(
            "/odoo/service-orders", "service_order_views", login="test_manager"
        )

    def test_dispatcher_gives_and_plans_an_order(self):
        order = self._make_order()
        self.start_tour(
            f"/odoo/service-orders/{order.id}",
            "service_dispatch_by_hand",
            login="test_manager",
        )
        self.assertEqual(order.state, "in_progress")
        self.assertEqual(order.technician_id, self.technician)


@tagged("post_install", "-at_install")
class TestWidgets(HttpCase):
    """The hoot tests of the addon's own components."""

    def test_unit_tests_of_the_widgets(self):
        suite = self._get_hoot_hash("@service_management")
        self.browser_js(
            f"/web/tests?headless&loglevel=2&preset=desktop&timeout=15000&id={suite}",
            "",
            "",
            login="admin",
            timeout=300,
            success_signal="[HOOT] Test suite succeeded",
            error_checker=lambda message: "[HOOT]" not in message,
        )

    def _get_hoot_hash(self, name):
        """The identity that hoot gives to a suite of this name."""
        value = 0
        for char in name:
            value = ((value << 5) - value + ord(char)) & 0xFFFFFFFF
        return f"{value:08x}"
