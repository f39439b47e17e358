import base64
import json

from odoo import fields, http
from odoo.tests import JsonRpcException, tagged
from odoo.tools import mute_logger

from .common import MARKER, PortalCommon, picture, signature
from .route_scanner import RouteScanner, fingerprint_rows, fingerprint_tables

# Tables of core that our pages could write
CORE_TABLES = (
    "mail_message",
    "mail_followers",
    "mail_activity",
    "res_partner",
    "res_users",
    "stock_move",
    "stock_quant",
)
# Methods of every model that a client may call, with arguments that would hurt
CORE_CALLS = (
    ("read", ([],), {}),
    ("web_read", ({"display_name": {}},), {}),
    ("export_data", (["id", "display_name"],), {}),
    ("get_metadata", (), {}),
    ("copy", (), {}),
    ("unlink", (), {}),
    ("write", ({"active": False},), {}),
    ("message_post", (), {"body": "x"}),
    ("message_subscribe", (), {"partner_ids": [1]}),
    ("message_unsubscribe", (), {"partner_ids": [1]}),
    ("activity_schedule", (), {}),
    ("toggle_active", (), {}),
    ("action_archive", (), {}),
    ("get_portal_url", (), {}),
    ("message_get_suggested_recipients", (), {}),
)
# What forms are asked for by name, beside what the routes themselves name
FORM_NAMES = (
    "type_id",
    "valid_to",
    "valid_from",
    "number",
    "level",
    "first",
    "last",
    "quantity",
    "part_id",
    "place_id",
    "name",
    "phone",
    "description",
    "outcome",
    "report",
    "signature",
    "signed_by",
    "day",
    "window",
    "date_from",
    "date_to",
    "rating",
    "amount",
)
HOSTILE = ("0001-01-01T00:00", "nan", "data:image/png;base64,图²")


@tagged("post_install", "-at_install")
class TestRouteScanner(PortalCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.offered = cls._plant_order()
        cls.offer = cls._offer(cls.offered)
        cls.job = cls._plant_job()
        cls.visit = cls._plan(cls.job)
        cls.finished = cls._plant_job()
        cls._plan(cls.finished, days=2).action_done(
            {"outcome": "fixed", "report": f"{MARKER} report"}
        )
        cls.orders = cls.offered + cls.job + cls.finished
        cls.photos = cls.env["ir.attachment"].union(
            *(cls._photo_of(order) for order in cls.orders)
        )
        cls.visit.write({"signature": signature(), "signed_by": "Customer"})
        cls.targets = {
            "order_id": cls.orders.ids,
            "offer_id": cls.offer.ids,
            "asset_id": cls.asset.ids,
            "diagram_id": cls._make_parts_picture().ids,
            "visit_id": cls.visit.ids,
            "photo_id": cls.photos.ids,
            "technician_id": cls.technician.ids,
            "point_id": cls.point.ids,
            "card_id": cls._make_card().ids,
            "request_id": cls._make_part_request().ids,
            "picking_id": cls.parcel.ids,
            "count_id": cls.env["service.part.count"]
            .create({"location_id": cls.point.location_id.id})
            .ids,
            "step": ["cancel", "ship"],
            "reason_id": cls.env["service.reject.reason"].search([], limit=1).ids,
            "type_id": cls.type_repair.ids,
            "page": [1],
            # Of an addon beside this one, whose own tests plant statements
            "settlement_id": [0],
            "claim_id": [0],
            # Secrets in addresses: guessed ones, a stranger has no other
            "token": ["guessed", "0" * 64],
        }

    @classmethod
    def _make_parts_picture(cls):
        """A parts picture of the product that the first customer owns."""
        return cls.env["service.part.diagram"].create(
            {
                "name": f"{MARKER} picture",
                "image": base64.b64encode(picture("JPEG")),
                "product_tmpl_ids": cls.asset.product_id.product_tmpl_id.ids,
                "hotspot_ids": [fields.Command.create({"name": f"{MARKER} spot"})],
            }
        )

    @classmethod
    def _make_part_request(cls):
        """A request of the point whose parcel is on its way."""
        part = cls.env["product.product"].create(
            {"name": f"{MARKER} part", "type": "consu", "is_storable": True}
        )
        central = cls.env.company._get_part_location("central")
        cls.env["stock.quant"]._update_available_quantity(part, central, 2)
        made = cls.env["service.part.request"].create(
            {
                "point_id": cls.point.id,
                "line_ids": [fields.Command.create({"product_id": part.id})],
            }
        )
        made.action_request()
        made.action_approve()
        made.action_ship()
        cls.parcel = made._get_transfers("receipt")
        return made

    def _planted(self):
        """Everything of the first customer, read anew."""
        orders = self.orders
        messages = self.env["mail.message"].search(
            [("model", "=", "service.order"), ("res_id", "in", orders.ids)]
        )
        return [
            orders,
            orders.offer_ids,
            orders.visit_ids,
            orders.visit_ids.crew_ids,
            orders.event_ids,
            orders.workitem_ids,
            orders.activity_ids,
            orders.visit_ids.move_ids,
            self.env["mail.followers"].search(
                [("res_model", "=", "service.order"), ("res_id", "in", orders.ids)]
            ),
            messages,
            self.asset,
            self.asset.warranty_ids,
            self.customer,
            self.photos,
            self.parcel.move_ids,
            self.parcel.service_request_id,
        ]

    def _fingerprint(self):
        self.env.invalidate_all()
        planted = self._planted()
        return [group.ids for group in planted], fingerprint_rows(self.env, planted)

    def _scan(self, user):
        self._login(user)
        scanner = RouteScanner(self, self.targets, MARKER, self._fingerprint)
        with mute_logger("odoo.http", "werkzeug"):
            return scanner, scanner.scan()

    # Routes

    def test_strangers_find_nothing_on_any_route(self):
        for user in (self.foreigner, self.other_point_user):
            scanner, findings = self._scan(user)
            with self.subTest(user.login):
                self.assertEqual(findings, [])
                self.assertGreater(len(scanner.called), 25)

    def test_nobody_signed_in_finds_nothing_on_any_route(self):
        self.authenticate(None, None)
        scanner = RouteScanner(self, self.targets, MARKER, self._fingerprint)
        with mute_logger("odoo.http", "werkzeug"):
            self.assertEqual(scanner.scan(), [])

    def test_scanner_sees_every_route_of_ours(self):
        scanner, _findings = self._scan(self.foreigner)
        called = {rule for _method, rule in scanner.called}
        expected = {
            "/my/service/orders",
            "/my/service/orders/new",
            "/my/service/orders/<int:order_id>",
            "/my/service/orders/<int:order_id>/message",
            "/my/service/orders/<int:order_id>/photos/<int:photo_id>",
            "/my/service/offers/<int:offer_id>/accept",
            "/my/service/jobs/<int:order_id>/plan",
            "/my/service/jobs/<int:order_id>/visits/<int:visit_id>/report",
        }
        self.assertFalse(expected - called)

    def test_scanner_flags_broken_routes(self):
        broken = self._register_broken_routes()
        _scanner, findings = self._scan(self.foreigner)
        for path, finding in (
            ("leak", "GET /my/service/broken/leak/<int:order_id>: shows"),
            ("photo", "GET /my/service/broken/photo/<int:photo_id>: shows"),
            ("search", "GET /my/service/broken/search: shows"),
            ("post", "/my/service/broken/post/<int:order_id>: changed"),
            ("get", "/my/service/broken/get/<int:order_id>: changed"),
            ("json", "POST /my/service/broken/json/<int:order_id>: shows"),
            ("unknown", "/my/service/broken/unknown/<int:secret_id>: teach"),
        ):
            with self.subTest(path):
                self.assertTrue(
                    any(found.startswith(finding) for found in findings), findings
                )
        self.assertTrue(all("broken" in found for found in findings), findings)
        self.assertEqual(broken.__module__, "odoo.addons.service_portal.broken")

    def _register_broken_routes(self):
        """Routes as one writes them in haste, for the time of this test."""
        children = http.Controller.children_classes

        class Broken(http.Controller):
            __module__ = "odoo.addons.service_portal.broken"

            def _order(self, order_id):
                return http.request.env["service.order"].sudo().browse(order_id)

            @http.route("/my/service/broken/leak/<int:order_id>", auth="user")
            def leak(self, order_id, **kw):
                return self._order(order_id).description or ""

            @http.route("/my/service/broken/photo/<int:photo_id>", auth="user")
            def photo(self, photo_id, **kw):
                photo = http.request.env["ir.attachment"].sudo().browse(photo_id)
                stream = http.request.env["ir.binary"]._get_stream_from(photo)
                return stream.get_response()

            @http.route("/my/service/broken/search", auth="user", methods=["GET"])
            def search(self, search="", **kw):
                orders = http.request.env["service.order"].sudo()
                found = orders.search([("description", "ilike", search)])
                return str(found.mapped("description"))

            @http.route(
                "/my/service/broken/post/<int:order_id>", auth="user", methods=["POST"]
            )
            def post(self, order_id, **kw):
                self._order(order_id).date_preferred = "changed"
                return ""

            @http.route(
                "/my/service/broken/get/<int:order_id>", auth="user", methods=["GET"]
            )
            def get(self, order_id, **kw):
                self._order(order_id)._log_event("message")
                return ""

            @http.route(
                "/my/service/broken/json/<int:order_id>", type="jsonrpc", auth="user"
            )
            def json(self, order_id, **kw):
                return self._order(order_id).read(["description", "phone"])

            @http.route("/my/service/broken/unknown/<int:secret_id>", auth="user")
            def unknown(self, secret_id, **kw):
                return ""

        def forget():
            children["service_portal"].remove(Broken)
            self.env.registry.clear_cache("routing")

        self.addCleanup(forget)
        return Broken

    # GET

    def test_get_writes_nothing_whoever_asks(self):
        tables = [
            model._table
            for name, model in self.env.items()
            if name.startswith("service.") and model._auto and not model._abstract
        ] + list(CORE_TABLES)
        for user in (self.portal_customer, self.portal_point, self.foreigner):
            self._login(user)
            self.url_open("/my")
            before = fingerprint_tables(self.env, tables)
            scanner = RouteScanner(self, self.targets, MARKER, lambda: None)
            with mute_logger("odoo.http", "werkzeug"):
                for rule in scanner.iter_rules():
                    for method, url in scanner.iter_calls(rule, []):
                        if method == "GET":
                            self.url_open(url)
            with self.subTest(user.login):
                self.assertEqual(fingerprint_tables(self.env, tables), before)

    def test_no_form_fails_whatever_it_is_sent(self):
        """Files under the names of texts, numbers that are none, days that no clock
        knows: a sentence or nothing, never a failure."""
        for user in (self.portal_customer, self.portal_point):
            self._login(user)
            scanner = RouteScanner(self, self.targets, MARKER, lambda: None)
            for rule in scanner.iter_rules():
                if rule.endpoint.routing["type"] != "http":
                    continue
                names = [*scanner.get_params(rule), *FORM_NAMES]
                for method, url in scanner.iter_calls(rule, []):
                    if method != "POST":
                        continue
                    token = http.Request.csrf_token(self)
                    file = ("x.txt", b"text", "text/plain")
                    for form in (
                        {"files": dict.fromkeys(names, file)},
                        *({"data": dict.fromkeys(names, text)} for text in HOSTILE),
                    ):
                        form["data"] = {**form.get("data", {}), "csrf_token": token}
                        with mute_logger("odoo.http", "werkzeug", "odoo.sql_db"):
                            response = self.url_open(url, **form)
                        with self.subTest(f"{user.login} {url} {form['data']}"):
                            self.assertLess(response.status_code, 500)

    def test_get_routes_are_read_only(self):
        scanner = RouteScanner(self, self.targets, MARKER, lambda: None)
        for rule in scanner.iter_rules():
            if not rule.rule.startswith("/my"):
                continue
            routing = rule.endpoint.routing
            methods = routing["methods"] or []
            with self.subTest(rule.rule):
                self.assertEqual(
                    len(methods), 1, "GET and POST are routes of their own"
                )
                if routing["type"] == "http":
                    # Data is asked for by POST, and may be read on a replica too
                    self.assertEqual(bool(routing.get("readonly")), methods == ["GET"])
                self.assertEqual(routing["auth"], "user")
                self.assertTrue(routing.get("csrf", True))

    # RPC

    def test_strangers_find_nothing_in_any_public_method(self):
        """Every method of our models that a client may call, on planted records."""
        for user in (self.foreigner, self.other_point_user):
            leaks = self._call_everything(user)
            with self.subTest(user.login):
                self.assertEqual(leaks, [])

    def test_public_methods_of_what_is_seen_change_nothing(self):
        """A customer or a point may read these records; RPC must not move them."""
        self._call_everything(self.portal_customer)
        # A point may answer its offers; that right is not of the page
        self._call_everything(self.portal_point, skip=("service.offer",))

    def _call_everything(self, user, skip=()) -> list[str]:
        """Call all public methods on what is planted; the calls that leaked."""
        before = self._fingerprint()
        leaks = []
        self._login(user)
        for model_name, ids in self._get_rpc_targets():
            if model_name in skip:
                continue
            for call in self._iter_public_methods(model_name):
                if MARKER in self._call(model_name, ids, *call):
                    leaks.append(f"{model_name} {call}")
            with self.subTest(f"{user.login}: methods of {model_name}"):
                self.assertEqual(self._fingerprint(), before)
        return leaks

    def _get_rpc_targets(self):
        planted = self._planted()
        return [
            (group._name, group.ids)
            for group in planted
            if group and group._name.startswith("service.")
        ]

    def _iter_public_methods(self, model_name):
        yield from CORE_CALLS
        known = {method for method, _args, _kwargs in CORE_CALLS}
        model = self.env[model_name]
        for name in dir(type(model)):
            function = getattr(type(model), name, None)
            module = getattr(function, "__module__", "") or ""
            if name.startswith("_") or name in known or not callable(function):
                continue
            if not module.startswith("odoo.addons.service_"):
                continue
            if getattr(function, "_api_private", False):
                continue
            yield name, (), {}
            yield name, (self.point.id,), {}
            yield name, ({"outcome": "fixed"},), {}

    def _call(self, model, ids, method, args, kwargs) -> str:
        params = {"model": model, "method": method, "args": [ids, *args]}
        with mute_logger("odoo.http", "odoo.sql_db"):
            try:
                return json.dumps(
                    self.make_jsonrpc_request(
                        "/web/dataset/call_kw", {**params, "kwargs": kwargs}
                    )
                )
            except JsonRpcException as error:
                return str(error)
