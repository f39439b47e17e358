from lxml import html

from odoo.fields import Command
from odoo.tests import tagged

from .common import MARKER, PortalCommon

URL = "/my/service/parts"


@tagged("post_install", "-at_install")
class TestPointParts(PortalCommon):
    """A service point handles its parts in the portal, and nobody else's."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.part.write({"name": f"{MARKER} Pump", "service_recoverable": True})
        cls.env["service.part.bom"].create(
            {
                "product_tmpl_id": cls.product.product_tmpl_id.id,
                "part_id": cls.part.id,
            }
        )
        cls.central = cls.env.company._get_part_location("central")
        cls.env["stock.quant"]._update_available_quantity(cls.part, cls.central, 10)
        cls._stock(cls.part, 4)
        job = cls._plant_job()
        visit = cls._plan(job)
        visit.action_add_part(cls.part.id, 1)
        visit.action_done({"outcome": "fixed"})
        cls.row = job.part_return_ids

    def _held(self):
        return self.part.with_context(location=self.point.location_id.id).qty_available

    def _request(self, quantity=2):
        self._post(
            f"{URL}/requests/new",
            {
                "place_id": self.point.location_id.id,
                "part_id": self.part.id,
                "quantity": quantity,
            },
        )
        return self.env["service.part.request"].search(
            [("point_id", "=", self.point.id)], order="id desc", limit=1
        )

    def test_stock_and_movements_are_those_of_the_own_point(self):
        self._login(self.portal_point)
        page = self.url_open(URL).text
        self.assertIn(f"{MARKER} Pump", page)
        self.assertIn(self.row.order_id.name, page)
        # The old part that waits to be sent is not the point's own
        self.assertTrue(self.row.location_id.quant_ids.owner_id)
        self.assertNotIn("your own", page)
        self.assertIn(f"{MARKER} Pump", self.url_open(f"{URL}?search=Pump").text)
        self.assertIn(URL, self.url_open("/my").text)
        for user in (self.other_point_user, self.foreigner):
            self._login(user)
            self.assertNotIn(MARKER, self.url_open(URL).text)

    def test_from_request_to_receipt(self):
        self._login(self.portal_point)
        made = self._request()
        self.assertEqual((made.state, made.user_id), ("requested", self.portal_point))
        made.action_approve()
        made.action_ship("SF 77")
        self.assertIn("SF 77", self.url_open(URL).text)
        receipt = made._get_transfers("receipt")
        self._post(
            f"{URL}/parcels/{receipt.id}/receive",
            {f"quantity_{receipt.move_ids.id}": 1},
        )
        self.assertEqual(self._held(), 4)
        self.assertEqual(made.difference_ids.quantity, 1)
        self.assertIn("1", self.url_open(f"{URL}/requests/{made.id}").text)

    def test_missing_serial_numbers_are_named(self):
        self.part.tracking = "none"
        board = self.env["product.product"].create(
            {
                "name": f"{MARKER} Board",
                "type": "consu",
                "is_storable": True,
                "tracking": "serial",
            }
        )
        lots = self.env["stock.lot"].create(
            [{"name": f"SN-{n}", "product_id": board.id} for n in range(3)]
        )
        for lot in lots:
            self.env["stock.quant"]._update_available_quantity(
                board, self.central, 1, lot_id=lot
            )
        made = self.env["service.part.request"].create(
            {
                "point_id": self.point.id,
                "line_ids": [Command.create({"product_id": board.id, "quantity": 3})],
            }
        )
        made.action_request()
        made.action_approve()
        made.action_ship()
        self._login(self.portal_point)
        page = self.url_open(URL).text
        for lot in lots:
            self.assertIn(lot.name, page)
        receipt = made._get_transfers("receipt")
        move = receipt.move_ids
        answer = self._post(
            f"{URL}/parcels/{receipt.id}/receive",
            {
                f"serials_{move.id}": 1,
                f"serial_{move.id}": [lots[0].id, lots[2].id, 2**40, "x"],
                f"surplus_{move.id}": "SN-77",
            },
        )
        self.assertEqual(made.difference_ids.lot_ids, lots[1])
        self.assertIn("-1 (SN-1)", answer.text)
        self.assertIn("+1 (SN-77)", answer.text)
        page = self.url_open(f"{URL}/requests/{made.id}").text
        self.assertRegex(page, r"Missing:\s*SN-1\s")
        self.assertRegex(page, r"Too many:\s*SN-77\s")
        self.assertNotIn("SN-0", page)

    def test_what_is_no_number_is_told_on_the_page(self):
        self._login(self.portal_point)
        made = self._request()
        made.action_approve()
        made.action_ship()
        receipt = made._get_transfers("receipt")
        for value in ("nan", "inf", "-1", "1e30", "many", "", "١e"):
            with self.subTest(value):
                answer = self._post(
                    f"{URL}/parcels/{receipt.id}/receive",
                    {f"quantity_{receipt.move_ids.id}": value},
                )
                self.assertIn("quantities as numbers", answer.text)
        self.assertEqual(made.state, "shipped")

    def test_the_way_back_is_above_each_page(self):
        self._login(self.portal_point)
        made = self._request()
        self._post(f"{URL}/counts/new", {"place_id": self.point.location_id.id})
        count = self.env["service.part.count"].search([])
        for page, texts in (
            (URL, ["Parts"]),
            (f"{URL}/requests", ["Parts", "Requests"]),
            (f"{URL}/requests/new", ["Parts", "Requests", "New request"]),
            (f"{URL}/requests/{made.id}", ["Parts", "Requests", made.name]),
            (f"{URL}/returns", ["Parts", "Old parts"]),
            (f"{URL}/counts/{count.id}", ["Parts", self.point.location_id.name]),
        ):
            tree = html.fromstring(self.url_open(page).content)
            crumbs = tree.xpath("//li[contains(@class, 'breadcrumb-item')]")[1:]
            with self.subTest(page):
                self.assertEqual(
                    [" ".join(crumb.text_content().split()) for crumb in crumbs], texts
                )
                self.assertFalse(crumbs[-1].xpath(".//a"))

    def test_only_spare_parts_and_only_for_the_own_places(self):
        self._login(self.portal_point)
        for values in (
            {"part_id": self.product.id, "quantity": 1},
            {"part_id": self.part.id, "quantity": -4},
            {"part_id": self.part.id, "quantity": "many"},
            {"part_id": self.part.id, "quantity": 0},
        ):
            self._post(
                f"{URL}/requests/new",
                {"place_id": self.point.location_id.id, **values},
            )
        self._post(
            f"{URL}/requests/new",
            {
                "place_id": self.other_point.location_id.id,
                "part_id": self.part.id,
                "quantity": 1,
            },
        )
        self.assertFalse(self.env["service.part.request"].search([]))

    def test_old_parts_are_sent_with_a_parcel_number(self):
        self._login(self.other_point_user)
        self._post(f"{URL}/returns/send", {"return_id": self.row.id, "parcel": "X"})
        self.assertEqual(self.row.state, "due")
        self._login(self.portal_point)
        self.assertIn(f"{MARKER} Pump", self.url_open(f"{URL}/returns").text)
        self._post(f"{URL}/returns/send", {"return_id": self.row.id, "parcel": "SF 5"})
        self.assertEqual((self.row.state, self.row.parcel), ("sent", "SF 5"))

    def test_a_technician_counts_the_own_van_on_the_phone(self):
        self.technician.vehicle = "P 1"
        van = self.technician.vehicle_location_id
        self.technician.user_id = self.colleague
        self.env["stock.quant"]._update_available_quantity(self.part, van, 5)
        self._login(self.colleague)
        self.assertIn(van.name, self.url_open(URL).text)
        self.assertNotIn(
            f'value="{self.point.location_id.id}"', self.url_open(URL).text
        )
        self._post(f"{URL}/counts/new", {"place_id": self.point.location_id.id})
        self.assertFalse(self.env["service.part.count"].search([]))
        self._post(f"{URL}/counts/new", {"place_id": van.id})
        count = self.env["service.part.count"].search([])
        self.assertEqual(count.technician_id, self.technician)
        self._post(
            f"{URL}/counts/{count.id}/submit", {f"counted_{count.line_ids.id}": 3}
        )
        self.assertEqual((count.state, count.line_ids.difference), ("counted", -2))

    def test_unused_parts_go_back_and_requests_are_taken_back(self):
        self._login(self.portal_point)
        made = self._request()
        self._login(self.other_point_user)
        self._post(f"{URL}/requests/{made.id}/cancel", {})
        self.assertEqual(made.state, "requested")
        self._login(self.portal_point)
        self._post(f"{URL}/requests/{made.id}/cancel", {})
        self.assertEqual(made.state, "cancelled")
        back = self.env["service.part.request"].create(
            {
                "point_id": self.point.id,
                "kind": "return",
                "line_ids": [Command.create({"product_id": self.part.id})],
            }
        )
        back.action_request()
        back.action_approve()
        self._post(f"{URL}/requests/{back.id}/ship", {"parcel": "R 1"})
        self.assertEqual(back.state, "shipped")
