from datetime import timedelta

from odoo import fields
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.http import request, route

from odoo.addons.service_portal.models.dispatch.service_technician import MAX_LISTED

from .point_application import DOCUMENT_TONES, PointApplications

MAX_CAPACITY = 10000
MAX_HOURS = 1000
LATEST_CLOSURE = 730
STATE_TONES = {
    "applied": "info",
    "probation": "info",
    "active": "success",
    "suspended": "warning",
    "terminated": "danger",
}


class PointData(PointApplications):
    """A point's own data in the portal: documents, capacity, tools, closed days. What
    is changed is said in the chatter of the point."""

    def _find_own_point(self, point_id):
        """The user's own point (sudo), or none."""
        points = request.env.user._get_own_service_points()
        return points.filtered(lambda point: point.id == self._service_id(point_id))

    @route(
        "/my/service/point",
        type="http",
        auth="user",
        website=True,
        methods=["GET"],
        readonly=True,
    )
    def service_point_data(self, **kw):
        points = request.env.user._get_own_service_points()
        if not points:
            return self._service_not_found()
        return self._service_render(
            "service_portal.point_data_page",
            {
                "page_name": "service_point_data",
                "points": [self._get_point_page(point) for point in points[:20]],
                "today": fields.Date.context_today(request.env.user),
            },
        )

    def _get_point_page(self, point) -> dict:
        env = request.env
        documents = point.document_ids
        doc_states = dict(documents._fields["state"]._description_selection(env))
        states = dict(point._fields["state"]._description_selection(env))
        today = fields.Date.context_today(point)
        types = env["service.document.type"].sudo()
        return {
            "id": point.id,
            "name": point.display_name,
            "state": states[point.state],
            "tone": STATE_TONES[point.state],
            "change": self._get_leaving_change(point),
            "coverage": self._get_coverage_rows(point),
            "phone": point.phone,
            "email": point.email,
            "address": point.partner_id._display_address(without_company=True).strip(),
            "grade": point.grade and point.grade.upper(),
            "warning": point.document_warning,
            "daily_capacity": point.daily_capacity,
            "next_closed": point.next_closed,
            "documents": [
                {
                    "name": document.type_id.name,
                    "number": document.number,
                    "valid_to": document.valid_to,
                    "label": doc_states[document.state],
                    "tone": DOCUMENT_TONES[document.state],
                }
                for document in documents
            ],
            "types": [
                (kept.id, kept.name) for kept in types._get_for(point.kind, "partner")
            ],
            "capacities": self._get_capacity_rows(point),
            "tools": [
                (tool.id, tool.name, tool in point.tool_ids)
                for tool in self._get_tools()
            ],
            "closures": [
                {
                    "id": closure.id,
                    "name": closure.name,
                    "start": closure.date_from,
                    "end": closure.date_to,
                }
                for closure in point.closure_ids
                if closure.date_to >= today
            ],
        }

    def _get_leaving_change(self, point) -> dict:
        """When and why the point was told that it gets no orders, if it gets none."""
        if point.state not in ("suspended", "terminated"):
            return {}
        change = point.change_ids[:1]
        return {"date": change.date, "reason": change.reason} if change else {}

    def _get_coverage_rows(self, point) -> list[dict]:
        """What the point serves, as the network's manager has entered it."""
        today = fields.Date.context_today(point)
        rows = []
        for row in point.coverage_ids:
            if row.valid_to and row.valid_to < today:
                continue
            what = [
                ", ".join(records.mapped("name"))
                for records in (row.type_ids, row.category_ids, row.brand_ids)
                if records
            ]
            rows.append(
                {
                    "place": row.place,
                    "what": " · ".join(what) or request.env._("Everything"),
                    "is_exclusion": row.is_exclusion,
                    "level": row.level,
                    "orders": row.daily_capacity,
                    "start": row.valid_from
                    if (row.valid_from or today) > today
                    else None,
                    "end": row.valid_to,
                }
            )
        return rows

    def _get_capacity_rows(self, point) -> list[dict]:
        """What the point takes a day: of all services together, then of each."""
        rows = {row.type_id.id: row for row in point.capacity_ids}
        # sudo: service.type: the services that a point may be asked for
        types = request.env["service.type"].sudo().search([("visit_required", "=", 1)])
        return [
            {
                "id": key or 0,
                "name": name,
                "orders": rows[key].orders_a_day if key in rows else 0,
                "hours": rows[key].hours_a_day if key in rows else 0.0,
            }
            for key, name in [
                (False, request.env._("All services")),
                *((kind.id, kind.name) for kind in types),
            ]
        ]

    @route(
        "/my/service/point/document",
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
    )
    def service_point_document(self, point_id=None, **post):
        point = self._find_own_point(point_id)
        if not point:
            return self._service_not_found()
        with self._service_action(request.env._("Thank you, we have it.")):
            self._file_document(point, post)
            self._tell(point, request.env._("A document was handed in."))
        return self._service_redirect("/my/service/point")

    @route(
        "/my/service/point/capacity",
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
    )
    def service_point_capacity(self, point_id=None, daily_capacity=None, **kw):
        point = self._find_own_point(point_id)
        if not point:
            return self._service_not_found()
        with self._service_action(request.env._("Your capacity was changed.")):
            orders = self._service_id(daily_capacity)
            if not 0 < orders <= MAX_CAPACITY:
                raise UserError(request.env._("Please give the orders a day."))
            before = point.daily_capacity
            point.daily_capacity = orders
            self._tell(
                point,
                request.env._(
                    "Orders a day: %(before)s → %(after)s", before=before, after=orders
                ),
            )
        return self._service_redirect("/my/service/point")

    def _get_tools(self):
        # sudo: service.tool: the same list as for the people of a point
        tools = request.env["service.tool"].sudo()
        return tools.search(Domain.TRUE, limit=MAX_LISTED)

    @route(
        "/my/service/point/tools",
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
    )
    def service_point_tools(self, point_id=None, **kw):
        """Which tools lie at the point, for its technicians to fetch."""
        point = self._find_own_point(point_id)
        if not point:
            return self._service_not_found()
        with self._service_action(request.env._("The tools were changed.")):
            listed = self._get_tools()
            form = request.httprequest.form
            chosen = {self._service_id(key) for key in form.getlist("tool_ids")}
            before = point.with_context(active_test=False).tool_ids
            after = before - listed
            after |= listed.filtered(lambda tool: tool.id in chosen)
            if after != before:
                point.tool_ids = after
                self._tell(
                    point,
                    request.env._(
                        "Tools at the point: %(tools)s",
                        tools=", ".join(after.mapped("name")) or "–",
                    ),
                )
        return self._service_redirect("/my/service/point")

    @route(
        "/my/service/point/capacity/type",
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
    )
    def service_point_type_capacity(
        self, point_id=None, type_id=None, orders=None, hours=None, **kw
    ):
        """Limits of one service type, or of all together; without any, the row goes."""
        point = self._find_own_point(point_id)
        if not point:
            return self._service_not_found()
        with self._service_action(request.env._("Your capacity was changed.")):
            rows = {row["id"]: row["name"] for row in self._get_capacity_rows(point)}
            key = self._service_id(type_id)
            if key not in rows:
                raise UserError(request.env._("Please choose a service."))
            vals = {
                "orders_a_day": self._service_id(orders),
                "hours_a_day": self._read_hours(hours),
            }
            if not 0 <= vals["orders_a_day"] <= MAX_CAPACITY:
                raise UserError(request.env._("Please give the orders a day."))
            kept = point.capacity_ids.filtered(lambda row: (row.type_id.id or 0) == key)
            if not any(vals.values()):
                kept.unlink()
            elif kept:
                kept.write(vals)
            else:
                # sudo: service.point.capacity: of the user's own point
                request.env["service.point.capacity"].sudo().create(
                    {"point_id": point.id, "type_id": key or False, **vals}
                )
            self._tell(
                point,
                request.env._(
                    "Capacity of %(service)s: %(orders)s orders, %(hours)s hours a day",
                    service=rows[key],
                    orders=vals["orders_a_day"] or "∞",
                    hours=vals["hours_a_day"] or "∞",
                ),
            )
        return self._service_redirect("/my/service/point")

    def _read_hours(self, text) -> float:
        try:
            hours = float(self._service_text(text, 20) or 0)
        except ValueError:
            hours = -1.0
        # What is no number is not between these either
        if not 0 <= hours <= MAX_HOURS:
            raise UserError(request.env._("Please give the hours a day as a number."))
        return round(hours, 2)

    @route(
        "/my/service/point/closure/remove",
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
    )
    def service_point_closure_remove(self, point_id=None, closure_id=None, **kw):
        """Open again: coming closed days go, begun ones end with yesterday."""
        point = self._find_own_point(point_id)
        if not point:
            return self._service_not_found()
        with self._service_action(request.env._("You are open again on these days.")):
            today = fields.Date.context_today(point)
            key = self._service_id(closure_id)
            closure = point.closure_ids.filtered(
                lambda row: row.id == key and row.date_to >= today
            )
            if not closure:
                raise UserError(
                    request.env._("These closed days have been removed already.")
                )
            text = request.env._(
                "No longer closed from %(start)s to %(end)s: %(name)s",
                start=max(closure.date_from, today),
                end=closure.date_to,
                name=closure.name,
            )
            if closure.date_from < today:
                closure.date_to = today - timedelta(days=1)
            else:
                closure.unlink()
            self._tell(point, text)
        return self._service_redirect("/my/service/point")

    @route(
        "/my/service/point/closure",
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
    )
    def service_point_closure(
        self, point_id=None, name=None, date_from=None, date_to=None, **kw
    ):
        point = self._find_own_point(point_id)
        if not point:
            return self._service_not_found()
        with self._service_action(request.env._("The closed days were added.")):
            try:
                start = fields.Date.to_date(self._service_text(date_from, 10) or False)
                end = fields.Date.to_date(self._service_text(date_to, 10)) or start
            except ValueError:
                start = end = None
            today = fields.Date.context_today(point)
            last = today + timedelta(days=LATEST_CLOSURE)
            if not start or not today <= start <= end <= last:
                raise UserError(
                    request.env._("Please give coming days, first to last.")
                )
            name = self._service_text(name, 100) or request.env._("Closed")
            # sudo: service.point.closure: of the user's own point
            request.env["service.point.closure"].sudo().create(
                {
                    "point_id": point.id,
                    "name": name,
                    "date_from": start,
                    "date_to": end,
                }
            )
            self._tell(
                point,
                request.env._(
                    "Closed from %(start)s to %(end)s: %(name)s",
                    start=start,
                    end=end,
                    name=name,
                ),
            )
        return self._service_redirect("/my/service/point")

    def _tell(self, point, text):
        point.message_post(
            body=text,
            author_id=request.env.user.partner_id.id,
            subtype_xmlid="mail.mt_note",
        )
