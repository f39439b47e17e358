from odoo.tests import HttpCase, tagged

from .test_dispatch_run import DispatchRunCommon


@tagged("post_install", "-at_install")
class TestDispatchRunBrowser(HttpCase, DispatchRunCommon):
    def test_a_dispatcher_looks_at_a_batch_and_applies_it(self):
        self.dispatcher.password = "test_dispatcher"
        orders = self._make_orders(2) + self._make_orders(2, self.near)
        self.start_tour(
            "/odoo/service-batch-dispatch",
            "service_dispatch_batch",
            login="test_dispatcher",
        )
        self.assertEqual(
            sorted(orders.mapped("state")), ["new", "offered", "offered", "offered"]
        )
