from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.http import request, route

from .common import ServicePortal
from .photo import read_photos

OPEN_STATES = ("new", "offered", "accepted", "scheduled", "in_progress", "done")
CLOSED_STATES = ("closed", "cancelled")


class CustomerOrders(ServicePortal):
    """A customer follows the own requests."""

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        orders = request.env["service.order"]
        own = orders._get_customer_domain()
        if "service_order_count" in counters:
            values["service_order_count"] = orders._count_portal(own)
        if "service_confirm_count" in counters:
            values["service_confirm_count"] = orders._count_portal(
                own & Domain("state", "=", "done")
            )
        return values

    def _find_own_order(self, order_id):
        """The customer's own order, in sudo for building its page, or none."""
        model = request.env["service.order"]
        return model._search_portal(
            model._get_customer_domain() & Domain("id", "=", order_id)
        )

    @route(
        ["/my/service/orders", "/my/service/orders/page/<int:page>"],
        type="http",
        auth="user",
        website=True,
        methods=["GET"],
        readonly=True,
    )
    def service_orders(
        self, page=1, sortby=None, filterby=None, search=None, search_in=None, **kw
    ):
        model = request.env["service.order"]
        orders, values = self._service_list(
            model,
            "/my/service/orders",
            model._get_customer_domain(),
            page,
            self._get_service_order_options(),
            sortby=sortby,
            filterby=filterby,
            search=search,
            search_in=search_in,
        )
        return self._service_render(
            "service_portal.order_list",
            {
                **values,
                "page_name": "service_orders",
                "rows": orders._get_portal_rows(),
            },
        )

    def _get_service_order_options(self) -> dict:
        return {
            "sortings": {
                "date": {
                    "label": request.env._("Newest"),
                    "order": "date_request desc, id desc",
                },
                "name": {
                    "label": request.env._("Number"),
                    "order": "name desc, id desc",
                },
                "state": {
                    "label": request.env._("Status"),
                    "order": "stage_id, id desc",
                },
            },
            "filters": {
                "all": {"label": request.env._("All"), "domain": Domain.TRUE},
                "open": {
                    "label": request.env._("Open"),
                    "domain": Domain("state", "in", OPEN_STATES),
                },
                "closed": {
                    "label": request.env._("Closed"),
                    "domain": Domain("state", "in", CLOSED_STATES),
                },
            },
            "inputs": {
                "all": {
                    "label": request.env._("Search in requests"),
                    "domain": lambda term: Domain.OR(
                        Domain(field, "ilike", term)
                        for field in (
                            "name",
                            "description",
                            "asset_id.name",
                            "product_id.name",
                        )
                    ),
                },
            },
        }

    @route(
        "/my/service/orders/<int:order_id>",
        type="http",
        auth="user",
        website=True,
        methods=["GET"],
        readonly=True,
    )
    def service_order(self, order_id, **kw):
        order = self._find_own_order(order_id)
        if not order:
            return self._service_not_found()
        return self._service_render(
            "service_portal.order_page",
            {"page_name": "service_order", "order": order._get_portal_page()},
        )

    @route(
        "/my/service/orders/<int:order_id>/photos/<int:photo_id>",
        type="http",
        auth="user",
        methods=["GET"],
        readonly=True,
    )
    def service_order_photo(self, order_id, photo_id, **kw):
        order = self._find_own_order(order_id)
        photo = order and order._find_portal_photo(
            photo_id, order._get_public_messages()
        )
        return self._service_photo(photo)

    def _service_photo(self, photo):
        """A picture that was found through its order; nothing else is served."""
        if not photo:
            return request.not_found()
        stream = request.env["ir.binary"]._get_stream_from(photo)
        return stream.get_response(
            as_attachment=False, content_security_policy="default-src 'none'"
        )

    # What a customer does

    @route(
        "/my/service/orders/<int:order_id>/message",
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
    )
    def service_order_message(self, order_id, body=None, **kw):
        order = self._find_own_order(order_id)
        if not order:
            return self._service_not_found()
        body = self._service_text(body)
        files = request.httprequest.files.getlist("photos")
        with self._service_action(request.env._("Your message was sent.")):
            photos = read_photos(request.env, files)
            order._write_by_customer(body, photos)
        return self._service_redirect(order.access_url)

    @route(
        "/my/service/orders/<int:order_id>/reschedule",
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
    )
    def service_order_reschedule(self, order_id, preferred=None, **kw):
        order = self._find_own_order(order_id)
        if not order:
            return self._service_not_found()
        with self._service_action(
            request.env._("Your wish was passed on. We will get back to you.")
        ):
            order._ask_other_time(self._service_text(preferred, 300))
        return self._service_redirect(order.access_url)

    @route(
        "/my/service/orders/<int:order_id>/window",
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
    )
    def service_order_window(self, order_id, window=None, **kw):
        order = self._find_own_order(order_id)
        if not order:
            return self._service_not_found()
        with self._service_action(request.env._("We will come at the time you chose.")):
            if not order._can_reschedule():
                raise UserError(request.env._("The time cannot be changed any more."))
            order._book_slot(*order._read_window(self._service_text(window, 60)))
        return self._service_redirect(order.access_url)

    @route(
        "/my/service/orders/<int:order_id>/cancel",
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
    )
    def service_order_cancel(self, order_id, reason=None, **kw):
        order = self._find_own_order(order_id)
        if not order:
            return self._service_not_found()
        with self._service_action(request.env._("Your request was cancelled.")):
            order._cancel_by_customer(self._service_text(reason, 300))
        return self._service_redirect(order.access_url)

    @route(
        "/my/service/orders/<int:order_id>/confirm",
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
    )
    def service_order_confirm(self, order_id, **kw):
        order = self._find_own_order(order_id)
        if not order:
            return self._service_not_found()
        with self._service_action(request.env._("Thank you for confirming.")):
            order._confirm_by_customer()
        return self._service_redirect(order.access_url)
