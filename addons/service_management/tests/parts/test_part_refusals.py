"""What is refused about parts, each with its own sentence."""

from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from .common import PartCommon


@tagged("post_install", "-at_install")
class TestPartRefusals(PartCommon):
    def _refused(self, message, error=UserError):
        return self.assertRaisesRegex(error, message)

    def _request(self, quantity=2):
        lines = [Command.create({"product_id": self.part.id, "quantity": quantity})]
        return self.env["service.part.request"].create(
            {"point_id": self.point.id, "line_ids": lines if quantity else []}
        )

    def _need(self, order):
        return self.env["service.part.need"].create(
            {"order_id": order.id, "product_id": self.part.id, "quantity": 1}
        )

    def test_a_request_asks_for_something(self):
        request = self._request(0)
        with self._refused("asks for nothing"):
            request.action_request()
        self.assertEqual(request.state, "draft")

    def test_nothing_is_sent_or_received_that_is_not_there(self):
        request = self._request()
        request.action_request()
        request.action_approve()
        with self._refused("nothing is in stock yet"):
            request.action_ship()
        with self._refused("Nothing is on its way"):
            request.action_receive()
        self.assertEqual(request.state, "approved")

    def test_less_and_more_than_was_sent_are_settled_differently(self):
        self._put(self.part, self.central, 10)
        for came, settle, message in (
            (1, "action_confirm", "what came too much"),
            (3, "action_lost", "More came than was sent"),
            (3, "action_found", "More came than was sent"),
        ):
            with self.subTest(came=came, settle=settle):
                request = self._request()
                request.action_request()
                request.action_approve()
                request.action_ship()
                request.action_receive({request.line_ids.id: came})
                row = request.difference_ids
                with self._refused(message):
                    getattr(row, settle)()
                self.assertEqual(row.state, "open")

    def test_kits_are_one_level_deep(self):
        kits = self.env["service.part.kit"]
        inner, outer = self.env["product.product"].create(
            [{"name": name, "type": "consu"} for name in ("Hose set", "Pump set")]
        )
        kits.create({"product_id": inner.id, "part_id": self.part.id})
        for product, part, message in (
            (outer, inner, "is a kit itself"),
            (outer, outer, "is a kit itself"),
            (self.part, outer, "cannot be a kit"),
        ):
            with self._refused(message, ValidationError), self.cr.savepoint():
                kits.create({"product_id": product.id, "part_id": part.id})

    def test_orders_that_are_over_need_no_parts(self):
        order = self._make_accepted_order()
        need = self._need(order)
        order.action_cancel("Not wanted any more")
        with self._refused("needs no parts"):
            need.action_reserve()
        with self._refused("needs no parts"):
            order._exchange_part(self.part, 1, in_advance=True)

    def test_parts_are_sent_to_a_point(self):
        need = self._need(self._make_order())
        with self._refused("Choose the service point first"):
            need.action_request()

    def test_returns_are_sent_by_points_and_judged_by_what_was_found(self):
        self._stock(self.part, 2)
        old = self._use()
        with self._refused("Choose what was found"):
            old.action_inspect("lovely")
        order = self._make_accepted_order()
        self._put(self.part, self.central, 1)
        exchange = order._exchange_part(self.part, 1, in_advance=True)
        with self._refused("received from the customer"):
            exchange.action_send()

    def test_parts_come_from_places_at_hand(self):
        visit = self._make_visit()
        self._put(self.part, self.central, 5)
        with self._refused("service point or the own van"):
            visit.action_add_part(self.part.id, 1, location_id=self.central.id)
        self.assertFalse(visit.order_id.move_ids)
