from odoo.fields import Domain
from odoo.http import request, route

from .common import ServicePortal
from .document import read_document


class CustomerAssets(ServicePortal):
    """The customer's products and what was promised for them."""

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if "service_asset_count" in counters:
            assets = request.env["service.asset"]
            values["service_asset_count"] = assets._count_portal(
                assets._get_customer_domain()
            )
        return values

    @route(
        ["/my/service/assets", "/my/service/assets/page/<int:page>"],
        type="http",
        auth="user",
        website=True,
        methods=["GET"],
        readonly=True,
    )
    def service_assets(self, page=1, sortby=None, search=None, search_in=None, **kw):
        model = request.env["service.asset"]
        assets, values = self._service_list(
            model,
            "/my/service/assets",
            model._get_customer_domain(),
            page,
            self._get_service_asset_options(),
            sortby=sortby,
            search=search,
            search_in=search_in,
        )
        return self._service_render(
            "service_portal.asset_list",
            {
                **values,
                "page_name": "service_assets",
                "rows": assets._get_portal_rows(),
            },
        )

    @route(
        "/my/service/assets/<int:asset_id>",
        type="http",
        auth="user",
        website=True,
        methods=["GET"],
        readonly=True,
    )
    def service_asset(self, asset_id, **kw):
        asset = self._find_own_asset(asset_id)
        if not asset:
            return self._service_not_found()
        orders = request.env["service.order"]
        orders = orders._search_portal(
            orders._get_customer_domain() & Domain("asset_id", "=", asset.id),
            order="date_request desc",
            limit=10,
        )
        return self._service_render(
            "service_portal.asset_page",
            {
                "page_name": "service_asset",
                "asset": asset._get_portal_page(),
                "rows": orders._get_portal_rows(),
            },
        )

    @route(
        "/my/service/assets/<int:asset_id>/pictures/<int:diagram_id>",
        type="http",
        auth="user",
        methods=["GET"],
        readonly=True,
    )
    def service_asset_picture(self, asset_id, diagram_id, **kw):
        """A parts picture that was found through the customer's own product."""
        asset = self._find_own_asset(asset_id)
        diagram = asset and asset._get_customer_diagrams().filtered(
            lambda diagram: diagram.id == diagram_id
        )
        if not diagram:
            return request.not_found()
        stream = request.env["ir.binary"]._get_stream_from(diagram, "image")
        return stream.get_response(
            as_attachment=False, content_security_policy="default-src 'none'"
        )

    @route(
        "/my/service/assets/<int:asset_id>/document",
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
    )
    def service_asset_document(self, asset_id, code=None, **post):
        """A photo or a PDF of what the warranty asks to be shown."""
        asset = self._find_own_asset(asset_id)
        if not asset:
            return self._service_not_found()
        with self._service_action(
            request.env._("Thank you. We look at it and tell you here.")
        ):
            name, content = read_document(
                request.env, request.httprequest.files.get("file")
            )
            # sudo: service.warranty.proof: for the asset that was found as the user's
            request.env["service.warranty.proof"].sudo()._hand_in(
                asset, self._service_text(code, 64), name, content
            )
        return self._service_redirect(f"/my/service/assets/{asset.id}#documents")

    def _find_own_asset(self, asset_id):
        """The asset in sudo, if it is the customer's."""
        model = request.env["service.asset"]
        return model._search_portal(
            model._get_customer_domain() & Domain("id", "=", asset_id)
        )

    def _get_service_asset_options(self) -> dict:
        return {
            "sortings": {
                "name": {"label": request.env._("Product"), "order": "name, id"},
                "warranty": {
                    "label": request.env._("Warranty end"),
                    "order": "warranty_end desc, id desc",
                },
            },
            "inputs": {
                "all": {
                    "label": request.env._("Search in products"),
                    "domain": lambda term: (
                        Domain("name", "ilike", term)
                        | Domain("serial", "ilike", term)
                        | Domain("place", "ilike", term)
                    ),
                },
            },
        }
