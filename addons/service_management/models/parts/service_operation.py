from odoo import models
from odoo.exceptions import UserError

from odoo.addons.service_management.models.dispatch.service_operation import _is_id

from .part_quantity import read_quantity

MAX_SERIALS = 100  # of one part in one place
MAX_PARTS = 50  # that the end of a visit waits for


class ServiceOperation(models.Model):
    _inherit = "service.operation"

    def _get_kinds(self):
        return (*super()._get_kinds(), "part_add", "part_remove", "part_need")

    def _apply_done(self, visit, values, report, content):
        """:param values: ``parts``: keys of the operations whose parts the page showed
        as noted when the visit was finished on it

        A finished visit is a fact. Where one of these parts was not taken, the report
        is not what the technician has seen: the visit stays open.
        """
        keys = values.get("parts")
        keys = [str(key).lower() for key in keys] if isinstance(keys, list) else []
        refused = keys and self.search_count(
            [
                ("user_id", "=", self.env.uid),
                ("key", "in", keys[:MAX_PARTS]),
                ("visit_id", "=", visit.id),
                ("state", "=", "refused"),
            ],
            limit=1,
        )
        if refused:
            raise UserError(
                self.env._(
                    "The visit is still open: a part that you noted was not taken. "
                    "Note it again, then finish the visit."
                )
            )
        return super()._apply_done(visit, values, report, content)

    def _apply_part_add(self, visit, values, report, content):
        """:param values: ``product_id, quantity, location_id``; for a part with serial
        numbers ``serial``, the one built in, and ``old_serial``, the one taken out"""
        product_id, location_id = values.get("product_id"), values.get("location_id")
        if not _is_id(product_id) or (location_id and not _is_id(location_id)):
            raise UserError(self._get_unreadable())
        # sudo: stock.quant: of the own places
        held = (
            self.env["stock.quant"]
            .sudo()
            .search(
                [
                    ("product_id", "=", product_id),
                    ("location_id", "in", visit._get_part_places().ids),
                    ("quantity", ">", 0),
                ]
            )
        )
        # The own van before the stock of the point
        held = held.sorted(lambda quant: quant.location_id == visit.location_id)
        places = held.location_id.ids
        if not places or (location_id and location_id not in places):
            raise UserError(
                self.env._("Choose a part from the service point or the own van.")
            )
        # sudo: product.product: one that the crew holds
        product = self.env["product.product"].sudo().browse(product_id)
        quantity = read_quantity(
            self.env, values.get("quantity", 1), product.display_name
        )
        move_id = visit.action_add_part(
            product_id,
            quantity,
            location_id or places[0],
            lot_id=visit._get_part_lot(product, values.get("serial")),
            old_serial=values.get("old_serial"),
        )
        return {"move_id": move_id}

    def _apply_part_remove(self, visit, values, report, content):
        """:param values: ``move_id``, or ``operation``: the key of the operation that
        added it, for a device that has not heard its answer yet"""
        move_id = values.get("move_id")
        if not _is_id(move_id):
            added = self.search(
                [
                    ("user_id", "=", self.env.uid),
                    ("key", "=", str(values.get("operation")).lower()),
                    ("kind", "=", "part_add"),
                ]
            )
            move_id = (added.result or {}).get("move_id")
        visit.action_remove_part(move_id)

    def _apply_part_need(self, visit, values, report, content):
        """A part that the next visit has to bring."""
        product_id = values.get("product_id")
        if not _is_id(product_id):
            raise UserError(self._get_unreadable())
        visit._check_visit_state(("planned", "en_route", "on_site"))
        product = (
            self.env["product.product"]
            .sudo()
            .search([("id", "=", product_id), ("type", "=", "consu")])
        )
        if not product:
            raise UserError(self.env._("Part is missing: choose a stored product."))
        name = product.display_name
        quantity = read_quantity(self.env, values.get("quantity", 1), name)
        if not quantity:
            raise UserError(
                self.env._("%(part)s: the quantity must be above zero.", part=name)
            )
        visit.order_id._expect_part(product.id, quantity)


class ServiceVisit(models.Model):
    _inherit = "service.visit"

    def _get_held_parts(self, limit=300) -> dict:
        """What its crew can take: ``{visit: [{product_id, name, barcode, tracking,
        serials, free, location_id, place}]}``, the own van first; constant queries
        (sudo). ``serials`` names what is free of a part with serial or lot numbers."""
        places = {visit: visit._get_part_places() for visit in self}
        every = self.env["stock.location"].union(*places.values())
        groups = self.env["stock.quant"]._read_group(
            [("location_id", "in", every.ids), ("quantity", ">", 0)],
            ["location_id", "product_id", "lot_id"],
            ["quantity:sum", "reserved_quantity:sum"],
        )
        parts, held = {}, {location: [] for location in every}
        for location, product, lot, quantity, reserved in groups:
            part = parts.get((location, product))
            if not part:
                part = parts[location, product] = {
                    "product_id": product.id,
                    "name": product.display_name,
                    "barcode": product.barcode or "",
                    "tracking": product.tracking,
                    "serials": [],
                    "free": 0.0,
                    "location_id": location.id,
                    "place": location.name,
                }
                held[location].append(part)
            part["free"] += quantity - reserved
            if lot and quantity > reserved:
                part["serials"].append(lot.name)
        for rows in held.values():
            rows.sort(key=lambda part: part["name"])
            for part in rows:
                part["serials"] = sorted(part["serials"])[:MAX_SERIALS]
        return {
            visit: [
                part
                for location in places[visit].sorted(
                    lambda location, visit=visit: location == visit.location_id
                )
                for part in held[location][:limit]
            ]
            for visit in self
        }
