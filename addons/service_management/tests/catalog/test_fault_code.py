from psycopg2 import IntegrityError

from odoo.fields import Command
from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger


@tagged("post_install", "-at_install")
class TestFaultCode(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.appliance = cls.env.ref("service_management.category_large_appliance")
        cls.fridge = cls.env.ref("service_management.category_refrigerator")
        cls.phone = cls.env.ref("service_management.category_phone")
        cls.code_model = cls.env["service.fault.code"]
        cls.general = cls._make("X01")
        cls.for_appliances = cls._make("X02", cls.appliance)
        cls.for_fridges = cls._make("X03", cls.fridge)
        cls.for_phones = cls._make("X04", cls.phone)
        cls.all = cls.general + cls.for_appliances + cls.for_fridges + cls.for_phones

    @classmethod
    def _make(cls, code, categories=(), kind="symptom"):
        return cls.code_model.create(
            {
                "kind": kind,
                "code": code,
                "name": f"Name of {code}",
                "category_ids": [Command.set([rec.id for rec in categories])],
            }
        )

    def _offered(self, category, kind="symptom"):
        domain = self.code_model._get_category_domain(category, kind)
        return self.code_model.search(domain) & self.all

    def test_child_category_inherits(self):
        self.assertEqual(
            self._offered(self.fridge),
            self.general + self.for_appliances + self.for_fridges,
        )

    def test_parent_category_does_not_inherit_from_child(self):
        self.assertEqual(
            self._offered(self.appliance), self.general + self.for_appliances
        )

    def test_without_category_only_general_codes(self):
        self.assertEqual(self._offered(self.env["product.category"]), self.general)

    def test_kind_is_kept_apart(self):
        self.assertFalse(self._offered(self.fridge, "defect"))

    def test_code_unique_within_kind(self):
        self._make("X01", kind="defect")
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self._make("X01")

    def test_found_by_code_and_by_name(self):
        for term in ("X03", "name of x03"):
            found = self.code_model.name_search(term)
            self.assertEqual([key for key, _name in found], self.for_fridges.ids)
        self.assertEqual(self.for_fridges.display_name, "X03 Name of X03")
