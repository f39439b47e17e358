"""What has come of a parcel, and what a request keeps once it is under way."""

import base64
import io
import uuid

from PIL import Image

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, new_test_user, tagged

from .common import PartCommon

NO_NUMBERS = (float("nan"), float("inf"), -1, 1e30, "many", None, True, [1])


@tagged("post_install", "-at_install")
class TestPartReceive(PartCommon):
    def _request(self, product=None, quantity=3):
        return self.env["service.part.request"].create(
            {
                "point_id": self.point.id,
                "line_ids": [
                    Command.create(
                        {"product_id": (product or self.part).id, "quantity": quantity}
                    )
                ],
            }
        )

    def _ship(self, product=None, quantity=3):
        request = self._request(product, quantity)
        request.action_request()
        request.action_approve()
        request.action_ship()
        return request

    def _ship_serials(self, *names):
        lots = [self._lot(name) for name in names]
        for lot in lots:
            self._put(self.serial_part, self.central, lot=lot)
        return self._ship(self.serial_part, len(lots)), lots

    def test_the_missing_serial_number_is_named(self):
        request, lots = self._ship_serials("A-1", "A-2", "A-3")
        action = request.with_user(self.dispatcher).action_open_receive()
        receipt = self.env["service.part.receive"].browse(action["res_id"])
        self.assertTrue(receipt.has_serials)
        with Form(receipt.with_user(self.dispatcher)) as form:
            for index, row in enumerate(receipt.line_ids):
                if row.serial == "A-1":
                    with form.line_ids.edit(index) as line:
                        line.quantity = 0
        receipt.with_user(self.dispatcher).action_confirm()
        row = request.difference_ids
        self.assertEqual(row.with_user(self.dispatcher).serials, "A-1")
        self.assertEqual(row.quantity, 1)
        self.assertEqual(
            self._held(self.point.location_id, self.serial_part, lots[0]), 0
        )
        self.assertEqual(self._held(self.point.location_id, self.serial_part), 2)
        return row, lots

    def test_only_the_missing_number_is_written_off(self):
        # another parcel is on its way at the same time
        self._ship_serials("B-1", "B-2")
        row, lots = self.test_the_missing_serial_number_is_named()
        row.action_lost()
        lost = self.serial_part.property_stock_inventory
        self.assertEqual(self._held(lost, self.serial_part, lots[0]), 1)
        self.assertEqual(self._held(lost, self.serial_part), 1)
        self.assertEqual(row.request_id.state, "received")

    def test_a_number_has_come_or_has_not(self):
        request, lots = self._ship_serials("A-1")
        receipt = self.env["service.part.receive"].create({"request_id": request.id})
        line = self.env["service.part.receive.line"].search(
            [("receive_id", "=", receipt.id), ("lot_id", "!=", False)]
        )
        self.assertEqual((line.lot_id, line.sent), (lots[0], 1))
        with self.assertRaisesRegex(UserError, "Serial number of Test Board: A-1"):
            line.quantity = 2

    def test_strangers_receive_nothing(self):
        request, __ = self._ship_serials("A-1")
        stranger = new_test_user(
            self.env, "test_strange", "service_management.group_service_technician"
        )
        for user in (stranger, self.agent):
            with self.assertRaises(AccessError):
                self.env["service.part.receive"].with_user(user).create(
                    {"request_id": request.id}
                ).action_confirm()
        self.assertEqual(request.state, "shipped")

    def test_the_missing_number_is_found(self):
        row, lots = self.test_the_missing_serial_number_is_named()
        row.action_found()
        self.assertEqual(
            self._held(self.point.location_id, self.serial_part, lots[0]), 1
        )

    def test_a_line_that_came_in_two_parcels_is_shared_out(self):
        second = self._make_point("Second Point")
        self._put(self.part, self.central, 2)
        self._put(self.part, second.location_id, 2)
        request = self._ship(quantity=4)
        receipts = request._get_transfers("receipt")
        self.assertEqual(len(receipts), 2)
        request.action_receive({request.line_ids.id: 3})
        self.assertEqual(self._held(self.point.location_id), 3)
        self.assertEqual(sum(request.difference_ids.mapped("quantity")), 1)

    def test_keys_of_json_are_texts(self):
        self._put(self.part, self.central, 3)
        request = self._ship()
        request.action_receive({str(request.line_ids.id): 2})
        self.assertEqual(self._held(self.point.location_id), 2)

    def test_what_is_no_number_is_told(self):
        self._put(self.part, self.central, 3)
        request = self._ship()
        receipt = request._get_transfers("receipt")
        for value in NO_NUMBERS:
            with self.subTest(value):
                with self.assertRaisesRegex(UserError, "Quantity of Test Pump"):
                    request.action_receive({request.line_ids.id: value})
                with self.assertRaisesRegex(UserError, "Quantity of Test Pump"):
                    receipt._receive_parts({receipt.move_ids: value})
        for key in ("x", "²", "-1", 0, "99999999999"):
            with self.assertRaisesRegex(UserError, "not of the request"):
                request.action_receive({key: 1})
        with self.assertRaisesRegex(UserError, "not in the parcel"):
            request.action_receive(
                missing={request.line_ids.id: [self._lot("FOREIGN").id]}
            )
        self.assertEqual(self._held(self.point.location_id), 0)
        self.assertEqual(request.state, "shipped")

    def test_lines_are_fixed_once_the_request_is_approved(self):
        self._put(self.part, self.central, 9)
        request = self._request()
        request.action_request()
        request.action_approve()
        line, draft = request.line_ids, self._request(quantity=1)
        point_manager = self.technician_user
        for user in (self.agent, self.dispatcher, point_manager, self.manager):
            of_user = request.with_user(user)
            for command in (
                Command.update(line.id, {"quantity": 9}),
                Command.update(line.id, {"product_id": self.serial_part.id}),
                Command.delete(line.id),
                Command.clear(),
                Command.set([]),
                Command.create({"product_id": self.serial_part.id, "quantity": 1}),
                Command.link(draft.line_ids.id),
            ):
                with (
                    self.subTest(user=user.login, command=command),
                    self.assertRaises(UserError),
                    self.env.cr.savepoint(),
                ):
                    of_user.write({"line_ids": [command]})
            for vals in ({"quantity": 1}, {"request_id": draft.id}):
                with self.assertRaises(UserError):
                    line.with_user(user).write(vals)
            with self.assertRaises(UserError), self.env.cr.savepoint():
                line.with_user(user).unlink()
            with self.assertRaises(UserError), self.env.cr.savepoint():
                line.with_user(user).create(
                    {"request_id": request.id, "product_id": self.serial_part.id}
                )
        self.env.invalidate_all()
        self.assertEqual((request.line_ids, line.quantity), (line, 3))
        self.assertEqual(draft.line_ids.quantity, 1)

    def test_where_parts_are_sent_from_is_not_typed(self):
        line = self._request().line_ids
        for vals in ({"source_text": "Moon"}, {"quantity_missing": 9}):
            with self.assertRaises(AccessError):
                line.with_user(self.dispatcher).write(vals)
        for value in NO_NUMBERS:
            with self.subTest(value), self.assertRaises(UserError):
                line.with_user(self.dispatcher).write({"quantity": value})


@tagged("post_install", "-at_install")
class TestVisitSignature(PartCommon):
    def _picture(self, image_format, size=(40, 20)) -> str:
        stream = io.BytesIO()
        Image.new("RGB", size, "navy").save(stream, image_format)
        return base64.b64encode(stream.getvalue()).decode()

    def test_l30_a_signature_is_drawn_anew_whichever_way_it_comes(self):
        visit = self._make_visit().with_user(self.technician_user)
        drawn = base64.b64decode(self._picture("PNG", (3000, 20)))
        hidden = drawn + b"<script>alert(1)</script>"
        visit.signed_by = "Mrs Wang"
        visit.signature = base64.b64encode(hidden)
        kept = base64.b64decode(visit.signature)
        self.assertNotIn(b"script", kept)
        self.assertEqual(Image.open(io.BytesIO(kept)).width, 1200)
        svg = base64.b64encode(b"<svg xmlns='http://www.w3.org/2000/svg'/>").decode()
        for wrong in (svg, self._picture("JPEG"), "nonsense", "A" * 800_000, "é", 7):
            with self.subTest(str(wrong)[:20]):
                with self.assertRaisesRegex(UserError, "could not be read"):
                    visit.write({"signature": wrong, "signed_by": uuid.uuid4().hex})
                with self.assertRaisesRegex(UserError, "could not be read"):
                    visit.action_done({"outcome": "fixed", "signature": wrong})
        self.assertEqual(base64.b64decode(visit.signature), kept)
        visit.signature = False
        self.assertFalse(visit.signature)

    def test_a_signature_has_a_name(self):
        """Over RPC, too: a drawing that nobody stands for proves nothing."""
        drawn = self._picture("PNG", (30, 20))
        visit = self._make_visit().with_user(self.technician_user)
        for vals in (
            {"signature": drawn},
            {"signature": drawn, "signed_by": " "},
        ):
            with self.subTest(vals["signature"][:5]):
                with self.assertRaisesRegex(UserError, "who signed"):
                    visit.write(vals)
        visit.write({"signature": drawn, "signed_by": "Mrs Wang"})
        with self.assertRaisesRegex(UserError, "who signed"):
            visit.signed_by = False
