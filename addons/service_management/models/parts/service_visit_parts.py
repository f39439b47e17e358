from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import float_compare

from .part_quantity import read_quantity, read_serial

OPEN_STATES = ("planned", "en_route", "on_site")


class ServiceVisit(models.Model):
    """What the crew says of parts. Stock moves when the visit is finished.

    1. A part that is used may be a kit: all that it takes is noted.
    2. Serials follow: which one was built in, which one was taken out.
    3. An old part that is owed is taken back by the way, into the point's old parts,
       and is due from then on, see ``service.part.return``.
    """

    _inherit = "service.visit"

    def action_open_part(self, product_id=None, quantity=1.0):
        """The window for noting a part, which may be chosen already."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "service.visit.part",
            "name": self.env._("Use a Part"),
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_visit_id": self.id,
                "default_product_id": product_id,
                "default_quantity": quantity,
            },
        }

    def action_remove_part(self, move_id):
        """Take back a part that was noted by mistake."""
        self.ensure_one()
        self._check_may_act()
        self._check_visit_state(OPEN_STATES)
        # sudo: stock.move: may act was checked; only a line of this visit
        self.sudo().move_ids.filtered(
            lambda move: move.id == move_id and move.state != "done"
        )._action_cancel()
        return True

    def action_add_part(
        self, product_id, quantity=1.0, location_id=None, lot_id=None, old_serial=None
    ):
        """Note a part as used; it leaves the stock when the visit is finished.

        :param int location_id: the van of one of the crew; else the point's stock
        :param int lot_id: the serial number that was built in
        :param str old_serial: the serial number that was taken out
        :return: id of the part line; the first one of a kit
        """
        product, quantity = self._get_noted_part(product_id, quantity)
        parts = self.env["service.part.kit"]._explode(product, quantity)
        vals_list = [
            self._prepare_part_vals(part, count, "use") for part, count in parts
        ]
        old_serial = read_serial(self.env, old_serial, product.display_name)
        if old_serial:
            # sudo: service.visit: may act was checked
            self.env["stock.move"]._check_old_serial(
                product, old_serial, self.sudo().company_id
            )
        vals_list[0]["service_old_serial"] = old_serial or False
        return self._note_parts(vals_list, location_id, lot_id)

    def action_lend_part(
        self, product_id, quantity=1.0, date_due=None, location_id=None, lot_id=None
    ):
        """Note that the customer keeps something for a while, such as a spare device.

        :param date_due: until when; 14 days from now by default
        """
        product, quantity = self._get_noted_part(product_id, quantity)
        vals = self._prepare_part_vals(product, quantity, "loan")
        today = fields.Date.context_today(self)
        vals["service_date_due"] = fields.Date.to_date(date_due) or fields.Date.add(
            today, days=14
        )
        if vals["service_date_due"] < today:
            raise UserError(
                self.env._("A loaner is due back on a day to come: correct the date.")
            )
        return self._note_parts([vals], location_id, lot_id)

    def _get_noted_part(self, product_id, quantity):
        """:return: the product and the quantity, both checked"""
        self.ensure_one()
        self._check_may_act()
        self._check_visit_state(OPEN_STATES)
        # sudo: product.product: may act was checked
        product = self.env["product.product"].sudo().browse(product_id).exists()
        if not product or product.type != "consu":
            raise UserError(self.env._("Part is missing: choose a stored product."))
        quantity = read_quantity(self.env, quantity, product.display_name)
        if float_compare(quantity, 0, precision_rounding=product.uom_id.rounding) <= 0:
            raise UserError(
                self.env._(
                    "%(part)s: the quantity must be above zero.",
                    part=product.display_name,
                )
            )
        return product, quantity

    def _get_part_lot(self, product, serial) -> int | None:
        """As `_find_part_lot`; a part with a serial number of its own must have one."""
        if product.tracking == "serial" and not read_serial(
            self.env, serial, product.display_name
        ):
            raise UserError(
                self.env._(
                    "Serial number of %(part)s: it is missing.",
                    part=product.display_name,
                )
            )
        return self._find_part_lot(product, serial)

    def _find_part_lot(self, product, serial) -> int | None:
        """The serial number that was read off the new part."""
        serial = read_serial(self.env, serial, product.display_name)
        if not serial or product.tracking == "none":
            return None
        # sudo: service.visit: numbers of the part in hand
        company = self.sudo().company_id
        lot = self.env["stock.move"]._find_lot(product, serial, company)
        if not lot:
            raise UserError(
                self.env._(
                    "Serial number of %(part)s: %(serial)s is unknown.",
                    part=product.display_name,
                    serial=serial,
                )
            )
        return lot.id

    def _note_parts(self, vals_list, location_id, lot_id):
        # sudo: stock.move: may act was checked; technicians and partner points have
        # no rights on stock
        visit_sudo = self.sudo()
        if location_id and location_id != visit_sudo.location_id.id:
            if location_id not in visit_sudo._get_part_places().ids:
                raise UserError(
                    self.env._("Choose a part from the service point or the own van.")
                )
            for vals in vals_list:
                vals["location_id"] = location_id
        if lot_id:
            vals_list[0]["service_lot_id"] = lot_id
            visit_sudo._check_part_lot(vals_list[0])
        moves = visit_sudo.env["stock.move"]
        for vals in vals_list:
            moves += visit_sudo._take_reserved(vals, location_id) or moves.create(vals)
        return moves[:1].id

    def _check_part_lot(self, vals):
        """The serial number that is built in lies where the part is taken from, and
        nobody else has it in hand (sudo).

        It is looked at when it is noted, while the crew still stands before the part;
        finishing the visit decides once more.
        """
        self.ensure_one()
        product = self.env["product.product"].browse(vals["product_id"])
        place = self.env["stock.location"].browse(vals["location_id"])
        lot = self.env["stock.lot"].browse(vals["service_lot_id"]).exists()
        names = {"part": product.display_name, "serial": lot.name}
        if lot.product_id != product:
            raise UserError(
                self.env._(
                    "Serial number of %(part)s: it belongs to another part.", **names
                )
            )
        if product.tracking == "serial" and vals["product_uom_qty"] != 1:
            raise UserError(
                self.env._(
                    "Serial number of %(part)s: %(serial)s is one piece. "
                    "Note each piece with its own number.",
                    **names,
                )
            )
        quants = lot.quant_ids.filtered(lambda quant: quant.location_id == place)
        if sum(quants.mapped("quantity")) <= 0:
            raise UserError(
                self.env._(
                    "Serial number of %(part)s: %(serial)s is not in %(place)s.",
                    place=place.display_name,
                    **names,
                )
            )
        if product.tracking == "serial" and self._find_lot_users(lot, place):
            raise UserError(
                self.env._(
                    "Serial number of %(part)s: %(serial)s is noted or kept for a job "
                    "already.",
                    **names,
                )
            )

    def _find_lot_users(self, lot, place):
        """Open moves that take the serial number: noted on a visit, or reserved for
        another job (sudo)."""
        open_states = [("state", "not in", ("done", "cancel"))]
        moves = self.env["stock.move"].search(
            [("service_lot_id", "=", lot.id), ("location_id", "=", place.id)]
            + open_states
        )
        lines = self.env["stock.move.line"].search(
            [("lot_id", "=", lot.id), ("location_id", "=", place.id), *open_states]
        )
        return (moves | lines.move_id) - self.order_id._get_reserved_moves()

    def _take_reserved(self, vals, location_id):
        """The reservation of the part for the order, taken over by the visit, if there
        is one; the rest of it is free again."""
        reserved = self.order_id._get_reserved_moves().filtered(
            lambda move: (
                move.product_id.id == vals["product_id"]
                and vals["service_kind"] == "use"
                and move.location_id in self._get_part_places()
                and (not location_id or move.location_id.id == location_id)
                and vals["product_uom_qty"] <= move.product_uom_qty
            )
        )[:1]
        if reserved:
            wanted = vals["product_uom_qty"]
            if wanted < reserved.product_uom_qty:
                reserved._do_unreserve()
            reserved.write({**vals, "location_id": reserved.location_id.id})
            reserved._reserve_parts()
        return reserved

    def _prepare_part_vals(self, product, quantity, kind) -> dict:
        self.ensure_one()
        # sudo: service.visit: may act was checked
        visit_sudo = self.sudo()
        machine = visit_sudo.order_id.product_id
        fits = self.env["service.part.bom"]._get_fits([(machine, product)])
        return {
            "product_id": product.id,
            "product_uom_qty": quantity,
            "product_uom": product.uom_id.id,
            "location_id": visit_sudo.location_id.id,
            "location_dest_id": visit_sudo.location_dest_id.id,
            "company_id": visit_sudo.company_id.id,
            "origin": visit_sudo.order_id.name,
            "service_visit_id": self.id,
            "service_kind": kind,
            "service_fits": fits[machine.id, product.id],
        }

    def _use_parts(self):
        super()._use_parts()
        moves = self.move_ids.filtered(
            lambda move: move.state not in ("done", "cancel")
        )
        if not moves:
            return
        moves._do_parts()
        for kind, event in (("use", "part_used"), ("loan", "part_lent")):
            of_kind = moves.filtered(
                lambda move, kind=kind: (move.service_kind or "use") == kind
            )
            for order, own in of_kind.grouped("service_order_id").items():
                order._log_event(event, name=own._get_part_text(), data=own._get_data())
        self.env["service.part.return"]._file_returns(moves)

    def action_cancel(self, reason=None):
        result = super().action_cancel(reason)
        # sudo: stock.move: parts of a visit that does not take place stay in stock
        self.sudo().move_ids.filtered(
            lambda move: move.state not in ("done", "cancel")
        )._action_cancel()
        return result
