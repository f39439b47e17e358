from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged

from .common import PartCommon


@tagged("post_install", "-at_install")
class TestPartOwner(PartCommon):
    """Whose the stock of a partner point is, and what that does to our books."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.part.service_recoverable = False
        cls._put(cls.part, cls.central, 10)

    def _supply(self, quantity=4):
        request = self.env["service.part.request"].create(
            {
                "point_id": self.point.id,
                "line_ids": [
                    Command.create({"product_id": self.part.id, "quantity": quantity})
                ],
            }
        )
        request.action_request()
        request.action_approve()
        request.action_ship()
        return request

    def _value(self):
        self.env.flush_all()
        self.part.invalidate_recordset()
        return self.part.total_value

    def test_on_consignment_parts_are_ours_until_they_are_used(self):
        before = self._value()
        self._supply().action_receive()
        self.assertEqual(self._value(), before)
        self._use(quantity=3)
        self.assertEqual(self._value(), before - 60)

    def test_sold_parts_leave_the_books_when_they_are_sent(self):
        self.point.stock_owner = "own"
        before = self._value()
        request = self._supply()
        self.assertEqual(self._value(), before - 80)
        sent = self.env["stock.move"].search(
            [("service_kind", "=", "ship"), ("product_id", "=", self.part.id)]
        )
        self.assertEqual((sent.is_out, sent.value), (True, 80))
        request.action_receive()
        self.assertEqual(self._value(), before - 80)
        quant = self.env["stock.quant"].search(
            [("location_id", "=", self.point.location_id.id)]
        )
        self.assertEqual((quant.owner_id, quant.quantity), (self.point.partner_id, 4))
        self.assertEqual(quant.value, 0)
        self._use(quantity=3)
        self.assertEqual(self._value(), before - 80)
        used = self.env["stock.move"].search([("service_kind", "=", "use")])
        self.assertFalse(used.is_out)

    def test_parts_that_a_point_owned_are_bought_back(self):
        self.point.stock_owner = "own"
        self._supply().action_receive()
        sold = self._value()
        back = self.env["service.part.request"].create(
            {
                "point_id": self.point.id,
                "kind": "return",
                "line_ids": [
                    Command.create({"product_id": self.part.id, "quantity": 1})
                ],
            }
        )
        back.action_request()
        back.action_approve()
        back.action_ship()
        self.assertEqual(self._value(), sold)
        back.action_receive()
        self.assertEqual(self._value(), sold + 20)
        quant = self.env["stock.quant"].search(
            [
                ("location_id", "=", self.central.id),
                ("product_id", "=", self.part.id),
                ("owner_id", "!=", False),
            ]
        )
        self.assertFalse(quant)

    def test_replenishment_of_sold_parts_sells_them_too(self):
        self.point.stock_owner = "own"
        self.env["stock.warehouse.orderpoint"].create(
            {
                "product_id": self.part.id,
                "location_id": self.point.location_id.id,
                "product_min_qty": 1,
                "product_max_qty": 2,
            }
        )._procure_orderpoint_confirm()
        receipt = self.env["stock.picking"]._get_part_receipts(self.point)
        before = self._value()
        shipment = receipt.move_ids.move_orig_ids.picking_id
        shipment.move_ids.picked = True
        shipment._action_done()
        self.assertEqual(self._value(), before - 40)
        # The warehouse books it, not the window of the point
        receipt.move_ids.picked = True
        receipt._action_done()
        quant = self.env["stock.quant"].search(
            [("location_id", "=", self.point.location_id.id)]
        )
        self.assertEqual(quant.owner_id, self.point.partner_id)

    def test_a_point_with_stock_does_not_change_hands(self):
        self._supply().action_receive()
        with self.assertRaisesRegex(UserError, "still holds"):
            self.point.stock_owner = "own"

    def test_sold_parts_are_told_to_settlement(self):
        self.point.stock_owner = "own"
        self._supply()
        moves = self.point._get_sold_parts(self._today(1))[self.point]
        self.assertEqual(moves.mapped("quantity"), [4])
        self.assertFalse(self.point._get_sold_parts(self._today())[self.point])
