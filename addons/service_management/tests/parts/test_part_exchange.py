from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .common import PartCommon


@tagged("post_install", "-at_install")
class TestPartExchange(PartCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._put(cls.part, cls.central, 2)
        cls.order = cls._make_order()

    def _exchange(self, mode, quantity=1):
        window = Form(
            self.env["service.part.exchange"]
            .with_user(self.agent)
            .with_context(default_order_id=self.order.id)
        )
        window.product_id = self.part
        window.quantity = quantity
        window.mode = mode
        window.save().action_confirm()
        return self.env["service.part.return"].search(
            [("order_id", "=", self.order.id)], order="id desc", limit=1
        )

    def test_in_advance_the_new_part_goes_first(self):
        row = self._exchange("advance")
        self.assertEqual(self._held(self.central), 1)
        self.assertEqual(
            (row.kind, row.state, row.waits_for_old), ("exchange", "due", False)
        )
        self.assertIn("part_exchanged", self.order.event_ids.mapped("kind"))
        row.with_user(self.dispatcher).action_receive()
        self.assertEqual(self._held(self.company._get_part_location("returned")), 1)
        row.action_inspect("defective")
        self.assertEqual(self._held(self.central), 1)

    def test_after_receipt_the_new_part_follows_the_old_one(self):
        row = self._exchange("after")
        self.assertEqual((self._held(self.central), row.waits_for_old), (2, True))
        row.with_user(self.dispatcher).action_receive()
        self.assertEqual((self._held(self.central), row.waits_for_old), (1, False))
        with self.assertRaisesRegex(UserError, "sent already"):
            row.action_send_replacement()

    def test_what_is_not_in_stock_is_asked_for(self):
        row = self._exchange("after", 5)
        row.action_receive()
        self.assertEqual(row.state, "received")
        self.assertTrue(row.activity_ids)
        self._put(self.part, self.central, 3)
        with self.assertRaises(AccessError):
            row.with_user(self.agent).action_send_replacement()
        row.with_user(self.dispatcher).action_send_replacement()
        self.assertEqual(self._held(self.central), 0)
        with self.assertRaisesRegex(UserError, "holds 0"):
            self._exchange("advance")
