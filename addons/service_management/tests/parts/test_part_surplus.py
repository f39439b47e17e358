"""More pieces than were sent: kept or sent back, by their numbers."""

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .common import PartCommon


@tagged("post_install", "-at_install")
class TestPartSurplus(PartCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sent = [cls._lot("S-1"), cls._lot("S-2")]
        for lot in cls.sent:
            cls._put(cls.serial_part, cls.central, lot=lot)
        cls.request = cls.env["service.part.request"].create(
            {
                "point_id": cls.point.id,
                "line_ids": [
                    Command.create({"product_id": cls.serial_part.id, "quantity": 2})
                ],
            }
        )
        cls.request.action_request()
        cls.request.action_approve()
        cls.request.action_ship()

    def _receive(self, *serials, missing=()):
        line = self.request.line_ids.id
        self.request.with_user(self.dispatcher).action_receive(
            missing={line: [lot.id for lot in missing]} if missing else None,
            surplus={str(line): list(serials)},
        )
        rows = self.request.difference_ids.with_user(self.dispatcher)
        return rows.filtered(lambda row: row.quantity < 0)

    def _find(self, name):
        return self.env["stock.lot"].search(
            [("name", "=", name), ("product_id", "=", self.serial_part.id)]
        )

    def _at(self, lot):
        """The place with us that holds a piece; nowhere, or at two, fails."""
        held = lot.quant_ids.filtered(
            lambda quant: (
                quant.quantity and quant.location_id.usage in ("internal", "transit")
            )
        )
        self.assertEqual(held.mapped("quantity"), [1])
        return held.location_id

    def test_a_number_that_nobody_knew_is_kept(self):
        row = self._receive("NEW-1")
        self.assertEqual((row.quantity, row.surplus_serials), (-1, "NEW-1"))
        self.assertFalse(self._find("NEW-1"))
        row.action_confirm()
        lot = self._find("NEW-1")
        self.assertEqual(self._at(lot), self.point.location_id)
        self.assertEqual(row.state, "confirmed")
        moves = self.env["stock.move.line"].search([("lot_id", "=", lot.id)]).move_id
        self.assertEqual(
            sorted(moves.mapped("service_kind")), ["found", "issue", "ship"]
        )
        self.assertEqual(set(moves.mapped("origin")), {row.sudo().picking_id.name})
        self.assertEqual(self._held(self.central, self.serial_part), 0)
        self.assertEqual(self._held(self.point.location_id, self.serial_part), 3)

    def test_a_number_of_the_sender_is_taken_from_it(self):
        lot = self._lot("S-3")
        self._put(self.serial_part, self.central, lot=lot)
        self._receive("S-3").action_confirm()
        self.assertEqual(self._at(lot), self.point.location_id)
        self.assertEqual(self._held(self.central, self.serial_part), 0)

    def test_a_number_that_lies_elsewhere_is_cleared_up_first(self):
        lot = self._lot("S-4")
        elsewhere = self._make_point("Elsewhere").location_id
        self._put(self.serial_part, elsewhere, lot=lot)
        row = self._receive("S-4")
        with self.assertRaisesRegex(UserError, "S-4: by the books it is at"):
            row.action_confirm()
        self.assertEqual((self._at(lot), row.state), (elsewhere, "open"))

    def test_what_is_sent_back_is_on_its_way_until_it_is_there(self):
        row = self._receive("NEW-2")
        row.action_send_back()
        lot = self._find("NEW-2")
        self.assertEqual(row.state, "returning")
        self.assertEqual(self._at(lot), row.sudo().picking_id.location_id)
        row.action_returned()
        self.assertEqual(self._at(lot), self.central)
        self.assertEqual(row.state, "returned")
        self.assertEqual(self._held(self.point.location_id, self.serial_part), 2)
        with self.assertRaises(UserError):
            row.action_returned()

    def test_one_too_many_does_not_hide_that_one_is_missing(self):
        row = self._receive("NEW-3", missing=self.sent[:1])
        rows = self.request.difference_ids
        self.assertEqual(sorted(rows.mapped("quantity")), [-1, 1])
        row.action_confirm()
        (rows - row).action_found()
        self.assertEqual(self._held(self.point.location_id, self.serial_part), 3)

    def test_a_count_without_numbers_is_settled_once_they_are_known(self):
        """As an interface reports it, that counts only."""
        self.request.action_receive({self.request.line_ids.id: 4})
        row = self.request.difference_ids.with_user(self.dispatcher)
        self.assertEqual(row.quantity, -2)
        for serials in (None, "", "X-1", "X-1\nX-2\nX-3", ["X-1", "X-1"], [1, 2], 7):
            with self.subTest(serials), self.assertRaises(UserError):
                row.action_confirm(serials)
        action = row.action_open_surplus()
        wizard = (
            self.env["service.part.surplus"]
            .with_user(self.dispatcher)
            .with_context(**action["context"])
        )
        with Form(wizard) as form:
            form.serials = "X-1, X-2"
        form.record.action_confirm()
        self.assertEqual(row.state, "confirmed")
        self.assertEqual(self._held(self.point.location_id, self.serial_part), 4)

    def test_whoever_receives_reads_the_numbers_into_the_form(self):
        action = self.request.with_user(self.dispatcher).action_open_receive()
        receipt = self.env["service.part.receive"].with_user(self.dispatcher)
        receipt = receipt.browse(action["res_id"])
        with Form(receipt) as form:
            for index, line in enumerate(receipt.line_ids):
                if line.is_surplus:
                    with form.line_ids.edit(index) as row:
                        row.surplus_serials = "N-1，N-2"
        receipt.action_confirm()
        row = self.request.difference_ids
        self.assertEqual(row.surplus_serials, "N-1\nN-2")
        self.assertEqual(self._held(self.point.location_id, self.serial_part), 2)

    def test_parts_without_numbers_go_back_too(self):
        self._put(self.part, self.central, 5)
        request = self.env["service.part.request"].create(
            {
                "point_id": self.point.id,
                "line_ids": [
                    Command.create({"product_id": self.part.id, "quantity": 2})
                ],
            }
        )
        request.action_request()
        request.action_approve()
        request.action_ship()
        request.action_receive({request.line_ids.id: 3})
        row = request.difference_ids
        row.action_send_back()
        self.assertEqual(self._held(self.central), 2)
        row.action_returned()
        self.assertEqual(self._held(self.central), 3)
        self.assertEqual(self._held(self.point.location_id), 2)

    def test_only_the_office_settles_it(self):
        row = self._receive("NEW-4")
        for name in ("action_confirm", "action_send_back", "action_returned"):
            with self.subTest(name), self.assertRaises(AccessError):
                getattr(row.with_user(self.technician_user), name)()
        with self.assertRaises(AccessError):
            row.write({"surplus_serials": "OTHER"})
