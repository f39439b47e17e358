import re
from unittest.mock import patch

from lxml import etree

from odoo.tests import tagged
from odoo.tools import SQL
from odoo.tools.safe_eval import safe_eval

from odoo.addons.service_management.models.asset import service_asset_search
from odoo.addons.service_management.tests.big_data import make_installed_base
from odoo.addons.service_management.tests.common import ServiceCommon
from odoo.addons.service_management.tests.query_plans import (
    read_rows,
    recorded_queries,
)

SIZE = 20_000
# What a pager counts, before it says "10,000+"
COUNT_LIMIT = 10_000
# What is typed into the search of the list, by field
TYPED = {
    "name": "0039",
    "serial": "IB0039595",
    "code": "TAG4440",
    "place": "Floor 7",
    "employee_id": "Installed bench",
    "partner_id": "Owner 77",
    "product_id": "Installed bench 7",
    "category_id": "Installed bench",
}


class AssetLists:
    """What a user can ask of the list of assets, read from its views.

    :param env: of the user
    """

    def __init__(self, env):
        self.assets = env["service.asset"]
        self.spec = {
            name: {"fields": {"display_name": {}}} if field.relational else {}
            for name, field in self.assets._fields.items()
            if name in self._get_columns()
        }
        arch = self.assets.get_view(view_type="search")["arch"]
        self.search = etree.fromstring(arch)

    def _get_columns(self):
        arch = etree.fromstring(self.assets.get_view(view_type="list")["arch"])
        return {node.get("name") for node in arch.iter("field")} - {"properties"}

    def get_domains(self):
        """Name → domain: the list as it opens, each field typed into, each filter."""
        in_use = [("state", "=", "active")]
        found = {"as it opens": in_use, "all": []}
        for node in self.search.iter("field"):
            name = node.get("name")
            if name in TYPED:
                said = node.get("filter_domain")
                found[f"field {name}"] = in_use + (
                    safe_eval(said, {"self": TYPED[name]})
                    if said
                    else [(name, "ilike", TYPED[name])]
                )
        for node in self.search.iter("filter"):
            if node.get("domain"):
                found[f"filter {node.get('name')}"] = safe_eval(node.get("domain"))
        return found

    def get_groups(self):
        return [
            self._get_group(safe_eval(node.get("context"))["group_by"])
            for node in self.search.iter("filter")
            if "group_by" in (node.get("context") or "")
        ]

    def _get_group(self, name):
        # What the web client adds: days are grouped by month
        return f"{name}:month" if self.assets._fields[name].type == "date" else name

    def show(self, domain, order=None):
        return self.assets.web_search_read(
            domain, self.spec, limit=80, order=order, count_limit=COUNT_LIMIT + 1
        )

    def group(self, name):
        return self.assets.web_read_group(
            [("state", "=", "active")], [name], ["__count"], limit=80
        )


@tagged("post_install", "-at_install")
class TestAssetListPlans(ServiceCommon):
    """L36: whatever is asked of the list of assets, an index answers.

    The rows that a query reads from the tables are counted, not the shape of its plan:
    a page is 80 rows, and the pager stops counting at 10,000.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.last = make_installed_base(cls.env, SIZE)
        cls.lists = AssetLists(cls.env(user=cls.manager))
        cls.owner = (
            cls.env["service.asset"].browse(cls.last + 501).commercial_partner_id
        )

    def _check(self, ask, most):
        ask()
        self.env.invalidate_all()
        with recorded_queries(self.env.cr) as statements:
            ask()
        for statement in statements:
            if "service_asset" in statement:
                # The pager may have to look at all of a small table
                limit = SIZE * 1.1 if "COUNT(*) FROM (" in statement else most
                rows = read_rows(self.env.cr, statement)
                self.assertLessEqual(rows, limit, statement)

    def test_every_search_and_filter_reads_a_page_and_what_the_pager_counts(self):
        domains = self.lists.get_domains()
        self.assertGreaterEqual(domains.keys(), {f"field {name}" for name in TYPED})
        for name, domain in domains.items():
            with self.subTest(name):
                self._check(lambda domain=domain: self.lists.show(domain), SIZE * 0.3)

    def test_rare_things_are_found_without_reading_the_others(self):
        domains = self.lists.get_domains()
        for name, most in (
            ("field name", 200),
            ("field serial", 100),
            ("field code", 100),
            ("field place", 1500),
            ("field partner_id", 1000),
            ("filter internal", 400),
            ("filter archived", 800),
            ("filter returned", 2000),
            ("filter warranty_ends", 5000),
            ("filter warranty_waits", 10),
        ):
            with self.subTest(name):
                self._check(lambda name=name: self.lists.show(domains[name]), most)

    def test_a_product_is_looked_up_before_its_assets(self):
        """One whose assets stand last by name: nothing before them is read."""
        self.env["service.asset"].browse(self.last + 19).product_id.name = "Zzz"
        for value in ("Zzz", "Nothing is called so"):
            with self.subTest(value):
                self._check(
                    lambda value=value: self.lists.show(
                        [("product_id", "ilike", value)]
                    ),
                    SIZE // 40 + 100,
                )

    def test_a_customer_sees_the_own_ones_at_once(self):
        own = [("commercial_partner_id", "=", self.owner.id)]
        assets = self.lists.assets
        for ask in (
            lambda: self.lists.show(own),
            lambda: assets.web_read_group(own, ["product_id"], ["__count"]),
            lambda: assets.name_search("IB0", own, limit=8),
            lambda: self.owner.with_user(self.manager).service_asset_count,
        ):
            self._check(ask, 400)

    def test_what_nearly_all_have_is_met_in_the_order_of_the_list(self):
        """Finding all that have it, to sort it then, would be dear."""
        with patch.object(service_asset_search, "FEW", SIZE // 4):
            self._check(lambda: self.lists.show([("name", "ilike", "installed")]), 400)

    def test_what_is_typed_keeps_the_order_of_the_list(self):
        assets = self.lists.assets
        for value in ("0039", "Floor 7"):
            domain = [("name", "ilike", value)]
            if value == "Floor 7":
                domain = [("place", "ilike", value)]
            found = assets.search(domain, limit=80)
            self.assertEqual(found, assets.search(domain)[:80])
            last = assets.search(domain, limit=80, order="name desc, id desc")
            self.assertEqual(last[::-1], assets.search(domain)[-80:])

    def test_sorting_by_a_column_reads_a_page(self):
        for name in ("serial", "purchase_date", "install_date", "warranty_end"):
            for order in (name, f"{name} desc"):
                with self.subTest(order):
                    self._check(
                        lambda order=order: self.lists.show(
                            self.lists.get_domains()["as it opens"], order
                        ),
                        500,
                    )

    def test_what_people_group_by_is_counted_in_an_index_alone(self):
        """An index has all that is asked. That the planner takes it cannot be seen in
        a test, where no vacuum has been."""
        for name in ("partner_id", "product_id", "category_id"):
            with self.subTest(name):
                with recorded_queries(self.env.cr) as statements:
                    self.lists.group(name)
                asked = {
                    column
                    for statement in statements
                    for column in re.findall(r'"service_asset"\."(\w+)"', statement)
                }
                indexes = self.env.execute_query(
                    SQL(
                        """SELECT array_agg(a.attname::text ORDER BY a.attnum)
                             FROM pg_index i
                             JOIN pg_attribute a ON a.attrelid = i.indexrelid
                            WHERE i.indrelid = 'service_asset'::regclass
                              AND i.indpred IS NULL
                            GROUP BY i.indexrelid"""
                    )
                )
                self.assertTrue(
                    any(
                        columns[0] == name and asked <= set(columns)
                        for (columns,) in indexes
                    ),
                    asked,
                )

    def test_grouping_reads_each_asset_once_or_twice(self):
        for name in self.lists.get_groups():
            with self.subTest(name):
                self._check(lambda name=name: self.lists.group(name), SIZE * 1.2)
