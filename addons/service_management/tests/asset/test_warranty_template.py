from datetime import date
from unittest.mock import ANY

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.service_management.engine import warranty as engine

from .warranty_common import WarrantyCommon


@tagged("post_install", "-at_install")
class TestWarrantyTemplate(WarrantyCommon):
    # What is promised

    def test_a_category_promises_to_all_below_it(self):
        parent = self.category.parent_id
        parent.service_warranty_template_id = self._make_template(("labour", 6))
        product = self._make_product(categ_id=self.category.id)
        self.assertEqual(self._get_ends(self._make_asset(product)), {"labour": 6})
        self.category.service_warranty_template_id = self._make_template(("labour", 9))
        self.assertEqual(self._get_ends(self._make_asset(product)), {"labour": 9})
        product.service_warranty_template_id = self._make_template(("parts", 3))
        self.assertEqual(self._get_ends(self._make_asset(product)), {"parts": 3})

    def test_a_template_of_another_company_promises_nothing(self):
        other = self.env["res.company"].create({"name": "Other"})
        product = self._make_product()
        product.service_warranty_template_id = self._make_template(
            ("labour", 6), company_id=other.id
        )
        self.assertFalse(self._make_asset(product).warranty_ids)

    def test_months_of_a_product_are_a_template_of_its_own(self):
        product = self._make_product(service_warranty_labour=12)
        template = product.service_warranty_template_id
        self.assertEqual(template.product_tmpl_id, product.product_tmpl_id)
        self.assertEqual(template.line_ids.mapped("kind"), ["labour"])
        product.service_warranty_parts = 24
        self.assertEqual(product.service_warranty_template_id, template)
        self.assertEqual(
            {line.kind: line.months for line in template.line_ids},
            {"labour": 12, "parts": 24},
        )
        self.assertFalse(product.service_warranty_is_shared)

    def test_months_never_change_a_shared_template(self):
        shared = self._make_template(("labour", 6))
        products = self._make_product() + self._make_product()
        products.service_warranty_template_id = shared
        self.assertEqual(products[0].service_warranty_labour, 6)
        products[0].service_warranty_labour = 36
        self.assertEqual(shared.line_ids.months, 6)
        self.assertEqual(products[1].service_warranty_labour, 6)
        self.assertEqual(products[0].service_warranty_labour, 36)

    def test_a_copied_product_promises_the_same_and_goes_its_own_way(self):
        product = self._make_product(service_warranty_labour=12)
        copy = product.product_tmpl_id.copy()
        self.assertEqual(copy.service_warranty_labour, 12)
        copy.service_warranty_labour = 24
        self.assertEqual(product.service_warranty_labour, 12)

    def test_months_cannot_be_negative(self):
        with self.assertRaises(UserError):
            self.product.service_warranty_labour = -1

    def test_assets_that_are_promised_the_same_share_the_promise(self):
        one, two = self._make_asset(self.product), self._make_asset(self.product)
        self.assertEqual(one.warranty_promise_id, two.warranty_promise_id)
        self.product.service_warranty_labour = 5
        three = self._make_asset(self.product)
        self.assertNotEqual(three.warranty_promise_id, one.warranty_promise_id)
        # Not even by code that is not asked for rights
        with self.assertRaisesRegex(UserError, "never changed"):
            one.warranty_promise_id.sudo().write({"data": {}})

    # When it starts

    def test_l11_what_was_promised_waits_for_its_date(self):
        template = self._make_template(("labour", 12), basis="installation")
        product = self._make_product(service_warranty_template_id=template.id)
        asset = self._make_asset(
            product, install_date=False, purchase_date="2026-01-01"
        )
        self.assertFalse(asset.warranty_ids)
        self.assertEqual(asset.warranty_waits_for, "Installation")
        decision = asset._decide_warranty(date(2026, 5, 1))["labour"]
        self.assertEqual((decision.code, decision.answer), ("no_start", "unknown"))
        self.assertIn(
            "complete the dates",
            asset._describe_warranty(engine.as_data({"labour": decision})),
        )
        # The promise is that of the day of registration
        template.line_ids.months = 99
        asset.install_date = "2026-02-01"
        self.assertEqual(asset.warranty_ids.date_end, date(2027, 1, 31))
        self.assertFalse(asset.warranty_pending)

    def test_another_product_before_anything_was_frozen_is_promised_anew(self):
        asset = self._make_asset(self.product, install_date=False)
        product = self._make_product(service_warranty_labour=3)
        asset.product_id = product
        asset.install_date = "2026-01-01"
        self.assertEqual(self._get_ends(asset), {"labour": 3})

    def test_terms_that_a_manager_took_away_do_not_come_back(self):
        asset = self._make_asset(self.product)
        asset.warranty_ids.unlink()
        asset.install_date = "2026-04-01"
        self.assertFalse(asset.warranty_ids)

    # Components, exclusions, documents

    def test_a_component_is_covered_for_years(self):
        asset = self._make_asset(self._make_ac())
        day = date(2030, 5, 1)
        fault = engine.Fault(day, sections=frozenset(self.section.ids))
        decisions = asset._decide_warranty(fault)
        self.assertEqual(
            {kind: decision.code for kind, decision in decisions.items()},
            {"labour": "ended", "parts": "covered", "travel": "no_term"},
        )
        note = asset._describe_warranty(engine.as_data(decisions))
        self.assertIn("Compressor: covered until", note)
        note = asset._describe_warranty(engine.as_data(asset._decide_warranty(day)))
        self.assertIn("in which section the fault is", note)

    def test_l11_what_a_component_is_is_frozen_too(self):
        asset = self._make_asset(self._make_ac())
        fault = engine.Fault(date(2030, 5, 1), sections=frozenset(self.section.ids))
        self.component.section_ids = False
        self.component.name = "Pump"
        decision = asset._decide_warranty(fault)["parts"]
        self.assertEqual(decision.code, "covered")
        self.assertIn("Compressor", str(engine.as_data({"parts": decision})))

    def test_a_term_added_by_hand_for_a_component_is_frozen_too(self):
        asset = self._make_asset(self._make_product())
        self.env["service.warranty"].with_user(self.manager).create(
            {
                "asset_id": asset.id,
                "kind": "parts",
                "component_id": self.component.id,
                "date_start": "2026-01-01",
                "date_end": "2026-12-31",
            }
        )
        section = self.section
        self.component.section_ids = False
        fault = engine.Fault(date(2026, 5, 1), sections=frozenset(section.ids))
        self.assertTrue(asset._decide_warranty(fault)["parts"].covered)

    def test_documents_that_are_missing_are_named(self):
        invoice = self.env.ref("service_management.warranty_document_invoice")
        template = self._make_template(("labour", 12), document_ids=invoice.ids)
        product = self._make_product(service_warranty_template_id=template.id)
        asset = self._make_asset(product)
        self.assertEqual(asset.warranty_missing, "Invoice")
        decisions = asset._decide_warranty(date(2026, 5, 1))
        self.assertEqual(decisions["labour"].missing, ("invoice",))
        self.assertIn(
            "to be shown: Invoice", asset._describe_warranty(engine.as_data(decisions))
        )
        asset.with_user(self.agent).warranty_document_ids = invoice
        self.assertFalse(asset.warranty_missing)
        self.assertFalse(asset._decide_warranty(date(2026, 5, 1))["labour"].missing)

    def test_a_company_may_be_excluded(self):
        exclusion = self.env.ref("service_management.warranty_exclusion_commercial")
        template = self._make_template(("labour", 12), exclusion_ids=exclusion.ids)
        product = self._make_product(service_warranty_template_id=template.id)
        asset = self._make_asset(product)
        day = date(2026, 5, 1)
        self.assertTrue(asset._decide_warranty(day)["labour"].covered)
        self.customer.is_company = True
        self.assertEqual(asset._decide_warranty(day)["labour"].code, "excluded")

    # Extensions

    def test_an_extension_comes_after_what_there_is(self):
        asset = self._make_asset(self.product)
        extension = self._extend(asset)
        self.assertRecordValues(
            extension.warranty_ids,
            [
                {
                    "kind": "labour",
                    "source": "extension",
                    "date_start": date(2027, 1, 1),
                    "date_end": date(2028, 12, 31),
                    "promise_id": extension.promise_id.id,
                    "reason": ANY,
                }
            ],
        )
        self.assertTrue(asset._decide_warranty(date(2028, 6, 1))["labour"].covered)
        self.assertEqual(asset.warranty_end, date(2028, 12, 31))

    def test_a_second_extension_comes_after_the_first(self):
        asset = self._make_asset(self.product)
        self._extend(asset)
        second = self._extend(asset)
        self.assertEqual(second.warranty_ids.date_start, date(2029, 1, 1))

    def test_an_extension_waits_for_the_first_warranty(self):
        asset = self._make_asset(self.product, install_date=False)
        extension = self._extend(asset)
        self.assertFalse(extension.warranty_ids)
        self.extension.service_warranty_extension_id.line_ids.months = 1
        asset.install_date = "2026-01-01"
        self.assertEqual(extension.warranty_ids.date_end, date(2028, 12, 31))

    def test_an_extension_that_was_not_sold_after_all_covers_nothing(self):
        asset = self._make_asset(self.product)
        extension = self._extend(asset)
        extension.action_cancel()
        self.assertEqual(extension.state, "cancelled")
        self.assertFalse(asset._decide_warranty(date(2028, 6, 1))["labour"].covered)
        self.assertEqual(asset.warranty_end, date(2027, 12, 31))

    def test_only_a_product_that_extends_is_an_extension(self):
        asset = self._make_asset(self.product)
        with self.assertRaises(UserError):
            self._extend(asset, product=self.part)
        with self.assertRaises(UserError):
            self._extend(asset).write({"date": "2020-01-01"})

    # A new owner

    def _transfer(self, rule, months=0):
        template = self._make_template(
            ("labour", 12), transfer=rule, transfer_months=months
        )
        product = self._make_product(service_warranty_template_id=template.id)
        asset = self._make_asset(product)
        new = self.env["res.partner"].create({"name": "New Owner"})
        asset.action_transfer(new, date(2026, 4, 1))
        return asset

    def test_the_promise_says_what_a_new_owner_gets(self):
        for rule, last in (
            ("follows", date(2026, 12, 31)),
            ("ends", date(2026, 3, 31)),
            ("months", date(2026, 6, 30)),
            ("consent", date(2026, 3, 31)),
        ):
            with self.subTest(rule):
                asset = self._transfer(rule, months=3)
                self.assertEqual(asset.warranty_end, last)
                self.assertTrue(asset._decide_warranty(last)["labour"].covered)
                day = fields.Date.add(last, days=1)
                self.assertFalse(asset._decide_warranty(day)["labour"].covered)

    def test_only_a_manager_consents(self):
        asset = self._transfer("consent")
        self.assertTrue(asset.warranty_awaits_consent)
        with self.assertRaises(UserError):
            asset.with_user(self.agent).action_consent_transfer()
        asset.with_user(self.manager).action_consent_transfer()
        self.assertFalse(asset.warranty_awaits_consent)
        self.assertEqual(asset.warranty_end, date(2026, 12, 31))

    def test_nobody_ends_a_term_by_hand(self):
        term = self._make_asset(self.product).warranty_ids[0]
        with self.assertRaises(UserError):
            term.with_user(self.manager).date_cut = "2026-01-02"

    # Who may

    def test_only_a_manager_keeps_templates(self):
        template = self._make_template(("labour", 1))
        for user in (self.agent, self.quality, self.technician_user):
            template.with_user(user).read(["name"])
            with self.assertRaises(AccessError):
                template.with_user(user).write({"name": "x"})
        template.with_user(self.manager).write({"name": "x"})

    def test_names_are_frozen_in_every_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.component.with_context(lang="fr_FR").name = "Compresseur"
        names = self.component._prepare_frozen_vals()["name"]
        self.assertEqual(
            (names["en_US"], names["fr_FR"]), ("Compressor", "Compresseur")
        )
        mixin = self.env["service.warranty.frozen.mixin"].with_context(lang="fr_FR")
        self.assertEqual(mixin._read_frozen_name(names), "Compresseur")

    def test_no_role_writes_a_promise_and_the_desk_alone_reads_it(self):
        promise = self._make_asset(self.product).warranty_promise_id
        model = self.env["service.warranty.promise"]
        for user, may_read in (
            (self.agent, True),
            (self.quality, True),
            (self.technician_user, False),
            (self.portal_customer, False),
        ):
            self.assertEqual(promise.with_user(user).has_access("read"), may_read)
            for operation in ("create", "write", "unlink"):
                self.assertFalse(model.with_user(user).has_access(operation))
        self.assertIn("Labour", promise.with_user(self.agent).text)

    def test_lines_follow_the_company_of_their_template(self):
        other = self.env["res.company"].create({"name": "Other"})
        template = self._make_template(("labour", 6), company_id=other.id)
        lines = self.env["service.warranty.template.line"].with_user(self.manager)
        self.assertFalse(lines.search([("template_id", "=", template.id)]))

    def test_an_agent_sells_an_extension_and_a_technician_does_not(self):
        asset = self._make_asset(self.product)
        vals = {
            "asset_id": asset.id,
            "product_id": self.extension.id,
            "reason": "Shop in the High Street, receipt 17",
        }
        model = self.env["service.warranty.extension"]
        # It binds the company: without a sale of ours the proof is kept
        for reason in (False, "  "):
            with self.assertRaisesRegex(UserError, "receipt"):
                model.with_user(self.agent).create(vals | {"reason": reason})
        with self.assertRaisesRegex(UserError, "not changed"):
            model.with_user(self.manager).create(dict(vals)).reason = "Another"
        self.assertEqual(
            len(model.with_user(self.agent).create(dict(vals)).sudo().warranty_ids), 1
        )
        with self.assertRaises(AccessError):
            model.with_user(self.technician_user).create(dict(vals))

    def test_an_agent_adds_an_extension_in_the_form_of_the_asset(self):
        asset = self._make_asset(self.product).with_user(self.agent)
        asset.write(
            {
                "warranty_extension_ids": [
                    Command.create(
                        {"product_id": self.extension.id, "reason": "Receipt 17"}
                    )
                ]
            }
        )
        self.assertEqual(len(asset.warranty_ids), 4)
