import base64

from odoo.fields import Command
from odoo.tests import JsonRpcException, tagged
from odoo.tools import mute_logger

from .common import PortalCommon, picture


@tagged("post_install", "-at_install")
class TestPartPictures(PortalCommon):
    """A customer sees the parts pictures of what it owns, and nothing else of them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.part.default_code = "TP-1"
        cls.diagram = cls._make_diagram("Drain", cls.product)
        cls.foreign_product = cls.env["product.product"].create(
            {"name": "Foreign Washer", "type": "consu"}
        )
        cls.foreign = cls._make_diagram("Secret Drive", cls.foreign_product)
        cls.url = f"/my/service/assets/{cls.asset.id}"

    @classmethod
    def _make_diagram(cls, name, product, count=1, **vals):
        markers = [
            {"number": number, "part_id": cls.part.id, "x": 10, "y": 20}
            for number in range(1, count + 1)
        ]
        return cls.env["service.part.diagram"].create(
            {
                "name": name,
                "image": base64.b64encode(picture("PNG")),
                "product_tmpl_ids": product.product_tmpl_id.ids,
                "hotspot_ids": [Command.create(marker) for marker in markers],
                **vals,
            }
        )

    def _get_picture(self, diagram, url=None):
        return self.url_open(f"{url or self.url}/pictures/{diagram.id}")

    def test_the_owner_sees_parts_by_name_and_number(self):
        self._login(self.portal_customer)
        page = self.url_open(self.url).text
        self.assertIn("service_portal.part_pictures", page)
        for told in ("Drain", "Test Pump", "TP-1"):
            self.assertIn(told, page)
        self.assertNotIn("Secret Drive", page)
        response = self._get_picture(self.diagram)
        self.assertEqual(response.status_code, 200)
        self.assertEqual(response.headers["Content-Type"], "image/png")
        self.assertIn("default-src 'none'", response.headers["Content-Security-Policy"])

    def test_no_stock_and_no_price_is_told(self):
        self._stock(self.part, 7)
        (shown,) = self.asset.sudo()._get_customer_pictures()
        self.assertEqual(
            set(shown["parts"][0]),
            {"key", "number", "x", "y", "name", "code", "quantity", "uom"},
        )

    def test_pictures_of_what_others_own_do_not_exist(self):
        other_asset = self.env["service.asset"].create(
            {
                "partner_id": self.foreigner.partner_id.id,
                "product_id": self.foreign_product.id,
            }
        )
        other_url = f"/my/service/assets/{other_asset.id}"
        self._login(self.portal_customer)
        cases = [
            (self.foreign, self.url),
            (self.foreign, other_url),
            (self.diagram, other_url),
            (self.diagram, "/my/service/assets/999999999"),
        ]
        for diagram, url in cases:
            with self.subTest(diagram=diagram.name, url=url):
                self.assertEqual(self._get_picture(diagram, url).status_code, 404)
        self._login(self.foreigner)
        self.assertEqual(self._get_picture(self.diagram).status_code, 404)
        own = self._get_picture(self.foreign, other_url)
        self.assertEqual(own.status_code, 200)
        by_id = self.url_open(
            f"/web/image/service.part.diagram/{self.foreign.id}/image"
        )
        self.assertNotEqual(by_id.content, own.content, "only through the own product")
        self.authenticate(None, None)
        self.assertIn("/web/login", self._get_picture(self.diagram).url)

    def test_what_is_not_for_customers_is_not_shown(self):
        company = self.env["res.company"].create({"name": "Else"})
        for vals in (
            {"for_customers": False},
            {"for_customers": True, "active": False},
            {"active": True, "company_id": company.id, "product_tmpl_ids": False}
            | {"category_ids": self.category.ids},
        ):
            self.diagram.write(vals)
            self._login(self.portal_customer)
            with self.subTest(vals):
                page = self.url_open(self.url).text
                self.assertNotIn("service_portal.part_pictures", page)
                self.assertEqual(self._get_picture(self.diagram).status_code, 404)

    @mute_logger("odoo.http")
    def test_nothing_is_read_over_rpc(self):
        self._login(self.portal_customer)
        for model, method, args in (
            ("service.asset", "get_part_diagrams", [self.asset.ids]),
            ("service.part.diagram", "read", [self.diagram.ids, ["name"]]),
            ("service.part.hotspot", "search_read", [[]]),
        ):
            with self.subTest(model), self.assertRaises(JsonRpcException):
                self.make_jsonrpc_request(
                    "/web/dataset/call_kw",
                    {"model": model, "method": method, "args": args, "kwargs": {}},
                )

    def test_pages_of_few_and_many_markers_cost_the_same(self):
        counts = []
        for size in (5, 50):
            self.diagram.unlink()
            self.diagram = self._make_diagram("Drain", self.product, size)
            self._login(self.portal_customer)
            for _time in range(2):
                self.env.invalidate_all()
                before = self.env.cr.sql_log_count
                self.url_open(self.url)
                count = self.env.cr.sql_log_count - before
            counts.append(count)
        self.assertLessEqual(abs(counts[0] - counts[1]), 1, counts)

    def test_the_picture_opens_in_the_browser(self):
        self.start_tour(
            self.url, "service_portal_part_pictures", login=self.portal_customer.login
        )
