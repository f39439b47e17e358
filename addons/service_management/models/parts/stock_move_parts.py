from collections import defaultdict
from typing import Any, NamedTuple

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import float_compare


class PartMove(NamedTuple):
    """A movement of a part that has happened; see ``stock.move._move_parts()``."""

    product: Any  # product.product
    quantity: float  # in the product's unit
    source: Any  # stock.location
    dest: Any  # stock.location
    kind: str  # of PART_KINDS
    lot: Any = None  # stock.lot; none: any that is there
    owner: Any = None  # res.partner; none: whose it is where it comes from
    vals: dict | None = None  # more values of the move


class StockMove(models.Model):
    """The one way by which service moves stock: reserved past the guard, then done."""

    _inherit = "stock.move"

    @api.model
    def _move_parts(self, entries):
        """Move parts now.

        :param list[PartMove] entries: what is moved; rights are the caller's to check
        :return: done moves (sudo), one for each entry
        :raise UserError: a place does not hold what is taken from it
        """
        # sudo: stock.move: technicians and points have no rights on stock
        moves = self.sudo().create(
            [
                {
                    "product_id": entry.product.id,
                    "product_uom_qty": entry.quantity,
                    "product_uom": entry.product.uom_id.id,
                    "location_id": entry.source.id,
                    "location_dest_id": entry.dest.id,
                    "company_id": (entry.source.company_id or entry.dest.company_id).id,
                    "service_kind": entry.kind,
                    "service_lot_id": entry.lot.id if entry.lot else False,
                    "restrict_partner_id": entry.owner.id if entry.owner else False,
                    **(entry.vals or {}),
                }
                for entry in entries
            ]
        )
        moves._do_parts()
        return moves

    def _do_parts(self):
        """Take what the moves say and be done with them."""
        held = self._touch_guard()
        moves = self.with_context(service_guard_held=held)
        moves._action_confirm(merge=False)
        moves._check_part_stock()
        moves._reserve_parts()
        moves.picked = True
        moves._action_done()

    def _touch_guard(self) -> frozenset:
        """Hold what is taken until the transaction ends; the (product id, location id)
        pairs, which need not be held again on the way."""
        places = frozenset(
            (move.product_id.id, move.location_id.id)
            for move in self
            if not move._should_bypass_reservation()
        )
        self.env["service.part.guard"]._touch(places)
        return places

    def _reserve_parts(self):
        """Reserve what is missing, of the serials and the owners that were asked for.

        Moves of different products do not see what the other takes: they are reserved
        together, since each by itself costs the queries of all.
        """
        # From a customer, say: nobody reserves there, but serial and owner count
        free = self.filtered(lambda move: move._should_bypass_reservation())
        free.move_line_ids.unlink()
        self.env["stock.move.line"].create(
            [
                {
                    **move._prepare_move_line_vals(quantity=move.product_uom_qty),
                    "lot_id": move.service_lot_id.id,
                    "owner_id": move.restrict_partner_id.id,
                }
                for move in free
            ]
        )
        waves = []
        for moves in (self - free).grouped("product_id").values():
            for number, move in enumerate(moves):
                if number == len(waves):
                    waves.append(self.browse())
                waves[number] |= move
        for wave in waves:
            vals_list = [vals for move in wave for vals in move._take_missing()]
            quants = self.env["stock.quant"]._get_quants_by_products_locations(
                wave.product_id, wave.location_id
            )
            lines = self.env["stock.move.line"].with_context(quants_cache=quants)
            lines.create(vals_list)

    def _take_missing(self) -> list[dict]:
        """The lines that reserve what the move still misses."""
        self.ensure_one()
        rounding = self.product_uom.rounding
        missing = self.product_uom_qty - self.quantity
        if self.service_lot_id and self.move_line_ids.lot_id != self.service_lot_id:
            self._do_unreserve()
            missing = self.product_uom_qty
        if float_compare(missing, 0, precision_rounding=rounding) <= 0:
            return []
        vals_list, taken = self._update_reserved_quantity_vals(
            missing,
            self.location_id,
            lot_id=self.service_lot_id,
            owner_id=self.restrict_partner_id,
            strict=False,
        )
        if float_compare(taken, missing, precision_rounding=rounding) < 0:
            raise UserError(
                self.env._(
                    "%(part)s: %(place)s holds only %(held)g of %(wanted)g.",
                    part=" ".join(
                        name
                        for name in (
                            self.product_id.display_name,
                            self.service_lot_id.name,
                        )
                        if name
                    ),
                    place=self.location_id.display_name,
                    held=taken,
                    wanted=missing,
                )
            )
        return vals_list

    def _check_part_stock(self):
        """Nothing leaves a place that does not hold it."""
        wanted = defaultdict(self.browse)
        for move in self:
            if not move._should_bypass_reservation():
                wanted[move.product_id, move.location_id] |= move
        free = self.env["service.visit"]._get_free_quantities(wanted)
        for (product, location), moves in wanted.items():
            quantity = sum(moves.mapped("product_qty"))
            held = free[product.id, location.id] + sum(moves.mapped("quantity"))
            if (
                float_compare(
                    held, quantity, precision_rounding=product.uom_id.rounding
                )
                < 0
            ):
                raise UserError(
                    self.env._(
                        "%(part)s: %(wanted)g used, but %(place)s holds %(held)g. "
                        "Correct the quantity or have the part sent first.",
                        part=product.display_name,
                        wanted=quantity,
                        place=location.display_name,
                        held=held,
                    )
                )

    @api.model
    def _find_lot(self, product, serial, company):
        """The lot of a serial number, if our books know it (sudo)."""
        return (
            self.env["stock.lot"]
            .sudo()
            .search(
                [
                    ("product_id", "=", product.id),
                    ("name", "=", serial),
                    ("company_id", "in", (company.id, False)),
                ],
                limit=1,
            )
        )

    @api.model
    def _check_old_serial(self, product, serial, company):
        """A serial number that lies in our stock was not taken out of anything."""
        held = self._find_lot(product, serial, company).quant_ids.filtered(
            lambda quant: (
                quant.quantity > 0
                and quant.location_id.usage in ("internal", "transit")
            )
        )
        if held:
            raise UserError(
                self.env._(
                    "Serial number of the old %(part)s: by the books %(serial)s is at "
                    "%(place)s, so it cannot have been taken out.",
                    part=product.display_name,
                    serial=serial,
                    place=held[0].location_id.display_name,
                )
            )

    @api.model
    def _get_old_lot(self, product, serial, company, unknown):
        """The lot of an old part, which may never have been in our books (sudo).

        :param str unknown: how it is called when nobody read the number
        """
        lots_sudo = self.env["stock.lot"].sudo()
        if product.tracking == "none":
            return lots_sudo
        if serial:
            self._check_old_serial(product, serial, company)
        name = serial or unknown
        return self._find_lot(product, name, company) or lots_sudo.create(
            {"product_id": product.id, "name": name, "company_id": company.id}
        )

    def _get_part_text(self) -> str:
        """The parts in a line, with their serial numbers."""
        texts = []
        for move in self:
            serials = ", ".join(move.lot_ids.mapped("name"))
            text = f"{move.product_id.display_name} × {move.quantity:g}"
            texts.append(f"{text} ({serials})" if serials else text)
        return ", ".join(texts)

    def _get_data(self) -> list[dict]:
        return [
            {
                "move_id": move.id,
                "product_id": move.product_id.id,
                "quantity": move.quantity,
                "lot_ids": move.lot_ids.ids,
                "old_serial": move.service_old_serial or "",
                "fits": move.service_fits or "",
            }
            for move in self
        ]
