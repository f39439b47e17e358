from odoo.tests import tagged

from .common import SettlementCommon

# What the database gives each row by itself
OWN = {"id", "claim_id", "order_id", "create_date", "write_date"}


@tagged("post_install", "-at_install")
class TestClaimInsert(SettlementCommon):
    def _read_rows(self, table, ids):
        self.env.flush_all()
        self.cr.execute(f"SELECT * FROM {table} WHERE id IN %s ORDER BY id", [ids])
        return [
            # an empty value of create() is NULL or the zero of its type
            {name: value or None for name, value in row.items() if name not in OWN}
            for row in self.cr.dictfetchall()
        ]

    def test_rows_are_what_create_writes(self):
        self._change_tariff(
            [
                {"amount": 79.99},
                {"kind": "travel", "amount": 12.345, "maximum": 12.0},
                {"kind": "other", "method": "percent_fee", "amount": 33.33},
            ]
        )
        orders = self._make_order() | self._make_order() | self._make_order()
        orders.sudo().write({"point_id": self.point.id})
        claims = self.env["service.claim"]
        orders.sudo().write({"date_done": "2026-02-10 09:30:00"})
        priced = claims._get_price_vals(orders)
        # one of them without a price
        priced[orders[2]] |= {
            "state": "unpriced",
            "reasons": [{"code": "no_tariff"}],
            "line_ids": [],
        }
        vals_list = [
            priced[order] | {"order_id": order.id, **order._prepare_claim_owner()}
            for order in orders
        ]
        vals_list[0] |= {"state": "approved", "reasons": False}
        inserted = claims._insert_many(vals_list)
        fast = [
            self._read_rows("service_claim", tuple(inserted.ids)),
            self._read_rows("service_claim_line", tuple(inserted.line_ids.ids or [0])),
        ]
        self.assertEqual(inserted.order_id, orders)
        self.assertEqual(len(inserted.line_ids), 6)
        inserted.unlink()
        created = claims.create(vals_list)
        slow = [
            self._read_rows("service_claim", tuple(created.ids)),
            self._read_rows("service_claim_line", tuple(created.line_ids.ids or [0])),
        ]
        self.assertEqual(fast, slow)

    def test_nothing_is_inserted_for_nothing(self):
        self.assertFalse(self.env["service.claim"]._insert_many([]))

    def test_the_order_knows_its_claim_at_once(self):
        order = self._make_order()
        self.assertFalse(order.claim_ids)
        order.sudo().point_id = self.point
        order._mark_done()
        self.assertEqual(order.claim_ids.amount_approved, 80.0)
