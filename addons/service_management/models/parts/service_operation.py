from odoo import models
from odoo.exceptions import UserError


class ServiceOperation(models.Model):
    _inherit = "service.operation"

    def _get_kinds(self):
        return (*super()._get_kinds(), "part_add", "part_remove", "part_need")

    def _apply_part_add(self, visit, values, report, content):
        product_id, quantity = values.get("product_id"), values.get("quantity", 1)
        location_id = values.get("location_id") or None
        if not (_is_number(product_id) and _is_number(quantity)) or not (
            location_id is None or _is_number(location_id)
        ):
            raise UserError(self._get_unreadable())
        held = visit._get_held_parts()[visit]
        places = [
            part["location_id"] for part in held if part["product_id"] == product_id
        ]
        if not places or (location_id and location_id not in places):
            raise UserError(
                self.env._("Choose a part from the service point or the own van.")
            )
        # sudo: product.product: one that the crew holds
        product = self.env["product.product"].sudo().browse(int(product_id))
        move_id = visit.action_add_part(
            int(product_id),
            float(quantity),
            location_id or places[0],
            lot_id=visit._find_part_lot(product, _get_text(values, "serial")),
            old_serial=_get_text(values, "old_serial"),
        )
        return {"move_id": move_id}

    def _apply_part_remove(self, visit, values, report, content):
        """:param values: ``move_id``, or ``operation``: the key of the operation that
        added it, for a device that has not heard its answer yet"""
        move_id = values.get("move_id")
        if not _is_number(move_id):
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
        product_id, quantity = values.get("product_id"), values.get("quantity", 1)
        if not (_is_number(product_id) and _is_number(quantity)) or quantity <= 0:
            raise UserError(self._get_unreadable())
        visit._check_visit_state(("planned", "en_route", "on_site"))
        product = (
            self.env["product.product"]
            .sudo()
            .search([("id", "=", product_id), ("type", "=", "consu")])
        )
        if not product:
            raise UserError(self.env._("Part is missing: choose a stored product."))
        need = (
            self.env["service.part.need"]
            .sudo()
            .search(
                [("order_id", "=", visit.order_id.id), ("product_id", "=", product.id)]
            )
        )
        if need:
            need.quantity = quantity
        else:
            need.create(
                {
                    "order_id": visit.order_id.id,
                    "product_id": product.id,
                    "quantity": quantity,
                }
            )


class ServiceVisit(models.Model):
    _inherit = "service.visit"

    def _get_held_parts(self, limit=300) -> dict:
        """What its crew can take: ``{visit: [{product_id, name, barcode, free,
        location_id, place}]}``, the own van first; constant queries (sudo)."""
        places = {visit: visit._get_part_places() for visit in self}
        every = self.env["stock.location"].union(*places.values())
        groups = self.env["stock.quant"]._read_group(
            [("location_id", "in", every.ids), ("quantity", ">", 0)],
            ["location_id", "product_id"],
            ["quantity:sum", "reserved_quantity:sum"],
        )
        held = {location: [] for location in every}
        for location, product, quantity, reserved in groups:
            held[location].append(
                {
                    "product_id": product.id,
                    "name": product.display_name,
                    "barcode": product.barcode or "",
                    "free": quantity - reserved,
                    "location_id": location.id,
                    "place": location.name,
                }
            )
        for parts in held.values():
            parts.sort(key=lambda part: part["name"])
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


def _get_text(values, name) -> str:
    value = values.get(name)
    return value[:64] if isinstance(value, str) else ""


def _is_number(value) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
