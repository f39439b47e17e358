import uuid

from odoo.tests import tagged

from .common import MARKER, PortalCommon, picture


@tagged("post_install", "-at_install")
class TestRequest(PortalCommon):
    def _send(self, token=None, files=None, **values):
        return self._post(
            "/my/service/orders/new",
            {
                "token": token or uuid.uuid4().hex,
                "type_id": self.type_repair.id,
                "asset_id": self.asset.id,
                "description": "It leaks.",
                **values,
            },
            files=files,
        )

    def _orders(self):
        return self.env["service.order"].search([("channel", "=", "portal")])

    def test_request_for_an_asset_becomes_a_registered_order(self):
        self._login(self.portal_customer)
        response = self._send(
            files=[("photos", ("leak.jpg", picture(), "image/jpeg"))],
            period="morning",
        )
        order = self._orders()
        self.assertIn(f"Your request {order.name} was received.", response.text)
        self.assertRecordValues(
            order,
            [
                {
                    "state": "new",
                    "partner_id": self.customer.id,
                    "requester_id": self.portal_customer.partner_id.id,
                    "asset_id": self.asset.id,
                    "product_id": self.product.id,
                    "channel": "portal",
                    "date_preferred": "In the morning",
                }
            ],
        )
        self.assertEqual(len(self._photo_of(order)), 1)
        self.assertIn(self.portal_customer.partner_id, order.message_partner_ids)
        self.assertTrue(order.workitem_ids)
        self.assertTrue(order.warranty_note)

    def test_request_without_asset_takes_category_and_own_address(self):
        self._login(self.foreigner)
        self._send(asset_id="", category_id=self.category.id)
        order = self._orders()
        person = self.foreigner.partner_id
        self.assertEqual(order.category_id, self.category)
        self.assertEqual(order.partner_id, person)
        self.assertEqual(order.site_id, person)

    def test_sent_twice_is_one_order_L28(self):
        token = uuid.uuid4().hex
        files = [("photos", ("leak.jpg", picture(), "image/jpeg"))]
        self._login(self.portal_customer)
        self._send(token, files=files)
        response = self._send(token, files=files, description="Once more")
        order = self._orders()
        self.assertEqual(len(order), 1)
        self.assertIn("was received already.", response.text)
        self.assertEqual(len(order._get_public_messages()), 1)

    def test_token_of_another_user_finds_nothing(self):
        token = uuid.uuid4().hex
        self._login(self.portal_customer)
        self._send(token, description=f"{MARKER} mine")
        self._login(self.foreigner)
        response = self._send(token, asset_id="")
        self.assertNotIn(MARKER, response.text)
        self.assertEqual(len(self._orders()), 2)

    def test_token_is_required(self):
        self._login(self.portal_customer)
        response = self._send("' OR 1=1")
        self.assertIn("The form has expired.", response.text)
        self.assertFalse(self._orders())

    def test_foreign_asset_is_refused(self):
        self._login(self.foreigner)
        response = self._send()
        self.assertIn("Please choose one of the values offered.", response.text)
        self.assertFalse(self._orders())

    def test_symptom_of_another_category_is_refused(self):
        symptom = self.env["service.fault.code"].create(
            {
                "kind": "symptom",
                "code": "T-PHONE",
                "name": "Screen is cracked",
                "category_ids": self.env.ref("service_management.category_phone").ids,
            }
        )
        own = self.env["service.fault.code"].create(
            {
                "kind": "symptom",
                "code": "T-WASH",
                "name": "Drum does not turn",
                "category_ids": self.category.parent_id.ids,
            }
        )
        self._login(self.portal_customer)
        response = self._send(symptom_id=symptom.id)
        self.assertIn("Please choose one of the values offered.", response.text)
        self._send(symptom_id=own.id)
        self.assertEqual(self._orders().symptom_id, own)

    def test_refused_form_keeps_what_was_written(self):
        self._login(self.portal_customer)
        response = self._send(type_id="", description="Please keep me")
        self.assertIn("Please choose what you need.", response.text)
        self.assertIn("Please keep me", response.text)
        response = self._send(description="")
        self.assertIn("Please describe your request.", response.text)
        response = self._send(day="2001-01-01")
        self.assertIn("Please choose a day within the next", response.text)
        response = self._send(day="soon")
        self.assertIn("Please give the day as year-month-day.", response.text)
        self.assertFalse(self._orders())

    def test_types_kept_from_the_portal_are_neither_offered_nor_taken(self):
        hidden = self.env["service.type"].create(
            {"name": "Hidden Type", "code": "t_hidden", "is_portal": False}
        )
        self._login(self.portal_customer)
        self.assertNotIn("Hidden Type", self.url_open("/my/service/orders/new").text)
        self._send(type_id=hidden.id)
        self.assertFalse(self._orders())

    def test_extra_parameters_are_not_looked_at_L32(self):
        self._login(self.foreigner)
        self._send(
            asset_id="",
            partner_id=self.customer.id,
            commercial_partner_id=self.customer.id,
            point_id=self.point.id,
            user_id=self.env.user.id,
            state="closed",
            stage_id=1,
            priority="3",
            warranty_state="in",
            internal_note="Pay them",
            site_id=self.customer.id,
            channel="phone",
            source_key="x",
        )
        order = self._orders()
        self.assertRecordValues(
            order,
            [
                {
                    "partner_id": self.foreigner.partner_id.id,
                    "site_id": self.foreigner.partner_id.id,
                    "state": "new",
                    "point_id": False,
                    "user_id": False,
                    "priority": self.type_repair.priority,
                    "warranty_state": "none",
                    "internal_note": False,
                    "channel": "portal",
                }
            ],
        )

    def test_form_offers_only_own_assets(self):
        self._login(self.portal_customer)
        self.assertIn(self.asset.serial, self.url_open("/my/service/orders/new").text)
        self._login(self.foreigner)
        self.assertNotIn(MARKER, self.url_open("/my/service/orders/new").text)

    def test_form_for_a_foreign_asset_tells_nothing(self):
        self._login(self.foreigner)
        page = self.url_open(f"/my/service/orders/new?asset_id={self.asset.id}").text
        self.assertNotIn(MARKER, page)
