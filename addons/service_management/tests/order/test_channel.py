from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.service_management.tests.common import ServiceCommon


@tagged("post_install", "-at_install")
class TestChannel(ServiceCommon):
    def _request(self, key, **vals):
        return {
            "channel": "api",
            "source_key": key,
            "partner_id": self.customer.id,
            "asset_id": self.asset.id,
            "type_id": self.type_repair.id,
            "description": "It leaks.",
            **vals,
        }

    def test_the_same_key_twice_is_one_order(self):
        Order = self.env["service.order"]
        first = Order._create_from_channel([self._request("a"), self._request("b")])
        again = Order._create_from_channel([self._request("b"), self._request("a")])
        self.assertEqual(len(first), 2)
        self.assertEqual(again, first[::-1])
        self.assertEqual(first.mapped("state"), ["new", "new"])

    def test_the_same_key_twice_in_one_batch_is_one_order(self):
        orders = self.env["service.order"]._create_from_channel(
            [self._request("a"), self._request("a")]
        )
        self.assertEqual(len(set(orders.ids)), 1)

    def test_requests_without_a_key_are_all_new_and_in_order(self):
        orders = self.env["service.order"]._create_from_channel(
            [
                self._request(False, description="one"),
                self._request("k", description="two"),
                self._request(False, description="three"),
            ]
        )
        self.assertEqual(orders.mapped("description"), ["one", "two", "three"])

    def test_the_same_key_of_another_channel_is_another_order(self):
        orders = self.env["service.order"]._create_from_channel(
            [self._request("a"), self._request("a", channel="portal")]
        )
        self.assertEqual(len(set(orders.ids)), 2)

    def test_l32_extra_parameters_are_refused_by_name(self):
        for name, value in (
            ("stage_id", self.env.ref("service_management.stage_closed").id),
            ("point_id", self.point.id),
            ("internal_note", "x"),
        ):
            with self.assertRaisesRegex(UserError, name):
                self.env["service.order"]._create_from_channel(
                    [self._request("a", **{name: value})]
                )
