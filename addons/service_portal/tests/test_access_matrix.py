"""Who may do what with whose records, by role and operation (DESIGN, access).

Each class of records is read, searched, counted, exported and written by every role
over RPC, as a browser or an interface would; the table says what must come of it.
"""

import json
from contextlib import contextmanager

from odoo.exceptions import AccessError
from odoo.tests import JsonRpcException, tagged
from odoo.tools import mute_logger

from .common import MARKER, PortalCommon, picture, signature

# UserError: "You do not have the rights to export data"
REFUSALS = "AccessError|MissingError|UserError|NotFound"
# What a portal user may learn over RPC of a record it sees
PORTAL_FIELDS = ["name", "state"]
HIDDEN_ORDER_FIELDS = [
    "partner_id",
    "phone",
    "email",
    "site_id",
    "internal_note",
    "offer_ids",
    "visit_ids",
    "event_ids",
    "workitem_ids",
    "point_id",
    "technician_id",
    "warranty_note",
    "contract_id",
    "access_token",
    "message_ids",
    "message_follower_ids",
    "activity_ids",
    "source_key",
    "user_id",
]
CLOSED_MODELS = [
    "service.workitem",
    "service.order.event",
    "service.visit",
    "service.visit.crew",
    "service.visit.answer",
    "service.warranty.proof",
    "service.visit.step",
    "service.operation",
    "service.checklist",
    "service.checklist.version",
    "service.contract",
    "service.coverage",
    "service.team",
    "service.part.guard",
    "service.part.diagram",
    "service.part.hotspot",
    "stock.move",
    "stock.quant",
]


@tagged("post_install", "-at_install")
class TestAccessMatrix(PortalCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.offered = cls._plant_order()
        cls.offer = cls._offer(cls.offered)
        cls.job = cls._plant_job()
        cls.visit = cls._plan(cls.job)
        cls.draft = cls._make_order(register=False, description=f"{MARKER} draft")
        cls.orders = cls.offered + cls.job + cls.draft
        cls.portal_users = {
            "customer": cls.portal_customer,
            "colleague": cls.colleague,
            "foreigner": cls.foreigner,
            "point": cls.portal_point,
            "other_point": cls.other_point_user,
        }

    def _call(self, model, method, *args, **kwargs):
        return self.make_jsonrpc_request(
            "/web/dataset/call_kw",
            {"model": model, "method": method, "args": args, "kwargs": kwargs},
        )

    @contextmanager
    def _refused(self, label):
        """The server answers with an access or missing error, and nothing else."""
        with mute_logger("odoo.http"):
            try:
                yield
            except JsonRpcException as error:
                self.assertRegex(str(error), REFUSALS, label)
                return
        self.fail(f"{label} was not refused")

    def _each_user(self):
        for name, user in self.portal_users.items():
            self._login(user)
            yield name, user

    # Records

    def test_orders_seen_by_role(self):
        expected = {
            "customer": self.offered + self.job,
            "colleague": self.offered + self.job,
            "foreigner": self.env["service.order"],
            "point": self.offered + self.job,
            "other_point": self.env["service.order"],
        }
        domain = [["id", "in", self.orders.ids]]
        for name, _user in self._each_user():
            seen = self._call(
                "service.order", "search_read", domain, fields=PORTAL_FIELDS
            )
            with self.subTest(name):
                ids = {row["id"] for row in seen}
                self.assertEqual(ids, set(expected[name].ids))
                count = self._call("service.order", "search_count", domain)
                self.assertEqual(count, len(expected[name]))
                groups = self._call(
                    "service.order",
                    "formatted_read_group",
                    domain,
                    ["state"],
                    ["__count"],
                )
                self.assertEqual(
                    sum(group["__count"] for group in groups), len(expected[name])
                )
                # A name search also looks at the customer's name: closed altogether
                with self._refused(f"{name} searching by name"):
                    self._call("service.order", "name_search", self.job.name)
                for order in self.orders - expected[name]:
                    with self._refused(f"{name} reading {order}"):
                        self._call("service.order", "read", order.ids, PORTAL_FIELDS)
                    with self._refused(f"{name} exporting {order}"):
                        self._call("service.order", "export_data", order.ids, ["name"])

    def test_offers_seen_by_role(self):
        offers = self.offered.offer_ids + self.job.offer_ids
        for name, _user in self._each_user():
            seen = self._call("service.offer", "search", [["id", "in", offers.ids]])
            with self.subTest(name):
                self.assertEqual(
                    set(seen), set(offers.ids) if name == "point" else set()
                )

    def test_ended_offers_are_seen_by_nobody(self):
        ended = self._offer(self._plant_order())
        states = ("rejected", "expired", "withdrawn")
        for state in states:
            ended._answer(state)
            ended.order_id._set_state("new")
            user = self.portal_point
            with self.subTest(state):
                self.assertFalse(ended.with_user(user).has_access("read"))
                self.assertFalse(ended.order_id.with_user(user).has_access("read"))

    def test_assets_and_warranties_seen_by_role(self):
        for name, _user in self._each_user():
            own = name in ("customer", "colleague")
            with self.subTest(name):
                for model, records in (
                    ("service.asset", self.asset),
                    ("service.warranty", self.asset.warranty_ids),
                ):
                    seen = self._call(model, "search", [["id", "in", records.ids]])
                    self.assertEqual(set(seen), set(records.ids) if own else set())

    def test_closed_models_stay_closed(self):
        for name, _user in self._each_user():
            for model in CLOSED_MODELS:
                if model not in self.env:
                    continue
                with self._refused(f"{name} searching {model}"):
                    self._call(model, "search_read", [], fields=["id"])

    def test_internal_roles_see_what_their_work_needs(self):
        for user, seen in (
            (self.agent, self.orders),
            (self.dispatcher, self.orders),
            (self.quality, self.orders - self.draft),
            (self.technician_user, self.job),
        ):
            with self.subTest(user.login):
                found = self.env["service.order"].with_user(user)
                found = found.search([("id", "in", self.orders.ids)])
                self.assertFalse(seen - found)
        found = self.env["service.order"].with_user(self.technician_user)
        self.assertEqual(found.search([("id", "in", self.orders.ids)]), self.job)

    # Fields

    def test_hidden_fields_are_refused_in_every_way(self):
        for name in ("customer", "point"):
            self._login(self.portal_users[name])
            known = self._call("service.order", "fields_get")
            for field in HIDDEN_ORDER_FIELDS:
                with self.subTest(f"{name} {field}"):
                    self.assertNotIn(field, known)
                    with self._refused("reading"):
                        self._call("service.order", "read", self.job.ids, [field])
                    with self._refused("searching"):
                        self._call("service.order", "search", [[field, "!=", False]])
                    with self._refused("sorting"):
                        self._call("service.order", "search", [], order=field)
                    with self._refused("exporting"):
                        self._call(
                            "service.order", "export_data", self.job.ids, [field]
                        )
                    with self._refused("web_search_read"):
                        self._call("service.order", "web_search_read", [], {field: {}})
            with self._refused("searching through a relation"):
                self._call(
                    "service.order", "search", [["partner_id.phone", "ilike", MARKER]]
                )

    def test_hidden_fields_of_offers_and_assets(self):
        self._login(self.portal_point)
        for field in ("candidates", "reasons", "rank", "point_id", "note"):
            with self._refused(field):
                self._call("service.offer", "read", self.offer.ids, [field])
        self._login(self.portal_customer)
        for field in ("note", "order_ids", "partner_id", "message_ids"):
            with self._refused(field):
                self._call("service.asset", "read", self.asset.ids, [field])

    def test_every_model_portal_users_read_is_guarded(self):
        guard = type(self.env["service.portal.guard"])
        for model in ("service.order", "service.offer", "service.asset"):
            self.assertTrue(issubclass(type(self.env[model]), guard), model)

    def test_read_without_fields_gives_only_the_allowed(self):
        for name in ("customer", "point"):
            self._login(self.portal_users[name])
            values = self._call("service.order", "read", self.job.ids)[0]
            with self.subTest(name):
                self.assertFalse(set(HIDDEN_ORDER_FIELDS) & values.keys())

    # Writing

    def test_nobody_writes_over_rpc(self):
        records = self.job + self.offered
        targets = (
            ("service.order", records, {"description": "changed"}),
            ("service.offer", self.offer, {"note": "changed"}),
            ("service.asset", self.asset, {"note": "changed"}),
            ("service.warranty", self.asset.warranty_ids, {"reason": "changed"}),
            ("service.visit", self.visit, {"report": "changed"}),
        )
        for name, _user in self._each_user():
            for model, targeted, vals in targets:
                for record in targeted:
                    with self._refused(f"{name} writing {record}"):
                        self._call(model, "write", record.ids, vals)
                    with self._refused(f"{name} deleting {record}"):
                        self._call(model, "unlink", record.ids)
                    with self._refused(f"{name} copying {record}"):
                        self._call(model, "copy", record.ids)
                with self._refused(f"{name} creating {model}"):
                    self._call(model, "create", vals)

    # Messages

    def _plant_messages(self):
        return self.env["mail.message"].search(
            [("model", "=", "service.order"), ("res_id", "in", self.orders.ids)]
        )

    def test_messages_are_read_by_customers_and_only_public_ones(self):
        messages = self._plant_messages()
        for name, _user in self._each_user():
            own = name in ("customer", "colleague")
            rows = self._call(
                "mail.message",
                "search_read",
                [["id", "in", messages.ids]],
                fields=["body", "is_internal", "attachment_ids"],
            )
            text = json.dumps(rows)
            with self.subTest(name):
                self.assertNotIn(f"{MARKER} staff only", text)
                self.assertEqual(f"{MARKER} message" in text, own)
                if not own:
                    self.assertFalse(rows)

    def test_chatter_routes_serve_nobody(self):
        token = self.job._portal_ensure_token()
        sign = self.job._sign_token(self.customer.id)
        thread = {"thread_model": "service.order", "thread_id": self.job.id}
        everything = {
            **thread,
            "request_list": [
                "followers",
                "attachments",
                "display_name",
                "suggestedRecipients",
                "activities",
            ],
        }
        routes = (
            ("/mail/thread/messages", {}),
            ("/mail/data", {"fetch_params": [["mail.thread", everything]]}),
            ("/mail/thread/recipients", {}),
            ("/mail/chatter_fetch", {}),
            ("/mail/chatter_fetch", {"token": token}),
            ("/portal/chatter_init", {"token": token}),
            ("/portal/chatter_init", {"pid": self.customer.id, "hash": sign}),
        )
        for name, _user in self._each_user():
            own = name in ("customer", "colleague")
            for route, extra in routes:
                with (
                    self.subTest(f"{name} {route} {sorted(extra)}"),
                    mute_logger("odoo.http", "odoo.addons.mail.models.mail_thread"),
                ):
                    try:
                        answer = json.dumps(
                            self.make_jsonrpc_request(route, {**thread, **extra})
                        )
                    except JsonRpcException:
                        continue
                    for hidden in ("staff only", "internal", "street", "@example.com"):
                        self.assertNotIn(f"{MARKER} {hidden}", answer)
                    if not own:
                        self.assertNotIn(MARKER, answer)

    def test_nobody_posts_or_follows_past_our_pages(self):
        messages = len(self._plant_messages())
        followers = self.job.message_partner_ids
        for name, user in self._each_user():
            partner = user.partner_id
            attempts = (
                (
                    "/mail/message/post",
                    {
                        "thread_model": "service.order",
                        "thread_id": self.job.id,
                        "post_data": {"body": "<b>x</b>"},
                    },
                ),
                (
                    "/mail/thread/subscribe",
                    {
                        "res_model": "service.order",
                        "res_id": self.job.id,
                        "partner_ids": partner.ids,
                    },
                ),
            )
            for route, params in attempts:
                with mute_logger("odoo.http"):
                    try:
                        self.make_jsonrpc_request(route, params)
                    except JsonRpcException:
                        continue
            with mute_logger("odoo.http"):
                for method, kwargs in (
                    ("message_post", {"body": "x"}),
                    ("message_subscribe", {"partner_ids": partner.ids}),
                ):
                    try:
                        self._call("service.order", method, self.job.ids, **kwargs)
                    except JsonRpcException:
                        continue
            with self.subTest(name):
                self.assertEqual(len(self._plant_messages()), messages)
                self.assertEqual(self.job.message_partner_ids, followers)

    # Attachments

    def test_attachments_by_role(self):
        public = self._photo_of(self.job)
        internal = self.env["ir.attachment"].create(
            {
                "name": "calculation.jpg",
                "raw": picture(),
                "res_model": "service.order",
                "res_id": self.job.id,
            }
        )
        self.visit.write({"signature": signature(), "signed_by": "Customer"})
        for name, _user in self._each_user():
            order_url = f"/my/service/orders/{self.job.id}/photos"
            job_url = f"/my/service/jobs/{self.job.id}/photos"
            with self.subTest(name), mute_logger("odoo.http"):
                for url, seen in (
                    (f"{order_url}/{public.id}", name in ("customer", "colleague")),
                    (f"{job_url}/{public.id}", name == "point"),
                    (f"{order_url}/{internal.id}", False),
                    (f"{job_url}/{internal.id}", False),
                    (f"/web/content/{public.id}", False),
                    (f"/web/content/{internal.id}", False),
                    (f"/web/image/{internal.id}", False),
                    (f"/web/content/service.visit/{self.visit.id}/signature", False),
                    (f"/web/image/service.visit/{self.visit.id}/signature", False),
                    (f"/mail/attachment/pdf_first_page/{internal.id}", False),
                ):
                    response = self.url_open(url)
                    is_photo = (
                        response.status_code == 200
                        and response.content[:3] == picture()[:3]
                        and "placeholder" not in response.url
                    )
                    self.assertEqual(is_photo, seen, url)
                with self._refused("searching attachments"):
                    self._call(
                        "ir.attachment",
                        "search_read",
                        [["res_model", "=", "service.order"]],
                        fields=["name", "datas"],
                    )

    def test_upload_past_our_pages_is_refused(self):
        for name, _user in self._each_user():
            with mute_logger("odoo.http"):
                response = self._post(
                    "/mail/attachment/upload",
                    {"thread_model": "service.order", "thread_id": self.job.id},
                    files={"ufile": ("x.svg", b"<svg/>", "image/svg+xml")},
                )
            self.assertEqual(response.status_code, 404, name)

    # JSON-2 for interfaces

    def test_json2_obeys_the_same_rules(self):
        for name, _user in self._each_user():
            response = self.url_open(
                "/json/2/service.order/search_read",
                data=json.dumps(
                    {"domain": [["id", "in", self.orders.ids]], "fields": ["phone"]}
                ),
                headers={"Content-Type": "application/json"},
            )
            with self.subTest(name):
                self.assertNotIn(MARKER, response.text)

    def test_record_rules_hold_for_the_orm_too(self):
        for name in ("foreigner", "other_point"):
            user = self.portal_users[name]
            for record in (self.job, self.offer, self.asset):
                with self.subTest(f"{name} {record}"), self.assertRaises(AccessError):
                    record.with_user(user).read(["id", "display_name"])
