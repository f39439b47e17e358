from odoo.fields import Domain
from odoo.http import request, route

from odoo.addons.portal.controllers.portal import pager

from .point_settlement import MAX_TEXT, PAGE_SIZE, PointSettlements, _get_id, _get_text

CLAIMS_URL = "/my/claims"
FILTERS = {
    "all": Domain.TRUE,
    "sent_back": Domain("state", "=", "sent_back"),
    "rejected": Domain("state", "in", ("rejected", "appealed")),
    "open": Domain("state", "in", ("unpriced", "draft", "checked", "sent_back")),
}


class PointClaims(PointSettlements):
    """A service point reads what it claims for each order, files amounts of its own,
    adds evidence, answers, appeals, and asks before costly work.

    Claims are looked up in sudo within the user's own points, for they are shown also
    while they stand on a statement that is not issued; what the user may do with one
    the claim itself says.
    """

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if "service_claim_count" in counters:
            values["service_claim_count"] = self._get_claims_sudo().search_count(
                self._get_claim_domain() & FILTERS["sent_back"]
            )
        return values

    def _get_claims_sudo(self):
        # sudo: service.claim: see the docstring
        return request.env["service.claim"].sudo()

    def _get_claim_domain(self) -> Domain:
        return Domain("point_id", "in", request.env.user.service_point_ids.ids)

    def _find_claim(self, claim_id):
        return self._get_claims_sudo().search(
            self._get_claim_domain() & Domain("id", "=", claim_id), limit=1
        )

    def _claim_back(self, claim_id):
        return request.redirect(f"{CLAIMS_URL}/{claim_id}", code=303)

    # Pages

    @route(
        [CLAIMS_URL, f"{CLAIMS_URL}/page/<int:page>"],
        type="http",
        auth="user",
        website=True,
        methods=["GET"],
        readonly=True,
    )
    def service_claims(self, page=1, filterby=None, **kw):
        if not request.env.user.service_point_ids:
            return self._settlement_not_found()
        filterby = filterby if filterby in FILTERS else "all"
        claims = self._get_claims_sudo()
        domain = self._get_claim_domain() & FILTERS[filterby]
        pages = pager(
            url=CLAIMS_URL,
            total=claims.search_count(domain),
            page=page,
            step=PAGE_SIZE,
            url_args={"filterby": filterby},
        )
        found = claims.search(
            domain,
            order="date desc, id desc",
            limit=PAGE_SIZE,
            offset=max(pages["offset"], 0),
        )
        return self._settlement_render(
            "service_settlement.portal_claim_list",
            {
                "page_name": "service_claims",
                "pager": pages,
                "default_url": CLAIMS_URL,
                "filterby": filterby,
                "searchbar_filters": {
                    "all": {"label": request.env._("All")},
                    "sent_back": {"label": request.env._("Sent back to you")},
                    "open": {"label": request.env._("Not decided")},
                    "rejected": {"label": request.env._("Rejected")},
                },
                "rows": found._get_portal_rows(),
            },
        )

    @route(
        f"{CLAIMS_URL}/<int:claim_id>",
        type="http",
        auth="user",
        website=True,
        methods=["GET"],
        readonly=True,
    )
    def service_claim(self, claim_id, **kw):
        claim = self._find_claim(claim_id)
        if not claim:
            return self._settlement_not_found()
        return self._settlement_render(
            "service_settlement.portal_claim_page",
            {"page_name": "service_claim", "page": claim._get_portal_page()},
        )

    @route(
        f"{CLAIMS_URL}/ask",
        type="http",
        auth="user",
        website=True,
        methods=["GET"],
        readonly=True,
    )
    def service_claim_ask(self, **kw):
        points = request.env.user.service_point_ids
        if not points:
            return self._settlement_not_found()
        # sudo: service.order, service.claim.authorisation: the number of own orders
        orders_sudo = request.env["service.order"].sudo()
        asked_sudo = request.env["service.claim.authorisation"].sudo()
        return self._settlement_render(
            "service_settlement.portal_claim_ask",
            {
                "page_name": "service_claim_ask",
                "orders": [
                    (order.id, order.name)
                    for order in orders_sudo.search(
                        orders_sudo._get_authorisable_domain(points),
                        order="id desc",
                        limit=200,
                    )
                ],
                "rows": asked_sudo.search(
                    [("point_id", "in", points.ids)], limit=50
                )._get_portal_rows(),
            },
        )

    # What the point does

    @route(
        f"{CLAIMS_URL}/ask",
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
    )
    def service_claim_ask_send(self, order_id=None, amount=None, note=None, **kw):
        points = request.env.user.service_point_ids
        # sudo: service.order: one of the own orders
        orders_sudo = request.env["service.order"].sudo()
        order = orders_sudo.search(
            orders_sudo._get_authorisable_domain(points)
            & Domain("id", "=", _get_id(order_id)),
            limit=1,
        )
        if not order:
            return self._settlement_not_found()
        with self._settlement_action(request.env._("Your question was sent.")):
            request.env["service.claim.authorisation"]._ask(
                order, self._get_amount(amount), _get_text(note, MAX_TEXT)
            )
        return request.redirect(f"{CLAIMS_URL}/ask", code=303)

    @route(
        f"{CLAIMS_URL}/<int:claim_id>/file",
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
    )
    def service_claim_file(self, claim_id, kind=None, amount=None, note=None, **kw):
        claim = self._find_claim(claim_id)
        if not claim:
            return self._settlement_not_found()
        with self._settlement_action(request.env._("Your amount was filed.")):
            row = {
                "kind": _get_text(kind, 20),
                "amount": self._get_amount(amount),
                "note": _get_text(note, 200),
            }
            self._add_files(claim)
            claim.sudo(False)._file([row])
        return self._claim_back(claim_id)

    @route(
        f"{CLAIMS_URL}/<int:claim_id>/evidence",
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
    )
    def service_claim_evidence(self, claim_id, **kw):
        claim = self._find_claim(claim_id)
        if not claim:
            return self._settlement_not_found()
        with self._settlement_action(request.env._("Your files were added.")):
            self._add_files(claim)
        return self._claim_back(claim_id)

    @route(
        f"{CLAIMS_URL}/<int:claim_id>/answer",
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
    )
    def service_claim_answer(self, claim_id, text=None, **kw):
        claim = self._find_claim(claim_id)
        if not claim:
            return self._settlement_not_found()
        with self._settlement_action(request.env._("Your answer was sent.")):
            self._add_files(claim)
            claim.sudo(False)._answer(_get_text(text, MAX_TEXT))
        return self._claim_back(claim_id)

    @route(
        f"{CLAIMS_URL}/<int:claim_id>/appeal",
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
    )
    def service_claim_appeal(self, claim_id, text=None, **kw):
        claim = self._find_claim(claim_id)
        if not claim:
            return self._settlement_not_found()
        with self._settlement_action(request.env._("Your appeal was sent.")):
            claim.sudo(False)._appeal(_get_text(text, MAX_TEXT))
            self._add_files(claim)
        return self._claim_back(claim_id)

    def _add_files(self, claim):
        files = self._read_files()
        if files:
            claim.sudo(False)._add_evidence(files)
