from odoo.fields import Domain
from odoo.http import request, route

from .common import ServicePortal

URL = "/my/service/scorecards"


class PointScorecards(ServicePortal):
    """A service point's user sees the point's own scorecards, and may object."""

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if "service_scorecard_count" in counters:
            values["service_scorecard_count"] = request.env[
                "service.scorecard"
            ]._count_portal(self._get_scorecard_domain())
        return values

    def _get_scorecard_domain(self) -> Domain:
        points = request.env.user.service_point_ids
        return Domain("point_id", "in", points.ids) & Domain("is_current", "=", True)

    def _find_scorecard(self, card_id):
        return request.env["service.scorecard"]._search_portal(
            self._get_scorecard_domain() & Domain("id", "=", card_id)
        )

    @route(
        [URL, f"{URL}/page/<int:page>"],
        type="http",
        auth="user",
        website=True,
        methods=["GET"],
        readonly=True,
    )
    def service_scorecards(self, page=1, filterby=None, **kw):
        if not request.env.user.service_point_ids:
            return self._service_not_found()
        options = {
            "sortings": {
                "date": {
                    "label": request.env._("Newest"),
                    "order": "date_start desc, kind, score desc, id",
                }
            },
            "filters": {
                "point": {
                    "label": request.env._("Service point"),
                    "domain": Domain("kind", "=", "point"),
                },
                "technician": {
                    "label": request.env._("Technicians"),
                    "domain": Domain("kind", "=", "technician"),
                },
            },
        }
        cards, values = self._service_list(
            request.env["service.scorecard"],
            URL,
            self._get_scorecard_domain(),
            page,
            options,
            filterby=filterby,
        )
        return self._service_render(
            "service_portal.scorecard_list",
            {
                **values,
                "page_name": "service_scorecards",
                "rows": cards._get_portal_rows(),
            },
        )

    @route(
        f"{URL}/<int:card_id>",
        type="http",
        auth="user",
        website=True,
        methods=["GET"],
        readonly=True,
    )
    def service_scorecard(self, card_id, **kw):
        card = self._find_scorecard(card_id)
        if not card:
            return self._service_not_found()
        return self._service_render(
            "service_portal.scorecard_page",
            {"page_name": "service_scorecard", "card": card._get_portal_page()},
        )

    @route(
        f"{URL}/<int:card_id>/appeal",
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
    )
    def service_scorecard_appeal(self, card_id, text=None, **kw):
        card = self._find_scorecard(card_id)
        if not card or not card._can_appeal():
            return self._service_not_found()
        with self._service_action(request.env._("Your appeal was sent.")):
            card._appeal(self._service_text(text, 3000))
        return self._service_redirect(f"{URL}/{card_id}")
