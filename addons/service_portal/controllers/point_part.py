from odoo import fields
from odoo.exceptions import UserError
from odoo.fields import Command, Domain
from odoo.http import request, route

from .common import ServicePortal

URL = "/my/service/parts"
MAX_LINES = 30
MAX_QUANTITY = 10000


class PointParts(ServicePortal):
    """A service point's user, or a technician, sees and handles the own parts: stock
    and movements, requests, parcels, old parts that are due, counts."""

    def _prepare_portal_layout_values(self):
        values = super()._prepare_portal_layout_values()
        values["is_service_part_user"] = bool(request.env.user._get_own_part_points())
        return values

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if "service_part_due_count" in counters:
            values["service_part_due_count"] = self._get_returns().search_count(
                self._get_return_domain() & Domain("state", "=", "due")
            )
        return values

    # What is the user's; all in sudo, found through the points and the van

    def _get_returns(self):
        # sudo: service.part.return: found by the own points only
        return request.env["service.part.return"].sudo()

    def _get_return_domain(self):
        return self._get_returns()._get_portal_domain(request.env.user)

    def _find_part_request(self, request_id):
        # sudo: service.part.request: found by the own points and the own van only
        requests = request.env["service.part.request"].sudo()
        return requests.search(
            requests._get_portal_domain(request.env.user)
            & Domain("id", "=", self._service_id(request_id))
        )

    def _find_count(self, count_id):
        # sudo: service.part.count: of the own places only
        return (
            request.env["service.part.count"]
            .sudo()
            .search(
                [
                    ("id", "=", self._service_id(count_id)),
                    (
                        "location_id",
                        "in",
                        request.env.user._get_own_part_places().ids,
                    ),
                ]
            )
        )

    def _get_parcels(self):
        """Parcels to the own stock or van, in sudo."""
        # sudo: stock.picking: to the own places only
        user = request.env.user
        parcels = (
            request.env["stock.picking"]
            .sudo()
            ._get_part_receipts(user._get_own_part_points())
        )
        places = user._get_own_part_places()
        return parcels.filtered(lambda parcel: parcel.location_dest_id in places)

    # Stock and movements

    @route(URL, type="http", auth="user", website=True, methods=["GET"], readonly=True)
    def service_parts(self, search=None, **kw):
        user = request.env.user
        points = user._get_own_part_points()
        if not points:
            return self._service_not_found()
        places = user._get_own_part_places()
        every = places | user._get_own_service_points().defective_location_id
        search = self._service_text(search, 100)
        # sudo: of the own places only
        env = request.env(su=True)
        return self._service_render(
            "service_portal.part_page",
            {
                "page_name": "service_parts",
                "places": [(place.id, place.name) for place in places],
                "stock": env["service.part.stock"]._get_portal_rows(every),
                "movements": env["service.part.movement"]._get_portal_rows(
                    every, search
                ),
                "search": search,
                "parcels": [
                    {
                        "id": parcel.id,
                        "name": parcel.name,
                        "number": parcel.service_parcel or "",
                        "place": parcel.location_dest_id.name,
                        "is_sent": parcel.state == "assigned",
                        "lines": [
                            {
                                "id": move.id,
                                "name": move.product_id.display_name,
                                "quantity": move.quantity or move.product_uom_qty,
                                "serials": [
                                    (row.lot_id.id, row.lot_id.name)
                                    for row in move.move_line_ids
                                    if move.product_id.tracking == "serial"
                                ],
                            }
                            for move in parcel.move_ids
                            if move.state != "cancel"
                        ],
                    }
                    for parcel in self._get_parcels()
                ],
                "returns": self._get_returns().search_count(
                    self._get_return_domain() & Domain("state", "=", "due")
                ),
            },
        )

    @route(
        f"{URL}/parcels/<int:picking_id>/receive",
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
    )
    def service_part_receive(self, picking_id, **post):
        parcel = self._get_parcels().filtered(lambda row: row.id == picking_id)
        if not parcel:
            return self._service_not_found()
        form = request.httprequest.form
        missing, surplus = {}, {}
        for move in parcel.move_ids:
            if f"serials_{move.id}" in post:
                surplus[move] = self._service_text(post.get(f"surplus_{move.id}"), 1000)
                came = {
                    self._service_id(value)
                    for value in form.getlist(f"serial_{move.id}")
                }
                missing[move] = move.move_line_ids.lot_id.filtered(
                    lambda lot, came=came: lot.id not in came
                )
        with self._service_action() as result:
            differences = parcel._receive_parts(
                {
                    move: self._read_quantity(post[f"quantity_{move.id}"])
                    for move in parcel.move_ids
                    if f"quantity_{move.id}" in post
                },
                missing,
                surplus,
            )
        if result["done"]:
            if differences:
                self._service_flash(
                    request.env._(
                        "Noted. It differs from what was sent; we look into it: "
                        "%(differences)s",
                        differences=", ".join(
                            f"{row.product_id.display_name} {-row.quantity:+g}"
                            + (f" ({row.serials})" if row.serials else "")
                            + (
                                f" ({', '.join(row.surplus_serials.splitlines())})"
                                if row.surplus_serials
                                else ""
                            )
                            for row in differences
                        ),
                    ),
                    "warning",
                )
            else:
                self._service_flash(request.env._("The parts are in your stock."))
        return self._service_redirect(URL)

    def _read_quantity(self, value) -> float:
        try:
            quantity = float(str(value).replace(",", "."))
        except ValueError:
            quantity = -1.0
        if not 0 <= quantity <= MAX_QUANTITY:
            raise UserError(request.env._("Please give quantities as numbers."))
        return quantity

    # Requests

    @route(
        f"{URL}/requests",
        type="http",
        auth="user",
        website=True,
        methods=["GET"],
        readonly=True,
    )
    def service_part_requests(self, **kw):
        points = request.env.user._get_own_part_points()
        if not points:
            return self._service_not_found()
        # sudo: service.part.request: found by the own points and the own van only
        requests = request.env["service.part.request"].sudo()
        rows = requests.search(
            requests._get_portal_domain(request.env.user),
            order="id desc",
            limit=100,
        )
        return self._service_render(
            "service_portal.part_request_list",
            {"page_name": "service_part_requests", "rows": rows._get_portal_rows()},
        )

    @route(
        f"{URL}/requests/new",
        type="http",
        auth="user",
        website=True,
        methods=["GET"],
        readonly=True,
    )
    def service_part_request_new(self, kind="issue", **kw):
        user = request.env.user
        points = user._get_own_part_points()
        if not points:
            return self._service_not_found()
        # sudo: service.part.request: names of spare parts only
        requests = request.env["service.part.request"].sudo()
        places = user._get_own_part_places()
        return self._service_render(
            "service_portal.part_request_form",
            {
                "page_name": "service_part_request_new",
                "kind": "return" if kind == "return" else "issue",
                "places": [(place.id, place.name) for place in places],
                "parts": requests._get_portal_parts(points),
            },
        )

    @route(
        f"{URL}/requests/new",
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
    )
    def service_part_request_create(self, place_id=None, kind=None, note=None, **kw):
        user = request.env.user
        # sudo: service.part.place: one of the own places
        place = (
            request.env["service.part.place"]
            .sudo()
            .search(
                [
                    ("location_id", "in", user._get_own_part_places().ids),
                    ("location_id", "=", self._service_id(place_id)),
                ],
                limit=1,
            )
        )
        if not place:
            return self._service_not_found()
        new = None
        with self._service_action(request.env._("Your request was sent.")) as result:
            # sudo: service.part.request: for the own point or van
            requests = request.env["service.part.request"].sudo()
            new = requests.create(
                {
                    "point_id": place.point_id.id,
                    "technician_id": place.technician_id.id,
                    "kind": "return" if kind == "return" else "issue",
                    "user_id": user.id,
                    "note": self._service_text(note, 1000),
                    "line_ids": [
                        Command.create({"product_id": part, "quantity": quantity})
                        for part, quantity in self._read_parts(place.point_id).items()
                    ],
                }
            )
            new.action_request()
        if not result["done"]:
            return self._service_redirect(f"{URL}/requests/new")
        return self._service_redirect(f"{URL}/requests/{new.id}")

    def _read_parts(self, points) -> dict:
        """``{product id: quantity}`` of the form; only what points may ask for."""
        form = request.httprequest.form
        # sudo: service.part.request: names of spare parts only
        allowed = dict(
            request.env["service.part.request"].sudo()._get_portal_parts(points)
        )
        parts = {}
        pairs = zip(
            form.getlist("part_id")[:MAX_LINES],
            form.getlist("quantity")[:MAX_LINES],
            strict=False,
        )
        for part, quantity in pairs:
            part_id = self._service_id(part)
            if part_id in allowed:
                parts[part_id] = parts.get(part_id, 0) + self._read_quantity(quantity)
        parts = {part: quantity for part, quantity in parts.items() if quantity}
        if not parts:
            raise UserError(request.env._("Please choose at least one part."))
        return parts

    @route(
        f"{URL}/requests/<int:request_id>",
        type="http",
        auth="user",
        website=True,
        methods=["GET"],
        readonly=True,
    )
    def service_part_request(self, request_id, **kw):
        found = self._find_part_request(request_id)
        if not found:
            return self._service_not_found()
        return self._service_render(
            "service_portal.part_request_page",
            {
                "page_name": "service_part_request",
                "part_request": found._get_portal_page(),
            },
        )

    @route(
        f"{URL}/requests/<int:request_id>/<string:step>",
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
    )
    def service_part_request_step(self, request_id, step, parcel=None, **kw):
        found = self._find_part_request(request_id)
        if not found or step not in ("cancel", "ship"):
            return self._service_not_found()
        with self._service_action(request.env._("Noted.")):
            if step == "cancel":
                found.action_cancel()
            elif found.kind == "return":
                found.action_ship(self._service_text(parcel, 64))
        return self._service_redirect(f"{URL}/requests/{found.id}")

    # Old parts

    @route(
        f"{URL}/returns",
        type="http",
        auth="user",
        website=True,
        methods=["GET"],
        readonly=True,
    )
    def service_part_returns(self, **kw):
        if not request.env.user._get_own_part_points():
            return self._service_not_found()
        rows = self._get_returns().search(
            self._get_return_domain(), order="state, date_due, id", limit=200
        )
        return self._service_render(
            "service_portal.part_return_list",
            {
                "page_name": "service_part_returns",
                "rows": rows._get_portal_rows(),
                "has_due": any(row.state == "due" for row in rows),
            },
        )

    @route(
        f"{URL}/returns/send",
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
    )
    def service_part_send(self, parcel=None, **kw):
        ids = [
            self._service_id(value)
            for value in request.httprequest.form.getlist("return_id")[:200]
        ]
        rows = self._get_returns().search(
            self._get_return_domain()
            & Domain("id", "in", ids)
            & Domain("state", "=", "due")
        )
        if not rows:
            self._service_flash(
                request.env._("Please choose what is in the parcel."), "warning"
            )
            return self._service_redirect(f"{URL}/returns")
        with self._service_action(request.env._("Thank you. We expect the parcel.")):
            rows.action_send(self._service_text(parcel, 64))
        return self._service_redirect(f"{URL}/returns")

    # Counts

    @route(
        f"{URL}/counts/new",
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
    )
    def service_part_count_new(self, place_id=None, **kw):
        places = request.env.user._get_own_part_places()
        place = places.filtered(lambda row: row.id == self._service_id(place_id))
        if not place:
            return self._service_not_found()
        # sudo: service.part.count: of the own place
        counts = request.env["service.part.count"].sudo()
        count = counts.search(
            [
                ("location_id", "=", place.id),
                ("state", "in", ("draft", "counted", "refused")),
            ],
            limit=1,
        ) or counts.create({"location_id": place.id, "user_id": request.env.uid})
        return self._service_redirect(f"{URL}/counts/{count.id}")

    @route(
        f"{URL}/counts/<int:count_id>",
        type="http",
        auth="user",
        website=True,
        methods=["GET"],
        readonly=True,
    )
    def service_part_count(self, count_id, **kw):
        count = self._find_count(count_id)
        if not count:
            return self._service_not_found()
        return self._service_render(
            "service_portal.part_count_page",
            {"page_name": "service_part_count", "count": count._get_portal_page()},
        )

    @route(
        f"{URL}/counts/<int:count_id>/submit",
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
    )
    def service_part_count_submit(self, count_id, note=None, **post):
        count = self._find_count(count_id)
        if not count:
            return self._service_not_found()
        with self._service_action(
            request.env._("Thank you. The office looks at the differences.")
        ) as result:
            for line in count.line_ids:
                if f"counted_{line.id}" in post:
                    counted = self._read_quantity(post[f"counted_{line.id}"])
                    # What was left as it stood was not counted anew
                    if counted != line.counted:
                        line.counted = counted
            count.write(
                {
                    "note": self._service_text(note, 300),
                    "date": fields.Datetime.now(),
                    "user_id": request.env.uid,
                }
            )
            count.action_submit()
        return self._service_redirect(
            URL if result["done"] else f"{URL}/counts/{count_id}"
        )
