from odoo import api, fields, models
from odoo.exceptions import UserError

from .stock_move_parts import PartMove

# What may become of a part, by what was found; the first is what is proposed
CHOICES = {
    "good": ("stock", "repair", "scrap"),
    "defective": ("repair", "scrap", "supplier"),
    "missing": ("charged",),
    "not_original": ("back", "scrap", "charged"),
}


class ServicePartReturn(models.Model):
    """How parts come back: taken along, sent, received, judged."""

    _inherit = "service.part.return"

    @api.model
    def _file_returns(self, moves):
        """What is owed for parts that were just used, lent or sent (done moves, sudo).

        Old parts are taken along from the customer into the point's old parts.
        """
        entries, vals_list = [], []
        for move in moves:
            terms = self._prepare_return(move)
            if not terms:
                continue
            vals_list.append(terms)
            if terms["kind"] == "old":
                entries.append(self._prepare_recovery(move, len(entries)))
        if entries:
            taken = iter(self.env["stock.move"]._move_parts(entries))
            for vals in vals_list:
                if vals["kind"] == "old":
                    recovery = next(taken)
                    vals["location_id"] = recovery.location_dest_id.id
                    vals["lot_id"] = recovery.lot_ids[:1].id
            recovered = self.env["stock.move"].concat(
                *(
                    move
                    for move in moves
                    if (move.service_kind or "use") == "use"
                    and any(vals["move_id"] == move.id for vals in vals_list)
                )
            )
            for order, own in recovered.grouped("service_order_id").items():
                order._log_event("part_recovered", name=own._get_part_text())
        # sudo: service.part.return: filed by the system when parts are used
        rows = (
            self.sudo()
            .with_context(mail_create_nolog=True, mail_create_nosubscribe=True)
            .create(vals_list)
        )
        rows._plan_reminders()
        return rows

    @api.model
    def _prepare_return(self, move) -> dict | None:
        order = move.service_order_id
        point = move.service_visit_id.point_id or order.point_id
        company = move.company_id
        product = move.product_id
        vals = {
            "company_id": company.id,
            "point_id": point.id,
            "partner_id": order.partner_id.id,
            "order_id": order.id,
            "visit_id": move.service_visit_id.id,
            "move_id": move.id,
            "product_id": product.id,
            "quantity": move.quantity,
            "value": product.with_company(company).standard_price * move.quantity,
        }
        if move.service_kind in ("loan", "exchange"):
            return {
                **vals,
                "kind": move.service_kind,
                "lot_id": (
                    move.lot_ids[:1].id if move.service_kind == "loan" else False
                ),
                "location_id": move.location_dest_id.id,
                "date_due": move.service_date_due
                or fields.Date.add(fields.Date.context_today(self), days=14),
            }
        if (move.service_kind or "use") != "use":
            return None
        days = product._get_return_terms(company)
        if days is None:
            return None
        due = fields.Date.add(fields.Date.context_today(self), days=days)
        return {**vals, "kind": "old", "date_due": due}

    @api.model
    def _prepare_recovery(self, move, number) -> PartMove:
        order = move.service_order_id
        point = move.service_visit_id.point_id or order.point_id
        unknown = self.env._(
            "%(order)s old %(number)s", order=order.name, number=move.id
        )
        return PartMove(
            move.product_id,
            move.quantity,
            move.location_dest_id,
            point._get_defective_location(),
            "recover",
            lot=self.env["stock.move"]._get_old_lot(
                move.product_id, move.service_old_serial, move.company_id, unknown
            ),
            owner=order.partner_id.commercial_partner_id,
            vals={
                "service_visit_id": move.service_visit_id.id,
                "service_order_id": order.id,
                "origin": order.name,
            },
        )

    # The way back

    def action_send(self, parcel=None):
        """The service point gives old parts to the carrier."""
        self._check_sender()
        self._check_state(("due",))
        if any(row.kind != "old" for row in self.sudo()):
            raise UserError(
                self.env._("Loaners and exchanges are received from the customer.")
            )
        # sudo: service.part.return: who sends was checked
        rows_sudo = self.sudo()
        rows_sudo._move_on(
            {row: row.company_id._get_part_location("transit") for row in rows_sudo}
        )
        rows_sudo.write(
            {
                "state": "sent",
                "date_sent": fields.Datetime.now(),
                "parcel": (parcel or "").strip()[:64] or False,
            }
        )
        return True

    def _check_sender(self):
        """The people of the point that has the parts, or the office for them."""
        self.check_access("read")
        own = self.env.user._get_own_part_points()
        # sudo: service.point: only to compare whose the parts are
        if any(row.point_id not in own for row in self.sudo()):
            self._check_office()

    def action_receive(self):
        """The parts have come; from the parcel, or brought along."""
        self._check_office()
        self._check_state(("due", "sent"))
        # sudo: service.part.return: the keeper was checked
        rows_sudo = self.sudo()
        places = {}
        for row in rows_sudo:
            if row.kind == "loan":
                places[row] = (
                    row.point_id.location_id
                    or row.company_id._get_part_location("central")
                )
            else:
                places[row] = row.company_id._get_part_location("returned")
        rows_sudo._move_on(places)
        rows_sudo.write({"state": "received", "date_received": fields.Datetime.now()})
        loans = rows_sudo.filtered(lambda row: row.kind == "loan")
        loans.write({"state": "settled", "result": "good", "disposition": "stock"})
        for row in rows_sudo:
            row.order_id._log_event("part_received", name=row.name)
        rows_sudo._after_received()
        return True

    def _after_received(self):
        """Hook: parts (sudo) have just come back."""

    def action_inspect(self, result, disposition=None, note=None):
        """Judge parts that have come, or say that they never came.

        :param str result: ``good``, ``defective``, ``missing``, ``not_original``
        :param str disposition: what becomes of them, see ``CHOICES``
        """
        self._check_office()
        if result not in CHOICES:
            raise UserError(self.env._("Choose what was found."))
        states = ("due", "sent", "received") if result == "missing" else ("received",)
        self._check_state(states)
        disposition = disposition or CHOICES[result][0]
        if disposition not in CHOICES[result]:
            labels = dict(self._fields["disposition"]._description_selection(self.env))
            raise UserError(
                self.env._(
                    "'%(disposition)s' does not go with what was found.",
                    disposition=labels.get(disposition, disposition),
                )
            )
        # sudo: service.part.return: the keeper was checked
        rows_sudo = self.sudo()
        rows_sudo._dispose(result, disposition)
        rows_sudo.write(
            {
                "state": "settled" if disposition != "charged" else "received",
                "result": result,
                "disposition": disposition,
                "supplier_claim": disposition == "supplier",
                "note": (note or "").strip() or False,
                "date_received": fields.Datetime.now(),
            }
        )
        return True

    def action_settle(self):
        """What was charged is paid or netted: nothing is owed any more."""
        self._check_office()
        self._check_state(("received",))
        # sudo: service.part.return: the keeper was checked
        self.sudo().state = "settled"
        return True

    def action_waive(self, reason):
        """Let a part go: it need not come back. What is left is scrapped."""
        self._check_office()
        self._check_state(("due", "sent", "received"))
        if not (reason or "").strip():
            raise UserError(self.env._("Say why the part need not come back."))
        # sudo: service.part.return: the keeper was checked
        rows_sudo = self.sudo()
        rows_sudo.filtered(lambda row: row.kind == "old")._scrap()
        rows_sudo.write({"state": "waived", "reason": reason.strip()})
        return True

    # What is behind

    def _move_on(self, places, kind="return", owner=None):
        """Move the parts to ``{row: location}``, and remember where they are."""
        rows = self.filtered(lambda row: row.location_id != places[row])
        self.env["stock.move"]._move_parts(
            [
                PartMove(
                    row.product_id,
                    row.quantity,
                    row.location_id,
                    places[row],
                    "loan_return" if row.kind == "loan" else kind,
                    lot=row.lot_id
                    or self.env["stock.move"]._get_old_lot(
                        row.product_id,
                        None,
                        row.company_id,
                        self.env._(
                            "%(order)s old %(number)s",
                            order=row.order_id.name,
                            number=row.id,
                        ),
                    ),
                    owner=row._get_owner(),
                    vals={
                        "service_order_id": row.order_id.id,
                        "origin": row.order_id.name,
                    },
                )
                for row in rows
            ]
        )
        for row in rows:
            row.location_id = places[row]

    def _get_owner(self):
        """Whose the part is: an old one the customer's, a loaner ours."""
        self.ensure_one()
        if self.kind == "loan":
            return self.move_id.move_line_ids.owner_id[:1]
        return self.partner_id.commercial_partner_id

    def _dispose(self, result, disposition):
        if disposition == "stock":
            self._take_into_stock()
        elif disposition in ("repair", "supplier"):
            self._move_on(
                {row: row.company_id._get_part_location("repair") for row in self},
            )
        elif disposition == "back":
            self._move_on({row: row._get_customer_location() for row in self})
        elif result == "missing":
            self._write_off("lost")
        else:
            self._scrap()

    def _get_customer_location(self):
        self.ensure_one()
        return self.partner_id.property_stock_customer

    def _get_inventory_location(self):
        self.ensure_one()
        return self.product_id.with_company(self.company_id).property_stock_inventory

    def _take_into_stock(self):
        """A good part becomes ours: out as the customer's, in at its cost."""
        self._write_off("restock")
        self.env["stock.move"]._move_parts(
            [
                PartMove(
                    row.product_id,
                    row.quantity,
                    row._get_inventory_location(),
                    row.company_id._get_part_location("central"),
                    "restock",
                    lot=row.lot_id,
                    vals={"origin": row.order_id.name},
                )
                for row in self
            ]
        )
        for row in self:
            row.location_id = row.company_id._get_part_location("central")

    def _write_off(self, kind):
        self._move_on({row: row._get_inventory_location() for row in self}, kind)

    def _scrap(self):
        """Through Odoo's own scrap orders, so that they stand where people look."""
        scraps = self.env["stock.scrap"].create(
            [
                {
                    "product_id": row.product_id.id,
                    "product_uom_id": row.product_id.uom_id.id,
                    "scrap_qty": row.quantity,
                    "location_id": row.location_id.id,
                    "lot_id": row.lot_id.id,
                    "owner_id": row._get_owner().id,
                    "origin": row.order_id.name,
                    "company_id": row.company_id.id,
                }
                for row in self
            ]
        )
        scraps.do_scrap()
        for row, scrap in zip(self, scraps, strict=True):
            row.location_id = scrap.scrap_location_id
