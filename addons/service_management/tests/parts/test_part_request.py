from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.service_management.tests.access_matrix import check_matrix

from .common import PartCommon


@tagged("post_install", "-at_install")
class TestPartRequest(PartCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._put(cls.part, cls.central, 10)
        cls.transit = cls.company._get_part_location("transit")
        cls.stock_user = cls.agent.copy(
            {
                "login": "test_stock",
                "group_ids": [Command.set(cls.env.ref("stock.group_stock_user").ids)],
            }
        )

    def _request(self, quantity=3, part=None, user=None, **vals):
        request = (
            self.env["service.part.request"]
            .with_user(user or self.point_manager)
            .create(
                {
                    "point_id": self.point.id,
                    "line_ids": [
                        Command.create(
                            {
                                "product_id": (part or self.part).id,
                                "quantity": quantity,
                            }
                        )
                    ],
                    **vals,
                }
            )
        )
        request.action_request()
        return request

    def _approve(self, *args, **kwargs):
        request = self._request(*args, **kwargs)
        request.with_user(self.dispatcher).action_approve()
        return request.with_env(self.env)

    def test_from_request_to_receipt(self):
        request = self._approve()
        self.assertEqual(request.state, "approved")
        self.assertIn(self.central.display_name, request.line_ids.source_text)
        free = self.env["service.visit"]._get_free_quantities(
            [(self.part, self.central)]
        )
        self.assertEqual(free[self.part.id, self.central.id], 7)
        request.with_user(self.stock_user).action_ship("SF 9")
        self.assertEqual((request.state, self._held(self.transit)), ("shipped", 3))
        self.assertEqual(self._held(self.point.location_id), 0)
        request.with_user(self.point_manager).action_receive()
        self.assertEqual(request.state, "received")
        self.assertEqual(self._held(self.point.location_id), 3)
        self.assertEqual(self._held(self.transit), 0)
        line = request.line_ids
        self.assertEqual((line.quantity_sent, line.quantity_received), (3, 3))
        kinds = self.env["service.part.movement"].search(
            [("product_id", "=", self.part.id)]
        )
        self.assertEqual(set(kinds.mapped("kind")), {"ship", "issue"})

    def test_parts_for_a_van_go_into_the_van(self):
        request = self._approve(
            user=self.technician_user, technician_id=self.technician.id
        )
        request.action_ship()
        request.with_user(self.technician_user).action_receive()
        self.assertEqual(self._held(self.van), 3)

    def test_the_warehouse_may_book_the_transfers_itself(self):
        request = self._approve()
        shipment = request.sudo()._get_transfers("shipment")
        shipment.with_user(self.stock_user).move_ids.picked = True
        shipment.with_user(self.stock_user)._action_done()
        self.assertEqual(request.state, "shipped")

    def test_what_is_missing_stays_on_its_way_until_it_is_found(self):
        request = self._approve(5)
        request.action_ship()
        request.with_user(self.point_manager).action_receive({request.line_ids.id: 3})
        row = request.difference_ids
        self.assertRecordValues(
            row, [{"quantity": 2, "state": "open", "point_id": self.point.id}]
        )
        self.assertTrue(row.activity_ids)
        self.assertEqual(self._held(self.transit), 2)
        self.assertEqual(request.state, "shipped")
        row.with_user(self.dispatcher).action_found()
        self.assertEqual(self._held(self.point.location_id), 5)
        self.assertEqual((row.state, request.state), ("found", "received"))
        with self.assertRaisesRegex(UserError, "settled already"):
            row.action_lost()

    def test_what_is_missing_can_be_written_off(self):
        request = self._approve(5)
        request.action_ship()
        request.action_receive({request.line_ids.id: 3})
        row = request.difference_ids
        row.with_user(self.stock_user).action_lost()
        self.assertEqual(self._held(self.transit), 0)
        self.assertEqual(self._held(self.point.location_id), 3)
        self.assertEqual(request.state, "received")

    def test_a_parcel_of_which_nothing_came(self):
        request = self._approve(2)
        request.action_ship()
        request.action_receive({request.line_ids.id: 0})
        self.assertEqual(request.difference_ids.quantity, 2)
        self.assertEqual(self._held(self.transit), 2)
        request.difference_ids.action_lost()
        self.assertEqual(self._held(self.transit), 0)

    def test_what_came_too_much_is_taken_from_the_sender(self):
        request = self._approve(2)
        request.action_ship()
        request.action_receive({request.line_ids.id: 3})
        row = request.difference_ids
        self.assertEqual(row.quantity, -1)
        self.assertEqual(self._held(self.point.location_id), 2)
        row.action_confirm()
        self.assertEqual(self._held(self.point.location_id), 3)
        self.assertEqual(self._held(self.central), 7)

    def test_what_nobody_has_waits_for_the_warehouse(self):
        request = self._approve(14)
        self.assertEqual(request.line_ids.quantity_missing, 4)
        request.action_ship()
        self.assertEqual(self._held(self.transit), 10)
        self.assertEqual(request.state, "shipped")

    def test_the_best_source(self):
        """Warehouses first; when it is urgent, the nearest that holds all."""
        near = self._make_point("Near", ownership="own")
        self._stock(self.part, 10, near)
        for partner, latitude in (
            (self.point.partner_id, 30.0),
            (near.partner_id, 30.1),
            (self.company._get_part_warehouse().partner_id, 39.9),
        ):
            partner.write({"partner_latitude": latitude, "partner_longitude": 120.0})
        calm = self._approve(2)
        self.assertIn(self.central.display_name, calm.line_ids.source_text)
        urgent = self._approve(2, date_needed="2020-01-01 00:00:00")
        self.assertTrue(urgent.is_urgent)
        self.assertIn(near.location_id.display_name, urgent.line_ids.source_text)
        # A point keeps what its own replenishment rule says it needs
        self.env["stock.warehouse.orderpoint"].create(
            {
                "product_id": self.part.id,
                "location_id": near.location_id.id,
                "product_min_qty": 7,
                "product_max_qty": 10,
            }
        )
        again = self._approve(3, date_needed="2020-01-01 00:00:00")
        self.assertNotIn(
            f"{near.location_id.display_name}: 3", again.line_ids.source_text
        )

    def test_vans_and_what_others_own_are_no_sources(self):
        other = self._make_point("Buyer", stock_owner="own")
        self._put(self.part, other.location_id, 5, owner=other.partner_id)
        self._put(self.part, self.van, 5)
        self._put(self.part, self.central, -10)
        request = self._approve(2)
        self.assertEqual(request.line_ids.quantity_missing, 2)

    def test_unused_parts_go_back(self):
        self._stock(self.part, 4)
        request = self._request(3, kind="return")
        request.with_user(self.dispatcher).action_approve()
        request.with_user(self.point_manager).action_ship("back")
        with self.assertRaises(AccessError):
            request.with_user(self.point_manager).action_receive()
        request.with_user(self.stock_user).action_receive()
        self.assertEqual(self._held(self.central), 13)
        self.assertEqual(self._held(self.point.location_id), 1)
        with self.assertRaisesRegex(UserError, "holds only 1"):
            self._request(3, kind="return").with_user(self.dispatcher).action_approve()

    def test_lines_of_what_is_under_way_stay(self):
        """Taken away or moved to another request, parts would be sent twice."""
        line = self._approve(2).line_ids.with_user(self.point_manager)
        other = self._request(1, part=self.serial_part)
        with self.assertRaisesRegex(UserError, "under way"):
            line.unlink()
        with self.assertRaisesRegex(UserError, "stays with"):
            line.request_id = other
        other.line_ids.unlink()

    def test_a_request_that_is_taken_back_frees_the_parts(self):
        request = self._approve(6)
        request.with_user(self.point_manager).action_cancel()
        free = self.env["service.visit"]._get_free_quantities(
            [(self.part, self.central)]
        )
        self.assertEqual(free[self.part.id, self.central.id], 10)

    def test_it_is_needed_when_the_order_is_due(self):
        order = self._make_accepted_order()
        order.date_due = "2026-12-24 10:00:00"
        request = self._request(order_id=order.id)
        self.assertEqual(request.date_needed, order.date_due)
        self.assertIn("part_requested", order.event_ids.mapped("kind"))

    def test_min_max_by_the_own_rules_of_odoo(self):
        action = self.point.action_view_part_rules()
        rule = self.env["stock.warehouse.orderpoint"].create(
            {
                "product_id": self.part.id,
                "location_id": action["context"]["default_location_id"],
                "route_id": action["context"]["default_route_id"],
                "product_min_qty": 4,
                "product_max_qty": 6,
            }
        )
        rule._procure_orderpoint_confirm()
        receipt = self.env["stock.picking"]._get_part_receipts(self.point)
        self.assertEqual(receipt.move_ids.product_uom_qty, 6)
        shipment = receipt.move_ids.move_orig_ids.picking_id
        self.assertEqual(shipment.location_id, self.central)
        self.assertEqual(shipment.move_ids.quantity, 6)
        shipment.move_ids.picked = True
        shipment._action_done()
        receipt._receive_parts({receipt.move_ids: 5})
        self.assertEqual(self._held(self.point.location_id), 5)
        self.assertEqual(
            self.env["service.part.difference"]
            .search([("picking_id", "=", receipt.id)])
            .quantity,
            1,
        )

    def test_a_rule_without_a_route_finds_the_way_of_parts(self):
        rule = self.env["stock.warehouse.orderpoint"].create(
            {
                "product_id": self.part.id,
                "location_id": self.van.id,
                "product_min_qty": 1,
                "product_max_qty": 2,
            }
        )
        rule._procure_orderpoint_confirm()
        self.assertEqual(
            self.env["stock.picking"]._get_part_receipts(self.point).location_dest_id,
            self.van,
        )

    def test_parcels_for_two_points_are_two(self):
        other = self._make_point("Other")
        for point in (self.point, other):
            self.env["stock.warehouse.orderpoint"].create(
                {
                    "product_id": self.part.id,
                    "location_id": point.location_id.id,
                    "product_min_qty": 1,
                    "product_max_qty": 2,
                }
            )._procure_orderpoint_confirm()
        receipts = self.env["stock.picking"]._get_part_receipts(self.point + other)
        self.assertEqual(len(receipts), 2)
        self.assertEqual(len(receipts.move_ids.move_orig_ids.picking_id), 2)

    def test_who_may_do_what(self):
        request = self._request()
        line = request.line_ids
        keep = dict.fromkeys(("request", "line"), "rwc")
        check_matrix(
            self,
            {"request": request},
            {
                self.agent: {"request": "rwc"},
                self.dispatcher: {"request": "rwc"},
                self.quality: {"request": "r"},
                self.point_manager: {"request": "rwc"},
                self.technician_user: {},
                self.portal_customer: {},
                self.portal_point: {},
            },
        )
        self.assertTrue(keep)
        for user in (self.point_manager, self.technician_user, self.agent):
            with self.assertRaises(AccessError):
                request.with_user(user).action_approve()
        with self.assertRaises(AccessError):
            request.with_user(self.dispatcher).state = "received"
        with self.assertRaises(AccessError):
            self.env["service.part.request"].with_user(self.dispatcher).create(
                {"point_id": self.point.id, "state": "approved"}
            )
        sly = (
            self.env["service.part.request"]
            .with_user(self.point_manager)
            .with_context(default_state="approved")
            .create({"point_id": self.point.id})
        )
        self.assertEqual(sly.state, "draft")
        request.with_user(self.dispatcher).action_approve()
        with self.assertRaisesRegex(UserError, "under way"):
            line.quantity = 9
        other = self._make_point("Else", users=self.quality)
        with self.assertRaises(AccessError):
            self.env["service.part.request"].with_user(self.point_manager).create(
                {"point_id": other.id}
            )

    def test_refusing_takes_a_reason(self):
        request = self._request()
        window = (
            self.env["service.part.request.refuse"]
            .with_user(self.dispatcher)
            .with_context(active_ids=request.ids)
            .create({"reason": "order five at a time"})
        )
        window.action_confirm()
        self.assertEqual((request.state, request.reason), ("refused", window.reason))
        with self.assertRaises(UserError):
            self._request().action_refuse(" ")
