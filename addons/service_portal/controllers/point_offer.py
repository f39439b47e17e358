from odoo.fields import Domain
from odoo.http import request, route

from .common import ServicePortal


class PointOffers(ServicePortal):
    """A service point's user answers what is offered to the point."""

    def _prepare_portal_layout_values(self):
        values = super()._prepare_portal_layout_values()
        # sudo: env.user is read in sudo: which cards the home page shows
        values["is_service_point_user"] = bool(request.env.user.service_point_ids)
        return values

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if "service_offer_count" in counters:
            offers = request.env["service.offer"]
            values["service_offer_count"] = offers._count_portal(
                offers._get_open_domain()
            )
        return values

    def _find_open_offer(self, offer_id):
        """An offer that waits for the user's answer, in sudo, or none."""
        model = request.env["service.offer"]
        return model._search_portal(
            model._get_open_domain() & Domain("id", "=", offer_id)
        )

    @route(
        ["/my/service/offers", "/my/service/offers/page/<int:page>"],
        type="http",
        auth="user",
        website=True,
        methods=["GET"],
        readonly=True,
    )
    def service_offers(self, page=1, sortby=None, **kw):
        if not request.env.user.service_point_ids:
            return self._service_not_found()
        model = request.env["service.offer"]
        offers, values = self._service_list(
            model,
            "/my/service/offers",
            model._get_open_domain(),
            page,
            self._get_service_offer_options(),
            sortby=sortby,
        )
        return self._service_render(
            "service_portal.offer_list",
            {
                **values,
                "page_name": "service_offers",
                "rows": offers._get_portal_rows(),
            },
        )

    def _get_service_offer_options(self) -> dict:
        return {
            "sortings": {
                "expires": {
                    "label": request.env._("Answer by"),
                    "order": "expires_at, id",
                },
                "offered": {
                    "label": request.env._("Newest"),
                    "order": "offered_at desc, id desc",
                },
            }
        }

    @route(
        "/my/service/offers/<int:offer_id>",
        type="http",
        auth="user",
        website=True,
        methods=["GET"],
        readonly=True,
    )
    def service_offer(self, offer_id, **kw):
        offer = self._find_open_offer(offer_id)
        if not offer:
            return self._service_offer_gone()
        page = offer._get_portal_page()
        return self._service_render(
            "service_portal.offer_page",
            {
                "page_name": "service_offer",
                "offer": page,
                "answer_url": page["url"],
                "reasons": self._get_reject_reasons(),
            },
        )

    @route(
        "/my/service/offers/<int:offer_id>/photos/<int:photo_id>",
        type="http",
        auth="user",
        methods=["GET"],
        readonly=True,
    )
    def service_offer_photo(self, offer_id, photo_id, **kw):
        order = self._find_open_offer(offer_id).order_id
        photo = order and order._find_portal_photo(
            photo_id, order._get_job_public_messages()
        )
        return self._service_photo(photo)

    @route(
        "/my/service/offers/<int:offer_id>/accept",
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
    )
    def service_offer_accept(self, offer_id, **kw):
        offer = self._find_open_offer(offer_id)
        if not offer:
            return self._service_offer_gone()
        with self._service_action(
            request.env._("The order is yours. Please plan the visit.")
        ) as result:
            offer._accept("portal")
        if result["done"]:
            return self._service_redirect(f"/my/service/jobs/{offer.order_id.id}")
        return self._service_redirect("/my/service/offers")

    @route(
        "/my/service/offers/<int:offer_id>/refuse",
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
    )
    def service_offer_refuse(self, offer_id, reason_id=None, note=None, **kw):
        offer = self._find_open_offer(offer_id)
        if not offer:
            return self._service_offer_gone()
        with self._service_action(request.env._("You refused the offer.")) as result:
            offer._reject(
                "portal", self._service_id(reason_id), self._service_text(note, 500)
            )
        if result["done"]:
            return self._service_redirect("/my/service/offers")
        return self._service_redirect(f"/my/service/offers/{offer_id}")

    def _service_offer_gone(self):
        """The same for an offer that ended, never was, or is somebody else's."""
        if not request.env.user.service_point_ids:
            return self._service_not_found()
        self._service_flash(
            request.env._("There is no such offer (any more)."), "warning"
        )
        return self._service_redirect("/my/service/offers")
