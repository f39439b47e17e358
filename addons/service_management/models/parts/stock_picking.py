from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tools import float_compare

from .part_quantity import read_quantity, read_serials


class StockPicking(models.Model):
    """Shipments of parts and their receipts.

    What a point receives may differ from what was sent: the difference is kept, see
    ``service.part.difference``, and what is missing stays on its way until somebody
    says what became of it.
    """

    _inherit = "stock.picking"

    service_request_id = fields.Many2one(
        "service.part.request", index="btree_not_null", copy=False
    )
    service_parcel = fields.Char(string="Parcel Number", copy=False)

    def _action_done(self):
        result = super()._action_done()
        # sudo: service.part.request: how far it is follows from its transfers
        self.service_request_id.sudo()._follow_transfers()
        return result

    def _create_backorder_picking(self):
        """What is still to come belongs to the same request."""
        backorder = super()._create_backorder_picking()
        backorder.service_request_id = self.service_request_id
        return backorder

    def action_cancel(self):
        result = super().action_cancel()
        # sudo: service.part.request: how far it is follows from its transfers
        self.service_request_id.sudo()._follow_transfers()
        return result

    @api.model
    def _get_part_receipts(self, points, limit=None):
        """Parcels on their way to points, or waiting to be sent to them (sudo)."""
        types = points.company_id.sudo().service_receipt_type_id
        # sudo: stock.picking: parcels of the points that were asked for
        return self.sudo().search(
            [
                ("picking_type_id", "in", types.ids),
                ("location_dest_id", "in", points._get_stock_locations().ids),
                ("state", "in", ("waiting", "confirmed", "assigned")),
            ],
            order="scheduled_date, id",
            limit=limit,
        )

    def _share_received(self, quantities, missing, surplus=None) -> dict:
        """What is said of the lines of a request, by parcel: several may bring parts of
        one line. The first are taken as full; what is too much is in the last.

        :param quantities, missing, surplus: by line id, as of ``action_receive``
        :return: ``{parcel: (quantities, missing, surplus)}`` as of ``_receive_parts``
        """
        shares = {parcel: ({}, {}, {}) for parcel in self}
        for line, moves in self.move_ids.grouped("service_request_line_id").items():
            moves = moves.filtered(lambda move: move.state != "cancel")
            if moves and (surplus or {}).get(line.id):
                shares[moves[-1].picking_id][2][moves[-1]] = surplus[line.id]
            if missing.get(line.id):
                lots = self.env["stock.lot"].browse(
                    [lot for lot in missing[line.id] if isinstance(lot, int)]
                )
                unknown = len(lots) != len(missing[line.id])
                if unknown or lots - moves.move_line_ids.lot_id:
                    raise UserError(
                        self.env._(
                            "Serial number of %(part)s: it is not in the parcel.",
                            part=line.product_id.display_name,
                        )
                    )
                for move in moves:
                    shares[move.picking_id][1][move] = lots
            elif line.id in quantities:
                name = line.product_id.display_name
                left = read_quantity(self.env, quantities[line.id], name)
                for move in moves:
                    come = left if move == moves[-1:] else min(left, move.quantity)
                    shares[move.picking_id][0][move] = come
                    left -= come
        return shares

    def _receive_parts(self, quantities, missing=None, surplus=None):
        """Take what has come; what differs is kept (sudo, rights checked before).

        :param dict quantities: ``{stock.move: quantity}``; moves that are left out
            have come in full
        :param dict missing: ``{stock.move: stock.lot}``, serial numbers that have not
            come; counts for more than the quantity
        :param dict surplus: ``{stock.move: serial numbers}``, pieces that nobody sent:
            a difference of their own, whatever else is missing
        :return: the differences
        """
        self.ensure_one()
        if self.state != "assigned":
            raise UserError(
                self.env._("%(parcel)s has not been sent yet.", parcel=self.name)
            )
        differences, extra = [], []
        point = self._get_receiving_point()
        for move in self.move_ids.filtered(lambda move: move.state != "cancel"):
            sent = move.quantity
            lots = (missing or {}).get(move, self.env["stock.lot"])
            absent = move.move_line_ids.filtered(
                lambda row, lots=lots: row.lot_id in lots
            )
            if absent:
                come = sent - sum(absent.mapped("quantity"))
            else:
                name = move.product_id.display_name
                come = read_quantity(self.env, quantities.get(move, sent), name)
            rounding = move.product_uom.rounding
            common = {
                "picking_id": self.id,
                "point_id": point.id,
                "company_id": self.company_id.id,
                "product_id": move.product_id.id,
                "quantity_sent": sent,
            }
            if float_compare(come, sent, precision_rounding=rounding):
                differences.append(
                    {
                        **common,
                        "quantity_received": come,
                        "lot_ids": [Command.set(absent.lot_id.ids)],
                    }
                )
            if serials := self._read_surplus(move, (surplus or {}).get(move)):
                extra.append(
                    {
                        **common,
                        "quantity_received": sent + len(serials),
                        "surplus_serials": "\n".join(serials),
                    }
                )
            move._take_received(min(come, sent), absent)
        backorders = self._finish_receipt()
        for vals in differences:
            left = backorders.move_ids.filtered(
                lambda move, vals=vals: move.product_id.id == vals["product_id"]
            )
            vals["open_move_id"] = left[:1].id
        return self.env["service.part.difference"]._report(differences + extra)

    def _read_surplus(self, move, serials) -> list[str]:
        name = move.product_id.display_name
        serials = read_serials(self.env, serials, name)
        if serials and move.product_id.tracking != "serial":
            raise UserError(
                self.env._("%(part)s has no serial numbers: say how many.", part=name)
            )
        if known := set(serials) & set(move.move_line_ids.lot_id.mapped("name")):
            raise UserError(
                self.env._(
                    "Serial number of %(part)s: %(serial)s was sent, it is not too "
                    "much.",
                    part=name,
                    serial=min(known),
                )
            )
        return serials

    def _finish_receipt(self):
        """Book what was picked; the rest waits in a backorder, which is returned."""
        moves = self.move_ids.filtered(
            lambda move: move.state not in ("done", "cancel")
        )
        nothing = moves.filtered(lambda move: not move.picked)
        if nothing == moves:
            # Not a single part has come: all of it stays on its way
            return self
        self.with_context(skip_backorder=True)._action_done()
        return self.backorder_ids.filtered(lambda row: row.state != "cancel")

    def _get_receiving_point(self):
        """The point whose stock or van the parts go to (sudo)."""
        self.ensure_one()
        return self.env["stock.move"]._get_place_point(self.location_dest_id)

    def _check_may_receive(self):
        """The office, the warehouse, and the people of the point that receives."""
        user = self.env.user
        if self.env.su or any(
            user.has_group(group)
            for group in (
                "service_management.group_service_dispatcher",
                "stock.group_stock_user",
            )
        ):
            return
        own = user._get_own_part_points()
        for picking in self.sudo():
            if picking._get_receiving_point() not in own:
                raise AccessError(
                    self.env._("Only the service point itself receives its parts.")
                )


class StockMove(models.Model):
    """Parts on their way between places."""

    _inherit = "stock.move"

    service_request_line_id = fields.Many2one(
        "service.part.request.line", index="btree_not_null", copy=True
    )

    def _take_received(self, quantity, absent):
        """Pick so much of what was sent, in the name of whose it is there.

        :param absent: the rows whose serial numbers did not come
        """
        self.ensure_one()
        if absent:
            absent.unlink()
        elif self.product_id.tracking == "serial":
            # Nobody said which ones are missing: the first ones have come
            lines = self.move_line_ids.sorted("id")
            (lines[int(quantity) :]).unlink()
        else:
            self.quantity = quantity
        owner = self._get_dest_owner()
        if owner is not None:
            self.move_line_ids.owner_id = owner
        self.picked = quantity > 0

    def _get_dest_owner(self):
        """Whose parts are once they have arrived; ``None``: as they came."""
        self.ensure_one()
        sold = self.company_id.service_sold_location_id
        if not sold or self.location_id != sold:
            return None
        return self._get_place_point(self.location_dest_id)._get_part_owner()

    def _action_done(self, cancel_backorder=False):
        """Parts that a point buys are the point's when they arrive, those that we buy
        back are ours, whoever books the receipt."""
        for move in self:
            owner = move._get_dest_owner()
            if owner is not None:
                move.move_line_ids.owner_id = owner
        return super()._action_done(cancel_backorder=cancel_backorder)

    def _key_assign_picking(self):
        """A parcel goes to one place."""
        keys = super()._key_assign_picking()
        if self.service_kind == "ship":
            keys += (self.move_dest_ids.location_dest_id,)
        return keys

    def _search_picking_for_assignation_domain(self):
        domain = super()._search_picking_for_assignation_domain()
        if self.service_kind == "ship":
            domain += [
                (
                    "move_ids.move_dest_ids.location_dest_id",
                    "in",
                    self.move_dest_ids.location_dest_id.ids,
                )
            ]
        return domain

    @api.model
    def _ship_parts(self, entries, vals):
        """Transfers by which parts go from place to place: for each source a shipment
        into transit and a receipt out of it, reserved at once (sudo).

        :param entries: ``[(product, quantity, source, dest, line)]``
        :param dict vals: more values of the transfers
        :return: the transfers
        """
        pickings = self.env["stock.picking"].sudo()
        groups = defaultdict(list)
        for product, quantity, source, dest, line in entries:
            groups[source, dest].append((product, quantity, line))
        shipments = receipts = pickings
        for (source, dest), parts in groups.items():
            company = source.company_id or dest.company_id
            point = self._get_place_point(dest) or self._get_place_point(source)
            way = company._get_way_location(point)
            common = {**vals, "partner_id": point.partner_id.id}
            receipt = pickings.create(
                {
                    **common,
                    "picking_type_id": company._get_part_picking_type("receipt").id,
                    "location_id": way.id,
                    "location_dest_id": dest.id,
                }
            )
            shipment = pickings.create(
                {
                    **common,
                    "picking_type_id": company._get_part_picking_type("shipment").id,
                    "location_id": source.id,
                    "location_dest_id": way.id,
                }
            )
            for product, quantity, line in parts:
                arriving = self._make_hop(receipt, product, quantity, line, dest)
                self._make_hop(shipment, product, quantity, line, dest, arriving)
            receipts += receipt
            shipments += shipment
        receipts.move_ids._action_confirm(merge=False)
        shipments.move_ids._touch_guard()
        shipments.move_ids._action_confirm(merge=False)
        shipments.move_ids._action_assign()
        return shipments + receipts

    @api.model
    def _make_hop(self, picking, product, quantity, line, final, after=None):
        return self.sudo().create(
            {
                "picking_id": picking.id,
                "product_id": product.id,
                "product_uom_qty": quantity,
                "product_uom": product.uom_id.id,
                "location_id": picking.location_id.id,
                "location_dest_id": picking.location_dest_id.id,
                "location_final_id": final.id,
                "company_id": picking.company_id.id,
                "origin": picking.origin,
                "service_kind": self._get_hop_kind(picking),
                "service_request_line_id": line.id,
                "move_dest_ids": [Command.set(after.ids if after else [])],
            }
        )

    @api.model
    def _get_hop_kind(self, picking) -> str:
        if self._get_place_point(picking.location_dest_id):
            return "issue"
        if self._get_place_point(picking.location_id):
            return "return"
        return "ship"

    @api.model
    def _get_place_point(self, location):
        """The point whose place a location is (sudo)."""
        place = self.env["service.part.place"].sudo().browse(location.id).exists()
        return place.point_id
