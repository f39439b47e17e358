from datetime import timedelta

from odoo import fields
from odoo.exceptions import UserError
from odoo.http import request, route

from .point_application import PointApplications

MAX_CAPACITY = 10000
LATEST_CLOSURE = 730


class PointData(PointApplications):
    """A point's own data in the portal: documents, capacity, closed days. What is
    changed is said in the chatter of the point."""

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
                }
                for document in documents
            ],
            "types": [
                (kept.id, kept.name) for kept in types._get_for(point.kind, "partner")
            ],
            "capacities": [
                (row.type_id.name, row.orders_a_day, row.hours_a_day)
                for row in point.capacity_ids
            ],
            "closures": [
                (closure.name, closure.date_from, closure.date_to)
                for closure in point.closure_ids
                if closure.date_to >= today
            ],
        }

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
                start = fields.Date.to_date(date_from or False)
                end = fields.Date.to_date(date_to or False) or start
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
