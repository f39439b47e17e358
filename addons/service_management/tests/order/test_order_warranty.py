from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.service_management.tests.asset.warranty_common import WarrantyCommon


@tagged("post_install", "-at_install")
class TestOrderWarranty(WarrantyCommon):
    """Who pays an order: by frozen terms, for the date of the fault, with reasons."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ac = cls._make_asset(cls._make_ac())
        cls.misuse = cls.env.ref("service_management.warranty_exclusion_misuse")

    def _order(self, day="2030-05-01", asset=None, **vals):
        return self._make_order(asset_id=(asset or self.ac).id, date_fault=day, **vals)

    def _covered(self, order):
        return order._get_covered_kinds()[order]

    def _events(self, order, kind):
        return order.event_ids.filtered(lambda event: event.kind == kind)

    # The decision

    def test_where_the_fault_is_decides_for_the_component(self):
        order = self._order()
        self.assertEqual(order.warranty_state, "partial")
        self.assertEqual(
            self._covered(order),
            {"labour": "not_covered", "parts": "unknown", "travel": "no_term"},
        )
        order.section_id = self.section
        self.assertEqual(self._covered(order)["parts"], "covered")
        self.assertIn("Compressor: covered until", order.warranty_note)
        order.section_id = self.env.ref("service_management.fault_section_mot")
        self.assertEqual(self._covered(order)["parts"], "not_covered")
        self.assertEqual(order.warranty_state, "out")
        self.assertEqual(len(self._events(order, "warranty")), 3)

    def test_the_facts_are_kept_with_the_answer(self):
        order = self._order(section_id=self.section.id)
        facts = order.warranty_facts
        self.assertEqual(facts["day"], "2030-05-01")
        self.assertEqual(facts["promise"], self.ac.warranty_promise_id.id)
        self.assertIn("Compressor", facts["faults"]["section_id"])
        reason = next(row for row in order.warranty_reasons if row["kind"] == "parts")
        self.assertIn(reason["term"], self.ac.warranty_ids.ids)

    def test_a_draft_shows_what_registering_will_decide(self):
        draft = self._order(register=False, section_id=self.section.id)
        preview = self._covered(draft)
        self.assertFalse(draft.warranty_reasons)
        draft.action_register()
        self.assertEqual(self._covered(draft), preview)

    def test_l11_what_was_decided_stays_after_the_work(self):
        order = self._order(section_id=self.section.id)
        order.outcome = "fixed"
        order.action_done()
        before = (order.warranty_state, order.warranty_reasons, order.warranty_facts)
        self.component.section_ids = False
        self.ac.warranty_ids.unlink()
        order.sudo().section_id = False
        self.assertEqual(
            (order.warranty_state, order.warranty_reasons, order.warranty_facts), before
        )

    def test_l11_an_empty_date_is_answered_with_a_sentence(self):
        order = self._order()
        order.date_fault = False
        self.assertEqual(order.warranty_state, "none")
        self.assertEqual(self._covered(order)["labour"], "unknown")
        self.assertIn("the date of the fault is missing", order.warranty_note)
        asset = self._make_asset(self.product, install_date=False)
        other = self._order(asset=asset)
        self.assertEqual(self._covered(other)["labour"], "unknown")
        self.assertIn("complete the dates of the asset", other.warranty_note)

    def test_misuse_is_found_on_the_spot(self):
        template = self._make_template(("labour", 12), exclusion_ids=self.misuse.ids)
        product = self._make_product(service_warranty_template_id=template.id)
        order = self._order("2026-05-01", self._make_asset(product))
        self.assertEqual(self._covered(order)["labour"], "covered")
        order.defect_id = self.misuse.fault_ids[0]
        self.assertEqual(self._covered(order)["labour"], "not_covered")
        self.assertIn("not covered: Misuse", order.warranty_note)
        order.defect_id = False
        order.warranty_exclusion_ids = self.misuse
        self.assertEqual(self._covered(order)["labour"], "not_covered")
        # What was promised without it stays so when nobody is promised that any more
        self.misuse.active = False
        self.env.invalidate_all()
        order._renew_warranty()
        self.assertEqual(self._covered(order)["labour"], "not_covered")

    def test_the_desk_tells_what_ended_from_what_is_not_covered(self):
        commercial = self.env.ref("service_management.warranty_exclusion_commercial")
        template = self._make_template(("labour", 120), exclusion_ids=commercial.ids)
        product = self._make_product(service_warranty_template_id=template.id)
        today = fields.Date.today()
        for months, is_company, expected in (
            (1, False, (True, False)),
            (1, True, (False, False)),
            (130, False, (False, True)),
        ):
            owner = self.env["res.partner"].create(
                {"name": "Test Owner", "is_company": is_company}
            )
            self._make_asset(
                product,
                partner_id=owner.id,
                install_date=today - relativedelta(months=months),
            )
            (asset,) = self.env["service.order"].intake_context(owner.id)["assets"]
            (term,) = asset["warranty"]
            self.assertEqual((term["covered"], term["ended"]), expected)
            self.assertFalse(term["unknown"])

    def test_nobody_writes_the_decision_by_hand(self):
        order = self._order().with_user(self.manager)
        for name in ("warranty_state", "warranty_reasons", "warranty_facts"):
            with self.assertRaises(UserError):
                order.write({name: False})

    # One answer with the contract

    def test_a_visit_that_the_warranty_pays_takes_nothing_from_a_contract(self):
        self.type_repair.entitlement_kind = "on_site"
        today = fields.Date.today()
        self.env["service.contract"].create(
            {
                "name": "Care",
                "partner_id": self.customer.id,
                "date_start": today - timedelta(days=10),
                "date_end": today + timedelta(days=300),
                "state": "active",
                "entitlement_ids": [Command.create({"kind": "on_site", "quantity": 3})],
            }
        )
        template = self._make_template(("labour", 24), ("travel", 24))
        product = self._make_product(service_warranty_template_id=template.id)
        asset = self._make_asset(product, install_date=today - timedelta(days=9))
        order = self._order(today, asset)
        self.assertEqual(order.coverage_state, "warranty")
        payers = {row["kind"]: row["payer"] for row in order.coverage_view["kinds"]}
        self.assertEqual(
            payers, {"labour": "warranty", "parts": "customer", "travel": "warranty"}
        )
        # Nothing covers the visit any more: it is taken from the contract at once
        order.date_fault = today - timedelta(days=10)
        self.assertEqual(order.coverage_state, "covered")
        self.assertEqual(order.entitlement_use, "reserved")
        payers = {row["kind"]: row["payer"] for row in order.coverage_view["kinds"]}
        self.assertEqual(
            payers, {"labour": "contract", "parts": "customer", "travel": "contract"}
        )
        # And given back when we pay it ourselves
        order.action_goodwill(["labour", "travel"], "A regular customer.")
        self.assertEqual(order.coverage_state, "warranty")
        self.assertFalse(order.entitlement_use)

    def test_the_phone_form_tells_who_pays_before_anything_is_promised(self):
        view = (
            self.env["service.order"]
            .with_user(self.agent)
            .intake_coverage(
                {
                    "partner_id": self.customer.id,
                    "asset_id": self.ac.id,
                    "type_id": self.type_repair.id,
                }
            )
        )
        self.assertEqual(
            [row["kind"] for row in view["kinds"]], ["labour", "parts", "travel"]
        )
        self.assertIn(
            "covered until", view["kinds"][0]["text"] + view["kinds"][1]["text"]
        )

    # Goodwill

    def test_goodwill_needs_the_right_and_a_reason(self):
        order = self._order()
        with self.assertRaises(AccessError):
            order.with_user(self.agent).action_goodwill(["labour"], "Because.")
        granting = order.with_user(self.manager)
        for kinds, reason in ((["labour"], " "), ([], "Because.")):
            with self.assertRaises(UserError):
                granting.action_goodwill(kinds, reason)
        granting.action_goodwill(["labour"], "The third repair in a year.")
        self.assertEqual(self._covered(order)["labour"], "covered")
        event = self._events(order, "goodwill")
        self.assertEqual(event.user_id, self.manager)
        self.assertIn("The third repair", event.name)
        self.assertEqual(order.warranty_state, "partial")

    def test_a_part_of_it_is_a_share_and_may_be_taken_back(self):
        order = self._order()
        order.action_goodwill(["labour"], "Half of it.", 50)
        self.assertEqual(self._covered(order)["labour"], "not_covered")
        self.assertEqual(order._get_covered_shares()[order]["labour"], 50)
        order.action_goodwill(["labour"], "All of it.", 100)
        self.assertEqual(order._get_covered_shares()[order]["labour"], 100)
        order.action_goodwill(["labour"], "A mistake.", 0)
        self.assertEqual(self._covered(order)["labour"], "not_covered")
        self.assertEqual(len(order.goodwill_ids), 3)

    def test_what_was_granted_is_kept(self):
        order = self._order()
        order.action_goodwill(["labour"], "Because.")
        grant = order.goodwill_ids.with_user(self.manager)
        with self.assertRaises(AccessError):
            grant.unlink()
        for work in (lambda: grant.sudo().write({"percent": 1}), grant.sudo().unlink):
            with self.assertRaises(UserError):
                work()
        self.assertFalse(
            self.env["service.goodwill"].with_user(self.manager).has_access("create")
        )
        self.assertFalse(grant.with_user(self.technician_user).has_access("read"))

    def test_the_dialog_grants(self):
        order = self._order()
        dialog = (
            self.env["service.goodwill.grant"]
            .with_user(self.manager)
            .create({"order_ids": order.ids, "labour": True, "reason": "Loyal."})
        )
        dialog.action_confirm()
        self.assertEqual(order.goodwill_ids.mapped("kind"), ["labour"])

    # Sets

    def test_a_hundred_orders_are_answered_with_as_many_queries_as_ten(self):
        counts = []
        for count in (2, 10, 100):
            orders = self.env["service.order"].create(
                [
                    {
                        "partner_id": self.customer.id,
                        "asset_id": asset.id,
                        "type_id": self.type_repair.id,
                        "description": "Warm",
                    }
                    for asset in (self.ac, self.asset) * (count // 2)
                ]
            )
            orders.action_register()
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            orders._decide_warranty()
            orders._get_covered_kinds()
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[1], counts[2])

    def test_the_decision_is_taken_for_the_day_of_the_fault(self):
        order = self._order("2026-12-31")
        self.assertEqual(self._covered(order)["labour"], "covered")
        order.date_fault = date(2027, 1, 1)
        self.assertEqual(self._covered(order)["labour"], "not_covered")
