from odoo.tests import tagged

from odoo.addons.service_management.tests.big_data import (
    make_assets,
    make_contracts,
    make_customers,
    make_orders,
)
from odoo.addons.service_management.tests.common import ServiceCommon
from odoo.addons.service_management.tests.query_plans import (
    explain,
    recorded_queries,
    scanned_tables,
)

BIG_TABLES = {"res_partner", "service_asset", "service_contract", "service_order"}


@tagged("post_install", "-at_install")
class TestCallerKeys(ServiceCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        names = ("欧阳锦书", "王 锦书", "Zoë Müller", "锦书家电有限公司")
        cls.ou, cls.wang, cls.zoe, cls.company = cls.env["res.partner"].create(
            [{"name": name} for name in names]
        )
        cls.company.is_company = True

    def _find(self, term, limit=8):
        return self.env["res.partner"]._find_callers_by_name(term, limit)

    def test_exact_names_come_before_names_that_begin_so(self):
        longer = self.env["res.partner"].create({"name": "欧阳锦书芳"})
        self.assertEqual(self._find("欧阳锦书"), self.ou + longer)
        self.assertEqual(self._find("欧阳锦书", limit=1), self.ou)

    def test_two_characters_inside_a_name_find_it(self):
        found = self._find("锦书")
        self.assertEqual(found[:1], self.company)
        self.assertEqual(found, self.company + self.wang + self.ou)

    def test_case_accents_width_and_spaces_do_not_matter(self):
        for term in ("zoe muller", "ZOË MÜLLER", "zoemüller", "ＺＯＥ"):
            self.assertEqual(self._find(term), self.zoe, term)
        self.assertEqual(self._find("王锦书"), self.wang)

    def test_words_are_found_in_any_order(self):
        self.assertEqual(self._find("müller zoë"), self.zoe)

    def test_signs_of_patterns_are_plain_text(self):
        self.assertFalse(self._find("%%%"))
        self.assertFalse(self._find("___"))
        self.assertFalse(self.env["res.partner"]._find_callers_by_phone("%"))

    def test_two_characters_typed_in_a_field_find_a_customer(self):
        contact = self.env["res.partner"].create(
            {"name": "刘丽", "parent_id": self.company.id}
        )
        found = self.env["res.partner"].name_search("锦书", limit=8)
        self.assertEqual(
            {partner for partner, __ in found},
            set((self.ou + self.wang + self.company + contact).ids),
        )

    def test_staff_are_no_callers(self):
        self.agent.partner_id.phone = "+86 139 9999 0001"
        find = self.env["res.partner"]._find_callers_by_phone
        self.assertFalse(find("13999990001"))

    def test_local_number_is_found_with_the_area_code_dialled(self):
        self.ou.phone = "6552 9988"
        find = self.env["res.partner"]._find_callers_by_phone
        self.assertEqual(find("+86 10 6552 9988"), self.ou)

    def test_a_number_of_a_company_is_found_by_its_beginning(self):
        self.company.phone = "010 6552 9988 - 4711"
        find = self.env["res.partner"]._find_callers_by_phone
        self.assertEqual(find("010 6552 9988"), self.company)


@tagged("post_install", "-at_install")
class TestIntakeMix(ServiceCommon):
    def test_many_of_one_kind_leave_room_for_the_others(self):
        self.env["res.partner"].create(
            [
                {"name": f"Caller {number}", "phone": f"+86 138 {number:04} 4711"}
                for number in range(12)
            ]
        )
        self.asset.serial = "TW-4711"
        hits = self.env["service.order"].with_user(self.agent).intake_search("4711")
        self.assertEqual(len(hits), 8)
        self.assertEqual([hit["match"] for hit in hits], ["phone"] * 7 + ["serial"])

    def test_the_very_serial_comes_before_those_that_contain_it(self):
        owners = self.env["res.partner"].create(
            [{"name": f"Owner {number}"} for number in range(11)]
        )
        self.env["service.asset"].create(
            [
                {
                    "partner_id": owner.id,
                    "product_id": self.product.id,
                    "serial": f"ZX-7{number or ''}",
                }
                for number, owner in enumerate(owners)
            ]
        )
        hits = self.env["service.order"].with_user(self.agent).intake_search("zx-7")
        self.assertEqual(hits[0]["partner_id"], owners[0].id)
        self.assertEqual(len(hits), 8)


@tagged("post_install", "-at_install")
class TestIntakePlans(ServiceCommon):
    """L36: what the phone form searches by, an index answers.

    Among 10,000 customers already; `make bench` shows it among 400,000.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        size = 10_000
        customers = make_customers(cls.env, size)
        assets = make_assets(cls.env, customers, size)
        make_contracts(cls.env, customers, size)
        make_orders(cls.env, customers, assets, size)

    def test_every_kind_of_search_has_its_index(self):
        partners, assets = "res_partner_", "service_asset_"
        for term, index in (
            ("13800138000", f"{partners}service_phone_tail_idx"),
            ("99998888", f"{partners}_service_phone_key_index"),
            ("Test Cust", f"{partners}service_name_head_idx"),
            ("阳锦", f"{partners}_service_name_pairs_index"),
            ("mister nobody", f"{partners}_service_name_key_index"),
            ("WM9-0166277", f"{assets}_serial_index"),
            ("BV260004321", "service_order__name_index"),
            ("BC26004321", "service_contract__code_index"),
        ):
            with self.subTest(term=term):
                self._check_plans(term, index)

    def _check_plans(self, term, index):
        orders = self.env["service.order"].with_user(self.agent)
        orders.intake_search(term)
        self.env.invalidate_all()
        with recorded_queries(self.env.cr) as statements:
            orders.intake_search(term)
        plans = [explain(self.env.cr, text) for text in statements]
        for plan in plans:
            self.assertFalse(scanned_tables(plan) & BIG_TABLES, plan)
        self.assertTrue(any(index in plan for plan in plans), "\n".join(plans))


@tagged("post_install", "-at_install", "service_management_budget")
class TestContextOfLongHistory(ServiceCommon):
    """What is shown of a caller costs the same after one order and after 500."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.few = cls._make_history("Few", 1, 1, 1)
        cls.many = cls._make_history("Many", 500, 40, 12)

    @classmethod
    def _make_history(cls, name, orders, assets, contracts):
        partner = cls.env["res.partner"].create({"name": name})
        assets = cls.env["service.asset"].create(
            [
                {
                    "partner_id": partner.id,
                    "product_id": cls.product.id,
                    "serial": f"{name}-{number}",
                    "install_date": "2026-01-01",
                }
                for number in range(assets)
            ]
        )
        cls.env["service.contract"].create(
            [
                {"name": name, "partner_id": partner.id, "date_end": "2099-01-01"}
                for number in range(contracts)
            ]
        ).action_activate()
        past = cls.env["service.order"]._create_from_channel(
            [
                {
                    "channel": "api",
                    "source_key": f"{name}-{number}",
                    "partner_id": partner.id,
                    "asset_id": assets[number % len(assets)].id,
                    "type_id": cls.type_consulting.id,
                    "description": "It does not spin.",
                }
                for number in range(orders + min(orders, 30))
            ]
        )[:orders]
        past.write({"outcome": "fixed"})
        past.action_done()
        past.action_close()
        cls.env.flush_all()
        return partner

    def _count(self, partner):
        orders = self.env["service.order"].with_user(self.agent)
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        context = orders.intake_context(partner.id)
        return self.env.cr.sql_log_count - before, context

    def test_context_is_flat_in_history_and_below_thirty_queries(self):
        self._count(self.few)
        few, __ = self._count(self.few)
        many, context = self._count(self.many)
        self.assertEqual(few, many)
        self.assertLessEqual(many, 30)
        self.assertEqual(len(context["past_orders"]), 10)
        self.assertEqual(len(context["open_orders"]), 20)
        self.assertEqual(len(context["assets"]), 40)
        self.assertEqual(len(context["contracts"]), 12)
