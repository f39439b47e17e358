import json
from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from .common import PortalCommon

# Opens each page in a frame as wide as the window and measures it
FIT = """
    (async () => {
        const tooWide = [];
        for (const url of %s) {
            const frame = document.createElement("iframe");
            frame.style = "position: fixed; inset: 0; border: 0; height: 100vh;";
            frame.width = window.innerWidth;
            frame.src = url;
            await new Promise((resolve) => {
                frame.onload = resolve;
                document.body.append(frame);
            });
            const page = frame.contentDocument.documentElement;
            if (page.scrollWidth > window.innerWidth || !page.querySelector("#wrap")) {
                tooWide.push(url);
            }
            frame.remove();
        }
        if (tooWide.length) {
            console.error("Wider than the window: " + tooWide);
        } else {
            console.log("test successful");
        }
    })();
"""


@tagged("post_install", "-at_install")
class TestPortalBrowser(PortalCommon):
    """The two journeys of the portal in a browser."""

    browser_size = "1366x768"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        faults = cls.env["service.fault.code"]
        cls.symptom = faults.create(
            {
                "kind": "symptom",
                "code": "TOUR-1",
                "name": "Tour: drum does not turn",
                "category_ids": cls.category.parent_id.ids,
            }
        )
        faults.create(
            {
                "kind": "symptom",
                "code": "TOUR-2",
                "name": "Tour: screen is cracked",
                "category_ids": cls.env.ref("service_management.category_phone").ids,
            }
        )
        cls.type_repair.name = "Tour Repair"
        day = fields.Date.today() + timedelta(days=3)
        cls.env["service.slot"].create(
            {"point_id": cls.point.id, "dayofweek": str(day.weekday()), "capacity": 1}
        )

    def test_customer_files_a_request_with_a_photo(self):
        self.start_tour(
            "/my", "service_portal_request", login=self.portal_customer.login
        )
        order = self.env["service.order"].search([("channel", "=", "portal")])
        self.assertRecordValues(
            order,
            [
                {
                    "asset_id": self.asset.id,
                    "symptom_id": self.symptom.id,
                    "description": "Tour: it hums but does not spin",
                    "state": "new",
                }
            ],
        )
        self.assertTrue(order.slot_start, "the time chosen in the form is promised")
        self.assertEqual(len(order._get_public_messages()), 2)
        self.assertEqual(len(order._get_public_messages().attachment_ids), 1)

    def test_point_accepts_plans_and_reports(self):
        self._stock(self.part, 3)
        offer = self._offer(self._plant_order())
        order = offer.order_id
        self.start_tour("/my", "service_portal_job", login=self.portal_point.login)
        visit = order.visit_ids
        self.assertEqual(offer.state, "accepted")
        self.assertRecordValues(
            visit,
            [
                {
                    "state": "done",
                    "outcome": "fixed",
                    "report": "Tour: pump replaced",
                    "signed_by": "Tour Customer",
                    "technician_id": self.technician.id,
                }
            ],
        )
        self.assertTrue(visit.signature)
        self.assertRecordValues(
            visit.move_ids, [{"product_id": self.part.id, "quantity": 1.0}]
        )


@tagged("post_install", "-at_install")
class TestPortalPhone(TestPortalBrowser):
    """The same on a phone."""

    browser_size = "390x844"
    touch_enabled = True

    def test_pages_fit_the_width_of_a_phone(self):
        order = self._plant_job()
        visit = self._plan(order)
        own = (
            "/my",
            "/my/service/orders",
            "/my/service/orders/new",
            order.access_url,
            "/my/service/assets",
            f"/my/service/assets/{self.asset.id}",
        )
        offer = self._offer(self._plant_order())
        jobs = (
            "/my/service/offers",
            f"/my/service/offers/{offer.id}",
            "/my/service/jobs",
            f"/my/service/jobs/{order.id}",
            f"/my/service/jobs/{order.id}/visits/{visit.id}/report",
        )
        for user, urls in ((self.portal_customer, own), (self.portal_point, jobs)):
            self.browser_js(urls[0], FIT % json.dumps(urls), login=user.login)
