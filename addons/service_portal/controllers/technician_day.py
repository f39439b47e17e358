import hashlib
import json

from odoo import fields
from odoo.exceptions import UserError
from odoo.http import request, route
from odoo.tools import file_open

from .common import ServicePortal
from .photo import read_photo

BUNDLE = "service_portal.assets_day"
PAGE = "/my/service/day"
WORKER = "service_portal/static/src/day/worker/service_worker.js"
# Raised when devices and server stop understanding each other's operations.
PROTOCOL = 1


class TechnicianDay(ServicePortal):
    """The page on which technicians work, with a network or without.

    The page holds no data: the device asks for its visits (``pull``), sends what was
    done as numbered operations (``sync``) and photos one by one (``photo``). All that
    may be read and done is decided by the models, for the visits of the user's crew.
    """

    def _is_technician(self) -> bool:
        # sudo: service.technician: whether the user is one
        technicians = request.env["service.technician"].sudo()
        return bool(
            technicians.search_count([("user_id", "=", request.env.uid)], limit=1)
        )

    def _prepare_portal_layout_values(self):
        values = super()._prepare_portal_layout_values()
        values["is_service_technician"] = self._is_technician()
        return values

    def _get_day_assets(self) -> list[str]:
        nodes = request.env["ir.qweb"]._get_asset_nodes(BUNDLE)
        return [node[1].get("src") or node[1].get("href") for node in nodes]

    def _get_day_version(self) -> str:
        """Changes with every file of the page: what a device runs is told by it."""
        names = "|".join([str(PROTOCOL), *self._get_day_assets()])
        return hashlib.sha256(names.encode()).hexdigest()[:12]

    def _get_day_session(self) -> dict:
        user = request.env.user
        return {
            "user_id": user.id,
            "user": user.name,
            "version": self._get_day_version(),
            "csrf_token": request.csrf_token(),
            "now": f"{fields.Datetime.now().isoformat()}Z",
        }

    # No page of the website: that would speak the visitor's language while ``pull``
    # answers in the user's, and stand under /zh_CN/... where no worker reaches.
    @route(PAGE, type="http", auth="user", methods=["GET"], readonly=True)
    def service_day(self, **kw):
        if not self._is_technician():
            return self._service_not_found()
        return request.render(
            "service_portal.day_page",
            {
                "lang": request.env.lang,
                "session": {
                    **self._get_day_session(),
                    "protocol": PROTOCOL,
                    "tiles": request.env["ir.config_parameter"]
                    .sudo()  # sudo: ir.config_parameter: where map tiles come from
                    .get_param("service_management.map_tiles_url", ""),
                },
            },
        )

    @route(
        "/service/day/service_worker.js",
        type="http",
        auth="public",
        methods=["GET"],
        readonly=True,
        sitemap=False,
    )
    def service_day_worker(self):
        """What lets the page open without a network; the same for everybody."""
        with file_open(WORKER) as file:
            script = file.read()
        config = {
            "version": self._get_day_version(),
            "page": PAGE,
            "assets": self._get_day_assets(),
        }
        return request.make_response(
            f"const CONFIG = {json.dumps(config)};\n{script}",
            [
                ("Content-Type", "text/javascript"),
                ("Service-Worker-Allowed", PAGE),
                ("Cache-Control", "no-cache"),
            ],
        )

    @route(
        "/service/day/manifest.webmanifest",
        type="http",
        auth="public",
        methods=["GET"],
        readonly=True,
        sitemap=False,
    )
    def service_day_manifest(self):
        icon = "/service_management/static/description/icon.png"
        return request.make_json_response(
            {
                "name": request.env._("My Day"),
                "short_name": request.env._("My Day"),
                "start_url": PAGE,
                "scope": PAGE,
                "display": "standalone",
                "background_color": "#ffffff",
                "theme_color": "#714B67",
                "icons": [{"src": icon, "sizes": "any", "type": "image/png"}],
            },
            {"Content-Type": "application/manifest+json"},
        )

    @route(f"{PAGE}/pull", type="jsonrpc", auth="user", methods=["POST"], readonly=True)
    def service_day_pull(self, known=None, lists="", **kw):
        return {
            **self._get_day_session(),
            **request.env["service.visit"]._pull_day(known, lists),
        }

    @route(f"{PAGE}/sync", type="jsonrpc", auth="user", methods=["POST"])
    def service_day_sync(self, operations=None, protocol=0, **kw):
        """Take operations, each for itself; see ``service.operation``."""
        if protocol != PROTOCOL or not isinstance(operations, list):
            return {**self._get_day_session(), "outdated": True, "results": []}
        return {
            **self._get_day_session(),
            "results": request.env["service.operation"]._take(operations),
        }

    @route(f"{PAGE}/photo", type="http", auth="user", methods=["POST"])
    def service_day_photo(self, operation=None, photo=None, **kw):
        """One photo and its operation: what did not arrive is sent again alone."""
        try:
            operation = json.loads(operation or "")
        except (TypeError, ValueError):
            operation = {}
        content = None
        if hasattr(photo, "read"):
            try:
                __, content = read_photo(request.env, photo)
            except UserError as error:
                return request.make_json_response(
                    {"state": "refused", "message": error.args[0]}
                )
        operation = (
            {**operation, "kind": "photo"} if isinstance(operation, dict) else {}
        )
        results = request.env["service.operation"]._take([operation], content)
        return request.make_json_response(results[0])

    @route(
        f"{PAGE}/visits/<int:visit_id>/photos/<int:photo_id>",
        type="http",
        auth="user",
        methods=["GET"],
        readonly=True,
    )
    def service_day_picture(self, visit_id, photo_id, **kw):
        """A photo that was given as an answer on a visit of the user's."""
        visits = request.env["service.operation"]._find_visits([visit_id])
        photo = visits.get(visit_id, request.env["service.visit"]).sudo()
        photo = photo.answer_ids.photo_ids.filtered(lambda file: file.id == photo_id)
        return self._service_photo(photo)
