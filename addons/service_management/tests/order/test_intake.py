from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged, users, warmup

from odoo.addons.service_management.tests.common import ServiceCommon


class TestIntakeSearch(ServiceCommon):
    def setUp(self):
        super().setUp()
        self.intake = self.env["service.order"].with_user(self.agent)

    def _search(self, term, **kwargs):
        return [
            (hit["partner_id"], hit["match"])
            for hit in self.intake.intake_search(term, **kwargs)
        ]

    def test_number_written_in_any_way_finds_the_caller(self):
        found = [(self.customer.id, "phone")]
        for number in ("13800138000", "138-0013-8000", "+86 (138) 00138000", "0138000"):
            self.assertEqual(self._search(number), found, number)

    def test_number_with_another_prefix_finds_the_caller(self):
        self.assertEqual(
            self._search("0049 13800138000"), [(self.customer.id, "phone")]
        )

    def test_serial_finds_owner_and_asset(self):
        hit = self.intake.intake_search("tw-0001")[0]
        self.assertEqual(
            (hit["partner_id"], hit["match"], hit["asset_id"]),
            (self.customer.id, "serial", self.asset.id),
        )

    def test_order_number_finds_its_customer(self):
        order = self._make_order()
        hit = self.intake.intake_search(order.name)[0]
        self.assertEqual(
            (hit["partner_id"], hit["match"], hit["order_id"]),
            (self.customer.id, "order", order.id),
        )

    def test_contract_number_finds_its_customer(self):
        contract = self.env["service.contract"].create(
            {
                "name": "Full service",
                "code": "C-4711-X",
                "partner_id": self.customer.id,
                "date_end": fields.Date.today() + timedelta(days=30),
            }
        )
        self.assertEqual(self._search(contract.code), [(self.customer.id, "contract")])

    def test_two_chinese_characters_find_a_name(self):
        partner = self.env["res.partner"].create({"name": "欧阳锦书"})
        self.assertEqual(self._search("欧阳"), [(partner.id, "name")])
        self.assertEqual(self._search("阳锦书"), [(partner.id, "name")])

    def test_customer_is_listed_once_and_the_limit_holds(self):
        self.env["res.partner"].create(
            [{"name": f"Test Customer {index}"} for index in range(12)]
        )
        hits = self._search("Test Customer", limit=5)
        self.assertEqual(len(hits), 5)
        self.assertEqual(len({partner for partner, __ in hits}), 5)

    def test_short_terms_find_nothing(self):
        for term in ("", " ", "x", None):
            self.assertEqual(self._search(term), [])

    def test_only_those_who_register_orders_may_search(self):
        for user in (self.technician_user, self.portal_customer, self.portal_point):
            orders = self.env["service.order"].with_user(user)
            for method, args in (
                ("intake_search", ("Test",)),
                ("intake_context", (self.customer.id,)),
                ("intake_options", ()),
                ("intake_save", (False, {"partner_id": self.customer.id})),
                ("intake_new_customer", ({"name": "New"},)),
                ("intake_drafts", ()),
                ("intake_load", (1,)),
                ("intake_register", (1,)),
                ("intake_discard", (1,)),
            ):
                with self.assertRaises(AccessError, msg=f"{user.login} {method}"):
                    getattr(orders, method)(*args)


class TestIntakeContext(ServiceCommon):
    def setUp(self):
        super().setUp()
        self.intake = self.env["service.order"].with_user(self.agent)

    def test_context_tells_assets_with_warranty(self):
        context = self.intake.intake_context(self.customer.id)
        (asset,) = context["assets"]
        self.assertEqual(asset["serial"], "TW-0001")
        self.assertIn(self.category.id, asset["category_ids"])
        self.assertIn(self.category.parent_id.id, asset["category_ids"])
        self.assertEqual(
            {term["kind"]: term["covered"] for term in asset["warranty"]},
            {"labour": True, "parts": True, "travel": True},
        )
        self.assertFalse(asset["has_open_order"])

    def test_open_and_past_orders_are_kept_apart(self):
        order, done, __ = (
            self._make_order(),
            self._make_order(type_id=self.type_consulting.id),
            self._make_order(register=False),
        )
        done.outcome = "fixed"
        done.action_done()
        context = self.intake.intake_context(self.customer.id)
        self.assertEqual([row["id"] for row in context["open_orders"]], order.ids)
        self.assertEqual([row["id"] for row in context["past_orders"]], done.ids)
        self.assertTrue(context["assets"][0]["has_open_order"])

    def test_contact_of_a_company_shows_what_the_company_has(self):
        company = self.env["res.partner"].create(
            {"name": "Test Hotel", "is_company": True}
        )
        contact = self.env["res.partner"].create(
            {"name": "Porter", "parent_id": company.id}
        )
        self.env["service.asset"].create(
            {"partner_id": company.id, "product_id": self.product.id, "serial": "H-1"}
        )
        context = self.intake.intake_context(contact.id)
        self.assertEqual([asset["serial"] for asset in context["assets"]], ["H-1"])

    def test_customer_that_is_gone_is_a_sentence(self):
        with self.assertRaisesRegex(UserError, "does not exist"):
            self.intake.intake_context(self.customer.id + 999_999)


class TestIntakeDraft(ServiceCommon):
    def setUp(self):
        super().setUp()
        self.intake = self.env["service.order"].with_user(self.agent)

    def _save(self, order_id=False, **vals):
        return self.intake.intake_save(order_id, vals)

    def test_draft_is_kept_while_typing_and_registered(self):
        saved = self._save(partner_id=self.customer.id, type_id=self.type_repair.id)
        self._save(saved["id"], description="It", priority="2")
        self._save(saved["id"], description="It leaks", asset_id=self.asset.id)
        order = self.env["service.order"].browse(saved["id"])
        self.assertRecordValues(
            order,
            [
                {
                    "state": "draft",
                    "channel": "phone",
                    "user_id": self.agent.id,
                    "description": "It leaks",
                    "priority": "2",
                    "name": "",
                }
            ],
        )
        answer = self.intake.intake_register(order.id)
        self.assertEqual(order.state, "new")
        self.assertEqual(answer, {"id": order.id, "name": order.name})
        self.assertTrue(order.name)

    def test_call_whose_answer_was_lost_makes_no_second_draft(self):
        first = self._save(partner_id=self.customer.id, source_key="abc")
        again = self._save(partner_id=self.customer.id, source_key="abc")
        self.assertEqual(first["id"], again["id"])

    def test_key_of_another_agent_is_another_call(self):
        first = self._save(partner_id=self.customer.id, source_key="abc")
        other = self.intake.with_user(self.dispatcher).intake_save(
            False, {"partner_id": self.customer.id, "source_key": "abc"}
        )
        self.assertNotEqual(first["id"], other["id"])

    def test_field_that_is_not_of_the_form_is_refused(self):
        for name in ("state", "stage_id", "point_id", "warranty_state", "user_id"):
            with self.assertRaises(UserError, msg=name):
                self._save(partner_id=self.customer.id, **{name: 1})

    def test_registered_order_is_not_changed_by_an_old_form(self):
        order = self._make_order()
        with self.assertRaisesRegex(UserError, "registered already"):
            self._save(order.id, description="late")
        with self.assertRaisesRegex(UserError, "registered already"):
            self.intake.intake_register(order.id)
        with self.assertRaisesRegex(UserError, "registered already"):
            self.intake.intake_discard(order.id)

    def test_open_order_for_the_same_asset_is_pointed_out(self):
        order = self._make_order()
        saved = self._save(partner_id=self.customer.id, asset_id=self.asset.id)
        self.assertEqual([row["id"] for row in saved["duplicates"]], order.ids)
        order.action_cancel()
        self.env.invalidate_all()  # the next call of the form is another request
        saved = self._save(saved["id"], description="again")
        self.assertFalse(saved["duplicates"])

    def test_warranty_is_told_before_registering(self):
        saved = self._save(partner_id=self.customer.id, asset_id=self.asset.id)
        self.assertEqual(saved["warranty"]["state"], "in")
        self.assertIn("covered until", saved["warranty"]["note"])

    def test_drafts_are_listed_for_their_own_agent_and_loaded_as_left(self):
        saved = self._save(
            partner_id=self.customer.id,
            asset_id=self.asset.id,
            description="It leaks",
            date_preferred="mornings",
        )
        drafts = self.intake.intake_drafts()
        self.assertEqual([row["id"] for row in drafts], [saved["id"]])
        self.assertFalse(self.intake.with_user(self.dispatcher).intake_drafts())
        loaded = self.intake.intake_load(saved["id"])
        self.assertEqual(loaded["values"]["asset_id"], self.asset.id)
        self.assertEqual(loaded["values"]["date_preferred"], "mornings")
        self.assertEqual(loaded["context"]["partner"]["id"], self.customer.id)
        self.intake.intake_discard(saved["id"])
        self.assertFalse(self.intake.intake_drafts())

    def test_new_customer_needs_a_name_and_takes_nothing_else(self):
        with self.assertRaisesRegex(UserError, "name"):
            self.intake.intake_new_customer({"name": " ", "phone": "1"})
        context = self.intake.intake_new_customer(
            {"name": " Zhao Lei ", "phone": "139 0000 4711", "credit_limit": 1e9}
        )
        partner = self.env["res.partner"].browse(context["partner"]["id"])
        self.assertEqual(partner.name, "Zhao Lei")
        self.assertFalse(context["assets"])
        self.assertEqual(
            self.intake.intake_search("13900004711")[0]["partner_id"], partner.id
        )

    def test_symptoms_come_with_their_categories(self):
        options = self.intake.intake_options()
        self.assertIn("repair", [row["code"] for row in options["types"]])
        self.assertTrue(options["faults"]["symptom"])
        self.assertEqual(len(options["priorities"]), 4)


@tagged("post_install", "-at_install", "service_management_budget")
class TestIntakeBudget(ServiceCommon):
    """What runs while somebody waits on the phone, at two sizes."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.few = cls._make_customer_with(3)
        cls.many = cls._make_customer_with(30)

    @classmethod
    def _make_customer_with(cls, count):
        customer = cls.env["res.partner"].create(
            {"name": f"Budget {count}", "phone": f"139 0000 {count:04d}"}
        )
        assets = cls.env["service.asset"].create(
            [
                {
                    "partner_id": customer.id,
                    "product_id": cls.product.id,
                    "serial": f"B{count}-{index}",
                    "install_date": fields.Date.today(),
                }
                for index in range(count)
            ]
        )
        for asset in assets[:15]:
            cls._make_order(partner_id=customer.id, asset_id=asset.id)
        return customer

    def _count_queries(self, method, *args):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        getattr(self.env["service.order"], method)(*args)
        return self.env.cr.sql_log_count - before

    @users("test_agent")
    @warmup
    def test_context_costs_the_same_for_few_and_many_assets(self):
        few, many = self.few.id, self.many.id
        self._count_queries("intake_context", few)
        self.assertEqual(
            self._count_queries("intake_context", few),
            self._count_queries("intake_context", many),
        )
        self.env.invalidate_all()
        with self.assertQueryCount(test_agent=26):
            self.env["service.order"].intake_context(many)

    @users("test_agent")
    @warmup
    def test_search_is_a_handful_of_queries(self):
        self.env.invalidate_all()
        with self.assertQueryCount(test_agent=8):
            self.env["service.order"].intake_search("Budget")

    @users("test_agent")
    @warmup
    def test_autosave_is_cheap(self):
        orders = self.env["service.order"]
        draft = orders.intake_save(False, {"partner_id": self.many.id})["id"]
        self.env.flush_all()
        self.env.invalidate_all()
        with self.assertQueryCount(test_agent=16):
            orders.intake_save(draft, {"description": "noise"})
