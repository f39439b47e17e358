from odoo import api, models
from odoo.fields import Domain

MAX_ROWS = 200
MAX_MOVEMENTS = 60
MAX_PARTS = 500


class ServicePartStock(models.Model):
    """Parts on the pages of the own service point; expects sudo, and places or points
    that are the user's."""

    _inherit = "service.part.stock"

    @api.model
    def _get_portal_rows(self, places) -> list[dict]:
        rows = self.search([("location_id", "in", places.ids)], limit=MAX_ROWS)
        return [
            {
                "name": row.product_id.display_name,
                "place": row.location_id.name,
                "serial": row.lot_id.name or "",
                "quantity": row.quantity,
                "free": row.free,
                "unit": row.product_id.uom_id.name,
                # Old parts are the customer's, not the point's
                "is_own": bool(row.owner_id) and row.kind != "defective",
            }
            for row in rows
        ]


class ServicePartMovement(models.Model):
    _inherit = "service.part.movement"

    @api.model
    def _get_portal_rows(self, places, search="") -> list[dict]:
        domain = Domain("location_id", "in", places.ids) | Domain(
            "location_dest_id", "in", places.ids
        )
        if search:
            domain &= (
                Domain("product_id", "ilike", search)
                | Domain("lot_id", "ilike", search)
                | Domain("order_id", "ilike", search)
            )
        labels = dict(self._fields["kind"]._description_selection(self.env))
        return [
            {
                "date": row.date,
                "label": labels[row.kind],
                "name": row.product_id.display_name,
                "serial": row.lot_id.name or "",
                "change": row.quantity
                if row.location_dest_id in places
                else -row.quantity,
                "place": (
                    row.location_dest_id
                    if row.location_dest_id in places
                    else row.location_id
                ).name,
                "order": row.order_id.name or "",
            }
            for row in self.search(domain, limit=MAX_MOVEMENTS)
        ]


class ServicePartReturn(models.Model):
    _inherit = "service.part.return"

    @api.model
    def _get_portal_domain(self, user) -> Domain:
        """What the user's points owe, or a technician's own visits left behind."""
        return Domain("kind", "=", "old") & (
            Domain("point_id", "in", user._get_own_service_points().ids)
            | Domain(
                "visit_id.crew_ids.technician_id", "in", user._get_own_technicians().ids
            )
        )

    def _get_portal_rows(self) -> list[dict]:
        states = dict(self._fields["state"]._description_selection(self.env))
        results = dict(self._fields["result"]._description_selection(self.env))
        return [
            {
                "id": row.id,
                "name": row.product_id.display_name,
                "serial": row.lot_id.name or "",
                "quantity": row.quantity,
                "order": row.order_id.name,
                "due": row.date_due,
                "is_overdue": row.is_overdue,
                "is_due": row.state == "due",
                "state": states[row.state],
                "result": results.get(row.result, ""),
                "parcel": row.parcel or "",
                "value": row.value,
                "currency": row.currency_id,
            }
            for row in self
        ]


class ServicePartRequest(models.Model):
    _inherit = "service.part.request"

    @api.model
    def _get_portal_domain(self, user) -> Domain:
        return Domain("point_id", "in", user._get_own_service_points().ids) | (
            Domain("technician_id", "in", user._get_own_technicians().ids)
        )

    @api.model
    def _get_portal_parts(self, points) -> list[tuple]:
        """(id, name) of what points may ask for: spare parts, by the lists of products,
        and what they have handled before."""
        lines = self.env["service.part.bom"].search(
            [("company_id", "in", [*points.company_id.ids, False])]
        )
        products = lines.part_id
        held = self.env["service.part.movement"]._read_group(
            [("point_id", "in", points.ids)], ["product_id"]
        )
        products |= products.union(*(row[0] for row in held))
        return [
            (product.id, product.display_name)
            for product in products.filtered("active").sorted("display_name")[
                :MAX_PARTS
            ]
        ]

    def _get_portal_rows(self) -> list[dict]:
        states = dict(self._fields["state"]._description_selection(self.env))
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        return [
            {
                "id": row.id,
                "url": f"/my/service/parts/requests/{row.id}",
                "name": row.name,
                "kind": kinds[row.kind],
                "state": states[row.state],
                "needed": row.date_needed,
                "order": row.order_id.name or "",
                "van": row.technician_id.name or "",
                "parts": ", ".join(
                    f"{line.product_id.display_name} × {line.quantity:g}"
                    for line in row.line_ids
                ),
                "reason": row.reason or "",
            }
            for row in self
        ]

    def _get_portal_page(self) -> dict:
        self.ensure_one()
        differences = self.difference_ids
        states = dict(differences._fields["state"]._description_selection(self.env))
        return {
            **self._get_portal_rows()[0],
            "differences": [
                {
                    "name": row.product_id.display_name,
                    "sent": row.quantity_sent,
                    "received": row.quantity_received,
                    "quantity": row.quantity,
                    "serials": row.serials,
                    "surplus": ", ".join((row.surplus_serials or "").splitlines()),
                    "state": states[row.state],
                    "is_open": row.state == "open",
                }
                for row in differences
            ],
            "can_cancel": self.state in ("draft", "requested", "approved"),
            "can_ship": self.kind == "return" and self.state == "approved",
            "lines": [
                {
                    "name": line.product_id.display_name,
                    "quantity": line.quantity,
                    "missing": line.quantity_missing,
                    "sent": line.quantity_sent,
                    "received": line.quantity_received,
                }
                for line in self.line_ids
            ],
        }


class ServicePartCount(models.Model):
    _inherit = "service.part.count"

    def _get_portal_page(self) -> dict:
        self.ensure_one()
        states = dict(self._fields["state"]._description_selection(self.env))
        return {
            "id": self.id,
            "place": self.location_id.name,
            "state": states[self.state],
            "can_count": self.state in ("draft", "refused"),
            "lines": [
                {
                    "id": line.id,
                    "name": line.product_id.display_name,
                    "serial": line.lot_id.name or "",
                    "expected": line.expected,
                    "counted": line.counted,
                }
                for line in self.line_ids
            ],
        }
