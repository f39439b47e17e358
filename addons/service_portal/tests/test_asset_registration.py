import re
from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import PortalCommon

PAGE = "/my/service/assets/register"


@tagged("post_install", "-at_install")
class TestAssetRegistration(PortalCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.registrations = cls.env["service.asset.registration"]

    def _submit(self, user=None, serial="NEW-1", **values):
        signature = self.registrations._sign(self.product.id, serial)
        return self.registrations.with_user(user or self.foreigner)._submit(
            {
                "product_id": self.product.id,
                "serial": serial,
                "signature": signature,
                **values,
            }
        )

    def test_a_scanned_label_registers_at_once(self):
        record = self._submit()
        self.assertEqual(record.state, "done")
        self.assertRecordValues(
            record.asset_id,
            [
                {
                    "partner_id": self.foreigner.partner_id.commercial_partner_id.id,
                    "serial": "NEW-1",
                    "source": "portal",
                }
            ],
        )

    def test_what_others_have_registered_waits_for_a_person(self):
        record = self._submit(serial=self.asset.serial)
        self.assertEqual((record.state, record.is_transfer), ("pending", True))
        self.assertEqual(self.asset.partner_id, self.customer)
        self.assertEqual(self._submit(serial=self.asset.serial), record)
        record.with_user(self.agent).action_confirm()
        self.assertEqual(
            self.asset.partner_id, self.foreigner.partner_id.commercial_partner_id
        )
        self.assertEqual(len(self.asset.owner_ids), 2)

    def test_a_day_that_cannot_be_is_refused(self):
        for day in (date(1, 1, 1), date(1949, 12, 31), date(2999, 1, 1)):
            with self.subTest(day), self.assertRaises(UserError):
                self._submit(purchase_date=day)

    def test_typed_and_forged_numbers_register_nothing(self):
        typed = self._submit(serial="NEW-2", signature="", product="Washer")
        self.assertEqual(typed.state, "pending")
        with self.assertRaises(UserError):
            typed.with_user(self.agent).action_confirm()
        typed.with_user(self.agent).product_id = self.product
        typed.with_user(self.agent).action_confirm()
        self.assertEqual(typed.asset_id.serial, "NEW-2")
        forged = self.registrations.with_user(self.foreigner)
        with self.assertRaises(UserError):
            forged._submit(
                {
                    "product_id": self.product.id,
                    "serial": "NEW-3",
                    "signature": self.registrations._sign(self.product.id, "NEW-4"),
                }
            )

    def test_customers_have_no_rights_on_registrations(self):
        record = self._submit(serial=self.asset.serial)
        for user in (self.foreigner, self.portal_customer, self.technician_user):
            with self.assertRaises(AccessError):
                record.with_user(user).read(["state"])
            with self.assertRaises(AccessError):
                record.with_user(user).action_confirm()

    def test_one_customer_cannot_flood_the_desk(self):
        for number in range(20):
            self._submit(serial=f"T-{number}", signature="", product="Washer")
        with self.assertRaises(UserError):
            self._submit(serial="T-20", signature="", product="Washer")
        self.assertEqual(
            self._submit(serial="NEW-9", user=self.colleague).state, "done"
        )

    def _post(self, **data):
        page = self.url_open(PAGE).text
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page).group(1)
        return self.url_open(PAGE, data={"csrf_token": token, **data}).text

    def test_the_answer_does_not_tell_what_is_registered(self):
        self.authenticate(self.foreigner.login, self.foreigner.login)
        answers = set()
        for serial in (self.asset.serial, "NOT-THERE"):
            text = self._post(product="Test Washer", s=serial)
            answers.add(re.search(r"Thank you\.[^<]*", text).group())
        self.assertEqual(len(answers), 1)

    def test_the_label_opens_a_form_that_registers_when_it_is_sent(self):
        lot = self.env["stock.lot"].create(
            {"name": "LABEL/1 漢", "product_id": self.product.id}
        )
        url = lot._get_service_register_url()
        self.authenticate(self.foreigner.login, self.foreigner.login)
        page = self.url_open(url[url.index("/my/") :]).text
        self.assertIn("LABEL/1 漢", page)
        self.assertIn(self.product.name, page)
        found = self.env["service.asset"].search([("serial", "=", lot.name)])
        self.assertFalse(found)
        text = self._post(
            p=self.product.id,
            s=lot.name,
            c=self.registrations._sign(self.product.id, lot.name),
            purchase_date="2026-01-05",
        )
        self.assertIn("registered in your name", text)
        asset = self.env["service.asset"].search([("serial", "=", lot.name)])
        self.assertEqual(str(asset.purchase_date), "2026-01-05")

    def test_labels_are_printed_whole_on_a_sheet(self):
        lots = self.env["stock.lot"].create(
            [
                {"name": f"LABEL/{number} 漢", "product_id": self.product.id}
                for number in range(3)
            ]
        )
        report = self.env["ir.actions.report"]
        html = report._render_qweb_html("service_portal.report_lot_label", lots.ids)[0]
        # What is not in an article is printed without the head that says "UTF-8".
        bodies = report._get_report("service_portal.report_lot_label")._prepare_html(
            html
        )[0]
        self.assertEqual(len(bodies), 1)
        sheet = str(bodies[0])
        self.assertIn("charset", sheet)
        self.assertEqual(sheet.count("data:image/png;base64,"), 3)
        for lot in lots:
            self.assertIn(lot.name, sheet)
