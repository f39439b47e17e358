from odoo.http import request, route

from .common import ServicePortal


class PointOfferMail(ServicePortal):
    """A point answers an offer from its mail, without signing in.

    The link is signed for one offer and ends with it. Looking changes nothing: mail
    programs open links by themselves.
    """

    @route(
        "/service/offer/<string:token>",
        type="http",
        auth="public",
        website=True,
        methods=["GET"],
        readonly=True,
        sitemap=False,
    )
    def service_mail_offer(self, token, **kw):
        return self._render_mail_offer(request.env["service.offer"], token)

    @route(
        "/service/offer/<string:token>/accept",
        type="http",
        auth="public",
        website=True,
        methods=["POST"],
        sitemap=False,
    )
    def service_mail_offer_accept(self, token, **kw):
        offer = request.env["service.offer"]._find_by_answer(token)
        if not offer:
            return self._render_mail_offer(offer, token)
        with self._service_action() as result:
            offer._accept("mail")
        return self._render_mail_offer(
            offer, token, "accepted" if result["done"] else ""
        )

    @route(
        "/service/offer/<string:token>/refuse",
        type="http",
        auth="public",
        website=True,
        methods=["POST"],
        sitemap=False,
    )
    def service_mail_offer_refuse(self, token, reason_id=None, note=None, **kw):
        offer = request.env["service.offer"]._find_by_answer(token)
        if not offer:
            return self._render_mail_offer(offer, token)
        with self._service_action() as result:
            offer._reject(
                "mail", self._service_id(reason_id), self._service_text(note, 500)
            )
        return self._render_mail_offer(
            offer, token, "refused" if result["done"] else ""
        )

    def _render_mail_offer(self, offer, token, answered=""):
        """The offer with its buttons, what was answered, or that it has ended."""
        values = {"page_name": "service_mail_offer", "answered": answered}
        if answered == "accepted":
            values["job_url"] = f"/my/service/jobs/{offer.order_id.id}"
            values["name"] = offer.order_id.name
        elif not answered:
            offer = offer._find_by_answer(token)
            if offer:
                # One language for all of the page: the one its template is in
                page = offer.with_context(lang=request.env.lang)._get_portal_page()
                values |= {
                    "offer": {**page, "photos": []},
                    "answer_url": f"/service/offer/{token}",
                    "reasons": self._get_reject_reasons(),
                }
        return self._service_render("service_portal.offer_mail_page", values)
