import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, urlsplit

from odoo.exceptions import AccessError
from odoo.tests import tagged

from odoo.addons.service_management.tests.common import ServiceCommon


class _Places(BaseHTTPRequestHandler):
    """A geocoder on this machine that knows one street."""

    asked = []

    def do_GET(self):
        query = parse_qs(urlsplit(self.path).query)["q"][0]
        self.asked.append(query)
        places = [{"lat": "22.54321", "lon": "114.01234"}] if "Known" in query else []
        body = json.dumps(places).encode()
        self.send_response(500 if "Broken" in query else 200)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        """Silent."""


@tagged("post_install", "-at_install")
class TestPosition(ServiceCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.partner"].search(
            [("date_localization", "=", False)]
        ).date_localization = "2999-01-01"
        cls.area.write({"latitude": 22.5, "longitude": 114.0})
        cls.district = cls.env["service.area"].create(
            {
                "name": "Test District",
                "level": "district",
                "parent_id": cls.area.id,
                "country_id": cls.area.country_id.id,
            }
        )
        cls.partner_model = cls.env["res.partner"].with_context(force_geo_localize=True)

    def _set(self, name, value):
        self.env["ir.config_parameter"].set_param(name, value)

    def _make_partner(self, **vals):
        return self.partner_model.create({"name": "Somewhere", **vals})

    def test_an_area_without_a_position_has_that_of_the_one_above(self):
        positions = (self.area + self.district)._get_positions()
        self.assertEqual(positions[self.district.id], (22.5, 114.0))
        self.district.write({"latitude": 22.6, "longitude": 114.1})
        positions = (self.area + self.district)._get_positions()
        self.assertEqual(positions[self.district.id], (22.6, 114.1))

    def test_the_offline_provider_answers_by_the_address(self):
        provider = self.env.ref("service_management.geo_provider_service_area")
        self._set("base_geolocalize.geo_provider", provider.id)
        partner = self._make_partner(
            street="Test District, Road 1",
            city="Test City",
            country_id=self.area.country_id.id,
        )
        self.assertFalse(partner.service_geo_precision)
        partner.geo_localize()
        self.assertRecordValues(
            partner,
            [
                {
                    "partner_latitude": 22.5,
                    "partner_longitude": 114.0,
                    "service_geo_precision": "area",
                }
            ],
        )
        elsewhere = self._make_partner(street="Nowhere", city="Unknown")
        elsewhere.geo_localize()
        self.assertFalse(elsewhere.partner_latitude)

    def test_a_position_that_is_set_is_exact_until_the_address_changes(self):
        partner = self._make_partner(partner_latitude=1.0, partner_longitude=2.0)
        self.assertEqual(partner.service_geo_precision, "exact")
        partner.date_localization = "2026-01-01"
        partner.street = "Another"
        self.assertFalse(partner.service_geo_precision)
        self.assertFalse(partner.date_localization)

    def test_nothing_is_looked_up_unless_it_is_chosen(self):
        partner = self._make_partner(service_area_id=self.area.id)
        self.env["res.partner"]._find_due_positions()
        self.assertFalse(partner.date_localization)

    def test_positions_of_areas_in_the_background(self):
        self._set("service_management.geo", "area")
        partners = self.partner_model.browse()
        for number in range(3):
            partners += self._make_partner(
                name=str(number), service_area_id=self.district.id
            )
        unknown = self._make_partner(street="Nowhere")
        self.env["res.partner"]._find_due_positions()
        self.assertEqual(set(partners.mapped("service_geo_precision")), {"area"})
        self.assertEqual(partners[0].partner_latitude, 22.5)
        self.assertFalse(unknown.partner_latitude)
        self.assertTrue(unknown.date_localization, "tried again later, not each run")

    def test_a_server_is_asked_in_the_background_and_may_fail(self):
        server = HTTPServer(("127.0.0.1", 0), _Places)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        _Places.asked.clear()
        self._set("service_management.geo", "provider")
        self._set(
            "service_management.nominatim_url",
            f"http://127.0.0.1:{server.server_port}/search",
        )
        self.patch(type(self.env["res.partner"]), "_get_geo_pause", lambda self: 0.0)
        self.env["ir.config_parameter"].set_param(
            "base_geolocalize.geo_provider",
            self.env.ref("base_geolocalize.geoprovider_open_street").id,
        )
        known = self._make_partner(street="Known Street 1")
        lost = self._make_partner(street="Lost Street", service_area_id=self.area.id)
        broken = self._make_partner(street="Broken", service_area_id=self.area.id)
        self.env["res.partner"]._find_due_positions()
        self.assertEqual(len(_Places.asked), 3)
        self.assertRecordValues(
            known + lost + broken,
            [
                {"partner_latitude": 22.54321, "service_geo_precision": "exact"},
                {"partner_latitude": 22.5, "service_geo_precision": "area"},
                {"partner_latitude": 22.5, "service_geo_precision": "area"},
            ],
        )

    def test_areas_are_placed_by_what_lies_in_them(self):
        city = self.area.copy({"name": "Other City", "code": "T-300"})
        city.write({"latitude": 0, "longitude": 0})
        districts = self.env["service.area"].create(
            [
                {
                    "name": f"District {number}",
                    "level": "district",
                    "parent_id": city.id,
                    "country_id": city.country_id.id,
                }
                for number in range(3)
            ]
        )
        self._make_partner(
            service_area_id=districts[0].id, partner_latitude=10, partner_longitude=20
        )
        self._make_partner(
            service_area_id=districts[0].id, partner_latitude=12, partner_longitude=22
        )
        districts[1].write({"latitude": 30, "longitude": 40})
        self.assertEqual((city + districts)._derive_positions(), 2)
        self.assertRecordValues(
            city + districts,
            [
                {"latitude": 30, "longitude": 40},
                {"latitude": 11, "longitude": 21},
                {"latitude": 30, "longitude": 40},
                {"latitude": 0, "longitude": 0},
            ],
        )
        self.assertEqual((city + districts)._derive_positions(), 0)

    def test_who_may_place_areas_and_addresses(self):
        with self.assertRaises(AccessError):
            self.area.with_user(self.agent).action_derive_positions()
        self.area.with_user(self.manager).action_derive_positions()
        self.customer.with_user(self.agent).write({"partner_latitude": 3.0})
        with self.assertRaises(AccessError):
            self.customer.with_user(self.technician_user).write(
                {"partner_latitude": 4.0}
            )

    def test_maps_know_their_background(self):
        self.assertEqual(
            self.env["ir.http"]._get_service_map(), {"tiles_url": "", "attribution": ""}
        )
        settings = self.env["res.config.settings"].create(
            {
                "service_map_tiles_url": "https://tiles.example.com/{z}/{x}/{y}.png",
                "service_map_attribution": "© Example",
            }
        )
        settings.execute()
        self.assertEqual(
            self.env["ir.http"]._get_service_map(),
            {
                "tiles_url": "https://tiles.example.com/{z}/{x}/{y}.png",
                "attribution": "© Example",
            },
        )
