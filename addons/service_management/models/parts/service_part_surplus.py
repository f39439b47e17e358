from odoo import api, fields, models
from odoo.exceptions import UserError

from .part_quantity import read_serials
from .stock_move_parts import PartMove


class ServicePartDifference(models.Model):
    """More came than was sent: it is kept, or it goes back to the sender.

    Pieces with serial numbers are booked by these. A number that our books know is
    taken from the sender, where it has to lie; one that they do not know was never
    counted there, and comes in as a count would find it.
    """

    _inherit = "service.part.difference"
    _flow_fields = frozenset({"state", "surplus_serials"})

    surplus_serials = fields.Text(
        string="Surplus Numbers",
        readonly=True,
        help="As whoever received the parcel read them.",
    )
    is_serial = fields.Boolean(compute="_compute_is_serial", compute_sudo=True)

    @api.depends("product_id")
    def _compute_is_serial(self):
        for row in self:
            row.is_serial = row.product_id.tracking == "serial"

    def action_confirm(self, serials=None):
        """More came than was sent: take it from where it was sent from, and keep it.

        :param serials: the numbers, where these are not those that were reported
        """
        self._check_office()
        # sudo: stock.move: the office was checked
        for row in self.sudo():
            way, dest = row._get_way(), row.picking_id.location_dest_id
            lots = row._ship_surplus(serials)
            move = row._get_receipt_moves()[:1]
            row._book_surplus(way, dest, "issue", lots, move._get_dest_owner())
            row._close("confirmed")
        return True

    def action_send_back(self, serials=None):
        """What came too much goes back: it is on its way until it has arrived there."""
        self._check_office()
        # sudo: stock.move: the office was checked
        for row in self.sudo():
            lots = row._ship_surplus(serials)
            row.surplus_serials = "\n".join(lots.mapped("name")) or False
            row._close("returning")
        return True

    def action_returned(self):
        """What was sent back is with the sender again."""
        self._check_office()
        # sudo: stock.move: the office was checked
        for row in self.sudo():
            row._check_state(("returning",))
            # As they were booked when it was sent back
            lots = row._find_surplus((row.surplus_serials or "").splitlines())
            row._book_surplus(row._get_way(), row._get_sender(), "return", lots)
            row._close("returned")
        return True

    def action_open_surplus(self):
        """Ask what becomes of it, and for the numbers of the pieces."""
        self.ensure_one()
        self._check_office()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("More Came Than Was Sent"),
            "res_model": "service.part.surplus",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_difference_id": self.id,
                "default_serials": self.surplus_serials,
            },
        }

    # Booking (sudo)

    def _get_receipt_moves(self):
        return self.picking_id.move_ids.filtered(
            lambda move: move.product_id == self.product_id
        )

    def _get_sender(self):
        return self._get_receipt_moves().move_orig_ids[:1].location_id

    def _get_way(self):
        return self.picking_id.location_id

    def _ship_surplus(self, serials):
        """Book that the sender sent it; the serial numbers, if it has any."""
        self._check_open()
        if self.quantity >= 0:
            raise UserError(
                self.env._("Only what came too much is confirmed this way.")
            )
        sender, lots = self._get_sender(), self.env["stock.lot"].sudo()
        if self.is_serial:
            numbers = read_serials(
                self.env,
                self.surplus_serials if serials is None else serials,
                self.product_id.display_name,
            )
            wanted = int(-self.quantity)
            if len(numbers) != wanted:
                raise UserError(
                    self.env._(
                        "%(part)s: name the serial numbers of the %(count)s that came "
                        "too much.",
                        part=self.product_id.display_name,
                        count=wanted,
                    )
                )
            lots = self._find_surplus(numbers)
            known = lots.filtered(self._get_place_of)
            for lot in known:
                place = self._get_place_of(lot)
                if place != sender:
                    raise UserError(
                        self.env._(
                            "%(part)s %(serial)s: by the books it is at %(place)s, "
                            "not where the parcel was sent from. Clear that up first.",
                            part=self.product_id.display_name,
                            serial=lot.name,
                            place=place.display_name,
                        )
                    )
            found = self.product_id.with_company(
                self.company_id
            ).property_stock_inventory
            self._book_surplus(found, sender, "found", lots - known)
        self._book_surplus(sender, self._get_way(), "ship", lots)
        return lots

    def _find_surplus(self, numbers):
        """The lots of serial numbers; those that nobody knows are made."""
        moves, lots = self.env["stock.move"], self.env["stock.lot"].sudo()
        for number in numbers:
            lots |= moves._find_lot(
                self.product_id, number, self.company_id
            ) or lots.create(
                {
                    "product_id": self.product_id.id,
                    "name": number,
                    "company_id": self.company_id.id,
                }
            )
        return lots

    def _get_place_of(self, lot):
        """Where the piece is by our books, if it is anywhere with us or on its way."""
        held = lot.quant_ids.filtered(
            lambda quant: (
                quant.quantity > 0
                and quant.location_id.usage in ("internal", "transit")
            )
        )
        return held[:1].location_id

    def _book_surplus(self, source, dest, kind, lots, owner=None):
        """Move it: each piece by its number, or all of it."""
        amounts = [(lot, 1.0) for lot in lots]
        if not self.is_serial:
            amounts = [(None, -self.quantity)]
        if not amounts:
            return
        vals = {"origin": self.picking_id.name}
        self.env["stock.move"]._move_parts(
            [
                PartMove(
                    self.product_id,
                    quantity,
                    source,
                    dest,
                    kind,
                    lot=lot,
                    owner=owner,
                    vals=vals,
                )
                for lot, quantity in amounts
            ]
        )
