from odoo.http import request, route

from .common import ServicePortal


class CustomerRating(ServicePortal):
    """A customer rates an order, in the portal or from the mail.

    The mail's link is signed for one order, ends by itself, and is used up by the
    answer. Looking changes nothing: mail programs open links by themselves.
    """

    @route(
        "/my/service/orders/<int:order_id>/rate",
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
    )
    def service_order_rate(self, order_id, rating=None, feedback=None, **kw):
        order = self._find_own_order(order_id)
        if not order:
            return self._service_not_found()
        with self._service_action(request.env._("Thank you for your rating.")):
            order._rate(
                self._service_id(rating), self._service_text(feedback), way="portal"
            )
        return self._service_redirect(order.access_url)

    @route(
        "/service/rating/<string:token>",
        type="http",
        auth="public",
        website=True,
        methods=["GET"],
        readonly=True,
        sitemap=False,
    )
    def service_mail_rating(self, token, **kw):
        return self._render_mail_rating(token)

    @route(
        "/service/rating/<string:token>",
        type="http",
        auth="public",
        website=True,
        methods=["POST"],
        sitemap=False,
    )
    def service_mail_rating_send(self, token, rating=None, feedback=None, **kw):
        order = request.env["service.order"]._find_by_rating(token)
        answered = False
        if order:
            with self._service_action() as result:
                order._rate(self._service_id(rating), self._service_text(feedback))
            answered = result["done"]
        return self._render_mail_rating(token, answered)

    def _render_mail_rating(self, token, answered=False):
        """The form, thanks, or that there is nothing to rate (any more)."""
        order = request.env["service.order"]._find_by_rating(token)
        values = {
            "page_name": "service_rating",
            "answered": answered,
            "rate_url": f"/service/rating/{token}" if order else False,
        }
        if order:
            values["name"] = order.name
            values["type"] = order.type_id.name
        return self._service_render("service_portal.rating_page", values)
